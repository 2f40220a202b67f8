"""A person erased: nothing of them is left in any file, nothing comes back, and the rest is as without them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

import small_bank
from accesses import ADVISER
from augenblick import pipeline
from augenblick.api.journal import FILE, Change, Journal
from augenblick.content import Content
from augenblick.model.errors import NotFound
from augenblick.moments import feedback
from augenblick.pipeline import Certificate
from augenblick.pipeline.examining import examine
from augenblick.pipeline.keeping import backup, restore
from augenblick.policy import AuditLog
from augenblick.policy.audit import query_name
from augenblick.store import DataDirectory

TODAY = date(2026, 5, 31)
IBAN = "DE89370400440532013000"
GROUPED = "DE89 3704 0044 0532 0130 00"
WORDS = ("kid-4711", "a-kid-4711", IBAN, GROUPED, "Ada Lovelace", "Lovelace", "LOVELACE")


def export(folder: Path, *, kid: bool = True) -> Path:
    """Write a mother and her daughter Ada Lovelace; without `kid` as if the daughter had never been a customer."""
    who = [("mum", "1960-02-01", "Uta", "female"), *([("kid-4711", "1992-03-04", "Ada", "female")] if kid else [])]
    names = {"mum": "Kraft", "kid-4711": "Lovelace"}
    header = "customer_id,birth_date,given_name,sex,family_name"
    folder.mkdir(parents=True)
    (folder / "customers.csv").write_text("\n".join([header, *(",".join([*w, names[w[0]]]) for w in who)]) + "\n")
    accounts = [("a-mum", "giro", "EUR", "2015-01-01", "")]
    accounts += [("a-kid-4711", "giro", "EUR", "2015-01-01", IBAN)] if kid else []
    lines = ["account_id,kind,currency,opened_on,iban", *(",".join(a) for a in accounts)]
    (folder / "accounts.csv").write_text("\n".join(lines) + "\n")
    holders = [("a-mum", "mum", "owner"), *([("a-kid-4711", "kid-4711", "owner")] if kid else [])]
    small_bank.write(folder, "account_holders", holders)
    said = ("Ada Lovelace", "Geschenk"), ("Uhrmacher", f"an LOVELACE, ADA {GROUPED}")
    said = said if kid else (("[gelöscht]", "Geschenk"), ("Uhrmacher", "[gelöscht]"))
    gifts = [(f"gift-{n}", "a-mum", "2026-03-01", "-50.00", "EUR", *said[n]) for n in (0, 1)]
    rows = [*small_bank.groceries("a-mum", date(2024, 5, 1), 24), *gifts]
    if kid:
        small_bank.write(folder, "relations", [("mum", "kid-4711", "child")])
        rows += small_bank.groceries("a-kid-4711", date(2024, 5, 1), 24)
        rows.append(small_bank.benefit("kg-1", "a-kid-4711", date(2026, 4, 14)))
    small_bank.write(folder, "transactions", rows)
    return folder


def copied(folder: Path, target: Path) -> Path:
    """Let the bank export everything once more, in other bytes."""
    target.mkdir()
    for file in folder.iterdir():
        (target / file.name).write_text(file.read_text("utf-8") + "\n", "utf-8")
    return target


def found_in(directory: DataDirectory) -> list[tuple[str, str]]:
    """Return every word of the erased person that stands in a file of the data directory, and the file.

    DuckDB's files are searched as bytes and, because they may be compressed, row by row as well.
    """
    files = [path for path in directory.path.rglob("*") if path.is_file()]
    assert files
    contents = [(path.name, path.read_bytes()) for path in files] + [
        (path.name, "\n".join(rows_of(path)).encode()) for path in files if path.suffix == ".duckdb"
    ]
    return [(word, name) for name, content in contents for word in WORDS if word.encode() in content]


def rows_of(file: Path) -> Iterator[str]:
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        for schema, table in tables:
            rows = connection.execute(f'SELECT t::VARCHAR FROM "{schema}"."{table}" t').fetchall()
            yield from (row for (row,) in rows if row)


def test_erased_person_is_in_no_file_and_does_not_come_back(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    folder = export(tmp_path / "export")
    pipeline.load(directory, folder)
    assert {word for word, _ in found_in(directory)} >= {"kid-4711", IBAN}
    certificate = pipeline.erase(directory, "kid-4711", on=TODAY)
    assert certificate.removed["customers"] == 1
    assert certificate.removed["transactions"] == 25
    assert certificate.removed["transactions blacked out"] == 2
    assert found_in(directory) == []
    pipeline.load(directory, copied(folder, tmp_path / "again"))
    assert found_in(directory) == []


class CutOff(BaseException):
    """Stands for a process that is killed."""


CUTS = ["drop_derived", "forget_beside", "_kept"]


@pytest.mark.parametrize("cut", ["a delete", *CUTS])
def test_erasure_that_was_cut_off_is_brought_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    def die(*_: object) -> None:
        raise CutOff

    directory = DataDirectory(tmp_path / "data")
    folder = export(tmp_path / "export")
    pipeline.load(directory, folder)
    journal(directory)
    with monkeypatch.context() as patch:
        if cut == "a delete":
            patch.setattr("augenblick.ingest.forgetting._drop_rejects", die)
        else:
            patch.setattr(f"augenblick.pipeline.erasing.{cut}", die)
        with pytest.raises(CutOff):
            pipeline.erase(directory, "kid-4711", on=TODAY)
    if cut == "a delete":  # nothing was deleted, nothing is left to do
        assert not pipeline.finish_erasures(directory)
        pipeline.erase(directory, "kid-4711", on=TODAY)
    else:
        assert [each.about for each in examine(directory) if each.state == "bad"] == ["erasures"]
        (certificate,) = pipeline.finish_erasures(directory)
        assert certificate.removed["customers"] == 1
        assert certificate.removed["transactions"] == 25
    assert found_in(directory) == []
    assert len(list((directory.path / "certificates").iterdir())) == 1
    pipeline.load(directory, copied(folder, tmp_path / "again"))
    assert found_in(directory) == []


def test_erasure_keeps_rejected_rows_of_customers_whose_number_holds_the_erased_ones(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    small_bank.write(folder, "relations", [("mum", "kid-4711", "child"), ("mum", "kid-47112", "child")])
    directory = DataDirectory(tmp_path / "data")
    assert pipeline.load(directory, folder).rejected == 1
    pipeline.erase(directory, "kid-4711", on=TODAY)
    with closing(directory.connect()) as connection:
        ((row,),) = connection.execute("SELECT row FROM bank.rejects").fetchall()
    assert "kid-47112" in row


def _erased_after_a_backup(tmp_path: Path) -> tuple[DataDirectory, Certificate]:
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, export(tmp_path / "export"))
    journal(directory)
    backup(directory, tmp_path / "kept")
    return directory, pipeline.erase(directory, "kid-4711", on=TODAY)


def test_certificate_names_the_backups_that_hold_the_person_and_nobody_by_name(tmp_path: Path) -> None:
    directory, certificate = _erased_after_a_backup(tmp_path)
    assert [(old.name, old.reached) for old in certificate.backups] == [("kept", True)]
    assert "--erasures" in certificate.elsewhere.de
    assert certificate.tombstones[0][0] == "customer"
    (file,) = (directory.path / "certificates").iterdir()
    assert certificate.reference in file.read_text("utf-8")
    assert found_in(directory) == []


@pytest.mark.parametrize("moved", [False, True])
def test_backup_from_before_an_erasure_comes_back_without_the_person(tmp_path: Path, moved: bool) -> None:
    directory, _ = _erased_after_a_backup(tmp_path)
    kept, back = tmp_path / "kept", DataDirectory(tmp_path / "back")
    if moved:  # the certificate could not be put into it
        shutil.rmtree(kept / "certificates")
    assert b"kid-4711" in (kept / "bank.duckdb").read_bytes()
    made = restore(kept, back, erasures=directory.path / "certificates" if moved else None)
    assert made.erased_again == 1
    assert found_in(back) == []
    pipeline.load(back, copied(tmp_path / "export", tmp_path / "again"))
    assert found_in(back) == []


def test_backup_brought_back_without_any_certificate_tells_of_nobody_taken_out(tmp_path: Path) -> None:
    _erased_after_a_backup(tmp_path)
    shutil.rmtree(tmp_path / "kept" / "certificates")
    assert restore(tmp_path / "kept", DataDirectory(tmp_path / "back")).erased_again == 0


def test_erase_of_an_unknown_customer_changes_nothing(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, export(tmp_path / "export"))
    with pytest.raises(NotFound):
        pipeline.erase(directory, "nobody", on=TODAY)
    assert {word for word, _ in found_in(directory)} >= {"kid-4711"}


def test_what_was_said_of_relatives_is_kept_without_the_erased_person(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, export(tmp_path / "export"))
    connection = directory.connect()
    connection.execute(feedback.TABLE)
    said = ("moment/mum/grandchild-birth/2026-04-20", "mum", "grandchild-birth", "dismissed", "Ada Lovelace denies it")
    own = ("moment/kid-4711/childbirth/2026-04-20", "kid-4711", "childbirth", "confirmed", "yes")
    for number, row in enumerate((said, own), start=1):
        connection.execute(
            "INSERT INTO bank.feedback (feedback_id, moment_id, customer_id, slug, action, reason, indications) "
            "VALUES (?, ?, ?, ?, ?, ?, ['indication/kid-4711/x', 'indication/mum/y'])",
            [number, *row],
        )
    connection.close()
    journal(directory)
    pipeline.erase(directory, "kid-4711", on=TODAY)
    assert found_in(directory) == []
    connection = directory.connect()
    kept = connection.execute("SELECT customer_id, reason, indications FROM bank.feedback").fetchall()
    connection.close()
    assert kept == [("mum", "[gelöscht]", ["indication/mum/y"])]
    assert [change["customer_id"] for change in Journal(directory.path).after(0, 9)] == ["mum"]


def test_what_service_experts_and_auditors_keep_tells_nothing_of_the_erased_person(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, export(tmp_path / "export"))
    for door in ("offers", "sparql"):
        asked = query_name(f"SELECT * {{ <https://bank.example/id/customer/kid-4711> ?p ?o }} # {door}")
        AuditLog(directory.path).record(ADVISER, door, subject="kid-4711", question=asked, decision=None)
    service = directory.path / FILE
    with closing(sqlite3.connect(service)) as file:
        file.execute("CREATE TABLE dead_letters (name TEXT, seq INTEGER, error TEXT)")
        file.executemany(
            "INSERT INTO dead_letters VALUES ('crm', ?, ?)",
            [(1, "500: no customer kid-4711"), (2, "500: no answer")],
        )
        file.commit()
    with closing(sqlite3.connect(directory.path / "working.sqlite")) as file:
        file.execute("CREATE TABLE triples (whom TEXT, graph TEXT, triple TEXT)")
        file.execute(
            "INSERT INTO triples VALUES ('analyst/analysis', 'g', "
            "'<https://bank.example/id/customer/kid-4711> <p> \"Ada Lovelace\"')"
        )
        file.commit()
    proposed(directory, "False alarm of Ada Lovelace (kid-4711, a-kid-4711): rent was a gift")
    AuditLog(directory.path).verify()
    assert {name for _, name in found_in(directory)} >= {
        *("service.sqlite", "working.sqlite", "change.json", "remarks.jsonl", "version.json", "version.ttl"),
        "log.jsonl",
    }
    removed = pipeline.erase(directory, "kid-4711", on=TODAY).removed
    assert found_in(directory) == []
    assert (removed["service dead_letters"], removed["working triples"], removed["words on edits"]) == (1, 1, 4)
    with closing(sqlite3.connect(service)) as file:
        assert file.execute("SELECT error FROM dead_letters").fetchall() == [("500: no answer",)]
    told = json.loads((directory.content / "changes" / "1" / "change.json").read_text("utf-8"))
    assert (told["name"], told["author"]) == ("1", "Ida")
    assert told["reason"] == "False alarm of [gelöscht] ([gelöscht], [gelöscht]): rent was a gift"
    assert AuditLog(directory.path).verify() == 2


def proposed(directory: DataDirectory, said: str) -> None:
    """Write what an edit leaves that was proposed, spoken of and published for the reason given."""
    change, version = (directory.content / name for name in ("changes/1", "versions/1-0123456789ab"))
    for folder in (change, version):
        folder.mkdir(parents=True)
    record = {"name": "1", "author": "Ida", "reason": said}
    (change / "change.json").write_text(json.dumps(record, indent=2), "utf-8")
    remark = {"author": "Ida", "at": "2026-05-01", "text": said}
    (change / "remarks.jsonl").write_text(json.dumps(remark) + "\n" + json.dumps(remark | {"text": "Yes"}) + "\n")
    (version / "version.json").write_text(json.dumps(record | {"changelog": ""}), "utf-8")
    (version / "version.ttl").write_text(f'<v> <http://www.w3.org/2000/01/rdf-schema#comment> "{said}" .\n', "utf-8")
    (directory.content / "log.jsonl").write_text(json.dumps({"kind": "publication", "reason": said}) + "\n", "utf-8")


def journal(directory: DataDirectory) -> None:
    """Write what the service keeps: changes of both women's moments, and an answer about the daughter."""
    kept = Journal(directory.path)
    for who in ("mum", "kid-4711"):
        kept.note([Change("changed", f"moment/{who}/x/2026-04-20", who, "x", None, "confirmed", None, 0.9, "run")])
    kept.keep("a", "12345678", {}, 200, {"moment_id": "https://bank.example/id/moment/kid-4711/x/2026-04-20"})
    kept.close()


def moments_of(directory: DataDirectory, customer: str) -> list[str]:
    """Return what a customer's moments are, those taken back too."""
    with closing(directory.connect()) as connection:
        found = connection.execute("SELECT slug FROM moments.moments WHERE customer_id = ?", [customer]).fetchall()
    return [slug for (slug,) in found]


def judged(directory: DataDirectory) -> None:
    """Have an adviser confirm the daughter's moment, and the service keep it."""
    connection = directory.connect()
    (moment,) = connection.execute("SELECT moment_id FROM moments.moments WHERE customer_id = 'kid-4711'").fetchone()
    feedback.record(connection, moment, "confirmed", actor="a", role="adviser", at=datetime(2026, 6, 1, tzinfo=UTC))
    connection.close()
    journal(directory)


@pytest.mark.slow
def test_graph_after_an_erasure_is_the_one_of_a_bank_without_the_person(tmp_path: Path, shipped: Content) -> None:
    graphs = []
    for name, kid in (("with", True), ("without", False)):
        directory = DataDirectory(tmp_path / name / "data")
        pipeline.load(directory, export(tmp_path / name / "export", kid=kid))
        pipeline.detect(directory, as_of=TODAY, content=shipped)
        if kid:
            pipeline.offers_of(directory, "kid-4711", access=ADVISER)  # leaves a trace in the log of questions
            judged(directory)
            assert {name for _, name in found_in(directory)} >= {
                *("bank.duckdb", "derived.duckdb", "graph.nq", "lookup.sqlite", "service.sqlite")
            }
            assert moments_of(directory, "mum") == ["grandchild-birth"]
            certificate = pipeline.erase(directory, "kid-4711", on=TODAY, content=shipped)
            assert certificate.removed["moments of others"] == 1
            assert moments_of(directory, "mum") == []
            assert found_in(directory) == []
        graphs.append((directory.live_store / "graph.nq").read_text("utf-8").splitlines())
    assert graphs[0] == graphs[1]
