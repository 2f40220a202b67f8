"""What bookings carry by their text alone, kept from one pass to the next: a booking's text does not change.

To match a booking costs many times what it costs to remember of it that it carries nothing, or what it carries.
"""

from __future__ import annotations

import duckdb

from augenblick.signals.text import TAG

WHOLE = "bank.transactions"
FRESH = "fresh"
"""A temporary table of the ids of bookings that were not matched before, in a pass over a few people's."""
SIDES = "FROM sides "
"""The temporary table `sides(iban, kind)`: the accounts at the bank that the bookings of a few people name."""
NAMING = (
    "CASE WHEN account_id IN (SELECT account_id FROM joint_accounts) THEN "
    f"concat_ws(' ', counterparty, ultimate, ultimate_party, regexp_replace(purpose, '{TAG}', ' ', 'g')) END"
)
"""SQL for all that is said in a readable booking of a joint account."""


def keep(connection: duckdb.DuckDBPyConnection) -> None:
    """Put `hits`, as texts alone give them, into `evidence.hits`."""
    connection.execute("DELETE FROM evidence.hits")
    _note(connection)


def recall(connection: duckdb.DuckDBPyConnection) -> None:
    """Add what `evidence.hits` holds to `hits`, and what only `hits` holds, of bookings not matched before, to it."""
    known = (
        "SELECT h.* EXCLUDE (signal), signal_no, ultimate_party, purpose FROM evidence.hits h "
        f"JOIN signals_numbered USING (signal) JOIN {WHOLE} USING (transaction_id)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE known AS SELECT * EXCLUDE (ultimate_party, purpose), {NAMING} AS naming "
        f"FROM ({known})"
    )
    _note(connection)
    connection.execute("INSERT INTO hits BY NAME FROM known")
    connection.execute("DROP TABLE known")


def _note(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `hits` to `evidence.hits`."""
    connection.execute(
        "INSERT INTO evidence.hits BY NAME "
        "SELECT h.* EXCLUDE (signal_no, naming), signal FROM hits h JOIN signals_numbered USING (signal_no)"
    )
