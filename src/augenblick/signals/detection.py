"""From bookings to evidence: occurrences, series and steps of signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from augenblick.content.model import Signal
from augenblick.model.progress import Progress, silent
from augenblick.signals.interaction import add_interactions
from augenblick.signals.matching import find_hits
from augenblick.signals.payer import identify
from augenblick.signals.person import attribute, find_owners
from augenblick.signals.returns import find_returned
from augenblick.signals.series import build_series
from augenblick.signals.steps import build_steps
from augenblick.signals.tables import TEMPORARY, create_tables, drop


@dataclass(frozen=True)
class SignalReport:
    """What a pass found: numbers of rows."""

    bookings: int
    returned: int
    occurrences: int
    interactions: int
    without_owner: int
    series: int
    steps: int
    by_signal: dict[str, int]

    def to_dict(self) -> dict[str, object]:
        """Return the report as JSON-ready values."""
        return asdict(self)


NOTHING_NEW = SignalReport(0, 0, 0, 0, 0, 0, 0, {})
"""The report where no pass was needed."""


def detect(
    connection: duckdb.DuckDBPyConnection,
    signals: Sequence[Signal],
    *,
    as_of: date,
    progress: Progress = silent,
    few: bool = False,
    interactions_known: bool = False,
) -> SignalReport:
    """Write `evidence.occurrences`, `.series`, `.steps` and `.account_spans` anew and return what was found.

    Reads the catalog `bank` up to and including `as_of`. The outcome does not depend on the order of rows or
    of signals. `few` is for the bookings of a few people (see `find_hits`). With `interactions_known` the occurrences
    of interactions stand there already. Raises `BadOntology` for signals that
    cannot be matched.
    """
    chosen = sorted(signals, key=lambda signal: signal.iri)
    today = f"DATE '{as_of.isoformat()}'"
    stages = _Stages(progress, 6)
    create_tables(connection)
    _number(connection, chosen)
    stages.next()
    _take_spans(connection, today)
    returned = find_returned(connection, today)
    find_owners(connection)
    stages.next()
    hits = find_hits(connection, chosen, today, few=few)
    stages.next()
    owned = attribute(connection, chosen)
    drop(connection, "hits", "named", "named_sides", "left_sides")
    identify(connection, chosen)
    drop(connection, "attributed", "names", "keyed", "parties", "ties")
    stages.next()
    occurrences = _take_occurrences(connection, beside_interactions=interactions_known)
    interactions = 0 if interactions_known else add_interactions(connection, chosen, today)
    stages.next()
    series = build_series(connection, chosen)
    drop(connection, "identified", "lines", "gaps")
    stages.next()
    steps = build_steps(connection)
    drop(connection, *TEMPORARY)
    return SignalReport(
        bookings=_count(connection, "SELECT sum(bookings) FROM evidence.account_spans"),
        returned=returned,
        occurrences=occurrences + interactions,
        interactions=interactions,
        without_owner=hits - owned,
        series=series,
        steps=steps,
        by_signal=_by_signal(connection),
    )


def detect_interactions(
    connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], *, as_of: date, files: Sequence[int]
) -> None:
    """Do what `detect` does for interactions that came in some files, after a pass over everything else."""
    among = f"_file IN ({', '.join(map(str, files))})"
    add_interactions(connection, signals, f"DATE '{as_of.isoformat()}'", among=among)


class _Stages:
    """Counts stages off to whoever shows progress."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def next(self) -> None:
        self._progress("signals", self._done, self._total)
        self._done += 1


def _number(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal]) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE signals_numbered (signal_no INTEGER, signal VARCHAR)")
    connection.execute(
        "INSERT INTO signals_numbered SELECT unnest(range(len($iris))), unnest($iris::VARCHAR[])",
        {"iris": [signal.iri for signal in signals]},
    )


def _take_spans(connection: duckdb.DuckDBPyConnection, today: str) -> None:
    connection.execute("DELETE FROM evidence.account_spans")
    connection.execute(
        "INSERT INTO evidence.account_spans SELECT account_id, min(booking_date), max(booking_date), count(*) "
        f"FROM bank.transactions WHERE booking_date <= {today} GROUP BY account_id"
    )


def _take_occurrences(connection: duckdb.DuckDBPyConnection, *, beside_interactions: bool) -> int:
    if not beside_interactions:
        connection.execute("DELETE FROM evidence.occurrences")
    row = connection.execute(
        "INSERT INTO evidence.occurrences BY NAME SELECT md5(signal || ' ' || evidence_key) AS occurrence_id, "
        "transaction_id, signal, customer_id, account_id, booking_date AS occurred_on, amount, payer, payer_name "
        "FROM identified JOIN signals_numbered USING (signal_no)"
    ).fetchone()
    return int(row[0]) if row else 0


def _by_signal(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = connection.execute("SELECT signal, count(*) FROM evidence.occurrences GROUP BY signal ORDER BY signal")
    return {str(signal): int(count) for signal, count in rows.fetchall()}


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0] or 0) if row else 0
