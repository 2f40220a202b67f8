"""Labels beside an export: `truth/truth.csv` (what happened) and `truth/traps.csv` (what only looks like it)."""

from __future__ import annotations

from pathlib import Path

import duckdb

from augenblick.model.errors import OffContract, UnreadableFile

_TRUTH = {
    "customer_id": "VARCHAR",
    "moment": "VARCHAR",
    "occurred_on": "DATE",
    "visible_from": "DATE",
    "form": "VARCHAR",
}
_TRAPS = {"customer_id": "VARCHAR", "trap": "VARCHAR", "moment": "VARCHAR", "from": "DATE", "to": "DATE"}
_OPTIONAL = ("visible_from", "form")


def read_labels(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Fill the temporary tables `labelled_truth` and `labelled_traps` from the labels beside an export.

    A truth without `visible_from` shows nowhere in the data and cannot be detected; where the whole column is
    absent, every truth counts as visible from the day it occurred. No file of traps means no traps. Raises
    `UnreadableFile` without a file of truths or for a value that is no date, `OffContract` for a missing column.
    """
    truth = folder / "truth" / "truth.csv"
    if not truth.is_file():
        raise UnreadableFile(
            "There are no labels beside the export.", where=str(truth), hint="customer_id,moment,occurred_on,…"
        )
    _read(connection, "labelled_truth", truth, _TRUTH)
    traps = folder / "truth" / "traps.csv"
    if traps.is_file():
        _read(connection, "labelled_traps", traps, _TRAPS)
    else:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in _TRAPS.items())
        connection.execute(f"CREATE OR REPLACE TEMP TABLE labelled_traps (label BIGINT, {columns})")


def _read(connection: duckdb.DuckDBPyConnection, table: str, file: Path, columns: dict[str, str]) -> None:
    source = "read_csv($file, all_varchar = true, header = true, delim = ',')"
    parameters = {"file": str(file)}
    try:
        present = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}", parameters).fetchall()}
        _demand(file, present, columns)
        chosen = ", ".join(_column(name, kind, present) for name, kind in columns.items())
        order = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS "
            f"SELECT row_number() OVER (ORDER BY {order}) AS label, * FROM (SELECT {chosen} FROM {source})",
            parameters,
        )
    except duckdb.Error as error:
        raise UnreadableFile(
            "The labels cannot be read.", where=str(file), hint=f"DuckDB says: {str(error).splitlines()[0]}"
        ) from error


def _demand(file: Path, present: set[str], columns: dict[str, str]) -> None:
    missing = [name for name in columns if name not in present and name not in _OPTIONAL]
    if missing:
        raise OffContract(f"Columns are missing: {', '.join(missing)}.", where=str(file))


def _column(name: str, kind: str, present: set[str]) -> str:
    if name in present:
        return f'CAST(nullif("{name}", \'\') AS {kind}) AS "{name}"'
    return "CAST(occurred_on AS DATE) AS visible_from" if name == "visible_from" else f'NULL::{kind} AS "{name}"'
