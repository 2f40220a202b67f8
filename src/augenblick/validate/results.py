"""Violations as results with words: what one row of a compiled constraint says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from rdflib import Literal, URIRef
from rdflib.term import Node

from augenblick.validate.compiled import CompiledConstraint, CompiledShape, KeepsOut
from augenblick.validate.wording import in_language, short

_SLOT = re.compile(r"\{[?$](\w+)\}")

Select = Callable[[str], Iterable[Sequence[Node | None]]]
"""Evaluates a SELECT: rows of terms in the order of its variables."""


@dataclass(frozen=True)
class Result:
    """One violation: who, what, why, in which words."""

    shape: str
    """IRI of the shape with the target."""
    name: Mapping[str, str]
    component: str
    focus: Node
    value: Node | None
    path: str | None
    severity: str
    messages: Mapping[str, str]
    keeps_out: KeepsOut

    def message(self, language: str) -> str:
        """Return the message in the language, or else a sentence made of what is known."""
        found = in_language(self.messages, language)
        return found if found is not None else self._plain(language)

    def _plain(self, language: str) -> str:
        rule = short(self.component).removesuffix("ConstraintComponent")
        about = f" ({self.path})" if self.path else ""
        named = f": {spoken(self.value)}" if self.value is not None and self.value != self.focus else ""
        verb = "verletzt" if language == "de" else "breaks"
        return f"{spoken(self.focus)} {verb} {rule}{about}{named}"

    @property
    def key(self) -> tuple[str, ...]:
        """What results are sorted by."""
        return (self.shape, str(self.focus), str(self.value or ""), self.path or "", self.component)

    def to_dict(self) -> dict[str, object]:
        """Return the result as JSON takes it, terms in N-Triples form."""
        return {
            "shape": self.shape,
            "name": dict(self.name),
            "component": self.component,
            "severity": short(self.severity),
            "focus": self.focus.n3(),
            "value": self.value.n3() if self.value is not None else None,
            "path": self.path,
            "messages": dict(self.messages),
        }


def results(shapes: Iterable[CompiledShape], select: Select) -> Iterator[Result]:
    """Yield the violations of all shapes, one per focus node, value and constraint."""
    for shape in shapes:
        for constraint in shape.constraints:
            seen: set[tuple[str, ...]] = set()
            for row in select(constraint.select):
                result = _result(shape, constraint, row)
                if result.key not in seen:
                    seen.add(result.key)
                    yield result


def _result(shape: CompiledShape, constraint: CompiledConstraint, row: Sequence[Node | None]) -> Result:
    named = dict(zip(constraint.columns, row, strict=True))
    focus = named["focus"]
    if focus is None:
        raise AssertionError("the focus node of a violation is always bound")
    value = focus if constraint.value_is_focus else named.get("value")
    path = named.get("path")
    slots = {name: named.get(column) for name, column in constraint.extra}
    given = named.get("message")
    messages = {"": str(given)} if given is not None else constraint.messages
    filled = {"this": focus, "value": value, **slots}
    return Result(
        shape=str(shape.shape),
        name=shape.name or constraint.name,
        component=str(constraint.component),
        focus=focus,
        value=value,
        path=short(str(path)) if path is not None else constraint.path_text,
        severity=str(constraint.severity),
        messages={tag: _filled(text, filled, constraint.path_text) for tag, text in messages.items()},
        keeps_out=constraint.keeps_out,
    )


def _filled(template: str, slots: Mapping[str, Node | None], path: str | None) -> str:
    def word(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "PATH":
            return path or match.group()
        term = slots.get(name)
        return spoken(term) if term is not None else match.group()

    return _SLOT.sub(word, template)


def spoken(term: Node | None) -> str:
    """Return a term as people call it: the id at an IRI's end, the text of a literal."""
    if isinstance(term, URIRef):
        return unquote(short(str(term)))
    return str(term) if isinstance(term, Literal) else f"_:{term}"
