"""SPARQL that experts write inside shapes (sh:select), made part of a compiled query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rdflib import Graph
from rdflib.namespace import OWL, SH
from rdflib.term import Node

from augenblick.model.errors import BadShape

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
      | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
                  |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<variable>[?$]\w+)
      | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<blank>_:\w+)
      | (?P<name>(?:[^\W\d_][\w.-]*)?:(?:[\w:%-](?:[\w:.%-]*[\w:%-])?)?)
      | (?P<word>\w+)
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_FORBIDDEN = {"MINUS", "SERVICE", "VALUES"}
_NEEDS_BINDING = {"FILTER", "BIND"}
RESERVED = {"this", "value", "path", "message"}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True)
class EmbeddedSelect:
    """A SELECT query of a shape: its tokens with full IRIs, and the variables it projects."""

    tokens: tuple[_Token, ...]
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

    def as_test(self, value: str, scope: str, replaced: dict[str, str]) -> str:
        """Return the group of an ASK query whose ?value is `value`, bound by `scope`."""
        tokens = _renamed(self.tokens, {"value": value, **replaced})
        start = next(index for index, token in enumerate(tokens) if token.text == "{")
        return _text(_prebound(tokens[start:], value, scope))

    def as_target(self, focus: str) -> str:
        """Return the query as a sub-select that binds `focus` where it says ?this."""
        return f"{{ {_text(_renamed(self.tokens, {'this': focus}))} }}"

    def as_constraint(self, focus: str, scope: str, replaced: dict[str, str]) -> str:
        """Return the query as a sub-select whose ?this is `focus`, bound by `scope` wherever it is used.

        `replaced` maps variable names (PATH, currentShape) to SPARQL text.
        """
        tokens = _renamed(self.tokens, {"this": focus, **replaced})
        return f"{{ {_text(_prebound(tokens, focus, scope))} }}"


@dataclass(frozen=True)
class EmbeddedConstruct:
    """A CONSTRUCT query of a rule (sh:construct): its tokens with full IRIs."""

    tokens: tuple[_Token, ...]

    @classmethod
    def read(cls, graph: Graph, owner: Node, refuse: Callable[[str], BadShape]) -> EmbeddedConstruct:
        """Return the query at `owner` with the prefixes its sh:prefixes declare; raises what `refuse` makes."""
        tokens = _tokens(graph, owner, SH.construct, refuse)
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
        return _text(tokens[start:end]), _text(_prebound(tokens[body:], focus, scope))


def _apart(tokens: Sequence[_Token], opening: int) -> int:
    """Return the place after the group that opens there; 0 where no further group follows."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index].text == "{") - (tokens[index].text == "}")
        if depth == 0:
            return index + 1 if any(token.text == "{" for token in tokens[index + 1 :]) else 0
    return 0


def _tokens(graph: Graph, owner: Node, term: Node, refuse: Callable[[str], BadShape]) -> tuple[_Token, ...]:
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


def _expanded(text: str, prefixes: dict[str, str], refuse: Callable[[str], BadShape]) -> Iterator[_Token]:
    tokens = [_Token(str(match.lastgroup), match.group()) for match in _TOKEN.finditer(text)]
    tokens = [token for token in tokens if token.kind != "comment"]
    for token in _without_prologue(tokens, prefixes):
        if token.kind != "name":
            yield token
            continue
        prefix, _, local = token.text.partition(":")
        if prefix not in prefixes:
            raise refuse(f"the prefix '{prefix}:' of its query is not declared by sh:prefixes")
        yield _Token("iri", f"<{prefixes[prefix]}{local}>")


def _without_prologue(tokens: list[_Token], prefixes: dict[str, str]) -> list[_Token]:
    solid = [index for index, token in enumerate(tokens) if token.kind != "space"]
    while len(solid) > 3 and tokens[solid[0]].text.upper() == "PREFIX":
        prefixes[tokens[solid[1]].text.rstrip(":")] = tokens[solid[2]].text[1:-1]
        solid = solid[3:]
    return tokens[solid[0] :] if solid else []


def _projection(tokens: Sequence[_Token]) -> Iterator[str]:
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


def _assigned(tokens: tuple[_Token, ...]) -> set[tuple[str, str]]:
    solid = [token for token in tokens if token.kind != "space"]
    pairs = pairwise(solid)
    return {(one.text.upper(), other.text[1:]) for one, other in pairs if other.kind == "variable"}


def _renamed(tokens: tuple[_Token, ...], names: dict[str, str]) -> list[_Token]:
    return [
        _Token(token.kind, names[token.text[1:]]) if token.kind == "variable" and token.text[1:] in names else token
        for token in tokens
    ]


def _prebound(tokens: list[_Token], focus: str, scope: str) -> Iterator[_Token]:
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
        direct = _direct(tokens, index)
        filters = any(t.kind == "word" and t.text.upper() in _NEEDS_BINDING for t in direct)
        uses = any(t.kind == "variable" and t.text == focus for t in direct)
        if first or (filters and uses and before != "EXISTS"):
            yield _Token("other", f" {scope} ")
        first = False


def _direct(tokens: list[_Token], opening: int) -> list[_Token]:
    """Return the tokens of the group that opens there, without those of nested groups."""
    found: list[_Token] = []
    depth = 0
    for token in tokens[opening:]:
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            break
        if depth == 1:
            found.append(token)
    return found


def _text(tokens: Iterator[_Token] | list[_Token]) -> str:
    return "".join(token.text for token in tokens).strip()
