"""A mapping file as nested nodes that know their line, so that every complaint can name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from augenblick.ingest.contract import did_you_mean
from augenblick.model.errors import BadMapping

LARGEST = 1_000_000
"""Bytes a mapping file may have."""


@dataclass(frozen=True)
class Node:
    """A piece of a mapping file: text, a list or named parts; empty values are None."""

    value: str | list[Node] | dict[str, Node] | None
    line: int
    file: str
    path: str = ""

    def error(self, message: str, hint: str | None = None) -> BadMapping:
        """Return the error that says what is wrong here."""
        spoken = f"{self.path}: {message}" if self.path else message
        return BadMapping(spoken, where=f"{self.file} line {self.line}", hint=hint)

    def text(self) -> str:
        """Return the text of a plain value."""
        if not isinstance(self.value, str):
            raise self.error("a plain value is expected here")
        return self.value

    def whole_number(self) -> int:
        """Return a plain value as whole number."""
        text = self.text()
        if not text.isascii() or not text.isdigit() or len(text) > 6:
            raise self.error(f"a whole number is expected here, not '{text}'")
        return int(text)

    def list(self) -> list[Node]:
        """Return the members of a list; a single value is a list of one."""
        if isinstance(self.value, list):
            return self.value
        return [self]

    def parts(self, allowed: tuple[str, ...] = (), required: tuple[str, ...] = ()) -> dict[str, Node]:
        """Return the named parts; unknown and missing names are errors when names are given."""
        if not isinstance(self.value, dict):
            raise self.error("named parts are expected here", f"as in {required[0]}: …" if required else None)
        for name, part in self.value.items():
            if allowed and name not in allowed:
                raise part.error(
                    f"there is no '{name}' here", did_you_mean(name, allowed) or f"known: {', '.join(allowed)}"
                )
        for name in required:
            if name not in self.value:
                raise self.error(f"'{name}' is missing")
        return self.value


def read_document(path: Path) -> Node:
    """Return a mapping file's root node; `BadMapping` if it is no readable YAML. Anchors are not taken."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadMapping("The mapping file is too large.", where=path.name)
        text = path.read_text(encoding="utf-8-sig")
        root = yaml.compose(text, Loader=_PlainLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise BadMapping("The mapping file cannot be read.", where=path.name, hint=str(error)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise BadMapping(
            "The mapping file is no valid YAML.", where=_where(path, error), hint=_problem(error)
        ) from error
    if root is None:
        raise BadMapping("The mapping file is empty.", where=path.name)
    return _node(root, path.name, "")


class _PlainLoader(yaml.SafeLoader):
    """YAML without anchors: a mapping file needs none, and they can grow without bounds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases are not taken", problem_mark=self.get_mark())
        return super().compose_node(parent, index)


def _node(node: yaml.Node, file: str, path: str) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        parts: dict[str, Node] = {}
        for key, part in _pairs(node, file):
            if key in parts:
                raise BadMapping(f"{path}: '{key}' stands twice", where=f"{file} line {part.start_mark.line + 1}")
            parts[key] = _node(part, file, f"{path}.{key}" if path else key)
        return Node(parts, line, file, path)
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(part, file, path) for part in node.value], line, file, path)
    empty = node.tag == "tag:yaml.org,2002:null"
    return Node(None if empty else str(node.value), line, file, path)


def _pairs(node: yaml.MappingNode, file: str) -> Iterator[tuple[str, yaml.Node]]:
    for key, part in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise BadMapping("names are plain text", where=f"{file} line {key.start_mark.line + 1}")
        yield str(key.value), part


def _where(path: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{path.name} line {mark.line + 1}" if mark else path.name


def _problem(error: Exception) -> str | None:
    problem = getattr(error, "problem", None)
    return str(problem) if problem else None
