"""The same families as CSV, camt.053 and MT940 leave the same evidence."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from augenblick.content import load_content
from augenblick.ingest import ingest
from augenblick.signals import detect
from augenblick.simulate import simulate
from augenblick.store import in_memory

END = date(2026, 6, 30)
LOADED_AT = datetime(2026, 7, 1, 8, 0)  # noqa: DTZ001
NOT_CARRIED = {"camt.053": (), "mt940": ("mcc", "btc")}
"""The columns a form of statement has no place for."""
COUNTED = ("bookings", "returned", "series", "steps")
OCCURRENCES = """SELECT signal, customer_id, account_id, occurred_on, amount, payer, payer_name
FROM evidence.occurrences ORDER BY ALL"""
SERIES = """SELECT signal, customer_id, account_id, payer, payer_name, cadence_days, level, first_on, last_on, bookings,
next_due, history_days, account_last_on FROM evidence.series ORDER BY ALL"""
STEPS = """SELECT s.signal, s.customer_id, stepped_on, old_level, new_level
FROM evidence.steps JOIN evidence.series s USING (series_id) ORDER BY ALL"""
RETURNS = """SELECT r.account_id, r.booking_date, r.amount, o.booking_date FROM bank.transactions r
JOIN bank.transactions o ON o.transaction_id = r.reversal_of ORDER BY ALL"""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    simulate(folder, customers=20, months=18, seed=7, end=END, formats=("csv", "camt.053", "mt940"))
    return folder


def _found(folder: Path, *, without: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the evidence of an export, of its bookings these columns left out."""
    connection = in_memory()
    assert ingest(connection, folder, loaded_at=LOADED_AT).rejects == []
    for column in without:
        connection.execute(f"UPDATE bank.transactions SET {column} = NULL")
    report = detect(connection, load_content().signals, as_of=END).to_dict()
    found: dict[str, object] = {name: report[name] for name in COUNTED}
    for query in (OCCURRENCES, SERIES, STEPS, RETURNS):
        found[query] = connection.execute(query).fetchall()
    return found


@pytest.mark.parametrize("form", ["camt.053", "mt940"])
def test_statements_leave_the_same_evidence_as_a_table_of_bookings(exports: Path, form: str) -> None:
    by_table = _found(exports / "csv", without=NOT_CARRIED[form])
    by_statement = _found(exports / form)
    assert by_table[OCCURRENCES]
    assert by_table["returned"]
    assert by_statement == by_table
