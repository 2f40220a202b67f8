"""Free texts of the bank tables: which columns hold them, and how they are blacked out before they are stored."""

from __future__ import annotations

from typing import Protocol

import duckdb

from augenblick.model.marks import BLACKED, FORGOTTEN

TEXTS = {
    "transactions": (
        *("counterparty_name", "counterparty_iban", "ultimate_party", "creditor_id", "mandate_id"),
        *("end_to_end_id", "purpose", "purpose_code", "mcc"),
    ),
    "interactions": ("topic",),
    "declared_moments": ("note",),
}
"""What of a row is no more as it was delivered once its texts were blacked out, by table."""
MARKED = {"transactions": ("purpose", "counterparty_name"), "interactions": ("topic",), "declared_moments": ("note",)}
"""The columns that tell whether they were."""


def marked_sql(table: str, alias: str = "") -> str:
    """Return SQL for whether texts of a row were taken out; `alias` as in `b.` names the row."""
    marks = (f"starts_with({alias}{column}, '{mark}')" for column in MARKED[table] for mark in (BLACKED, FORGOTTEN))
    return f"coalesce({' OR '.join(marks)}, false)"


class Blackening(Protocol):
    """Blacks out texts on their way into the bank tables, so that what they said never lies on disk."""

    def rows(self, connection: duckdb.DuckDBPyConnection, table: str, relation: str) -> str:
        """Return SQL of the rows of a temporary relation as they may be stored.

        Its columns are the table's, `_file` and `_line`; the tables it may be judged by are loaded.
        """

    def rejected(self, connection: duckdb.DuckDBPyConnection, table: str, relation: str) -> None:
        """Black out what the rows of a temporary table say in their column `raw`: JSON of a rejected row."""
