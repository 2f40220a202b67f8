"""What a query within a shape asks of the shapes themselves ($currentShape, $shapesGraph; SHACL 5.3.1).

The shapes are known when a shape is compiled, so GRAPH $shapesGraph { … } is answered then, and its solutions stand in
the query as VALUES: whatever evaluates compiled shapes needs no graph of the shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from typing import TYPE_CHECKING

from rdflib import BNode, URIRef

from augenblick.model.errors import AugenblickError, BadShape
from augenblick.reason import FactBase
from augenblick.reason.terms import Term
from augenblick.store import in_memory
from augenblick.validate.tokens import Token, closing_of, written

if TYPE_CHECKING:
    from augenblick.validate.violations import Place

Refuse = Callable[[str], BadShape]
_Row = tuple[Term | None, ...]

_SHAPE, _SHAPES = "currentShape", "shapesGraph"


def settled(tokens: Sequence[Token], known: Mapping[str, str], place: Place) -> list[Token]:
    """Return the tokens of a query at a place with what is pre-bound there put in.

    `known` maps names of variables to SPARQL text; $currentShape and $shapesGraph join them. Raises `BadShape` where
    the shape has no name to put in place, where $shapesGraph is used otherwise than by GRAPH and bound(), and where its
    group needs what is bound outside, or hands out a blank node of the shapes.
    """
    asked = {token.name for token in tokens}
    if _SHAPE in asked and not isinstance(place.shape, URIRef):
        raise place.refuse("its query asks for $currentShape, but the shape has no IRI")
    known = {**known, _SHAPE: place.shape.n3()}
    put_in = [_put_in(token, known) for token in _bound(tokens, {*known, _SHAPES})]
    found = list(_answered(put_in, place))
    if any(token.name == _SHAPES for token in found):
        raise place.refuse("its query may use $shapesGraph in GRAPH $shapesGraph { … } and bound($shapesGraph) only")
    return found


def refuse_asking(tokens: Sequence[Token], refuse: Refuse) -> None:
    """Raise what `refuse` makes if a query that belongs to no constraint asks for the shape or the shapes."""
    for name in (_SHAPE, _SHAPES):
        if any(token.name == name for token in tokens):
            raise refuse(f"its query asks for ${name}, which only constraints have")


def _put_in(token: Token, known: Mapping[str, str]) -> Token:
    value = known.get(token.name or "")
    return token if value is None else Token("other", value)


def _bound(tokens: Sequence[Token], known: Set[str]) -> Iterator[Token]:
    """Yield the tokens, (true) in place of bound() of what is known."""
    index = 0
    while index < len(tokens):
        call = _solid(tokens, index, 4) if tokens[index].word == "BOUND" else []
        signs = [tokens[at].text for at in call[1::2]]
        if signs == ["(", ")"] and tokens[call[2]].name in known:
            yield Token("other", "(true)")
            index = call[3] + 1
        else:
            yield tokens[index]
            index += 1


def _answered(tokens: Sequence[Token], place: Place) -> Iterator[Token]:
    """Yield the tokens, their groups of GRAPH $shapesGraph answered from the graph."""
    index = 0
    while index < len(tokens):
        head = _solid(tokens, index, 3)
        if tokens[index].word != "GRAPH" or len(head) < 3 or tokens[head[1]].name != _SHAPES:
            yield tokens[index]
            index += 1
            continue
        end = closing_of(tokens, head[2])
        outside = {token.name for token in (*tokens[:index], *tokens[end + 1 :])}
        yield from _values(tokens[head[2] : end + 1], outside, place)
        index = end + 1


def _values(group: Sequence[Token], outside: set[str | None], place: Place) -> Iterator[Token]:
    """Yield VALUES of what is asked outside of the group's solutions; numbered, so that equal ones stay several."""
    needed = _unbound(group)
    if needed:
        raise place.refuse(f"its GRAPH $shapesGraph needs ?{min(needed)} from outside; test it outside of that group")
    variables, rows = _solutions(group, place)
    columns = [(column, name) for column, name in enumerate(variables) if name in outside]
    for column, name in columns:
        if any(isinstance(row[column], BNode) for row in rows):
            raise place.refuse(f"its ?{name} would be a blank node of the shapes; only IRIs and literals leave them")
    if not rows:
        yield from (Token("word", "FILTER"), Token("other", "(false)"))
        return
    yield Token("word", "VALUES")
    yield Token("other", f" ({place.fresh()} ")
    for _, name in columns:
        yield from (Token("variable", f"?{name}"), Token("space", " "))
    lines = (" ".join([str(number), *(_term(row[column]) for column, _ in columns)]) for number, row in enumerate(rows))
    yield Token("other", ") { " + " ".join(f"({line})" for line in lines) + " }")


def _solutions(group: Sequence[Token], place: Place) -> tuple[tuple[str, ...], list[_Row]]:
    with closing(in_memory()) as connection:
        facts = FactBase(connection)
        facts.add_graph(place.compiler.graph, name="shapes")
        try:
            answer = facts.select(f"SELECT * WHERE {written(group)}", origin="shape")
            return answer.variables, answer.terms()
        except AugenblickError as error:
            raise place.refuse(f"what it asks of the shapes cannot be answered: {error.message}") from error


def _unbound(group: Sequence[Token]) -> set[str]:
    """Return the variables within parentheses and EXISTS groups that do not stand outside of these as well."""
    tested: set[str] = set()
    bound: set[str] = set()
    end, before = -1, None
    for index, token in enumerate(group):
        if index > end and (token.text == "(" or (token.text == "{" and before == "EXISTS")):
            end = closing_of(group, index)
        if token.name is not None:
            (tested if index <= end else bound).add(token.name)
        if token.kind != "space":
            before = token.word
    return tested - bound


def _solid(tokens: Sequence[Token], start: int, count: int) -> list[int]:
    """Return the places of the next tokens that are no space."""
    places = (place for place in range(start, len(tokens)) if tokens[place].kind != "space")
    return [place for place, _ in zip(places, range(count), strict=False)]


def _term(term: Term | None) -> str:
    return "UNDEF" if term is None else term.n3()
