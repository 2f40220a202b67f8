"""Table files without a required column: set aside, counted, not known; the rest loads."""

from __future__ import annotations

import json

import pytest
from ingest_bank import Bank

from augenblick.model.errors import OffContract, UnreadableFile

BROKEN = "acount_id,kind,currency\na1,giro,EUR\na2,giro,EUR\na3,giro,EUR\n"
MENDED = BROKEN.replace("acount_id", "account_id")
HOLDERS = "account_id,customer_id,role\na1,anna,owner\n"


@pytest.fixture
def lame_bank(bank: Bank) -> Bank:
    """Two customers whose accounts lack their number; one holder refers to an account."""
    bank.write("customers.csv", "customer_id\nanna\nben\n")
    bank.write("accounts.csv", BROKEN)
    bank.write("account_holders.csv", HOLDERS)
    return bank


def test_missing_column_is_one_reject_with_file_line_field_reason_hint_and_header(lame_bank: Bank) -> None:
    lame_bank.load()
    [(load, file, line, field, reason, hint, row)] = lame_bank.rows(
        "SELECT * EXCLUDE (row_loaded) FROM bank.rejects WHERE file = 'accounts.csv'"
    )
    assert (load, file, line, field, reason) == (1, "accounts.csv", 1, "account_id", "missing column")
    assert "'acount_id'" in hint
    assert "'account_id'" in hint
    assert json.loads(row) == ["acount_id", "kind", "currency"]


def test_missing_column_lets_the_other_files_load_and_counts_all_rows_of_its_own(lame_bank: Bank) -> None:
    report = lame_bank.load()
    assert [(f.file, f.rows, f.loaded, f.rejected) for f in report.files] == [
        ("account_holders.csv", 1, 0, 1),
        ("accounts.csv", 3, 0, 3),
        ("customers.csv", 2, 2, 0),
    ]
    assert [(r.table, r.field, r.reason, r.count, r.first_file, r.first_line) for r in report.rejects] == [
        ("accounts", "account_id", "missing column", 3, "accounts.csv", 1),
        ("account_holders", "account_id", "unknown account", 1, "account_holders.csv", 2),
    ]
    assert lame_bank.rows("SELECT rows, rejected FROM bank.files WHERE path = 'accounts.csv'") == [(3, 3)]
    assert lame_bank.rows("SELECT count(*) FROM bank.accounts") == [(0,)]


def test_mended_file_loads_and_what_refers_to_it_too(lame_bank: Bank) -> None:
    lame_bank.load()
    lame_bank.write("accounts.csv", MENDED)
    report = lame_bank.load()
    assert (report.loaded, report.rejected) == (4, 0)
    assert lame_bank.rows("SELECT account_id FROM bank.account_holders") == [("a1",)]


def test_same_file_again_is_not_known_but_kept_out_again(lame_bank: Bank) -> None:
    lame_bank.load()
    tables = "SELECT * FROM bank.customers ORDER BY ALL"
    before = lame_bank.rows(tables)
    report = lame_bank.load()
    again = {f.file: (f.known, f.rejected) for f in report.files}
    assert again["accounts.csv"] == (False, 3)
    assert again["customers.csv"] == (True, 0)
    assert lame_bank.rows(tables) == before


def test_same_bytes_under_the_name_of_a_table_they_fit_load(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nanna\n")
    text = "account_id,kind,currency\na1,giro,EUR\n"
    bank.write("contracts.csv", text)
    assert bank.load().rejected == 1
    (bank.folder / "contracts.csv").rename(bank.folder / "accounts.csv")
    assert bank.load().loaded == 1


def test_whole_file_of_the_same_table_loads_beside_the_one_set_aside(lame_bank: Bank) -> None:
    lame_bank.write("accounts-2.csv", "account_id,kind,currency\na1,giro,EUR\nb2,giro,EURO\n")
    report = lame_bank.load()
    assert {f.file: (f.rows, f.loaded, f.rejected) for f in report.files if f.table == "accounts"} == {
        "accounts.csv": (3, 0, 3),
        "accounts-2.csv": (2, 1, 1),
    }
    assert lame_bank.rejects() == [
        ("accounts-2.csv", 3, "currency", "bad value"),
        ("accounts.csv", 1, "account_id", "missing column"),
    ]


def test_every_missing_column_is_named_while_rows_count_once(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nanna\n")
    bank.write("accounts.csv", "account_id\na1\n\na2,too,many\n")
    report = bank.load()
    assert [r[2:] for r in bank.rejects()] == [("currency", "missing column"), ("kind", "missing column")]
    assert [(f.rows, f.rejected) for f in report.files if f.table == "accounts"] == [(2, 2)]


def test_header_alone_without_a_required_column_counts_as_one(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nanna\n")
    bank.write("accounts.csv", "account_id,kind\n")
    report = bank.load()
    assert (report.rows, report.loaded, report.rejected) == (2, 1, 1)
    assert [(r.reason, r.count) for r in report.rejects] == [("missing column", 1)]


def test_parquet_without_a_required_column_is_set_aside(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nanna\n")
    rows = "SELECT 'a' || i AS account_id, 'giro' AS kind FROM range(500) t(i)"
    bank.connection.execute(f"COPY ({rows}) TO '{bank.folder / 'accounts.parquet'}' (FORMAT parquet)")
    report = bank.load()
    assert [(r.field, r.count, r.first_file) for r in report.rejects] == [("currency", 500, "accounts.parquet")]
    assert bank.rejects() == [("accounts.parquet", 1, "currency", "missing column")]


def test_bookings_without_their_date_leave_statements_to_load(lame_bank: Bank) -> None:
    lame_bank.write("accounts.csv", "account_id,iban,kind,currency\na1,DE89370400440532013000,giro,EUR\n")
    lame_bank.write("transactions.csv", "transaction_id,account_id,date,amount,currency\nt1,a1,2026-04-01,1,EUR\n")
    lame_bank.write(
        "statement.sta",
        ":20:X\n:25:DE89370400440532013000\n:28C:1/1\n:60F:C260401EUR0,\n"
        ":61:2604010401C5,NTRFNONREF\n:86:166?20SVWZ+Hello\n:62F:C260401EUR5,\n-\n",
    )
    report = lame_bank.load()
    assert {f.file: (f.loaded, f.rejected) for f in report.files if f.table == "transactions"} == {
        "statement.sta": (1, 0),
        "transactions.csv": (0, 1),
    }


def test_first_line_that_is_no_header_is_not_told_in_report(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nanna\n")
    bank.write("accounts.csv", "secret-account,giro,EUR\nother,giro,EUR\n")
    report = bank.load()
    text = json.dumps(report.to_dict())
    assert "secret" not in text
    assert "is the header missing?" in text


def test_unclosed_quote_still_ends_the_load(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nanna\n")
    bank.write("accounts.csv", 'account_id,kind\n"a1,giro\n')
    with pytest.raises(UnreadableFile):
        bank.load()


def test_first_customers_without_their_key_end_the_load_naming_file_and_column(bank: Bank) -> None:
    bank.write("customers.csv", "custmer_id,city\nanna,Ulm\n")
    with pytest.raises(OffContract) as caught:
        bank.load()
    assert caught.value.where == "customers.csv"
    assert "'customer_id' is missing" in caught.value.message
    assert "'custmer_id'" in str(caught.value.hint)
    assert bank.rows("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'bank'") == [(0,)]


def test_later_customers_without_their_key_are_set_aside(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nanna\n")
    bank.load()
    bank.write("customers.csv", "custmer_id,city\nanna,Ulm\n")
    report = bank.load()
    assert (report.loaded, report.rejected) == (0, 1)
    assert bank.rows("SELECT customer_id, city FROM bank.customers") == [("anna", None)]
