"""Facts of many predicates from one SELECT: its terms are worked out and put into the dictionary once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF, URIRef
from sqlglot import exp

from augenblick.reason.columns import TermSpec, encoded
from augenblick.reason.ir import RelationKey
from augenblick.reason.terms import kind_sql

if TYPE_CHECKING:
    from augenblick.reason.factbase import FactBase

_TYPE = str(RDF.type)


@dataclass(frozen=True)
class PredicateColumn:
    """The predicate (IRI) the values of a column are objects of, and how they become terms."""

    predicate: str
    column: str
    spec: TermSpec


def add_columns(
    facts: FactBase,
    sql: str,
    *,
    name: str,
    subject: str,
    subject_spec: TermSpec,
    columns: Sequence[PredicateColumn],
    klass: str | None = None,
) -> dict[str, int]:
    """Add to the graph `name`, for every row of a SELECT, the subject's class and one fact per column.

    `subject` and each `column` name columns of `sql`; where one is NULL there is no fact. Returns how many facts were
    new per predicate, and per class under its IRI.
    """
    names = [column.predicate for column in columns] + ([_TYPE, klass] if klass else [])
    sides = [("s", subject, subject_spec), *((f"o{i}", c.column, c.spec) for i, c in enumerate(columns))]
    fixed = [spec.term for *_, spec in sides if spec.term is not None]
    facts.dictionary.intern([*(URIRef(iri) for iri in names), *fixed])
    items, texts = [], []
    for side, column, spec in sides:
        encoding = encoded(spec, exp.column(column, quoted=True))
        items.append(f"{encoding.term.sql('duckdb')} AS {side}")
        if encoding.lexical is not None:
            ext = encoding.ext.sql("duckdb") if encoding.ext is not None else "NULL::VARCHAR"
            items.append(f"{encoding.lexical.sql('duckdb')} AS {side}_lex, {ext} AS {side}_ext")
            texts.append(side)
    counts: dict[str, int] = {}
    with facts.stage(f"SELECT {', '.join(items)} FROM ({sql})") as stage:
        if texts:
            parts = (
                f"SELECT {t} AS id, {t}_lex AS lexical, {t}_ext AS ext FROM {stage} WHERE s IS NOT NULL" for t in texts
            )
            facts.dictionary.intern_select(" UNION ALL ".join(parts))
        kinds = _kinds(facts, stage, [side for side, *_ in sides])
        if klass is not None:
            rows = f"SELECT s FROM {stage} WHERE s IS NOT NULL"
            counts[klass] = facts.add_ids(rows, RelationKey(_TYPE, klass), name, kinds["s"])
        for i, fact in enumerate(columns):
            rows = f"SELECT s, o{i} AS o FROM {stage} WHERE s IS NOT NULL AND o{i} IS NOT NULL"
            added = facts.add_ids(rows, RelationKey(fact.predicate), name, kinds["s"], kinds[f"o{i}"])
            counts[fact.predicate] = counts.get(fact.predicate, 0) + added
    return counts


def _kinds(facts: FactBase, stage: str, sides: Sequence[str]) -> dict[str, int]:
    """Return which kinds of terms occur in each column, as a bit mask."""
    masks = ", ".join(f"bit_or(1 << CAST({kind_sql(exp.column(side)).sql('duckdb')} AS INTEGER))" for side in sides)
    row = facts.connection.execute(f"SELECT {masks} FROM {stage} WHERE s IS NOT NULL").fetchone() or ()
    return {side: mask or 0 for side, mask in zip(sides, row, strict=True)}
