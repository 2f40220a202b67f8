"""Running the line twice on one connection."""

from __future__ import annotations

from pathlib import Path

import duckdb

from augenblick import pipeline
from augenblick.content import Content
from augenblick.content.cases import load_case, together
from augenblick.ingest import contract, create_bank_tables


def test_detect_run_twice_on_one_connection_finds_the_same(
    connection: duckdb.DuckDBPyConnection, shipped: Content
) -> None:
    columns = {table.name: [field.name for field in table.fields] for table in contract().tables}
    files: list[Path] = [file for moment in shipped.moments for file in moment.cases]
    cases = [load_case(file, contract=columns) for file in files]
    day = max({case.as_of for case in cases}, key=lambda each: sum(case.as_of == each for case in cases))
    create_bank_tables(connection)
    for table, rows in together([case for case in cases if case.as_of == day]).items():
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" for _ in row)
            connection.execute(f"INSERT INTO bank.{table} ({names}) VALUES ({marks})", list(row.values()))
    found = []
    for _ in range(2):
        pipeline.detect_in(connection, shipped, as_of=day)
        found.append(connection.execute("SELECT * FROM moments.moments ORDER BY moment_id").fetchall())
    assert found[0] == found[1] != []
