"""Files that are not what they claim to be: a clear error, and nothing of the load is there."""

from __future__ import annotations

import io
import zipfile

import pytest
from ingest_bank import Bank

from augenblick.ingest.scan import CHUNK
from augenblick.model.errors import HostileFile, InputError, OffContract, UnknownFormat, UnreadableFile


def _empty_zip() -> bytes:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "where", "part"),
    [
        (b"", "accounts.csv", "empty"),
        (b"\n\n", "accounts.csv line 1", "blank"),
        (_empty_zip(), "accounts.csv", "zip"),
        (b"\x1f\x8b\x08\x00", "accounts.csv", "gzip"),
        ("account_id,kind,currency\n".encode("utf-16"), "accounts.csv", "UTF-16"),
        (b"account_id,kind,currency\na1,giro,EUR\na2,M\xfcller,EUR\n", "accounts.csv line 3", "0xFC is not UTF-8"),
        (b"account_id,kind,currency\na1,giro,\xc3", "accounts.csv line 2", "is not UTF-8"),
        (b"account_id,kind,currency\na1,gi\0ro,EUR\n", "accounts.csv line 2", "NUL"),
        (b'account_id,kind,currency\na1,"giro,EUR\na2,giro,EUR\n', "accounts.csv line 2", "never closed"),
        (b"account_id,kind,,currency\n", "accounts.csv line 1", "Column 3 has no name"),
        (b"account_id,kind,kind,currency\n", "accounts.csv", "'kind' stands twice"),
        (b"PAR1nonsense", "accounts.csv", "Parquet"),
    ],
)
def test_broken_csv_is_an_error_and_nothing_is_loaded(small_bank: Bank, content: bytes, where: str, part: str) -> None:
    small_bank.write("accounts.csv", content)
    with pytest.raises(InputError) as caught:
        small_bank.load()
    assert caught.value.where == where
    assert part in caught.value.message
    assert small_bank.rows("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'bank'") == [(0,)]


@pytest.mark.parametrize("content", [b"", b"no parquet", b"PAR1" + b"\0" * 40 + b"PAR1", b"PAR1"])
def test_broken_parquet_is_an_error(small_bank: Bank, content: bytes) -> None:
    small_bank.write("relations.parquet", content)
    with pytest.raises(UnreadableFile):
        small_bank.load()


def test_truncated_parquet_is_an_error(small_bank: Bank) -> None:
    path = small_bank.folder / "relations.parquet"
    small_bank.connection.execute(f"COPY (SELECT range AS customer_id FROM range(1000)) TO '{path}'")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UnreadableFile) as caught:
        small_bank.load()
    assert caught.value.where == "relations.parquet"


def test_several_broken_files_are_named_together(small_bank: Bank) -> None:
    small_bank.write("accounts.csv", b"")
    small_bank.write("relations.csv", b"customer_id,,relation\n")
    with pytest.raises(UnreadableFile) as caught:
        small_bank.load()
    assert caught.value.where == "accounts.csv"
    assert "relations.csv line 1: Column 2 has no name" in str(caught.value.hint)


def test_line_without_end_is_hostile(small_bank: Bank) -> None:
    small_bank.write("accounts.csv", b"account_id,kind,currency\n" + b"x" * (2 * CHUNK))
    with pytest.raises(HostileFile) as caught:
        small_bank.load()
    assert caught.value.where == "accounts.csv line 2"


def test_header_alone_is_an_empty_table(small_bank: Bank) -> None:
    small_bank.write("relations.csv", "customer_id,related_customer_id,relation")
    report = small_bank.load()
    assert report.rejected == 0
    assert small_bank.rows("SELECT count(*) FROM bank.relations") == [(0,)]
    assert [f.rows for f in report.files if f.table == "relations"] == [0]


def test_folder_named_like_a_file_is_an_error(small_bank: Bank) -> None:
    (small_bank.folder / "relations.csv").mkdir()
    with pytest.raises(UnreadableFile) as caught:
        small_bank.load()
    assert "folder" in caught.value.message


@pytest.mark.parametrize("name", ["relations.csv", "statement.xml", "statement.txt"])
def test_link_out_of_the_folder_is_refused(small_bank: Bank, name: str) -> None:
    outside = small_bank.folder.parent / "outside.csv"
    outside.write_text("customer_id,related_customer_id,relation\n")
    (small_bank.folder / name).symlink_to(outside)
    with pytest.raises(UnreadableFile) as caught:
        small_bank.load()
    assert "leads out" in caught.value.message


def test_link_within_the_folder_is_read(bank: Bank) -> None:
    bank.write("data.bin", "customer_id\nc1\n")
    (bank.folder / "customers.csv").symlink_to(bank.folder / "data.bin")
    assert bank.load().loaded == 1


def test_data_package_that_leads_elsewhere_is_refused(small_bank: Bank) -> None:
    small_bank.write("datapackage.json", '{"resources": [{"name": "relations", "path": "../secret.csv"}]}')
    with pytest.raises(UnreadableFile):
        small_bank.load()


@pytest.mark.parametrize(
    "text", ["[", "[]", '{"resources": [1]}', '{"resources": [{"name": "cars", "path": "a.csv"}]}']
)
def test_broken_data_package_is_an_error(small_bank: Bank, text: str) -> None:
    small_bank.write("datapackage.json", text)
    with pytest.raises(UnreadableFile) as caught:
        small_bank.load()
    assert caught.value.where == "datapackage.json"


def test_folder_without_bank_files_is_an_error(bank: Bank) -> None:
    bank.write("notes.txt", "nothing")
    with pytest.raises(UnknownFormat):
        bank.load()


def test_missing_folder_is_an_error(bank: Bank) -> None:
    bank.folder.rmdir()
    with pytest.raises(UnreadableFile):
        bank.load()


def test_first_load_without_customers_is_an_error(bank: Bank) -> None:
    bank.write("accounts.csv", "account_id,kind,currency\na1,giro,EUR\n")
    with pytest.raises(OffContract) as caught:
        bank.load()
    assert "customers" in caught.value.message


def test_unknown_names_are_warned_of(small_bank: Bank) -> None:
    small_bank.write("transaction.csv", "a\n")
    small_bank.write("older.zip", b"PK")
    small_bank.write("readme.txt", "An export.")
    report = small_bank.load()
    assert [(w.file, w.hint) for w in report.warnings] == [
        ("older.zip", "unpack it into the folder"),
        ("readme.txt", None),
        ("transaction.csv", "did you mean 'transactions'?"),
    ]


def test_parquet_damaged_inside_is_named_and_nothing_is_loaded(small_bank: Bank) -> None:
    path = small_bank.folder / "customers-more.parquet"
    rows = "SELECT 'c' || i AS customer_id, md5(i::VARCHAR) AS city FROM range(20000) t(i)"
    small_bank.connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 5000] = b"\xff" * 5000
    path.write_bytes(data)
    with pytest.raises(UnreadableFile) as caught:
        small_bank.load()
    assert caught.value.where == "customers-more.parquet"
    assert small_bank.rows("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'bank'") == [(0,)]


@pytest.mark.parametrize("name", ["_line", "_FILE", "file_row_number"])
def test_reserved_column_names_are_refused(small_bank: Bank, name: str) -> None:
    small_bank.write("customers.csv", f"customer_id,{name}\nc1,1\n")
    with pytest.raises(OffContract) as caught:
        small_bank.load()
    assert name.lower() in caught.value.message


def test_names_with_pattern_marks_are_plain_names(small_bank: Bank) -> None:
    small_bank.write("customers-[1]*'.csv", "customer_id\nc7\n")
    target = small_bank.folder / "customers-[2]*.parquet"
    small_bank.connection.execute(f"COPY (SELECT 'c8' AS Customer_ID) TO '{target}' (FORMAT parquet)")
    assert small_bank.load().rejected == 0
    found = small_bank.rows("SELECT customer_id FROM bank.customers WHERE customer_id > 'c' ORDER BY 1")
    assert found == [("c7",), ("c8",)]
