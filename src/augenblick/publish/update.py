"""SPARQL 1.1 Update read into steps, each of which says which graphs it writes and what it reads.

Only the outline of the text is read here: operations, templates, graph names. What a step finds is left to queries
that Oxigraph evaluates on a dataset given beside the text. So a text misread here cannot see more than a query could,
and whatever it adds goes into graphs that were looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph

from augenblick.model.errors import BadParameter, BadRule, NotPermitted
from augenblick.publish.dataset import Dataset
from augenblick.publish.ordering import in_order
from augenblick.publish.query import PREFIXES, unescaped

WHOLE = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
DEFAULT = ""
"""Stands for the default graph until it is known which graph that is for the caller."""
_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
    |(?P<iri><[^<>"{}|^`\\\s]*>)
    |(?P<text>\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<name>(?:\w[\w.-]*)?:(?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.))?)
    |(?P<variable>[?$]\w+)
    |(?P<word>@?[A-Za-z][\w-]*)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Reach:
    """What an update's author may touch: which graphs may be written, what a step may read, which graphs there are."""

    writable: Callable[[str], bool]
    dataset: Callable[[Sequence[str], Sequence[str], Sequence[str]], Dataset]
    """Maps the graphs a step names as default and as named ones (none: no word on it), and those that steps before it
    may have made, to what it may read."""
    default: str
    graphs: tuple[str, ...]
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    base: str = ""


@dataclass
class _Token:
    kind: str
    text: str
    start: int
    end: int

    def __str__(self) -> str:
        return self.text.upper() if self.kind == "word" else self.text


@dataclass
class _Dataset:
    default: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)


def steps(text: str, reach: Reach) -> list[dict[str, Any]]:
    """Return an update's steps as the process that applies them takes them.

    Raises `BadRule` for a text that is no update, `NotPermitted` where it would write a graph that may not be written,
    `BadParameter` where both the text and the protocol's parameters name what it reads.
    """
    reading = _Update(unescaped(text), reach)
    return list(reading.operations())


class _Update:
    def __init__(self, text: str, reach: Reach) -> None:
        found = [_Token(m.lastgroup or "", m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
        # Comments go: templates are put together anew from their parts.
        self._text = "".join(" " if t.kind == "blank" else t.text for t in found)
        again = (_Token(m.lastgroup or "", m[0], m.start(), m.end()) for m in _TOKEN.finditer(self._text))
        self._tokens = [token for token in again if token.kind != "blank"]
        self._at = 0
        self._prologue = ""
        self._reach = reach
        self._made: list[str] = []

    def operations(self) -> Iterator[dict[str, Any]]:
        """Give the steps, one for each operation."""
        while self._at < len(self._tokens):
            word = str(self._next())
            match word:
                case ";":
                    continue
                case "BASE" | "PREFIX":
                    self._declare()
                case "INSERT" | "DELETE" | "WITH":
                    yield self._change(word)
                case "CLEAR" | "DROP" | "CREATE":
                    yield self._emptied(word)
                case "ADD" | "COPY" | "MOVE":
                    yield self._copied(word)
                case _:
                    raise BadRule(f"'{word[:40]}' begins no update.", hint="INSERT, DELETE, CLEAR, COPY …")

    def _declare(self) -> None:
        begun = self._tokens[self._at - 1].start
        while self._next().kind != "iri":
            pass
        self._prologue += self._text[begun : self._tokens[self._at - 1].end] + "\n"

    def _change(self, word: str) -> dict[str, Any]:
        if word != "WITH" and self._taken("DATA"):
            return self._data(word)
        if word == "DELETE" and self._taken("WHERE"):
            where = self._block(peek=True)
            return self._step({"delete": self._template(where)}, self._read(None, _Dataset()))
        given = self._graph() if word == "WITH" else None
        blocks: dict[str, int] = {}
        while word in ("WITH", "INSERT", "DELETE"):
            if word != "WITH":
                blocks[word.lower()] = self._at
                self._block()
            word = str(self._next())
        used = _Dataset()
        while word == "USING":
            (used.named if self._taken("NAMED") else used.default).append(self._graph())
            word = str(self._next())
        if word != "WHERE":
            raise BadRule(f"WHERE is expected, not '{word[:40]}'.", hint="INSERT { … } WHERE { … }")
        where = self._block()
        end = self._at
        parts = {}
        for kind, at in blocks.items():
            self._at = at
            parts[kind] = self._template(where, given)
        self._at = end
        return self._step(parts, self._read(given, used))

    def _data(self, word: str) -> dict[str, Any]:
        text = f"{self._prologue}INSERT DATA {self._block(peek=True)}"
        graphs = {graph for graph, _ in self._template("{}")}
        return self._step({"data": [word.lower(), text, self._reach.default, sorted(graphs)]})

    def _read(self, given: str | None, used: _Dataset) -> Dataset:
        reach = self._reach
        if reach.using or reach.using_named:
            if given is not None or used.default or used.named:
                raise BadParameter("Both the request and the update name graphs to read.", where="using-graph-uri")
            return reach.dataset(reach.using, reach.using_named, self._made)
        if used.default or used.named:
            return reach.dataset(used.default, used.named, self._made)
        if given is None:
            return reach.dataset((), (), self._made)
        return Dataset(reach.dataset([given], (), self._made).default, reach.dataset((), (), self._made).named)

    def _step(self, parts: dict[str, Any], read: Dataset | None = None, **more: Any) -> dict[str, Any]:
        seen = read or Dataset((), ())
        return {**parts, "default": list(seen.default), "named": list(seen.named), **more}

    def _template(self, where: str, given: str | None = None) -> list[tuple[str, str]]:
        """Return a template as queries that find its triples, with the graph each is for."""
        parts: dict[str, list[str]] = {}
        begun = self._expect("{").end
        while (token := self._next()).text != "}":
            if str(token) != "GRAPH":
                if token.text == "{":
                    raise BadRule("A template holds triples and GRAPH blocks.", hint="GRAPH <…> { … }")
                continue
            parts.setdefault(given or DEFAULT, []).append(self._text[begun : token.start])
            graph = self._graph()
            parts.setdefault(graph, []).append(self._block()[1:-1])
            begun = self._tokens[self._at - 1].end
        parts.setdefault(given or DEFAULT, []).append(self._text[begun : token.start])
        joined = {graph: " . ".join(filter(None, (t.strip(" .") for t in texts))) for graph, texts in parts.items()}
        return [
            (self._writable(graph), in_order(f"{self._prologue}CONSTRUCT {{ {text} }} WHERE {where}").query)
            for graph, text in joined.items()
            if text
        ]

    def _emptied(self, word: str) -> dict[str, Any]:
        self._taken("SILENT")
        which = str(self._peek())
        if word != "CREATE" and which in ("ALL", "NAMED", "DEFAULT"):
            self._next()
            graphs = {*self._reach.graphs, *self._made, self._reach.default}
            default = {self._reach.default}
            chosen = {"ALL": graphs, "NAMED": graphs - default, "DEFAULT": default}[which]
            return self._step({"clear": sorted(chosen)})
        graph = self._writable(self._graph_or_default())
        return self._step({} if word == "CREATE" else {"clear": [graph]})

    def _copied(self, word: str) -> dict[str, Any]:
        self._taken("SILENT")
        source = self._graph_or_default() or self._reach.default
        if str(self._next()) != "TO":
            raise BadRule(f"{word} needs TO.", hint=f"{word} <…> TO <…>")
        target = self._writable(self._graph_or_default())
        if word == "MOVE":
            self._writable(source)
        if source == target:
            return self._step({})
        read = self._reach.dataset([source], (), self._made)
        emptied = {"clear": [target]} if word != "ADD" else {}
        moved = {"then_clear": [source]} if word == "MOVE" else {}
        return self._step({"insert": [(target, WHOLE)]}, read, **emptied, **moved)

    def _writable(self, graph: str) -> str:
        graph = graph or self._reach.default
        if not self._reach.writable(graph):
            raise NotPermitted("The update would write a graph that is not the role's.", hint="see `working_graphs`")
        self._made.append(graph)
        return graph

    def _graph_or_default(self) -> str:
        if self._taken("DEFAULT"):
            return DEFAULT
        self._taken("GRAPH")
        return self._graph()

    def _graph(self) -> str:
        token = self._next()
        if token.kind not in ("iri", "name"):
            raise BadRule("A graph is named by its IRI.", hint="GRAPH <…>; a variable is not taken here")
        return resolved(self._prologue, token.text, self._reach.base)

    def _block(self, *, peek: bool = False) -> str:
        """Return the text of what stands in braces, with them."""
        at = self._at
        begun, depth = self._expect("{").start, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self._next().text, 0)
        text = self._text[begun : self._tokens[self._at - 1].end]
        self._at = at if peek else self._at
        return text

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> _Token:
        token = self._peek()
        if token is None:
            raise BadRule("The update ends too early.")
        self._at += 1
        return token

    def _expect(self, sign: str) -> _Token:
        token = self._next()
        if token.text != sign:
            raise BadRule(f"'{sign}' is expected, not '{token.text[:40]}'.")
        return token

    def _taken(self, word: str) -> bool:
        taken = str(self._peek()) == word
        self._at += taken
        return taken


def resolved(prologue: str, name: str, base: str) -> str:
    """Return the IRI a name stands for under the declarations before it.

    Raises `BadRule` where it is none.
    """
    query = f"{prologue}SELECT ?g {{ VALUES ?g {{ {name} }} }}"
    try:
        found = pyoxigraph.Store().query(query, prefixes=PREFIXES, base_iri=base or None)
    except (SyntaxError, ValueError) as error:
        raise BadRule(f"The update cannot be read: {error}") from error
    (row,) = found  # type: ignore[misc]
    return str(row["g"].value)
