"""Solutions of plain triple patterns with most ends known: one short statement, written without the compiler.

A proof asks such things by the dozen, and for each the compiler takes longer than the database.
"""

from __future__ import annotations

from collections.abc import Sequence

from rdflib import RDF, Variable

from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import Join, Node, Term, Triple, class_key, relation_of
from augenblick.reason.substitution import Bindings


def plain(node: Node) -> tuple[Triple, ...] | None:
    """Return the patterns of a node that is nothing but a join of patterns with known predicates and classes."""
    parts = node.parts if isinstance(node, Join) else (node,)
    triples = tuple(part for part in parts if isinstance(part, Triple) and _closed(part))
    return triples if triples and len(triples) == len(parts) else None


def _closed(triple: Triple) -> bool:
    if isinstance(triple.p, Variable):
        return False
    return triple.p != RDF.type or class_key(triple.o) is not None


def matches(facts: FactBase, triples: Sequence[Triple], limit: int) -> list[Bindings]:
    """Return at most so many solutions of plain patterns, as bindings of their variables, in no order."""
    tables, tests = [], []
    columns: dict[Variable, str] = {}
    known = {end for triple in triples for end in (triple.s, triple.o) if not isinstance(end, Variable)}
    ids = dict(zip(known, facts.dictionary.ids(known), strict=True))
    for place, triple in enumerate(triples):
        relation = facts.relation(relation_of(triple))
        if relation is None or not relation.rows:
            return []
        tables.append(f"{relation.table} t{place}")
        for name, end in (("s", triple.s), ("o", triple.o)) if relation.key.klass is None else (("s", triple.s),):
            here = f"t{place}.{name}"
            if not isinstance(end, Variable):
                tests.append(f"{here} = {ids[end]}")
            elif end in columns:
                tests.append(f"{here} = {columns[end]}")
            else:
                columns[end] = here
    items = ", ".join(columns.values()) or "1"
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    rows = facts.connection.execute(f"SELECT DISTINCT {items} FROM {', '.join(tables)}{where} LIMIT {limit}").fetchall()
    return _bound(facts, list(columns), rows)


def _bound(facts: FactBase, names: list[Variable], rows: list[tuple[int, ...]]) -> list[Bindings]:
    if not names:
        return [{}] if rows else []
    terms: dict[int, Term] = facts.dictionary.terms(each for row in rows for each in row)
    return [dict(zip(names, (terms[each] for each in row), strict=True)) for row in rows]
