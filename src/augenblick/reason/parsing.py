"""SPARQL texts as rdflib's algebra, with what rdflib's translation would lose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pyparsing import ParseResults
from rdflib import Literal, Variable

from augenblick.model.errors import BadRule, OutsideFragment

_AROUND = ("ConditionalOrExpression", "ConditionalAndExpression", "RelationalExpression", "AdditiveExpression",
           "MultiplicativeExpression")  # fmt: skip


def parsed_query(text: str, where: str) -> Any:
    """Return the algebra of a query.

    Raises `BadRule` for what is no SPARQL 1.1, `OutsideFragment` for VALUES without variables.
    """
    # Building the grammar takes longer than most answers.
    from rdflib.plugins.sparql.algebra import translateQuery, traverse
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        tree = parseQuery(text)
        for part in list(parts(tree)):
            _keep_test(part)
            _refuse_unnamed_values(part, where)
        query = translateQuery(tree)
        query.algebra = traverse(query.algebra, visitPost=_same_object({}))
        if query.prologue.base:
            _with_base(query.algebra, Literal(str(query.prologue.base).rsplit("/", 1)[0] + "/"))
        return query
    except OutsideFragment:
        raise
    except Exception as error:  # rdflib raises many kinds, its own and pyparsing's
        line = getattr(error, "lineno", None)
        place = f"{where}:{line}" if line else where
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadRule(f"This is not SPARQL 1.1: {first}", where=place) from error


def parts(tree: Any) -> Iterator[Any]:
    """Yield the named parts of what rdflib made of a text, before or after its translation."""
    if hasattr(tree, "name") and isinstance(tree, dict):
        yield tree
    inside = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list | tuple | ParseResults) else ()
    for part in list(inside):
        yield from parts(part)


def _keep_test(part: Any) -> None:
    """Write a literal that is a whole test as a call: rdflib drops FILTER(false), FILTER(0) and FILTER("")."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if part.name == "Filter":
        test = part.expr
        while getattr(test, "name", "") in _AROUND and set(test) == {"expr"}:
            test = test.expr
        if isinstance(test, Literal) or getattr(test, "name", "") == "literal":
            part["expr"] = CompValue("Builtin_COALESCE", arg=[test])


def _refuse_unnamed_values(part: Any, where: str) -> None:
    if part.name in ("InlineData", "ValuesClause") and not part.var:
        raise OutsideFragment(
            "VALUES without variables lies outside what the compiler takes.", where=where, hint="leave it out"
        )


def _same_object(known: dict[Variable, Variable]) -> Callable[[Any], Variable | None]:
    """Return what makes equal variables of a query one object: as keys of bindings these are found without a look."""
    return lambda part: known.setdefault(part, part) if isinstance(part, Variable) else None


def _with_base(parsed: Any, folder: Literal) -> None:
    """Tell each IRI() in a query the folder of its BASE."""
    for part in parts(parsed):
        if part.name in ("Builtin_IRI", "Builtin_URI"):
            part["base"] = folder
