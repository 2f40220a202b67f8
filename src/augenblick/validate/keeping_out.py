"""What a violation takes out of the fact base before reasoning, and the memory of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib.term import Node

from augenblick.model.terms import AUG
from augenblick.reason import FactBase
from augenblick.validate.compiled import KeepsOut
from augenblick.validate.report import KeptOut
from augenblick.validate.results import Result

_Wanted = tuple[int | None, int | None, int | None, str]
"""Ids of subject, predicate and object (None: any), and the IRI of the broken shape."""

_STATED = f"""
SELECT ?relation ?subject ?kind ?object WHERE {{
  ?relation <{AUG}relationSubject> ?subject ; <{AUG}relationKind> ?kind ; <{AUG}relationObject> ?object .
}}
"""

_MATCHED = """
CREATE OR REPLACE TEMP TABLE validate__kept AS
WITH facts AS MATERIALIZED (SELECT s, p, o FROM ({facts})),
whole AS (SELECT * FROM validate__wanted WHERE s IS NOT NULL AND o IS NOT NULL),
of_subject AS (SELECT * FROM validate__wanted WHERE s IS NOT NULL AND o IS NULL),
of_object AS (SELECT * FROM validate__wanted WHERE s IS NULL AND o IS NOT NULL)
SELECT s, p, o, list_sort(list(DISTINCT shape)) AS shapes FROM (
    SELECT f.*, w.shape FROM facts f JOIN whole w ON f.s = w.s AND f.p = w.p AND f.o = w.o
    UNION ALL
    SELECT f.*, w.shape FROM facts f JOIN of_subject w ON f.s = w.s AND (w.p IS NULL OR f.p = w.p)
    UNION ALL
    SELECT f.*, w.shape FROM facts f JOIN of_object w ON f.o = w.o AND (w.p IS NULL OR f.p = w.p)
) GROUP BY s, p, o
"""


def keep_out(fact_base: FactBase, found: Iterable[Result], *, graph: str) -> tuple[KeptOut, ...]:
    """Remove from `graph` what the violations keep out of reasoning; return the removed facts, sorted.

    A relation row (aug:Relation) that states a fact kept out is kept out with it.
    """
    telling = [result for result in found if result.keeps_out != KeepsOut()]
    if not telling:
        return ()
    ends = (node for result in telling for node in (result.focus, result.value) if node is not None)
    fact_base.dictionary.ids(ends)  # type: ignore[arg-type]  # all in one statement; each is known from now on
    wanted = [entry for result in telling for entry in _wanted(fact_base, result)]
    _stage(fact_base, wanted)
    connection = fact_base.connection
    connection.execute(_MATCHED.format(facts=fact_base.facts_sql(names=[graph])))
    rows = connection.execute("SELECT s, p, o, shapes FROM validate__kept").fetchall()
    fact_base.remove(graph, select="SELECT s, p, o FROM validate__kept")
    connection.execute("DROP TABLE validate__kept; DROP TABLE validate__wanted")
    terms = fact_base.dictionary.terms(each for s, p, o, _ in rows for each in (s, p, o))
    kept = (KeptOut((terms[s], terms[p], terms[o]), tuple(shapes)) for s, p, o, shapes in rows)
    return tuple(sorted(kept, key=lambda fact: fact.key))


def _wanted(fact_base: FactBase, result: Result) -> Iterator[_Wanted]:
    focus = _id(fact_base, result.focus)
    if result.keeps_out.focus:
        yield (focus, None, None, result.shape)
        yield (None, None, focus, result.shape)
    value = None if result.value is None else _id(fact_base, result.value)
    for predicate, backwards in result.keeps_out.steps:
        p = fact_base.id(predicate)
        yield (value, p, focus, result.shape) if backwards else (focus, p, value, result.shape)


def _id(fact_base: FactBase, node: Node) -> int:
    return fact_base.id(node)  # type: ignore[arg-type]  # the reasoner's terms are IRIs, blank nodes, literals


def _stage(fact_base: FactBase, wanted: list[_Wanted]) -> None:
    """Fill `validate__wanted`, and add the relation rows that state one of its facts."""
    columns = dict(zip(("s", "p", "o", "shape"), map(list, zip(*wanted, strict=True)), strict=True))
    fact_base.connection.execute(
        "CREATE OR REPLACE TEMP TABLE validate__wanted AS SELECT DISTINCT unnest($s::BIGINT[]) AS s, "
        "unnest($p::BIGINT[]) AS p, unnest($o::BIGINT[]) AS o, unnest($shape::VARCHAR[]) AS shape",
        columns,
    )
    fact_base.connection.execute(
        "INSERT INTO validate__wanted SELECT DISTINCT r.relation, NULL::BIGINT, NULL::BIGINT, w.shape "
        f"FROM ({fact_base.select_sql(_STATED)}) r JOIN validate__wanted w "
        "ON r.subject = w.s AND r.kind = w.p AND r.object = w.o"
    )
