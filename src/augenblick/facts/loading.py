"""Bank and evidence tables as triples in the fact base, one SELECT per class and predicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import duckdb

from augenblick import reason
from augenblick.content.model import Content
from augenblick.facts.bank import bank_mappings
from augenblick.facts.evidence import CHOSEN, choose_occurrences_sql, evidence_mappings
from augenblick.facts.mapping import Form, Mapping
from augenblick.facts.needed import needed_signals
from augenblick.model.progress import Progress, silent
from augenblick.model.terms import AUG, DATA_BASE
from augenblick.reason import FactBase, TermSpec

GRAPHS = ("facts", "evidence", "consent")
"""The named graphs this room fills."""

_SPECS: dict[Form, TermSpec] = {
    Form.STRING: reason.string(),
    Form.DATE: reason.date(),
    Form.DECIMAL: reason.decimal(),
    Form.INTEGER: reason.integer(),
    Form.DAYS: reason.duration_days(),
    Form.IRI: reason.iri(),
}


def mappings(*, data_base: str = DATA_BASE, as_of: date, occurrences: str = "evidence.occurrences") -> list[Mapping]:
    """Return all mappings from rows to triples, in the order they are loaded."""
    today = f"DATE '{as_of.isoformat()}'"
    return [*bank_mappings(data_base, today), *evidence_mappings(data_base, today, occurrences=occurrences)]


def load(
    fact_base: FactBase,
    connection: duckdb.DuckDBPyConnection,
    *,
    as_of: date,
    content: Content,
    data_base: str = DATA_BASE,
    progress: Progress = silent,
) -> dict[str, dict[str, int]]:
    """Fill the graphs `facts`, `evidence` and `consent` anew; return per graph how many facts of each term.

    Reads `bank.*` and `evidence.*` (run `signals.detect` for the same date first). Bookings stay columns: only
    the occurrences that rules ask for, and those that begin, end or step a series, become RDF.
    """
    for graph in GRAPHS:
        fact_base.remove(graph)
    _choose_occurrences(connection, sorted(needed_signals(content)))
    counts: dict[str, Counter[str]] = {graph: Counter() for graph in GRAPHS}
    chosen = mappings(data_base=data_base, as_of=as_of, occurrences=CHOSEN)
    for done, mapping in enumerate(chosen):
        progress("facts", done, len(chosen))
        counts[mapping.graph].update(_load_mapping(fact_base, mapping, data_base))
    connection.execute(f"DROP TABLE {CHOSEN}")
    return {graph: dict(counts[graph]) for graph in GRAPHS}


def add_occurrences(
    fact_base: FactBase,
    connection: duckdb.DuckDBPyConnection,
    content: Content,
    *,
    known: Content,
    as_of: date,
    data_base: str = DATA_BASE,
) -> int:
    """Add the occurrences, with their bookings, that the content's rules ask for and those of `known` did not.

    Returns of how many signals. What is there already is not added twice.
    """
    missing = sorted(needed_signals(content) - needed_signals(known))
    if not missing:
        return 0
    _choose_occurrences(connection, missing)
    for mapping in mappings(data_base=data_base, as_of=as_of, occurrences=CHOSEN):
        if mapping.klass in ("Occurrence", "Booking"):
            _load_mapping(fact_base, mapping, data_base)
    connection.execute(f"DROP TABLE {CHOSEN}")
    return len(missing)


def _choose_occurrences(connection: duckdb.DuckDBPyConnection, signals: Sequence[str]) -> None:
    listed = "SELECT unnest($signals::VARCHAR[])"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {CHOSEN} AS {choose_occurrences_sql(listed)}", {"signals": list(signals)}
    )


def _load_mapping(fact_base: FactBase, mapping: Mapping, base: str) -> dict[str, int]:
    """Load one mapping: its rows are read once for the class and all predicates."""
    values = ", ".join(f"{property_.value} AS value_{i}" for i, property_ in enumerate(mapping.properties))
    counts = fact_base.add_columns(
        f"SELECT {mapping.subject_sql(base)} AS subject_{', ' if values else ''}{values} FROM ({mapping.rows})",
        name=mapping.graph,
        subject="subject_",
        subject_spec=reason.iri(),
        columns=[
            reason.PredicateColumn(AUG + property_.predicate, f"value_{i}", _SPECS[property_.form])
            for i, property_ in enumerate(mapping.properties)
        ],
        klass=AUG + mapping.klass if mapping.klass else None,
    )
    return {iri.removeprefix(AUG): count for iri, count in counts.items()}
