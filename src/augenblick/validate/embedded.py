"""SPARQL that experts write inside shapes (sh:select), made part of a compiled query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rdflib import Graph
from rdflib.namespace import OWL, SH
from rdflib.term import Node

from augenblick.model.errors import BadShape
from augenblick.validate.shapes_asked import refuse_asking, settled
from augenblick.validate.tokens import Token, closing_of, direct, tokens_of, written

if TYPE_CHECKING:
    from augenblick.validate.violations import Place

_FORBIDDEN = {"MINUS", "SERVICE", "VALUES"}
_NEEDS_BINDING = {"FILTER", "BIND"}
RESERVED = {"this", "value", "path", "message"}


@dataclass(frozen=True)
class EmbeddedSelect:
    """A SELECT query of a shape: its tokens with full IRIs, and the variables it projects."""

    tokens: tuple[Token, ...]
    projected: tuple[str, ...]

    @classmethod
    def read(cls, graph: Graph, owner: Node, refuse: Callable[[str], BadShape]) -> EmbeddedSelect:
        """Return the query at `owner` with the prefixes its sh:prefixes declare.

        Raises what `refuse` makes for several or no queries, unknown prefixes, and the constructs
        SHACL forbids here (MINUS, SERVICE, VALUES; section 5.2.1 of the recommendation).
        """
        tokens = _tokens(graph, owner, SH.select, refuse)
        if tokens[0].text.upper() != "SELECT" or not any(token.text == "{" for token in tokens):
            raise refuse("its sh:select is no SELECT query")
        for index, token in enumerate(tokens):
            if token.text.upper() == "SELECT" and "this" not in _projection(tokens[index + 1 :]):
                raise refuse("each SELECT of its sh:select must project ?this by name")
        if ("AS", "this") in _assigned(tokens):
            raise refuse("its sh:select must not assign ?this")
        return cls(tokens, tuple(_projection(tokens)))

    @classmethod
    def read_ask(cls, graph: Graph, owner: Node, refuse: Callable[[str], BadShape]) -> EmbeddedSelect:
        """Return the ASK query at `owner`; raises as `read` does."""
        tokens = _tokens(graph, owner, SH.ask, refuse)
        if tokens[0].text.upper() != "ASK" or not any(token.text == "{" for token in tokens):
            raise refuse("its sh:ask is no ASK query")
        return cls(tokens, ())

    def at(self, place: Place, arguments: Mapping[str, str] | None = None) -> EmbeddedSelect:
        """Return the query with what is pre-bound at a place: a component's arguments, $PATH, the shape, the shapes."""
        known = dict(arguments or {})
        if place.path is not None:
            known["PATH"] = place.path.sparql
        return replace(self, tokens=tuple(settled(self.tokens, known, place)))

    def as_test(self, value: str, scope: str, replaced: dict[str, str]) -> str:
        """Return the group of an ASK query whose ?value is `value`, bound by `scope`."""
        tokens = _renamed(self.tokens, {"value": value, **replaced})
        start = next(index for index, token in enumerate(tokens) if token.text == "{")
        return written(_prebound(tokens[start:], value, scope))

    def as_target(self, focus: str) -> str:
        """Return the query as a sub-select that binds `focus` where it says ?this."""
        return f"{{ {written(_renamed(self.tokens, {'this': focus}))} }}"

    def as_constraint(self, focus: str, scope: str, replaced: dict[str, str]) -> str:
        """Return the query as a sub-select whose ?this is `focus`, bound by `scope` wherever it is used.

        `replaced` maps names of variables to those they get.
        """
        tokens = _renamed(self.tokens, {"this": focus, **replaced})
        return f"{{ {written(_prebound(tokens, focus, scope))} }}"


@dataclass(frozen=True)
class EmbeddedConstruct:
    """A CONSTRUCT query of a rule (sh:construct): its tokens with full IRIs."""

    tokens: tuple[Token, ...]

    @classmethod
    def read(cls, graph: Graph, owner: Node, refuse: Callable[[str], BadShape]) -> EmbeddedConstruct:
        """Return the query at `owner` with the prefixes its sh:prefixes declare; raises what `refuse` makes."""
        tokens = _tokens(graph, owner, SH.construct, refuse)
        refuse_asking(tokens, refuse)
        groups = [index for index, token in enumerate(tokens) if token.text == "{"]
        if tokens[0].text.upper() != "CONSTRUCT" or not groups or not _apart(tokens, groups[0]):
            raise refuse("its sh:construct is no CONSTRUCT with a template and a pattern")
        return cls(tokens)

    def as_rule(self, focus: str, scope: str) -> tuple[str, str]:
        """Return template and pattern, whose $this is `focus`, bound by `scope` wherever it is used."""
        tokens = _renamed(self.tokens, {"this": focus})
        start = next(index for index, token in enumerate(tokens) if token.text == "{")
        end = _apart(tokens, start)
        body = next(index for index in range(end, len(tokens)) if tokens[index].text == "{")
        return written(tokens[start:end]), written(_prebound(tokens[body:], focus, scope))


def _apart(tokens: Sequence[Token], opening: int) -> int:
    """Return the place after the group that opens there; 0 where no further group follows."""
    end = closing_of(tokens, opening) + 1
    return end if any(token.text == "{" for token in tokens[end:]) else 0


def _tokens(graph: Graph, owner: Node, term: Node, refuse: Callable[[str], BadShape]) -> tuple[Token, ...]:
    texts = list(graph.objects(owner, term))
    name = str(term).removeprefix(str(SH))
    if len(texts) != 1:
        raise refuse(f"it needs exactly one sh:{name}, and has {len(texts)}")
    tokens = tuple(_expanded(str(texts[0]), dict(_declared(graph, owner)), refuse))
    words = {token.text.upper() for token in tokens if token.kind == "word"}
    if words & _FORBIDDEN:
        raise refuse(f"SHACL allows no {' or '.join(sorted(words & _FORBIDDEN))} in its sh:{name}")
    if not tokens:
        raise refuse(f"its sh:{name} is empty")
    return tokens


def _declared(graph: Graph, owner: Node) -> Iterator[tuple[str, str]]:
    seen: set[Node] = set()
    waiting = list(graph.objects(owner, SH.prefixes))
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        waiting.extend(graph.objects(source, OWL.imports))
        for declaration in graph.objects(source, SH.declare):
            yield str(graph.value(declaration, SH.prefix)), str(graph.value(declaration, SH.namespace))


def _expanded(query: str, prefixes: dict[str, str], refuse: Callable[[str], BadShape]) -> Iterator[Token]:
    for token in _without_prologue(tokens_of(query), prefixes):
        if token.kind != "name":
            yield token
            continue
        prefix, _, local = token.text.partition(":")
        if prefix not in prefixes:
            raise refuse(f"the prefix '{prefix}:' of its query is not declared by sh:prefixes")
        yield Token("iri", f"<{prefixes[prefix]}{local}>")


def _without_prologue(tokens: list[Token], prefixes: dict[str, str]) -> list[Token]:
    solid = [index for index, token in enumerate(tokens) if token.kind != "space"]
    while len(solid) > 3 and tokens[solid[0]].text.upper() == "PREFIX":
        prefixes[tokens[solid[1]].text.rstrip(":")] = tokens[solid[2]].text[1:-1]
        solid = solid[3:]
    return tokens[solid[0] :] if solid else []


def _projection(tokens: Sequence[Token]) -> Iterator[str]:
    depth = 0
    previous = ""
    for token in tokens:
        if token.text == "{" or token.text.upper() == "WHERE":
            return
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and (depth == 0 or previous == "AS"):
            yield token.text[1:]
        if token.kind != "space":
            previous = token.text.upper()


def _assigned(tokens: tuple[Token, ...]) -> set[tuple[str, str]]:
    solid = [token for token in tokens if token.kind != "space"]
    pairs = pairwise(solid)
    return {(one.text.upper(), other.text[1:]) for one, other in pairs if other.kind == "variable"}


def _renamed(tokens: tuple[Token, ...], names: dict[str, str]) -> list[Token]:
    return [
        Token(token.kind, names[token.text[1:]]) if token.kind == "variable" and token.text[1:] in names else token
        for token in tokens
    ]


def _prebound(tokens: list[Token], focus: str, scope: str) -> Iterator[Token]:
    """Yield the tokens with the scope at the head of each group that filters on the focus node.

    SPARQL evaluates a group on its own, so a filter in a UNION branch or sub-select does not see what
    is bound outside; SHACL wants $this bound there too. EXISTS groups see it already.
    """
    first = True
    for index, token in enumerate(tokens):
        yield token
        if token.text != "{" or token.kind != "other":
            continue
        before = next((t.text.upper() for t in reversed(tokens[:index]) if t.kind != "space"), "")
        own = direct(tokens, index)
        filters = any(t.kind == "word" and t.text.upper() in _NEEDS_BINDING for t in own)
        uses = any(t.kind == "variable" and t.text == focus for t in own)
        if first or (filters and uses and before != "EXISTS"):
            yield Token("other", f" {scope} ")
        first = False
