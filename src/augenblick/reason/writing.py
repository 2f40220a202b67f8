"""SQL that writes ids out: lexical forms, N-Triples, native values, all facts of a fact base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rdflib import BNode, URIRef
from sqlglot import exp

from augenblick.reason.dictionary import inline_lexical, written_term
from augenblick.reason.fragment import q, text
from augenblick.reason.terms import Kind, Term, base

if TYPE_CHECKING:
    from augenblick.reason.factbase import FactBase, Relation


def lexical_of(column: str, terms: str) -> str:
    """Return SQL for the lexical form (of IRIs: the IRI) of a column of term ids."""
    tree = q(column)
    entry = q(f"(SELECT t__.lexical FROM {terms} t__ WHERE t__.id = :x)", x=tree)
    return inline_lexical(tree, entry).sql("duckdb")


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
    for relation in facts.relations():
        if relation.rows:
            p = facts.dictionary.id(URIRef(relation.key.predicate or ""))
            o = "o" if relation.key.klass is None else str(facts.dictionary.id(facts.class_term(relation.key.klass)))
            parts.append(f"SELECT g, s, {p}::BIGINT AS p, {o}::BIGINT AS o, rule, step FROM {relation.table}{wanted}")
    if not parts:
        return (
            "SELECT 0::SMALLINT AS g, 0::BIGINT AS s, 0::BIGINT AS p, 0::BIGINT AS o, 0 AS rule, 0 AS step WHERE FALSE"
        )
    return " UNION ALL ".join(parts)


def all_quads(facts: FactBase, names: Sequence[str] | None) -> str:
    """Return SELECT g, s, p, o: the graph's name and canonical N-Triples terms of all facts, for export.

    Each term of the dictionary is written once; predicates and classes are constants of their relations.
    """
    graphs = facts.graphs()
    codes = None if names is None else sorted(graphs[name] for name in names if name in graphs)
    parts = [_relation_quads(facts, relation, codes) for relation in facts.relations() if relation.rows]
    if not parts or codes == []:
        return "SELECT '' AS g, '' AS s, '' AS p, '' AS o WHERE FALSE"
    term = written_term(*(exp.column(name, "t") for name in ("id", "lexical", "ext"))).sql("duckdb")
    inline = written_term(exp.column("o", "f"), exp.null(), exp.null()).sql("duckdb")
    return (
        f"WITH written AS (SELECT t.id, {term} AS term FROM {facts.dictionary.table} t) "
        f"SELECT n.name AS g, s.term AS s, f.p, coalesce(f.klass, o.term, {inline}) AS o "
        f"FROM ({' UNION ALL '.join(parts)}) f JOIN {facts.schema}.graphs n ON n.g = f.g "
        "JOIN written s ON s.id = f.s LEFT JOIN written o ON o.id = f.o"
    )


def _relation_quads(facts: FactBase, relation: Relation, codes: list[int] | None) -> str:
    """Return SELECT g, s (ids), p (written), o (id; NULL of a class), klass (written; NULL of a predicate)."""
    klass = relation.key.klass
    o = "o, NULL::VARCHAR" if klass is None else f"NULL::BIGINT AS o, {_constant(facts.class_term(klass))}"
    where = "" if codes is None else f" WHERE g IN ({', '.join(map(str, codes)) or '-1'})"
    predicate = _constant(URIRef(relation.key.predicate or ""))
    return f"SELECT g, s, {predicate} AS p, {o} AS klass FROM {relation.table}{where}"


def _constant(term: Term) -> str:
    return text(f"_:{term}" if isinstance(term, BNode) else f"<{term}>").sql("duckdb")
