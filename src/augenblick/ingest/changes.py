"""Changes of master data the bank did not report itself, seen when a new row replaces an older one."""

from __future__ import annotations

from datetime import date

import duckdb

from augenblick.ingest import sql
from augenblick.ingest.contract import Table, contract
from augenblick.ingest.source import place


def note_changed_attributes(connection: duckdb.DuckDBPyConnection, customers: Table) -> None:
    """Keep old and new values of the customers about to be replaced, one row per changed attribute.

    Attributes are those `customer_changes` tell of: who looks after a customer is none of them.
    Takes the file and line of the new row, and since when the old one was known.
    """
    told = contract().table("customer_changes").field("attribute").codes
    attributes = [column for column in customers.columns if column in told]
    pairs = ", ".join(
        f"{{'attribute': {sql.text(a)}, 'old_value': CAST(b.{sql.name(a)} AS VARCHAR), "
        f"'new_value': CAST(n.{sql.name(a)} AS VARCHAR)}}"
        for a in attributes
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ingest_changes AS SELECT * FROM ("
        "SELECT n.customer_id, unnest([" + pairs + "], recursive := true), n._file, n._line, "
        "CAST(l.loaded_at AS DATE) AS known_since "
        "FROM ingest_good n JOIN ingest_replaced r ON n._file = r._file AND n._line = r._line AND r.tbl = 'customers' "
        "JOIN bank.customers b ON b.customer_id = n.customer_id "
        "LEFT JOIN bank.files f ON f.file_id = b._file LEFT JOIN bank.loads l ON l.load_id = f.load_id"
        ") WHERE old_value IS DISTINCT FROM new_value"
    )


def record_unreported_changes(connection: duckdb.DuckDBPyConnection, load_id: int, loaded_on: date) -> int:
    """Add the noted changes the export itself does not carry, dated with the load; return how many.

    The export carries a change when its `customer_changes` tell the same new value since the old row was loaded.
    """
    counted = connection.execute(
        "INSERT INTO bank.customer_changes "
        f"SELECT c.customer_id, DATE '{loaded_on.isoformat()}', c.attribute, c.old_value, c.new_value, "
        f"c._file, {place('c._line')} "
        "FROM ingest_changes c WHERE NOT EXISTS ("
        "SELECT 1 FROM bank.customer_changes k LEFT JOIN bank.files f ON f.file_id = k._file "
        "WHERE k.customer_id = c.customer_id AND k.attribute = c.attribute "
        "AND k.new_value IS NOT DISTINCT FROM c.new_value "
        f"AND (f.load_id = {load_id} OR k.changed_on >= c.known_since))"
    ).fetchone()
    return int(counted[0]) if counted else 0
