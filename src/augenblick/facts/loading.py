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
_ROWS = "fact_rows"


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
        counts[mapping.graph].update(_load_mapping(fact_base, connection, mapping, data_base))
    connection.execute(f"DROP TABLE {CHOSEN}")
    return {graph: dict(counts[graph]) for graph in GRAPHS}


def _choose_occurrences(connection: duckdb.DuckDBPyConnection, signals: Sequence[str]) -> None:
    listed = "SELECT unnest($signals::VARCHAR[])"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {CHOSEN} AS {choose_occurrences_sql(listed)}", {"signals": list(signals)}
    )


def _load_mapping(
    fact_base: FactBase, connection: duckdb.DuckDBPyConnection, mapping: Mapping, base: str
) -> dict[str, int]:
    """Load one mapping; the subjects' ids are worked out once for all of its predicates."""
    subject = mapping.subject_sql(base)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_ROWS} AS SELECT *, {subject} AS subject_ FROM ({mapping.rows})")
    counts: dict[str, int] = {}
    subjects, spec = "subject_", reason.iri()
    if mapping.klass:
        counts[mapping.klass] = fact_base.add_select(
            f"SELECT subject_ AS s FROM {_ROWS}", name=mapping.graph, klass=AUG + mapping.klass, subject=spec
        )
        # The class has put the subjects into the dictionary; from here on their ids are enough.
        subjects, spec = fact_base.term_id_sql(reason.iri(), "subject_"), reason.term_ids()
    for property_ in mapping.properties:
        counts[property_.predicate] = fact_base.add_select(
            f"SELECT {subjects} AS s, {property_.value} AS o FROM {_ROWS}",
            name=mapping.graph,
            predicate=AUG + property_.predicate,
            subject=spec,
            object=_SPECS[property_.form],
        )
    connection.execute(f"DROP TABLE {_ROWS}")
    return counts
