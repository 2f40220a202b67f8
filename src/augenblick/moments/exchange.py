"""Between this room and the fact base: indications come in, moments go back as facts."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from augenblick.content.model import MomentType
from augenblick.model.terms import AUG
from augenblick.reason import FactBase, Kind, PredicateColumn, RuleSet, asked, date, decimal, iri, string

GRAPH = "moments"
_MARKS = frozenset((AUG + "Moment", AUG + "momentType"))
"""The class and the predicate every moment carries; the class of its type is the third."""
_SAID = {
    AUG + name: kind.bit
    for kind, names in {
        Kind.IRI: ("person", "hasIndication"),
        Kind.DATE: ("occurredFrom", "occurredTo", "detectedOn", "validUntil"),
        Kind.DECIMAL: ("confidence",),
        Kind.STRING: ("state",),
    }.items()
    for name in names
}
"""What else is said of moments, and the kind of its values; much of it is said of other things too."""

_INDICATIONS = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
SELECT ?i ?customer ?type ?pattern ?date WHERE {
  ?i a aug:Indication ; aug:indicates ?type ; aug:byPattern ?pattern ; aug:onPerson ?person ; aug:observedOn ?date .
  ?person aug:customerId ?customer .
}
"""

_PREMISES = """
PREFIX aug: <https://w3id.org/augenblick/ontology#>
SELECT ?i ?type ?premise ?opening ?stepping WHERE {
  ?i a aug:Indication ; aug:indicates ?type ; aug:restsOn ?premise .
  OPTIONAL { ?premise aug:firstOccurrence ?opening }
  OPTIONAL { ?premise aug:atOccurrence ?stepping }
}
"""
"""What indications rest on; a series or a step of one says what one occurrence of it does."""
QUESTIONS = (_INDICATIONS, _PREMISES)
"""All that this room asks of the fact base."""


def gained(rules: RuleSet, types: Iterable[MomentType]) -> frozenset[str]:
    """Return the classes and predicates by which rules can notice new moments, for `Reasoner.run(affected_by=…)`.

    A new moment has all its facts at once and nothing but those `give_moments` adds. So a rule that asks for the
    person of something that carries a signal, too, need not run again for it. Beside the marks of a moment only
    such predicates are named as some rule asks for without anything a moment never has, without a mark, and of what
    nothing else in the rule points at: what points at a moment was made by a rule that noticed it.
    """
    noticed = {*_MARKS, *(moment_type.iri for moment_type in types)}
    for rule in rules:
        for keys in asked(rule.body, _SAID):
            names = {str(key) for key in keys}
            if names <= _SAID.keys():
                noticed |= names
    return frozenset(noticed)


def take_indications(connection: duckdb.DuckDBPyConnection, facts: FactBase, types: list[MomentType]) -> int:
    """Put the indications of the types into `moments.indications`, what each rests on into `moments.premises`.

    Return how many indications.
    """
    _weigh(connection, types)
    observed = f"{facts.value_sql('date', 'date')} AS observed_on"
    found = facts.texts_sql(facts.select_sql(_INDICATIONS), "i", "customer", "type", "pattern", beside=observed)
    rows = connection.execute(
        f"INSERT INTO moments.indications SELECT f.i, f.customer, f.type, f.pattern, w.weight, f.observed_on, "
        f"w.lag_minimum, w.lag_maximum, w.veto FROM ({found}) f "
        "JOIN weights w ON w.pattern = f.pattern AND w.moment_type = f.type"
    ).fetchone()
    taken = int(rows[0]) if rows else 0
    if taken:
        _take_premises(connection, facts)
    return taken


def _take_premises(connection: duckdb.DuckDBPyConnection, facts: FactBase) -> None:
    found = facts.texts_sql(facts.select_sql(_PREMISES), "i", "type", "premise", "opening", "stepping")
    connection.execute(
        "INSERT INTO moments.premises SELECT i, type, min(premise), min(coalesce(opening, stepping, premise)) "
        f"FROM ({found}) WHERE type IN (SELECT moment_type FROM weights) GROUP BY ALL"
    )


def _weigh(connection: duckdb.DuckDBPyConnection, types: list[MomentType]) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE weights (pattern VARCHAR, moment_type VARCHAR, weight DOUBLE, "
        "lag_minimum INTEGER, lag_maximum INTEGER, veto BOOLEAN)"
    )
    patterns = [p for t in types for p in t.patterns]
    columns = {
        "pattern": [p.iri for p in patterns], "moment_type": [p.moment for p in patterns],
        "weight": [float(p.weight) for p in patterns], "lag_minimum": [p.lag_minimum.days for p in patterns],
        "lag_maximum": [p.lag_maximum.days for p in patterns], "veto": [p.veto for p in patterns],
    }  # fmt: skip
    connection.execute(f"INSERT INTO weights SELECT {', '.join(f'unnest(${name})' for name in columns)}", columns)


def weigh_anew(connection: duckdb.DuckDBPyConnection, types: list[MomentType]) -> None:
    """Give the indications of the types the weights, lags and vetoes that their patterns have now."""
    _weigh(connection, types)
    connection.execute(
        "UPDATE moments.indications i SET weight = w.weight, lag_minimum = w.lag_minimum, "
        "lag_maximum = w.lag_maximum, veto = w.veto FROM weights w "
        "WHERE w.pattern = i.pattern AND w.moment_type = i.moment_type"
    )


def take_back(
    connection: duckdb.DuckDBPyConnection, facts: FactBase, types: Iterable[str], *, indications: bool
) -> None:
    """Take the moments of the types (IRIs) out of the tables and of the fact base, with `indications` these too."""
    listed = _listed(sorted(types))
    held = f"SELECT moment_id FROM moments.moments WHERE moment_type IN ({listed})"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE taken_back AS SELECT id FROM {facts.dictionary.table} WHERE lexical IN ({held})"
    )
    predicates = {*_MARKS, *_SAID}
    for relation in facts.relations():
        if relation.key.klass is not None or relation.key.predicate in predicates:
            facts.remove_rows(relation, "r.s IN (SELECT id FROM taken_back)")
    tables = ("contributions", "weak", "moments", "grounds", *(("indications", "premises") if indications else ()))
    for table in tables:
        connection.execute(f"DELETE FROM moments.{table} WHERE moment_type IN ({listed})")


def _listed(iris: Iterable[str]) -> str:
    return ", ".join("'" + iri_.replace("'", "''") + "'" for iri_ in iris) or "NULL"


def give_moments(facts: FactBase, types: list[MomentType], base: str) -> None:
    """Add the moments of the types to the graph of moments."""
    rows = f"FROM moments.moments WHERE moment_type IN ({_listed(t.iri for t in types)}) AND state <> 'voided'"
    told = (
        ("moment_type", "momentType", iri()),
        ("customer_id", "person", iri(base + "customer/")),
        ("occurred_from", "occurredFrom", date()),
        ("occurred_to", "occurredTo", date()),
        ("detected_on", "detectedOn", date()),
        ("valid_until", "validUntil", date()),
        ("confidence", "confidence", decimal()),
        ("state", "state", string()),
    )
    facts.add_columns(
        f"SELECT * REPLACE (round(confidence, 4)::DECIMAL(5, 4) AS confidence) {rows}",
        name=GRAPH,
        subject="moment_id",
        subject_spec=iri(),
        columns=[PredicateColumn(AUG + name, column, spec) for column, name, spec in told],
        klass=AUG + "Moment",
    )
    for (found,) in facts.connection.execute(f"SELECT DISTINCT moment_type {rows} ORDER BY 1").fetchall():
        one = f"SELECT moment_id AS s {rows} AND moment_type = '{found}'"
        facts.add_select(one, name=GRAPH, klass=found, subject=iri())
    facts.add_select(
        f"SELECT c.moment_id AS s, c.indication AS o FROM moments.contributions c "
        f"WHERE c.moment_id IN (SELECT moment_id {rows})",
        name=GRAPH,
        predicate=AUG + "hasIndication",
        subject=iri(),
        object=iri(),
    )
