"""Bookings that came last and leave what was found in all others as it was: most bookings carry no signal."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from augenblick.content.model import Signal
from augenblick.model.marks import BLACKED
from augenblick.signals.condition import listed
from augenblick.signals.kept_hits import WHOLE
from augenblick.signals.matching import match_few
from augenblick.signals.returns import LONGEST, REFUND_TEXT
from augenblick.store.returns import is_return_sql

_PLAIN = "upper(replace({}, ' ', ''))"
_TOUCHING = f"""
WITH fresh AS ({{fresh}}), said AS (
    SELECT account_id, counterparty, iban FROM evidence.hits WHERE account_id IN {{accounts}}
    UNION ALL
    SELECT t.account_id, t.counterparty_name, {_PLAIN.format("t.counterparty_iban")} FROM {WHOLE} t
    SEMI JOIN (FROM evidence.occurrences WHERE account_id IN {{accounts}}) o USING (transaction_id)
    WHERE t.account_id IN {{accounts}}
)
SELECT 1 FROM fresh f
WHERE booking_date > {{as_of}} OR coalesce(reversal_of, '') <> '' OR {is_return_sql("f")}
   OR starts_with(coalesce(purpose, ''), '{BLACKED}')
   OR amount > 0 AND regexp_matches(coalesce(purpose, ''), '{REFUND_TEXT}')
   OR EXISTS (FROM {WHOLE} o WHERE o.account_id IN {{accounts}} AND o.booking_date >= {{earliest}}
              AND o.account_id = f.account_id AND o.amount = -f.amount
              AND o.booking_date BETWEEN f.booking_date AND f.booking_date + {LONGEST})
   OR EXISTS (FROM said s WHERE s.account_id = f.account_id AND (
              s.counterparty = f.counterparty_name OR s.iban = {_PLAIN.format("f.counterparty_iban")}))
LIMIT 1
"""
"""Whether a booking is a return or looks like one, may be what another returns, or has a payer of whom something is
known: of these a pass looks at others' bookings, too."""


def carried(
    connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str, fresh: str
) -> pa.Table | None:
    """Return what a few bookings that came last carry by their text, as rows of `evidence.hits`.

    None where a pass may look at others' bookings for their sake. Where there is no row, a pass would find all
    occurrences, series and steps as they are without them. `fresh` is a SELECT of them, `as_of` an SQL date; the
    tables of evidence are those of a pass over the others.
    """
    grouped = f"SELECT account_id, min(booking_date) FROM ({fresh}) GROUP BY account_id"
    accounts, days = zip(*connection.execute(grouped).fetchall(), strict=True)
    named = listed(accounts)  # spelled out: so DuckDB reads little else of others' bookings
    touching = _TOUCHING.format(fresh=fresh, accounts=named, as_of=as_of, earliest=f"DATE '{min(days)}'")
    if connection.execute(touching).fetchone() is not None:
        return None
    connection.execute("CREATE OR REPLACE TEMP TABLE joint_accounts (account_id VARCHAR)")  # whose it is nobody asks
    match_few(connection, signals, as_of, f"({fresh})")
    hits = connection.sql("SELECT * EXCLUDE (naming) FROM hits").to_arrow_table()
    iris = pa.array([signals[number].iri for number in hits["signal_no"].to_pylist()], pa.string())
    return hits.drop_columns("signal_no").append_column("signal", iris)
