"""Same arguments, same bank: across runs, across formats; and what arguments are refused."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from augenblick.ingest import ingest
from augenblick.model.errors import BadParameter
from augenblick.simulate import FORMATS, simulate
from augenblick.store import in_memory

END = date(2026, 6, 30)


def run(folder: Path, seed: int = 3, formats: tuple[str, ...] = ("csv",), customers: int = 60, months: int = 8) -> Path:
    simulate(folder, customers=customers, months=months, seed=seed, end=END, formats=formats)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("form", FORMATS)
def test_simulate_same_seed_gives_the_same_bytes(tmp_path, form):
    assert content(run(tmp_path / "a", formats=(form,))) == content(run(tmp_path / "b", formats=(form,)))


def test_simulate_other_seed_gives_other_people(tmp_path):
    one, other = (run(tmp_path / str(seed), seed) / "customers.csv" for seed in (3, 4))
    names = [set(path.read_text(encoding="utf-8").splitlines()[5:]) for path in (one, other)]
    assert not names[0] & names[1]


def test_simulate_csv_and_parquet_say_the_same(tmp_path):
    folder = run(tmp_path, formats=("csv", "parquet"))
    for path in sorted((folder / "parquet").glob("*.parquet")):
        columns = [row[0] for row in duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()]
        typed = duckdb.sql(f"SELECT COLUMNS(*)::VARCHAR FROM '{path}'").fetchall()
        beside = folder / "csv" / f"{path.stem}.csv"
        plain = duckdb.sql(f"FROM read_csv('{beside}', header = true, all_varchar = true, delim = ',', quote = '\"')")
        assert plain.columns == columns
        assert plain.fetchall() == typed, path.stem


@pytest.mark.parametrize("form", FORMATS)
def test_simulate_export_is_loaded_without_a_reject(tmp_path, form):
    report = simulate(tmp_path, customers=60, months=8, seed=3, end=END, formats=(form,))
    connection = in_memory()
    loaded = ingest(connection, tmp_path, loaded_at=datetime(2026, 7, 1, 6))  # noqa: DTZ001 (civil time by contract)
    assert loaded.rejects == []
    row = connection.execute("SELECT count(*) FROM bank.transactions").fetchone()
    connection.close()
    assert row == (report.rows["transactions"],)


def test_simulate_statements_hold_the_same_bookings_as_csv(tmp_path):
    bookings = {}
    for form in FORMATS:
        connection = in_memory()
        ingest(connection, run(tmp_path / form, formats=(form,)), loaded_at=datetime(2026, 7, 1, 6))  # noqa: DTZ001
        found = connection.execute(
            "SELECT account_id, booking_date, value_date, amount, currency FROM bank.transactions"
        )
        bookings[form] = Counter(found.fetchall())
        connection.close()
    assert bookings["parquet"] == bookings["csv"]
    assert bookings["camt.053"] == bookings["csv"]
    assert bookings["mt940"] == bookings["csv"]


def test_simulate_more_customers_keep_the_first_families(tmp_path):
    small, large = (
        run(tmp_path / "s", customers=60) / "customers.csv",
        run(tmp_path / "l", customers=120) / "customers.csv",
    )
    first, second = (path.read_text(encoding="utf-8").splitlines() for path in (small, large))
    assert first[:40] == second[:40]
    assert len(second) > len(first)


def test_simulate_writes_as_many_customers_as_asked_plus_newborns(tmp_path):
    report = simulate(tmp_path, customers=200, months=12, seed=1, end=END)
    newborns = report.rows["customers"] - 200
    young = "customer_since >= DATE '2025-07-01' AND birth_date >= DATE '2025-06-01'"
    born = duckdb.sql(f"SELECT count(*) FROM '{tmp_path}/customers.csv' WHERE {young}")
    assert 0 <= newborns <= born.fetchall()[0][0]


def test_simulate_reports_progress_up_to_the_end(tmp_path):
    seen: list[tuple[int, int]] = []
    simulate(tmp_path, customers=30, months=3, seed=1, end=END, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (30, 30)


@pytest.mark.parametrize("months", [1, 2, 5])
def test_simulate_short_windows_still_work(tmp_path, months):
    report = simulate(tmp_path, customers=40, months=months, seed=2, end=date(2025, 2, 28))
    assert report.rows["transactions"] > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"customers": 0},
        {"months": 0},
        {"seed": -1},
        {"formats": ("xlsx",)},
        {"months": 241},
        {"end": date(2014, 12, 31)},
    ],
    ids=["customers", "months", "seed", "format", "long", "early"],
)
def test_simulate_argument_out_of_range_is_refused(tmp_path, wrong):
    arguments = {"customers": 5, "months": 3, "seed": 1, "end": END, "formats": ("csv",)} | wrong
    with pytest.raises(BadParameter):
        simulate(tmp_path, **arguments)
