"""A load is all or nothing, whatever ends it."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from augenblick.ingest import ingest
from augenblick.store import DataDirectory

AT = datetime(2026, 6, 30)  # noqa: DTZ001


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    folder.joinpath("customers.csv").write_text("customer_id\nc1\n")
    folder.joinpath("accounts.csv").write_text("account_id,kind,currency\na1,giro,EUR\n")
    rows = "".join(f"t{n},a1,2026-01-01,1,EUR\n" for n in range(1000))
    folder.joinpath("transactions.csv").write_text("transaction_id,account_id,booking_date,amount,currency\n" + rows)
    return folder


def _counts(data: Path) -> list[tuple[str, int]]:
    with DataDirectory(data).connect() as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'bank'").fetchall()
        return [(n, connection.execute(f"SELECT count(*) FROM bank.{n}").fetchall()[0][0]) for (n,) in names]


def test_error_in_the_middle_leaves_nothing(tmp_path: Path, export: Path) -> None:
    def stop(what: str, _done: int, _total: int) -> None:
        if what == "loading transactions":
            raise KeyboardInterrupt

    with DataDirectory(tmp_path / "data").connect() as connection:
        with pytest.raises(KeyboardInterrupt):
            ingest(connection, export, loaded_at=AT, progress=stop)
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
        assert ingest(connection, export, loaded_at=AT).loaded == 1002
    assert not (tmp_path / "data" / "staging").exists()


def test_killed_process_leaves_nothing_and_the_next_load_is_whole(tmp_path: Path, export: Path) -> None:
    data = tmp_path / "data"
    script = (
        "import os, sys; from datetime import datetime; from pathlib import Path\n"
        "from augenblick.ingest import ingest; from augenblick.store import DataDirectory\n"
        "def die(what, done, total):\n"
        "    if what == 'loading transactions': os._exit(9)\n"
        "c = DataDirectory(Path(sys.argv[1])).connect()\n"
        "ingest(c, Path(sys.argv[2]), loaded_at=datetime(2026, 6, 30), progress=die)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(data), str(export)], check=False, timeout=60)
    assert ended.returncode == 9
    assert all(count == 0 for _, count in _counts(data))
    with DataDirectory(data).connect() as connection:
        assert ingest(connection, export, loaded_at=AT).loaded == 1002
    assert not (data / "staging").exists()


def test_load_after_reopening_knows_the_files(tmp_path: Path, export: Path) -> None:
    with DataDirectory(tmp_path / "data").connect() as connection:
        ingest(connection, export, loaded_at=AT)
    before = _counts(tmp_path / "data")
    with DataDirectory(tmp_path / "data").connect() as connection:
        report = ingest(connection, export, loaded_at=AT)
        temporary = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall()
    assert report.load_id is None
    assert all(file.known for file in report.files)
    assert temporary == [(0,)]
    assert _counts(tmp_path / "data") == before


def test_progress_counts_up_within_each_phase(tmp_path: Path, export: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    with DataDirectory(tmp_path / "data").connect() as connection:
        ingest(connection, export, loaded_at=AT, progress=lambda *step: steps.append(step))
    assert [what for what, *_ in steps] == [
        *(f"reading {name}.csv" for name in ("accounts", "customers", "transactions")),
        *(f"loading {name}" for name in ("customers", "accounts", "transactions")),
    ]
    assert all(done < total for _, done, total in steps)
