"""SQL that writes ids out: lexical forms, N-Triples, native values, all facts of a fact base."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from rdflib import URIRef
from sqlglot import exp

from augenblick.reason.dictionary import inline_lexical, written_term
from augenblick.reason.fragment import q
from augenblick.reason.terms import Kind, base

if TYPE_CHECKING:
    from augenblick.reason.factbase import FactBase


@cache
def lexical_of(column: str, terms: str) -> str:
    """Return SQL for the lexical form (of IRIs: the IRI) of a column of term ids."""
    tree = q(column)
    entry = q(f"(SELECT t__.lexical FROM {terms} t__ WHERE t__.id = :x)", x=tree)
    return inline_lexical(tree, entry).sql("duckdb")


@cache
def written_of(column: str, terms: str) -> str:
    """Return SQL for the canonical N-Triples form of a column of term ids."""
    tree = q(column)
    lexical = q(f"(SELECT t__.lexical FROM {terms} t__ WHERE t__.id = :x)", x=tree)
    ext = q(f"(SELECT t__.ext FROM {terms} t__ WHERE t__.id = :x)", x=tree)
    return written_term(tree, lexical, ext).sql("duckdb")


def value_of_ids(column: str, datatype: str) -> str:
    """Return SQL for the native value of a column of ids known to be inline.

    `datatype`: date (DATE), datetime (TIMESTAMP), integer (BIGINT), decimal (DECIMAL(18,5)), boolean, days (whole
    days of a dayTimeDuration), months. Ids of another kind give NULL.
    """
    kind = Kind[datatype.upper()]
    low, high = base(kind) - 2**55, base(kind) + 2**55 - 1
    payload = f"({column} - ({base(kind)}))"
    shown = {
        Kind.DATE: f"CAST(DATE '1970-01-01' + CAST({payload} AS INTEGER) AS DATE)",
        Kind.DATETIME: f"make_timestamp({payload})",
        Kind.INTEGER: payload,
        Kind.DECIMAL: f"CAST(CAST({payload} AS DECIMAL(18, 0)) * 0.00001 AS DECIMAL(18, 5))",
        Kind.BOOLEAN: f"({payload} = 1)",
        Kind.DAYS: f"({payload} // 86400000)",
        Kind.MONTHS: payload,
    }[kind]
    return f"CASE WHEN {column} BETWEEN {low} AND {high} THEN {shown} END"


def all_facts(facts: FactBase, names: Sequence[str] | None) -> str:
    """Return SQL for all facts as ids: columns g (code), s, p, o, rule, step; of some graphs or all."""
    graphs = facts.graphs()
    wanted = "" if names is None else f" WHERE g IN ({', '.join(str(graphs.get(n, -1)) for n in names) or '-1'})"
    parts = []
    filled = [relation for relation in facts.relations() if relation.rows]
    predicates = facts.dictionary.ids(URIRef(relation.key.predicate or "") for relation in filled)
    classes = iter(facts.dictionary.ids(facts.class_term(r.key.klass) for r in filled if r.key.klass is not None))
    for relation, p in zip(filled, predicates, strict=True):
        o = "o" if relation.key.klass is None else next(classes)
        parts.append(f"SELECT g, s, {p}::BIGINT AS p, {o}::BIGINT AS o, rule, step FROM {relation.table}{wanted}")
    if not parts:
        return (
            "SELECT 0::SMALLINT AS g, 0::BIGINT AS s, 0::BIGINT AS p, 0::BIGINT AS o, 0 AS rule, 0 AS step WHERE FALSE"
        )
    return " UNION ALL ".join(parts)


_NO_QUADS = "SELECT NULL::VARCHAR AS g, NULL::VARCHAR AS s, NULL::VARCHAR AS p, NULL::VARCHAR AS o WHERE false"


def all_quads(
    facts: FactBase, names: Sequence[str] | None, without: str | None = None, beside: str | None = None
) -> str:
    """Return SELECT g, s, p, o, subject, s_nth, p_nth, o_nth for export: graph name, canonical N-Triples terms, order.

    `subject` is the id of s; the last three are numbers in the order of the terms' text. Each term and each inline
    value is written once. Facts whose subject or object `without` (a SELECT of `id`) names are left out. `beside` is a
    SELECT of further g, s, p, o that are written already; their `subject` is NULL.
    """
    left_out = "" if without is None else f"WHERE t.id NOT IN (SELECT id FROM ({without}))"
    term, inline = _terms_written()
    further_terms = " UNION ALL ".join(f"SELECT NULL, {part} FROM further" for part in "spo")
    return (
        f"WITH f AS ({facts.facts_sql(names=names)}), further AS MATERIALIZED ({beside or _NO_QUADS}), "
        "written AS MATERIALIZED (SELECT id, term, dense_rank() OVER (ORDER BY term) AS nth FROM ("
        f"SELECT t.id, {term} AS term FROM {facts.dictionary.table} t {left_out} UNION ALL "
        f"SELECT o, {inline} FROM (SELECT DISTINCT o FROM f WHERE o < 0) f UNION ALL {further_terms})), "
        "places AS (SELECT DISTINCT term, nth FROM written WHERE id IS NULL) "
        "SELECT n.name AS g, s.term AS s, p.term AS p, o.term AS o, f.s AS subject, s.nth AS s_nth, p.nth AS p_nth, "
        f"o.nth AS o_nth FROM f JOIN {facts.schema}.graphs n ON n.g = f.g "
        "JOIN written s ON s.id = f.s JOIN written p ON p.id = f.p JOIN written o ON o.id = f.o "
        "UNION ALL SELECT x.g, x.s, x.p, x.o, NULL, s.nth, p.nth, o.nth FROM further x "
        "JOIN places s ON s.term = x.s JOIN places p ON p.term = x.p JOIN places o ON o.term = x.o"
    )


@cache
def _terms_written() -> tuple[str, str]:
    """Return SQL for the N-Triples form of a row `t` of the dictionary, and of an object `f.o` that is its value."""
    kept = written_term(*(exp.column(name, "t") for name in ("id", "lexical", "ext"))).sql("duckdb")
    return kept, written_term(exp.column("o", "f"), exp.null(), exp.null()).sql("duckdb")
