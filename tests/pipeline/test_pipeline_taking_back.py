"""What becomes of texts that were kept by a consent when the consent stands no more: gone from every file at once."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

import small_bank
from augenblick import pipeline
from augenblick.content import load_content
from augenblick.store import DataDirectory
from lean_content import lean_content

AS_OF = date(2026, 5, 31)
TOLD = ("AOK Bayern", "Krankengeld 0426", "Schwerer Unfall im Betrieb", "nach der Reha im Mai", "wegen der Depression")
"""What nobody may read any more, wherever it stood: booking, topic, note, word on a moment."""
STAYS = "Gemüse Kraut"
CONSENTS = "customer_id,purpose,status,valid_from,valid_to\n"
TABLES = {
    "interactions": (
        "interaction_id,customer_id,occurred_at,channel,kind,topic\n"
        "i1,hurt,2026-04-10T10:00:00,phone,claim,Schwerer Unfall im Betrieb\n"
    ),
    "declared_moments": (
        "customer_id,moment,occurred_on,source,state,note\n"
        "hurt,accident,2026-04-09,customer,confirmed,nach der Reha im Mai\n"
    ),
    "consents": f"{CONSENTS}hurt,special_category,given,2025-01-01,\nmate,special_category,given,2025-01-01,\n",
}


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("version")
    lean_content(folder, "accident")
    return folder


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, version: Path) -> DataDirectory:
    """A bank of which texts stayed, by consent; nothing derived yet."""
    folder = tmp_path_factory.mktemp("loaded")
    export, directory = folder / "export", DataDirectory(folder / "data")
    small_bank.write(export, "customers", [("hurt", "1985-09-10"), ("mate", "1985-09-10")])
    small_bank.write(export, "accounts", [("a-hurt", "giro", "EUR", "2015-01-01")])
    small_bank.write(export, "account_holders", [("a-hurt", "hurt", "owner")])
    sick = ("sick", "a-hurt", date(2026, 4, 20), "812.40", "EUR", "AOK Bayern", "Krankengeld 0426")
    food = ("food", "a-hurt", date(2026, 4, 21), "-12.40", "EUR", STAYS, "Einkauf")
    months = small_bank.groceries("a-hurt", date(2024, 5, 1), 24)
    small_bank.write(export, "transactions", [*months, sick, food])
    for name, text in TABLES.items():
        (export / f"{name}.csv").write_text(text, encoding="utf-8")
    (directory.content / "versions").mkdir(parents=True)
    (directory.content / "versions" / "lean").symlink_to(version)
    (directory.content / "current").write_text("lean\n", encoding="utf-8")
    assert pipeline.load(directory, export).rejected == 0
    with closing(directory.connect()) as connection:
        connection.execute(
            "CREATE TABLE bank.feedback AS SELECT 1::BIGINT AS feedback_id, 'm' AS moment_id, 'hurt' AS customer_id, "
            "'accident' AS slug, 'confirmed' AS action, 'wegen der Depression' AS reason, NULL::VARCHAR AS note, "
            "'a' AS actor, 'adviser' AS role, TIMESTAMP '2026-05-01' AS given_at, []::VARCHAR[] AS patterns, "
            "[]::VARCHAR[] AS indications"
        )
    return directory


@pytest.fixture(params=["first", "again"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, loaded: DataDirectory) -> DataDirectory:
    """A copy of it to be changed, of a process that never looked at it before, or that did: it looks at some then."""
    directory = DataDirectory(shutil.copytree(loaded.path, tmp_path / "data", symlinks=True))
    if request.param == "again":
        small_bank.write(tmp_path / "before", "customers", [("other", "1970-01-01")])
        assert pipeline.load(directory, tmp_path / "before").blacked_out == 0
    return directory


def holding(directory: DataDirectory, said: Sequence[str]) -> set[str]:
    """Return which of the texts stand in a file of the bank's data, as they are or URL-encoded."""
    files = [f.read_bytes() for f in directory.path.rglob("*") if f.is_file() and directory.content not in f.parents]
    return {text for text in said if any(text.encode() in each for each in files)}


def later(directory: DataDirectory, folder: Path, table: str, text: str) -> Path:
    export = folder / "later"
    export.mkdir()
    (export / f"{table}.csv").write_text(text, encoding="utf-8")
    return export


def test_withdrawal_leaves_no_text_in_tables_facts_and_snapshots(kept: DataDirectory, tmp_path: Path) -> None:
    content = load_content(kept.published_content)
    pipeline.detect(kept, as_of=AS_OF, content=content)
    assert holding(kept, (*TOLD, STAYS)) == {*TOLD, STAYS}
    assert b"Krankengeld 0426" in (kept.live_store / "graph.nq").read_bytes()
    export = later(kept, tmp_path, "consents", f"{CONSENTS}hurt,special_category,withdrawn,2026-05-01,\n")
    report = pipeline.load(kept, export)
    assert report.blacked_out == len(TOLD) - 1  # text and other side of one booking
    assert holding(kept, (*TOLD, STAYS)) == {STAYS}
    with pipeline.last_run(kept, content) as run:
        assert run.as_of == AS_OF


def test_refusal_said_after_a_consent_ends_it(kept: DataDirectory, tmp_path: Path) -> None:
    export = later(kept, tmp_path, "consents", f"{CONSENTS}hurt,special_category,refused,2026-05-01,\n")
    assert pipeline.load(kept, export).blacked_out == len(TOLD) - 1
    assert holding(kept, TOLD) == set()


def test_text_stays_while_its_consent_stands_whatever_others_withdraw(kept: DataDirectory, tmp_path: Path) -> None:
    said = f"{CONSENTS}mate,special_category,withdrawn,2026-05-01,\nhurt,advice,refused,2026-05-01,\n"
    assert pipeline.load(kept, later(kept, tmp_path, "consents", said)).blacked_out == 0
    assert holding(kept, TOLD) == {*TOLD}


def test_text_of_an_account_is_blacked_out_when_it_gets_an_owner_who_has_not_consented(
    kept: DataDirectory, tmp_path: Path
) -> None:
    with closing(kept.connect()) as connection:
        connection.execute("DELETE FROM bank.consents WHERE customer_id = 'mate'")
    said = "account_id,customer_id,role\na-hurt,mate,co_owner\n"
    assert pipeline.load(kept, later(kept, tmp_path, "account_holders", said)).blacked_out == 1
    assert holding(kept, TOLD) == {*TOLD[2:]}


def test_text_is_blacked_out_when_its_consent_has_run_out(kept: DataDirectory, tmp_path: Path) -> None:
    with closing(kept.connect()) as connection:
        connection.execute("UPDATE bank.consents SET valid_to = DATE '2026-12-31'")
    assert pipeline.end_texts(kept, on=date(2026, 12, 31)) == 0
    assert pipeline.end_texts(kept, on=date(2027, 1, 1)) == len(TOLD) - 1
    assert holding(kept, TOLD) == set()
    assert pipeline.end_texts(kept, on=date(2027, 1, 1)) == 0


def test_directory_in_which_nobody_noted_whose_texts_stayed_loses_them_too(kept: DataDirectory) -> None:
    with closing(kept.connect()) as connection:
        connection.execute("DROP TABLE bank.texts_kept")
        connection.execute("UPDATE bank.consents SET status = 'withdrawn' WHERE customer_id = 'mate'")
        connection.execute("INSERT INTO bank.consents BY NAME (FROM bank.consents WHERE customer_id = 'hurt') ")
        connection.execute("UPDATE bank.consents SET valid_to = DATE '2026-01-01' WHERE customer_id = 'hurt'")
    assert pipeline.end_texts(kept, on=AS_OF) == len(TOLD) - 1
    assert holding(kept, TOLD) == set()
