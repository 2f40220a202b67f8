"""Parquet files: typed or textual columns give the same rows as CSV."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ingest_bank import Bank

_TYPED = (
    "SELECT 't' || i AS transaction_id, 'a1' AS account_id, DATE '2026-01-01' + i::INT AS booking_date, "
    "CAST(i AS DECIMAL(18,2)) / 4 AS amount, 'EUR' AS currency, NULL AS mcc FROM range(5) r(i)"
)


@pytest.mark.parametrize(
    "query",
    [
        _TYPED,
        f"SELECT COLUMNS(*)::VARCHAR FROM ({_TYPED})",
        f"SELECT * REPLACE (amount::DOUBLE AS amount, booking_date::TIMESTAMP AS booking_date) FROM ({_TYPED})",
        f"SELECT * REPLACE (amount::FLOAT AS amount, booking_date::TIMESTAMPTZ AS booking_date) FROM ({_TYPED})",
    ],
)
def test_parquet_of_any_types_gives_the_same_rows(small_bank: Bank, query: str) -> None:
    small_bank.connection.execute(f"COPY ({query}) TO '{small_bank.folder}/transactions.parquet' (FORMAT parquet)")
    assert small_bank.load().rejected == 0
    rows = small_bank.rows(
        "SELECT transaction_id, booking_date::VARCHAR, amount, _line FROM bank.transactions ORDER BY 1"
    )
    assert rows == [(f"t{i}", f"2026-01-0{i + 1}", Decimal(i) / 4, i + 1) for i in range(5)]


def test_parquet_faults_are_rejected_by_row_number(small_bank: Bank) -> None:
    query = (
        "SELECT 't' || i AS transaction_id, CASE WHEN i = 3 THEN 'a9' ELSE 'a1' END AS account_id, "
        "CASE WHEN i = 1 THEN DATE '1800-01-01' ELSE DATE '2026-01-01' END AS booking_date, "
        "CASE WHEN i = 2 THEN 'nan'::DOUBLE ELSE 1.5 END AS amount, 'EUR' AS currency FROM range(5) r(i)"
    )
    small_bank.connection.execute(f"COPY ({query}) TO '{small_bank.folder}/transactions.parquet' (FORMAT parquet)")
    small_bank.load()
    assert [row[1:] for row in small_bank.rejects()] == [
        (2, "booking_date", "date out of range"),
        (3, "amount", "bad amount"),
        (4, "account_id", "unknown account"),
    ]


def test_parquet_row_numbers_are_exact_over_many_row_groups(small_bank: Bank) -> None:
    query = "SELECT 'c' || i AS customer_id, CASE WHEN i % 20011 = 0 THEN 'robot' END AS sex FROM range(100000) r(i)"
    path = small_bank.folder / "customers-more.parquet"
    small_bank.connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 4096)")
    small_bank.load()
    assert [row[1] for row in small_bank.rejects()] == [1 + 20011 * n for n in range(5)]
    wrong = "SELECT count(*) FROM bank.customers WHERE _file = 3 AND customer_id <> 'c' || (_line - 1)"
    assert small_bank.rows(wrong) == [(0,)]


def test_csv_line_numbers_are_exact_over_many_buffers(small_bank: Bank) -> None:
    query = "SELECT 'c' || i AS customer_id, repeat('x', (i % 200)::INT) AS street FROM range(300000) r(i)"
    small_bank.connection.execute(f"COPY ({query}) TO '{small_bank.folder}/customers-more.csv' (HEADER)")
    small_bank.load()
    wrong = "SELECT count(*) FROM bank.customers WHERE customer_id <> 'c' || (_line - 2) AND customer_id LIKE 'c%'"
    assert small_bank.rows(wrong) == [(0,)]
    assert small_bank.rows("SELECT count(*), max(_line) FROM bank.customers") == [(300002, 300001)]
