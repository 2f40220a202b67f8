"""What is loaded of texts that reveal health, religion, politics, union or sexual life."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import small_bank
from augenblick import pipeline, signals
from augenblick.content import Content
from augenblick.store import DataDirectory

OWNERS = ("none", "agreed", "refused")
TEXTS = {
    "sick": ("812.40", "AOK Bayern", "Krankengeld 0426"),
    "union": ("-31.50", "IG Metall", "Beitrag 04/26"),
    "returned": ("31.50", "IG Metall", "Rücklastschrift Beitrag 04/26"),
    "plain": ("-61.20", "Gemüse Kraut", "Einkauf"),
}
RETURNS = {"returned": "109"}
TALKS = [
    (f"{kind}-{name}", name, f"2026-01-0{day}T10:00:00", "phone", kind, topic)
    for name in OWNERS
    for day, (kind, topic) in enumerate(
        [("claim", "Schwerer Unfall im Betrieb"), ("call", "Fehlgeburt"), ("search", "Baufinanzierung"), ("visit", "")],
        1,
    )
]
NOTES = [
    (name, moment, "2026-01-10", "adviser", "confirmed", note)
    for name in OWNERS
    for moment, note in (
        ("pregnancy", "erwartet Zwillinge"),
        ("marriage", "nach seiner Reha im Mai"),
        ("job-change", "neue Stelle"),
    )
]
CONSENTS = ["agreed,special_category,given,2025-01-01", "refused,special_category,refused,2025-01-01"]


def write_table(folder: Path, table: str, header: str, rows: Iterable[Sequence[object]]) -> None:
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def export(folder: Path, *, until: int = 3, agreed: Sequence[str] = ()) -> Path:
    small_bank.write(folder, "customers", [(name, "1990-01-01") for name in OWNERS])
    small_bank.write(folder, "accounts", [(f"a-{name}", "giro", "EUR", "2015-01-01") for name in OWNERS])
    small_bank.write(folder, "account_holders", [(f"a-{name}", name, "owner") for name in OWNERS])
    rows = [
        (f"{text}-{name}-{month}", f"a-{name}", date(2026, month, 14), amount, "EUR", *said, RETURNS.get(text, ""))
        for name in OWNERS
        for text, (amount, *said) in TEXTS.items()
        for month in range(1, until)
    ]
    columns = "transaction_id,account_id,booking_date,amount,currency,counterparty_name,purpose,gvc"
    write_table(folder, "transactions", columns, rows)
    write_table(folder, "interactions", "interaction_id,customer_id,occurred_at,channel,kind,topic", TALKS)
    write_table(folder, "declared_moments", "customer_id,moment,occurred_on,source,state,note", NOTES)
    consents = [*CONSENTS, *agreed]
    (folder / "consents.csv").write_text("customer_id,purpose,status,valid_from\n" + "\n".join(consents) + "\n")
    return folder


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> DataDirectory:
    folder = tmp_path_factory.mktemp("blacked")
    directory = DataDirectory(folder / "data")
    assert pipeline.load(directory, export(folder / "first")).rejected == 0
    return directory


def texts(directory: DataDirectory) -> dict[str, tuple[object, ...]]:
    connection = directory.connect(read_only=True)
    try:
        rows = connection.execute(
            "SELECT transaction_id, purpose, counterparty_name, amount, booking_date FROM bank.transactions"
        ).fetchall()
    finally:
        connection.close()
    return {row[0]: row[1:] for row in rows}


def found(directory: DataDirectory, content: Content) -> set[tuple[str, str]]:
    connection: duckdb.DuckDBPyConnection = directory.connect()
    try:
        signals.detect(connection, content.signals, as_of=date(2026, 12, 31))
        rows = connection.execute("SELECT customer_id, signal FROM evidence.occurrences").fetchall()
    finally:
        connection.close()
    return {(customer, signal.rpartition("/")[2]) for customer, signal in rows}


def test_text_without_consent_is_blacked_out_and_amount_and_day_stay(loaded: DataDirectory) -> None:
    kept = texts(loaded)
    for name in ("none", "refused"):
        for text in ("sick", "union"):
            purpose, counterparty, amount, day = kept[f"{text}-{name}-1"]
            assert str(purpose).startswith("[geschwärzt")
            assert counterparty == "[geschwärzt]"
            assert (str(amount)[:5], day) == (TEXTS[text][0][:5], date(2026, 1, 14))
    for name in OWNERS:
        assert kept[f"plain-{name}-1"][:2] == ("Einkauf", "Gemüse Kraut")


def test_what_comes_back_of_a_revealing_booking_is_blacked_out_with_it(loaded: DataDirectory) -> None:
    kept = texts(loaded)
    assert kept["returned-none-1"][:2] == ("[geschwärzt]", "[geschwärzt]")
    assert kept["returned-agreed-1"][1] == "IG Metall"


def test_text_stays_with_explicit_consent(loaded: DataDirectory) -> None:
    assert texts(loaded)["sick-agreed-1"][:2] == ("Krankengeld 0426", "AOK Bayern")
    assert texts(loaded)["union-agreed-1"][:2] == ("Beitrag 04/26", "IG Metall")


def test_signal_of_a_blacked_out_text_is_kept_unless_it_was_refused(loaded: DataDirectory, shipped: Content) -> None:
    sick = {customer for customer, signal in found(loaded, shipped) if signal == "sick-pay"}
    assert sick == {"none", "agreed"}


def joint_account(folder: Path) -> Path:
    folder.mkdir()
    write_table(folder, "customers", "customer_id,given_name", [("hans", "Hans"), ("nora", "Nora")])
    small_bank.write(folder, "accounts", [("joint", "giro", "EUR", "2015-01-01")])
    small_bank.write(folder, "account_holders", [("joint", "hans", "owner"), ("joint", "nora", "co_owner")])
    columns = "transaction_id,account_id,booking_date,amount,currency,counterparty_name,purpose"
    booking = ("t1", "joint", date(2026, 1, 14), "812.40", "EUR", "AOK", "Krankengeld Nora")
    write_table(folder, "transactions", columns, [booking])
    return folder


@pytest.mark.parametrize(("refused", "kept"), [(False, {("nora", "sick-pay")}), (True, set())])
def test_blacked_out_text_of_a_joint_account_keeps_whom_it_named_unless_refused(
    tmp_path: Path, shipped: Content, refused: bool, kept: set[tuple[str, str]]
) -> None:
    folder, directory = joint_account(tmp_path / "first"), DataDirectory(tmp_path / "data")
    if refused:
        consent = ("nora", "special_category", "refused", "2025-01-01")
        write_table(folder, "consents", "customer_id,purpose,status,valid_from", [consent])
    pipeline.load(directory, folder)
    assert "Nora" not in str(texts(directory))
    assert found(directory, shipped) == kept


def test_mark_names_no_owner_who_was_erased(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, joint_account(tmp_path / "first"))
    assert "@" in str(texts(directory)["t1"][0])
    pipeline.erase(directory, "nora", on=date(2026, 2, 1))
    directory.connect().close()
    kept = str(texts(directory)["t1"][0])
    assert kept.startswith("[geschwärzt ")
    assert "@" not in kept


def test_later_load_takes_blacked_out_rows_as_known_and_keeps_texts_agreed_to_since(
    loaded: DataDirectory, tmp_path: Path
) -> None:
    later = export(tmp_path / "later", until=4, agreed=["none,special_category,given,2025-06-01"])
    assert pipeline.load(loaded, later).rejected == 0
    kept = texts(loaded)
    assert str(kept["sick-none-1"][0]).startswith("[geschwärzt")
    assert kept["sick-none-3"][:2] == ("Krankengeld 0426", "AOK Bayern")
    assert kept["union-refused-3"][0] == "[geschwärzt]"


def rows(directory: DataDirectory, sql: str) -> list[tuple[Any, ...]]:
    connection = directory.connect(read_only=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_topic_that_reveals_is_blacked_out_and_what_it_signals_is_kept_unless_refused(
    loaded: DataDirectory, shipped: Content
) -> None:
    topics = dict(rows(loaded, "SELECT interaction_id, topic FROM bank.interactions"))
    for kind, signal in (("claim", "accident-report"), ("call", "pregnancy-loss")):
        assert topics[f"{kind}-none"].startswith("[geschwärzt ")
        assert topics[f"{kind}-refused"] == "[geschwärzt]"
        assert "geschwärzt" not in topics[f"{kind}-agreed"]
        assert {who for who, what in found(loaded, shipped) if what == signal} == {"none", "agreed"}
    for name in OWNERS:
        assert topics[f"search-{name}"] == "Baufinanzierung"
        assert topics[f"visit-{name}"] is None


def test_note_is_blacked_out_where_it_or_its_moment_reveals(loaded: DataDirectory) -> None:
    notes = {row[:2]: row[2] for row in rows(loaded, "SELECT customer_id, moment, note FROM bank.declared_moments")}
    for name, stays in (("none", False), ("refused", False), ("agreed", True)):
        for moment, said in (("pregnancy", "erwartet Zwillinge"), ("marriage", "nach seiner Reha im Mai")):
            assert notes[name, moment] == (said if stays else "[geschwärzt]")
        assert notes[name, "job-change"] == "neue Stelle"


def test_blacked_out_rows_delivered_again_change_nothing(loaded: DataDirectory, tmp_path: Path) -> None:
    tables = ("transactions", "interactions", "declared_moments")
    counts = [rows(loaded, f"SELECT count(*), max(_file) FROM bank.{table}") for table in tables]
    again = export(tmp_path / "again")
    for table in tables:
        with (again / f"{table}.csv").open("a") as file:
            file.write("\n")  # another digest: the file is not known
    report = pipeline.load(loaded, again)
    assert (report.loaded, report.rejected) == (0, 0)
    assert [rows(loaded, f"SELECT count(*), max(_file) FROM bank.{table}") for table in tables] == counts


REJECTED = {
    "transactions.csv": (
        "transaction_id,account_id,booking_date,amount,currency,counterparty_name,purpose\n"
        "r1,a-agreed,2026-13-40,812.40,EUR,AOK Bayern,Krankengeld 0426\n"
        "r2,a-nobody,2026-01-14,-31.50,EUR,IG Metall,Beitrag 04/26\n"
        "r3,a-none,2026-13-40,-61.20,EUR,Gemüse Kraut,Einkauf\n"
        'r4,a-none,2026-01-14,-20,EUR,Apotheke am Markt,"viele","Spalten",zu,viel\n'
    ),
    "interactions.csv": (
        "interaction_id,customer_id,occurred_at,channel,kind,topic\nr5,none,gestern,phone,call,Fehlgeburt\n"
    ),
}


def test_rejected_rows_keep_no_text_that_reveals(tmp_path: Path) -> None:
    folder, directory = export(tmp_path / "first"), DataDirectory(tmp_path / "data")
    for name, text in REJECTED.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert pipeline.load(directory, folder).rejected == 5
    kept = dict(rows(directory, "SELECT line || ' ' || file, row FROM bank.rejects"))
    assert len(kept) == 5
    said = " ".join(kept.values())
    for revealing in ("AOK", "Krankengeld", "Metall", "Beitrag", "Apotheke", "Fehlgeburt"):
        assert revealing not in said
    assert json.loads(kept["2 transactions.csv"]) == {
        "transaction_id": "r1",
        "account_id": "a-agreed",
        "booking_date": "2026-13-40",
        "amount": "812.40",
        "currency": "EUR",
        "counterparty_name": "[geschwärzt]",
        "purpose": "[geschwärzt]",
    }
    assert "Gemüse Kraut" in kept["4 transactions.csv"]


def test_revealing_texts_never_lie_on_disk(tmp_path: Path) -> None:
    folder, directory = export(tmp_path / "first"), DataDirectory(tmp_path / "data")
    (folder / "consents.csv").unlink()
    pipeline.load(directory, folder)
    held = [file.read_bytes() for file in directory.path.rglob("*") if file.is_file()]
    assert any(b"Kraut" in each for each in held)
    for revealing in ("AOK Bayern", "Krankengeld", "IG Metall", "Fehlgeburt", "Zwillinge", "Reha im Mai"):
        assert not any(revealing.encode() in each for each in held)
