"""One export with every kind of fault: each is named with its place and reason, and the rest goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from augenblick import pipeline
from augenblick.content import Content
from augenblick.ingest import LoadReport
from augenblick.pipeline import DetectReport
from augenblick.store import DataDirectory
from small_bank import family, groceries, write

AS_OF = date(2026, 4, 30)


@dataclass(frozen=True)
class BadBank:
    directory: DataDirectory
    loaded: LoadReport
    report: DetectReport
    rejects: list[tuple[str, int, str, str, str, bool]]


def spoil(folder: Path) -> None:
    """Write faults beside a family without any."""
    people = [
        *[("future", "2999-01-01"), ("odd-sex", "1980-01-01", "Kim", "femal"), ("twice", "1970-01-01")],
        *[("twice", "1971-01-01"), ("a", "1950-01-01"), ("b", ""), ("old-child", "1940-01-01")],
        *[("young-parent", "1990-01-01"), ("fine", "1985-05-05")],
    ]
    write(folder, "customers", people, part="-faults")
    kin = [("fine", "ghost", "child"), ("fine", "mum", "stepchild"), ("a", "b", "child"), ("b", "a", "child")]
    write(folder, "relations", [*kin, ("young-parent", "old-child", "child")], part="-faults")
    write(folder, "accounts", [("a-odd", "casino", "Euro"), ("a-fine", "giro", "EUR")], part="-faults")
    write(folder, "account_holders", [("a-fine", "fine", "owner"), ("a-odd", "fine", "owner")], part="-faults")
    bookings = [
        ("comma", "a-fine", "2026-04-01", "12,50", "EUR"),
        ("early", "a-fine", "1890-01-01", "1", "EUR"),
        ("german", "a-fine", "01.04.2026", "1", "EUR"),
        ("no-account", "", "2026-04-01", "1", "EUR"),
        ("unknown-account", "a-none", "2026-04-01", "1", "EUR"),
        ("double", "a-fine", "2026-04-01", "1", "EUR"),
        ("double", "a-fine", "2026-04-01", "2", "EUR"),
    ]
    write(folder, "transactions", [*bookings, *groceries("a-fine", date(2026, 1, 1), 3)], part="-faults")


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> BadBank:
    folder = tmp_path_factory.mktemp("bad")
    family(folder / "export")
    spoil(folder / "export")
    directory = DataDirectory(folder / "data")
    loaded = pipeline.load(directory, folder / "export")
    report = pipeline.detect(directory, as_of=AS_OF, content=shipped)
    with pipeline.last_run(directory, shipped) as run:
        rejects = run.connection.execute(
            "SELECT file, line, field, reason, hint, row_loaded FROM bank.rejects"
        ).fetchall()
    return BadBank(directory, loaded, report, rejects)


def test_rejects_name_file_line_field_reason_and_hint(bad: BadBank) -> None:
    assert {reject[:4] for reject in bad.rejects} == {
        ("customers-faults.csv", 2, "birth_date", "date out of range"),
        ("customers-faults.csv", 3, "sex", "unknown code"),
        ("customers-faults.csv", 4, "customer_id", "duplicate key with different content"),
        ("customers-faults.csv", 5, "customer_id", "duplicate key with different content"),
        ("relations-faults.csv", 2, "related_customer_id", "unknown customer"),
        ("relations-faults.csv", 3, "relation", "unknown code"),
        ("accounts-faults.csv", 2, "currency", "bad value"),
        ("accounts-faults.csv", 2, "kind", "unknown code"),
        ("account_holders-faults.csv", 3, "account_id", "unknown account"),
        ("transactions-faults.csv", 2, "amount", "bad amount"),
        ("transactions-faults.csv", 3, "booking_date", "date out of range"),
        ("transactions-faults.csv", 4, "booking_date", "bad date"),
        ("transactions-faults.csv", 5, "account_id", "missing value"),
        ("transactions-faults.csv", 6, "account_id", "unknown account"),
        ("transactions-faults.csv", 7, "transaction_id", "duplicate key with different content"),
        ("transactions-faults.csv", 8, "transaction_id", "duplicate key with different content"),
    }
    assert all(hint for *_, hint, _ in bad.rejects)
    assert {reject[:3] for reject in bad.rejects if reject[-1]} == {
        ("customers-faults.csv", 2, "birth_date"),
        ("customers-faults.csv", 3, "sex"),
    }


def test_load_report_counts_every_reject_once_with_its_first_place(bad: BadBank) -> None:
    report = json.loads(json.dumps(bad.loaded.to_dict()))
    kept_out = {(file, line) for file, line, *_, loaded in bad.rejects if not loaded}
    assert report["totals"]["rejected"] == len(kept_out)
    assert len(bad.rejects) == sum(reason["count"] for reason in report["rejects"] + report["emptied"])
    places = {(file, line) for file, line, *_ in bad.rejects}
    assert all((reason["first_file"], reason["first_line"]) in places for reason in report["rejects"])
    for file in report["files"]:
        assert file["rows"] == file["loaded"] + file["unchanged"] + file["rejected"]


def test_violations_name_the_shape_the_people_and_what_was_kept_out(bad: BadBank) -> None:
    validation = bad.report.validation.to_dict()
    shapes = {shape.rsplit("/", 1)[-1]: count for shape, count in validation["counts"].items()}
    assert shapes["parenthood-cycle"] == 2
    assert shapes["parent-younger"] == 1
    kept_out = {(fact["subject"], fact["predicate"], fact["object"]) for fact in validation["kept_out"]}
    base, has_child = "https://bank.example/id/customer/", "<https://w3id.org/augenblick/ontology#hasChild>"
    for parent, child in (("a", "b"), ("b", "a"), ("young-parent", "old-child")):
        assert (f"<{base}{parent}>", has_child, f"<{base}{child}>") in kept_out
    assert not [fact for fact in kept_out if f"<{base}mum>" in fact]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ("Kreis in der Elternschaft", "Elternteil jünger als das Kind", "ausgenommen: young-parent")),
        ("en", ("Cycle in parenthood", "Parent younger than the child", "kept out: young-parent")),
    ],
)
def test_report_as_text_says_what_broke_and_what_took_no_part(
    bad: BadBank, language: str, said: tuple[str, ...]
) -> None:
    text = bad.report.validation.text(language)
    assert not [words for words in said if words not in text], text
    assert str(len(bad.report.validation.kept_out)) in text


def test_moments_of_the_others_are_found_and_none_of_what_was_kept_out(bad: BadBank, shipped: Content) -> None:
    with pipeline.last_run(bad.directory, shipped) as run:
        found = run.connection.execute("SELECT customer_id, slug FROM moments.moments ORDER BY ALL").fetchall()
    assert found == [("kid", "childbirth"), ("mum", "grandchild-birth")]
    graph = (bad.directory.live_store / "graph.nq").read_text("utf-8")
    assert "#hasParent> <https://bank.example/id/customer/young-parent>" not in graph
    assert "#hasParent> <https://bank.example/id/customer/mum>" in graph


def test_table_without_a_required_column_is_set_aside_and_all_else_gives_the_same_moments(
    tmp_path: Path, bad: BadBank, shipped: Content
) -> None:
    family(tmp_path / "export")
    spoil(tmp_path / "export")
    text = "contract_id,customer_id,prodct,opened_on\nk1,fine,loan,2020-01-01\nk2,fine,loan,2020-01-01\n"
    (tmp_path / "export" / "contracts.csv").write_text(text, encoding="utf-8")
    directory = DataDirectory(tmp_path / "data")
    loaded = pipeline.load(directory, tmp_path / "export")
    [missing] = [reject for reject in loaded.rejects if reject.reason == "missing column"]
    assert (missing.first_file, missing.first_line, missing.field) == ("contracts.csv", 1, "product")
    assert "'prodct'" in str(missing.hint)
    assert (loaded.rows, loaded.loaded, loaded.rejected) == (
        bad.loaded.rows + 2, bad.loaded.loaded, bad.loaded.rejected + 2,
    )  # fmt: skip
    pipeline.detect(directory, content=shipped, as_of=AS_OF)
    graphs = [(one / "graph.nq").read_text("utf-8") for one in (directory.live_store, bad.directory.live_store)]
    assert graphs[0] == graphs[1]
