"""Keys: rows that stand twice, rows loaded before, master data that changes."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from ingest_bank import Bank

from augenblick.ingest import ingest_rows
from augenblick.store import in_memory

BOOKING = "transaction_id,account_id,booking_date,amount,currency\n"
LATER = datetime(2026, 7, 15)  # noqa: DTZ001


def _content(bank: Bank) -> dict[str, list[tuple]]:
    tables = ("customers", "customer_changes", "accounts", "account_holders", "transactions", "relations")
    return {t: bank.rows(f"SELECT * EXCLUDE (_file, _line) FROM bank.{t} ORDER BY ALL") for t in tables}


def _everything(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple]]:
    names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'bank'").fetchall()
    return {name: connection.execute(f"FROM bank.{name} ORDER BY ALL").fetchall() for (name,) in names}


def test_same_row_twice_is_loaded_once_and_counted(small_bank: Bank) -> None:
    small_bank.write("transactions.csv", BOOKING + "t1,a1,2026-04-10,1,EUR\n" * 2)
    small_bank.write("transactions-b.csv", BOOKING + "t1,a1,2026-04-10,1.00,EUR\n")
    report = small_bank.load()
    assert small_bank.rows("SELECT transaction_id, _line FROM bank.transactions") == [("t1", 2)]
    assert report.unchanged == 2
    assert report.rejected == 0


def test_same_key_with_other_content_rejects_all_rows_of_the_key(small_bank: Bank) -> None:
    small_bank.write(
        "transactions.csv", BOOKING + "t1,a1,2026-04-10,1,EUR\nt1,a1,2026-04-10,2,EUR\nt2,a1,2026-04-10,2,EUR\n"
    )
    small_bank.load()
    reason = "duplicate key with different content"
    assert small_bank.rejects() == [("transactions.csv", line, "transaction_id", reason) for line in (2, 3)]
    assert small_bank.rows("SELECT transaction_id FROM bank.transactions") == [("t2",)]


def test_key_with_an_empty_part_is_a_key(small_bank: Bank) -> None:
    head = "customer_id,purpose,channel,status,valid_from\n"
    small_bank.write(
        "consents.csv",
        head + "anna,advice,,given,2026-01-01\nanna,advice,,refused,2026-01-01\nanna,advice,email,given,2026-01-01\n",
    )
    report = small_bank.load()
    assert report.rejected == 1
    assert small_bank.rows("SELECT channel, status FROM bank.consents ORDER BY ALL") == [
        ("email", "given"), (None, "refused"),
    ]  # fmt: skip


@pytest.mark.parametrize("turn", [1, -1], ids=["as written", "turned round"])
def test_contradictory_consents_of_one_day_leave_the_stricter_whatever_their_order(small_bank: Bank, turn: int) -> None:
    rows = [
        "anna,advice,,given,2026-01-01,", "anna,advice,,refused,2026-01-01,",
        "anna,analysis,,given,2026-01-01,", "anna,analysis,,given,2026-01-01,2026-02-01",
        "anna,service,,withdrawn,2026-01-01,2026-02-01", "anna,service,,withdrawn,2026-01-01,",
    ]  # fmt: skip
    small_bank.write(
        "consents.csv", "\n".join(["customer_id,purpose,channel,status,valid_from,valid_to", *rows[::turn]])
    )
    assert small_bank.load().rejected == 3
    assert small_bank.rows("SELECT purpose, status, valid_to FROM bank.consents ORDER BY ALL") == [
        ("advice", "refused", None), ("analysis", "given", date(2026, 2, 1)), ("service", "withdrawn", None),
    ]  # fmt: skip
    assert {reason for *_, reason in small_bank.rejects()} == {"duplicate key with different content"}


def test_loading_twice_changes_nothing(small_bank: Bank) -> None:
    small_bank.write("transactions.csv", BOOKING + "t1,a1,2026-04-10,1,EUR\nt2,a1,soon,1,EUR\nt3,a7,2026-04-10,1,EUR\n")
    small_bank.load()
    before = _everything(small_bank.connection)
    report = small_bank.load(loaded_at=LATER)
    assert report.load_id is None
    assert report.loaded == 0
    assert _everything(small_bank.connection) == before
    assert {f.file for f in report.files if f.known} == {"customers.csv", "accounts.csv", "account_holders.csv"}


def test_known_content_under_another_name_is_skipped(small_bank: Bank) -> None:
    small_bank.load()
    (small_bank.folder / "customers.csv").rename(small_bank.folder / "customers-copy.csv")
    report = small_bank.load()
    assert report.load_id is None


def test_rejected_rows_get_another_chance_when_their_parents_came(small_bank: Bank) -> None:
    small_bank.write("transactions.csv", BOOKING + "t1,a1,2026-04-10,1,EUR\nt2,a2,2026-04-10,1,EUR\n")
    small_bank.load()
    small_bank.write("accounts-more.csv", "account_id,kind,currency\na2,giro,EUR\n")
    report = small_bank.load(loaded_at=LATER)
    assert small_bank.rows("SELECT transaction_id, _line FROM bank.transactions ORDER BY 1") == [("t1", 2), ("t2", 3)]
    assert small_bank.rejects() == []
    assert [(f.rows, f.loaded) for f in report.files if f.file == "transactions.csv"] == [(1, 1)]
    assert small_bank.rows("SELECT rows, rejected FROM bank.files WHERE path = 'transactions.csv'") == [(2, 0)]


def test_corrected_row_is_loaded_though_the_faulty_file_still_lies_there(small_bank: Bank) -> None:
    rows = ["t1,a1,2026-04-10,1,EUR", "t1,a1,2026-04-10,2,EUR", "t2,a1,soon,1,EUR", "t3,a1"]
    small_bank.write("transactions.csv", BOOKING + "\n".join(rows) + "\n")
    small_bank.load()
    small_bank.write("transactions-corrected.csv", BOOKING + "t1,a1,2026-04-10,2,EUR\nt2,a1,2026-04-10,1,EUR\n")
    report = small_bank.load(loaded_at=LATER)
    assert small_bank.rows("SELECT transaction_id FROM bank.transactions ORDER BY 1") == [("t1",), ("t2",)]
    assert report.rejected == 0
    assert len(small_bank.rejects()) == 4


def test_new_master_data_replaces_and_records_the_change(small_bank: Bank) -> None:
    small_bank.load()
    small_bank.write("customers.csv", "customer_id,birth_date,city\nanna,1992-03-04,Bonn\nben,1990-01-31,Ulm\n")
    report = small_bank.load(loaded_at=LATER)
    assert small_bank.rows("SELECT customer_id, city FROM bank.customers ORDER BY 1") == [
        ("anna", "Bonn"),
        ("ben", "Ulm"),
    ]
    assert small_bank.rows("SELECT * FROM bank.customer_changes") == [
        ("anna", date(2026, 7, 15), "city", "Ulm", "Bonn", 4, 2)
    ]
    assert (report.customer_changes, report.loaded, report.unchanged) == (1, 1, 1)


def test_change_the_export_carries_is_not_recorded_again(small_bank: Bank) -> None:
    small_bank.load()
    small_bank.write("customers.csv", "customer_id,birth_date,city\nanna,1992-03-04,Bonn\n")
    small_bank.write(
        "customer_changes.csv", "customer_id,changed_on,attribute,old_value,new_value\nanna,2026-07-02,city,Ulm,Bonn\n"
    )
    report = small_bank.load(loaded_at=LATER)
    assert small_bank.rows("SELECT changed_on FROM bank.customer_changes") == [(date(2026, 7, 2),)]
    assert report.customer_changes == 0


def test_move_back_and_forth_is_recorded_each_time(small_bank: Bank) -> None:
    for month, city in [(6, "Ulm"), (7, "Bonn"), (8, "Ulm"), (9, "Bonn")]:
        small_bank.write("customers.csv", f"customer_id,city,occupation\nanna,{city},{month}\nben,Ulm,\n")
        small_bank.load(loaded_at=datetime(2026, month, 1))  # noqa: DTZ001
    assert small_bank.rows(
        "SELECT changed_on, new_value FROM bank.customer_changes WHERE attribute = 'city' ORDER BY 1"
    ) == [(date(2026, 7, 1), "Bonn"), (date(2026, 8, 1), "Ulm"), (date(2026, 9, 1), "Bonn")]


def test_booking_loaded_before_with_other_content_is_rejected(small_bank: Bank) -> None:
    small_bank.write("transactions.csv", BOOKING + "t1,a1,2026-04-10,1,EUR\n")
    small_bank.load()
    small_bank.write("transactions.csv", BOOKING + "t1,a1,2026-04-10,2,EUR\nt2,a1,2026-04-10,3,EUR\n")
    small_bank.load(loaded_at=LATER)
    assert small_bank.rejects() == [("transactions.csv", 2, "transaction_id", "differs from the row loaded before")]
    assert "reversal_of" in small_bank.rows("SELECT hint FROM bank.rejects")[0][0]
    assert [float(r[0]) for r in small_bank.rows("SELECT amount FROM bank.transactions ORDER BY 1")] == [1.0, 3.0]


def test_order_of_rows_and_files_does_not_matter(tmp_path: Path) -> None:
    rows = ["t1,a1,2026-04-10,1,EUR", "t1,a1,2026-04-10,2,EUR", "t2,a1,2026-04-10,1,EUR", "t2,a1,2026-04-10,1,EUR"]
    seen = []
    for number, order in enumerate(itertools.islice(itertools.permutations(rows), 0, 24, 5)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with in_memory() as connection:
            bank = Bank(folder, connection)
            bank.write("customers.csv", "customer_id\nc1\n")
            bank.write("accounts.csv", "account_id,kind,currency\na1,giro,EUR\n")
            bank.write("transactions-x.csv", BOOKING + "\n".join(order[:2]) + "\n")
            bank.write("transactions-y.csv", BOOKING + "\n".join(order[2:]) + "\n")
            bank.load()
            seen.append(_content(bank))
    assert all(content == seen[0] for content in seen)
    assert [row[0] for row in seen[0]["transactions"]] == ["t2"]


def test_file_of_a_delivery_keeps_its_number_to_itself(small_bank: Bank) -> None:
    small_bank.load()
    booking = {"account_id": "a1", "booking_date": "2026-04-10", "amount": "1", "currency": "EUR"}
    for name in ("t1", "t2"):
        rows = {"transactions": [booking | {"transaction_id": name}]}
        ingest_rows(small_bank.connection, rows, source=name, loaded_at=LATER)
    files = small_bank.rows(
        "SELECT t.transaction_id, f.path FROM bank.transactions t JOIN bank.files f ON f.file_id = t._file ORDER BY 1"
    )
    assert files == [("t1", "transactions-t1.parquet"), ("t2", "transactions-t2.parquet")]


def test_another_adviser_is_no_change_of_master_data(small_bank: Bank) -> None:
    small_bank.write("customers.csv", "customer_id,adviser\nanna,eva\n")
    small_bank.load()
    small_bank.write("customers.csv", "customer_id,adviser\nanna,tom\n")
    assert small_bank.load().customer_changes == 0
    assert small_bank.rows("SELECT adviser FROM bank.customers WHERE customer_id = 'anna'") == [("tom",)]


def test_bank_loaded_by_an_older_release_gets_the_columns_it_lacks(small_bank: Bank) -> None:
    small_bank.load()
    before = small_bank.rows("SELECT * EXCLUDE (adviser) FROM bank.customers ORDER BY ALL")
    small_bank.connection.execute("ALTER TABLE bank.customers DROP COLUMN adviser")
    small_bank.write("customers_2.csv", "customer_id,adviser\nzoe,eva\n")
    small_bank.load()
    assert small_bank.rows("SELECT adviser FROM bank.customers WHERE customer_id = 'zoe'") == [("eva",)]
    kept = "SELECT * EXCLUDE (adviser) FROM bank.customers WHERE customer_id <> 'zoe' ORDER BY ALL"
    assert small_bank.rows(kept) == before
