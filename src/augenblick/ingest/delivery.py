"""A few rows instead of a folder of files: the same load, the same checks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from augenblick.ingest.contract import Table, contract, did_you_mean
from augenblick.ingest.load import ingest
from augenblick.ingest.removal import Rows, as_text
from augenblick.ingest.report import LoadReport
from augenblick.ingest.texts import Blackening
from augenblick.model.errors import BadParameter


def ingest_rows(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    *,
    removed: Rows | None = None,
    source: str = "update",
    loaded_at: datetime,
    blackening: Blackening | None = None,
) -> LoadReport:
    """Take rows of the contract's tables into the bank tables, and rows (by their keys) out of them before.

    One transaction, with the checks of a folder's load: what cannot be taken is a reject, what is there already
    changes nothing. `source` names the delivery where rows are traced back. To correct a booking, which never
    changes in place, remove the old row and deliver the new one in the same call.
    Raises `BadParameter` for tables and columns the contract does not have, and for keys still referred to.
    """
    for given in (rows, removed or {}):
        _confirm_names(given)
    with tempfile.TemporaryDirectory(prefix="augenblick-") as work:
        for name, some in rows.items():
            if some:
                table = contract().table(name)
                present = [c for c in table.columns if table.field(c).required or any(c in row for row in some)]
                pq.write_table(as_text(some, present), Path(work) / f"{name}-{source}.parquet")
        # Rows are compared one by one; a delivery that says the same again after a removal is none that is known.
        return ingest(
            connection,
            Path(work),
            loaded_at=loaded_at,
            removed=removed or {},
            blackening=blackening,
            few=True,
            delivery=source,
        )


def _confirm_names(rows: Rows) -> None:
    for name, some in rows.items():
        if name not in contract().names:
            raise BadParameter(f"There is no table '{name}'.", hint=did_you_mean(name, contract().names))
        _confirm_columns(contract().table(name), {column for row in some for column in row})


def _confirm_columns(table: Table, columns: Iterable[str]) -> None:
    for column in sorted(columns):
        if column not in table.columns:
            raise BadParameter(
                f"The table {table.name} has no column '{column}'.", hint=did_you_mean(column, table.columns)
            )
