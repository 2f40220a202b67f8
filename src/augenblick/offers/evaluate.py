"""Offers: each live moment with each product of its type, judged in four layers, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

import duckdb
from rdflib.term import Node

from augenblick.content.model import Content
from augenblick.model.terms import DATA_BASE
from augenblick.offers.candidates import find_candidates
from augenblick.offers.conditions import Condition, conditions_of, describe_layers
from augenblick.offers.graph import add_candidates, add_verdicts
from augenblick.offers.guards import Guard, guard_of
from augenblick.offers.report import OfferReport, count_offers
from augenblick.offers.tables import create_tables
from augenblick.offers.verdicts import judge, judge_milder
from augenblick.reason import FactBase
from augenblick.validate import Result, results

_Failure = tuple[str, str, str, str, int, str]


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    fact_base: FactBase,
    content: Content,
    *,
    as_of: date,
    data_base: str = DATA_BASE,
) -> OfferReport:
    """Judge all offers: tables `offers.offers` and `offers.verdicts`, and RDF in the graph `offers`.

    Needs `moments.moments` filled and, for conditions that look at moments, the graph `moments` in the fact
    base. What was there of an earlier run is replaced. Raises `BadShape` for a condition that cannot be compiled.
    """
    create_tables(connection)
    fact_base.remove("offers")
    describe_layers(connection, content)
    if find_candidates(connection, content, as_of=as_of, data_base=data_base):
        add_candidates(fact_base)
        guards = _guards(content)
        _store(connection, [row for each in conditions_of(content) for row in _failures(fact_base, each, guards)])
        judge(connection)
        judge_milder(connection, fact_base)
        add_verdicts(fact_base)
    return count_offers(connection)


@lru_cache(maxsize=4)
def _guards(content: Content) -> Mapping[str, Guard]:
    """Return what each SELECT of the conditions looks at, read once per content."""
    selects = {constraint.select for each in conditions_of(content) for constraint in each.compiled.constraints}
    return {select: guard_of(select, content.graph) for select in selects}


def _failures(fact_base: FactBase, condition: Condition, guards: Mapping[str, Guard]) -> list[_Failure]:
    def select(query: str) -> list[tuple[Node | None, ...]]:
        return list(fact_base.select(query, origin=condition.shape).terms())

    return [
        _failure(result, guards[constraint.select], condition.shape)
        for constraint in condition.compiled.constraints
        for result in results([replace(condition.compiled, constraints=(constraint,))], select)
    ]


def _failure(result: Result, guard: Guard, shape: str) -> _Failure:
    said = (result.message("de"), result.message("en"))
    return (str(result.focus), shape, *said, guard.strictness, " ".join(guard.kinships))


def _store(connection: duckdb.DuckDBPyConnection, failures: list[_Failure]) -> None:
    if not failures:
        return
    names = ("offer_id", "shape", "reason_de", "reason_en", "strictness", "kinships")
    columns = dict(zip(names, map(list, zip(*failures, strict=True)), strict=True))
    kinds = {"strictness": "INTEGER"}
    items = ", ".join(f"unnest(${name}::{kinds.get(name, 'VARCHAR')}[]) AS {name}" for name in names)
    connection.execute(
        f"INSERT INTO offer_failures SELECT * REPLACE (string_split(nullif(kinships, ''), ' ') AS kinships) "
        f"FROM (SELECT {items})",
        columns,
    )
