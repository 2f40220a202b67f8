"""What is loaded of texts that reveal health, religion, politics, union or sexual life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

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
    "plain": ("-61.20", "Gemüse Kraut", "Einkauf"),
}
CONSENTS = ["agreed,special_category,given,2025-01-01", "refused,special_category,refused,2025-01-01"]


def export(folder: Path, *, until: int = 3, agreed: Sequence[str] = ()) -> Path:
    small_bank.write(folder, "customers", [(name, "1990-01-01") for name in OWNERS])
    small_bank.write(folder, "accounts", [(f"a-{name}", "giro", "EUR", "2015-01-01") for name in OWNERS])
    small_bank.write(folder, "account_holders", [(f"a-{name}", name, "owner") for name in OWNERS])
    rows = [
        (f"{text}-{name}-{month}", f"a-{name}", date(2026, month, 14), amount, "EUR", *said)
        for name in OWNERS
        for text, (amount, *said) in TEXTS.items()
        for month in range(1, until)
    ]
    small_bank.write(folder, "transactions", rows)
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


def test_text_stays_with_explicit_consent(loaded: DataDirectory) -> None:
    assert texts(loaded)["sick-agreed-1"][:2] == ("Krankengeld 0426", "AOK Bayern")
    assert texts(loaded)["union-agreed-1"][:2] == ("Beitrag 04/26", "IG Metall")


def test_signal_of_a_blacked_out_text_is_kept_unless_it_was_refused(loaded: DataDirectory, shipped: Content) -> None:
    sick = {customer for customer, signal in found(loaded, shipped) if signal == "sick-pay"}
    assert sick == {"none", "agreed"}


def test_later_load_takes_blacked_out_rows_as_known_and_keeps_texts_agreed_to_since(
    loaded: DataDirectory, tmp_path: Path
) -> None:
    later = export(tmp_path / "later", until=4, agreed=["none,special_category,given,2025-06-01"])
    assert pipeline.load(loaded, later).rejected == 0
    kept = texts(loaded)
    assert str(kept["sick-none-1"][0]).startswith("[geschwärzt")
    assert kept["sick-none-3"][:2] == ("Krankengeld 0426", "AOK Bayern")
    assert kept["union-refused-3"][0] == "[geschwärzt]"
