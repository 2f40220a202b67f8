"""Table files without a column the contract requires: set aside as a whole, the rest of the load goes on."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from augenblick.ingest.contract import Table, contract, nearest
from augenblick.ingest.source import Source, UnreadableRow
from augenblick.model.errors import OffContract

MISSING_COLUMN = "missing column"
"""The reason of the rejects that stand for a whole file."""

HEADER_LINE = 1
_SHOWN = 20


def missing_columns(table_name: str, found: list[str]) -> list[UnreadableRow]:
    """Return one reject per required column that is not among the found ones, with the header as its row."""
    table = contract().table(table_name)
    return [
        UnreadableRow(HEADER_LINE, MISSING_COLUMN, _hint(table, field.name, found), found, field.name)
        for field in table.fields
        if field.required and field.name not in found
    ]


def set_aside(
    connection: duckdb.DuckDBPyConnection, source: Source, file_id: int, missing: list[UnreadableRow]
) -> Source:
    """Return the source of a file without its rows: they are counted, and the missing columns are all that is kept."""
    counted = connection.execute(f"SELECT count(*) FROM ({source.relation})").fetchone()
    rows = (int(counted[0]) if counted else 0) + len(source.unreadable)
    return replace(
        source,
        relation=f"SELECT * FROM ({source.relation}) LIMIT 0",
        unreadable=[(file_id, row) for row in missing],
        # A file without rows still is one that was kept out.
        set_aside=max(rows, 1),
    )


def rows_set_aside(sources: list[Source]) -> dict[int, int]:
    """Return the number of rows of each file that is set aside."""
    return {source.unreadable[0][0]: source.set_aside for source in sources if source.set_aside is not None}


def confirm_required_tables(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, list[Source]], names: dict[int, str]
) -> None:
    """Raise `OffContract` when a table the contract demands has no file that can be read, and no row from before."""
    for table in contract().tables:
        sources = tables.get(table.name, [])
        if not table.required or any(source.set_aside is None for source in sources):
            continue
        if not connection.execute(f"SELECT 1 FROM bank.{table.name} LIMIT 1").fetchone():
            raise _missing_table(table, sources, names)


def _missing_table(table: Table, sources: list[Source], names: dict[int, str]) -> OffContract:
    if not sources:
        return OffContract(
            f"There is no file of {table.name}, and none was loaded before.",
            hint=f"add {table.name}.csv or {table.name}.parquet",
        )
    number, row = sources[0].unreadable[0]
    return OffContract(
        f"The required column '{row.field}' is missing, and no {table.name} were loaded before.",
        where=names[number],
        hint=row.hint,
    )


def _hint(table: Table, wanted: str, found: list[str]) -> str:
    unknown = [column for column in found if column not in table.columns]
    known = [column for column in found if column in table.columns]
    meant = nearest(wanted, unknown)
    if meant:
        return f"the whole file was set aside; is it '{meant}'? Rename it to '{wanted}' and deliver the file again"
    if not known:
        # Such a first line may be a row, and what stands in rows does not belong into a message.
        return f"the whole file was set aside: its first line names no column of {table.name}; is the header missing?"
    listed = ", ".join(known[:_SHOWN])
    return f"the whole file was set aside: of the columns of {table.name} it has {listed}; deliver it again with all"
