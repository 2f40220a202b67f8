"""CSV files: values, delimiters and, above all, exact line numbers."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_bank import Bank

from augenblick.store import in_memory


def test_csv_values_arrive_typed(small_bank: Bank) -> None:
    small_bank.write(
        "transactions.csv",
        "transaction_id,account_id,booking_date,amount,currency,purpose\n"
        't1,a1,2026-04-10,-12.50,EUR,"Rent, ""old"" flat"\nt2,a1,2026-04-11,1e2,EUR,\n',
    )
    report = small_bank.load()
    assert small_bank.rows(
        "SELECT transaction_id, booking_date, amount, purpose, _line FROM bank.transactions ORDER BY 1"
    ) == [
        ("t1", date(2026, 4, 10), Decimal("-12.50000"), 'Rent, "old" flat', 2),
        ("t2", date(2026, 4, 11), Decimal("100.00000"), None, 3),
    ]
    assert (report.rows, report.loaded, report.rejected) == (7, 7, 0)


@pytest.mark.parametrize(
    "text", ["customer_id;city\nc1;Ulm\n", "\ufeffcustomer_id,city\r\nc1,Ulm\r\n", '"Customer_ID" , city\nc1,Ulm']
)
def test_csv_dialects_give_the_same_row(bank: Bank, text: str) -> None:
    bank.write("customers.csv", text)
    bank.load()
    assert bank.rows("SELECT customer_id, city, _line FROM bank.customers") == [("c1", "Ulm", 2)]


def test_csv_several_files_of_a_table_are_one(small_bank: Bank) -> None:
    head = "transaction_id,account_id,booking_date,amount,currency\n"
    small_bank.write("transactions-2026-01.csv", head + "t1,a1,2026-01-10,1,EUR\n")
    small_bank.write("transactions_2026_02.csv", head + "t2,a1,2026-02-10,1,EUR\n")
    small_bank.load()
    assert small_bank.rows("SELECT transaction_id, _file FROM bank.transactions ORDER BY 1") == [("t1", 4), ("t2", 5)]


def test_csv_named_by_the_folders_data_package_is_read(bank: Bank) -> None:
    bank.write("kunden.csv", "customer_id|city\nc1|Ulm\n")
    bank.write(
        "datapackage.json",
        '{"resources": [{"name": "customers", "path": ["kunden.csv"], "dialect": {"delimiter": "|"}}]}',
    )
    bank.load()
    assert bank.rows("SELECT customer_id, city FROM bank.customers") == [("c1", "Ulm")]


def test_csv_lines_after_quoted_breaks_and_blank_lines_are_physical(bank: Bank) -> None:
    bank.write("customers.csv", 'customer_id,city,birth_date\na,"New\r\nUlm",\n\nb,Ulm,\n"c",x,yesterday\n')
    bank.load()
    assert bank.rows("SELECT customer_id, _line FROM bank.customers ORDER BY 1") == [("a", 2), ("b", 5), ("c", 6)]
    assert bank.rejects() == [("customers.csv", 6, "birth_date", "bad date")]


def test_csv_ragged_rows_are_rejected_with_their_pieces(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id,city\nc1,Ulm\nc2\nc3,Ulm,Bonn\nc4,Bonn\n")
    report = bank.load()
    assert bank.rows("SELECT line, reason, row FROM bank.rejects ORDER BY 1") == [
        (3, "wrong number of values", '["c2"]'),
        (4, "wrong number of values", '["c3","Ulm","Bonn"]'),
    ]
    assert (report.rows, report.loaded, report.rejected) == (4, 2, 2)


def test_csv_broken_quotes_reject_the_row_only(bank: Bank) -> None:
    bank.write("customers.csv", 'customer_id,city\nc1,"Ulm"x\nc2,Bonn\n')
    bank.load()
    assert bank.rejects() == [("customers.csv", 2, None, "broken quotes")]
    assert bank.rows("SELECT customer_id FROM bank.customers") == [("c2",)]


def test_csv_huge_value_rejects_the_row_only(bank: Bank) -> None:
    bank.write("customers.csv", f"customer_id,city\nc1,{'x' * 1_500_000}\nc2,Bonn\nc3\n")
    bank.load()
    assert bank.rejects()[0] == ("customers.csv", 2, None, "value too long")
    assert bank.rows("SELECT customer_id FROM bank.customers") == [("c2",)]


_TEXT = st.text(st.sampled_from('ab",;\n\r ä'), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(_TEXT, min_size=1, max_size=8), blank=st.booleans(), quote_all=st.booleans())
def test_csv_written_by_any_writer_comes_back_with_its_lines(
    tmp_path: Path, values: list[str], blank: bool, quote_all: bool
) -> None:
    buffer, expected = io.StringIO(newline=""), []
    writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerow(["customer_id", "street"])
    for number, value in enumerate(values):
        # Python's writer leaves a carriage return unquoted when it may.
        text = f"{value if quote_all else value.replace(chr(13), '')}."
        expected.append((f"c{number}", text, len(buffer.getvalue().splitlines()) + 1))
        writer.writerow([f"c{number}", text])
        if blank:
            buffer.write("\n")
    (tmp_path / "customers.csv").write_text(buffer.getvalue(), encoding="utf-8", newline="")
    with in_memory() as connection:
        bank = Bank(tmp_path, connection)
        bank.load()
        assert bank.rows("SELECT customer_id, street, _line FROM bank.customers ORDER BY 3") == expected
        assert bank.rejects() == []


def test_csv_bare_carriage_return_loses_nothing_silently(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id,city\nc1,Ulm\nc2,\r.\nc3,Bonn\n")
    report = bank.load()
    assert report.rejected == 1
    assert bank.rejects() == [("customers.csv", 4, None, "wrong number of values")]
