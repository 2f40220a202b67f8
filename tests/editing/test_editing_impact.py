"""What an edit would change: how little is derived anew for it, and that the outcome is that of a whole run."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from accesses import OPERATOR
from augenblick.content import Content, Words, default_root, load_content
from augenblick.editing import Edition
from augenblick.editing.comparison import Count, examples, moments_compared
from augenblick.editing.edits import edits, file_edits
from augenblick.editing.impact import Accuracy, Impact, impact
from augenblick.editing.impact_text import markdown
from augenblick.editing.operations import operated
from augenblick.editing.publication import propose, publish
from augenblick.editing.reach import reach
from augenblick.editing.versions import Versions
from augenblick.model.errors import Outdated
from augenblick.model.terms import AUG, DATA_BASE, MOMENT
from augenblick.pipeline.checking import CheckReport
from augenblick.pipeline.rerun import Reach, rerun, widened
from simulated_bank import END, SimulatedBank

CHILDBIRTH = MOMENT + "childbirth"
WEIGHT = {"do": "set_weight", "term": f"{CHILDBIRTH}#first-child-benefit", "weight": 0.5}
SIGNAL = "ontology/signals/child-benefit.ttl"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
Edited = Callable[[Edition], Edition]


@pytest.fixture(scope="module")
def shipped_edition() -> Edition:
    return Edition.read(default_root())


def lighter(base: Edition) -> Edition:
    return operated(base, [WEIGHT])


def doubled(base: Edition) -> Edition:
    """A new moment with the patterns of another."""
    moment = base.texts["ontology/moments/relocation/moment.ttl"].replace("moments/relocation", "moments/move-again")
    for old in ("moment:relocation", "moment/relocation"):
        moment = moment.replace(old, old.replace("relocation", "move-again"))
    moment = moment.replace('aug:slug "relocation"', 'aug:slug "move-again"')
    return Edition({**base.texts, "ontology/moments/move-again/moment.ttl": moment})


def withdrawn(base: Edition) -> Edition:
    product = base.values(f"{MOMENT}relocation", f"{AUG}hasProduct")[0]
    return operated(base, [{"do": "remove_product", "term": f"{MOMENT}relocation", "product": product}])


def excepted(base: Edition) -> Edition:
    term = f"{CHILDBIRTH}#first-child-benefit"
    path = base.places[term][0]
    return Edition(
        {**base.texts, path: base.texts[path] + f'\n<{term}> aug:maximumAge "P1Y"^^xsd:yearMonthDuration .\n'}
    )


def laid_out(edition: Edition, folder: Path) -> Content:
    edition.write(folder)
    return load_content(folder)


def reach_of(edited: Edition, base: Edition, content: Content, new: Content | None = None) -> Reach:
    return reach(edits(base, edited), file_edits(base, edited), (base, edited), content, new or content)


def test_reach_of_a_weight_is_its_moment_and_those_that_look_at_it(shipped: Content, shipped_edition: Edition) -> None:
    found = reach_of(lighter(shipped_edition), shipped_edition, shipped)
    assert found == Reach(weighed=frozenset({CHILDBIRTH}))
    touched, derived = widened(found, shipped.moments)
    assert CHILDBIRTH in touched - derived
    assert {
        t.iri for t in shipped.moments if any(CHILDBIRTH in p.parameters.get("kinMoment", ()) for p in t.patterns)
    } <= derived


def test_reach_of_a_word_is_nothing(shipped: Content, shipped_edition: Edition) -> None:
    path = shipped_edition.places[CHILDBIRTH][0]
    reworded = Edition(
        {**shipped_edition.texts, path: shipped_edition.texts[path].replace("skos:example", "skos:scopeNote")}
    )
    assert reach_of(reworded, shipped_edition, shipped).nothing


def test_reach_of_a_signal_or_a_core_rule_is_everything(shipped: Content, shipped_edition: Edition) -> None:
    for path, old, new in (
        (SIGNAL, "aug:recurring true", "aug:recurring false"),
        ("ontology/core/rules/siblings.rq", "WHERE", "WHERE # all"),
    ):
        assert old in shipped_edition.texts[path]
        edited = Edition({**shipped_edition.texts, path: shipped_edition.texts[path].replace(old, new)})
        whole = reach_of(edited, shipped_edition, shipped).whole
        assert whole
        assert whole.de != whole.en


def test_impact_is_told_in_the_readers_language_down_to_why_and_to_labels(shipped: Content) -> None:
    whole = Words("An „Kindergeld“ kann mehreres hängen.", "Several may hang on “child benefit”.")
    labels = {moment.iri: moment.label for moment in shipped.moments}
    found = Impact(Reach(whole=whole), labels, accuracy=(Accuracy("childbirth", (5, 5), (2, 0), (1, 1)),))
    assert "neu abgeleitet: An „Kindergeld“ kann mehreres hängen." in markdown(found, "de")
    assert "| Geburt eines Kindes | 5 → 5 | 2 → 0 | 1 → 1 |" in markdown(found, "de")
    assert "| birth of a child | 5 → 5 | 2 → 0 | 1 → 1 |" in markdown(found, "en")


def two_runs() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS published")
    columns = "(moment_id VARCHAR, customer_id VARCHAR, moment_type VARCHAR, confidence DOUBLE, state VARCHAR)"
    for catalog in ("memory", "published"):
        connection.execute(f"CREATE SCHEMA {catalog}.moments; CREATE TABLE {catalog}.moments.moments {columns}")
    before = (
        "('a', 'ann', 't', 0.9, 'confirmed'), ('b', 'bob', 't', 0.7, 'tentative'), ('d', 'dan', 't', 0.8, 'dismissed')"
    )
    after = (
        "('a', 'ann', 't', 0.6, 'tentative'), ('c', 'bob', 't', 0.7, 'tentative'), ('d', 'dan', 't', 0.8, 'dismissed')"
    )
    connection.execute(f"INSERT INTO published.moments.moments VALUES {before}")
    connection.execute(f"INSERT INTO moments.moments VALUES {after}")
    return connection


def test_comparison_counts_customers_who_gain_lose_and_are_less_sure() -> None:
    connection = two_runs()
    assert moments_compared(connection) == (Count("t", 2, 2, gain=1, lose=1, less_sure=1, unconfirmed=1),)
    assert [moved.moment_id for moved in examples(connection, most=1)] == ["a", "c", "b"]


def derived_of(connection: duckdb.DuckDBPyConnection) -> list[list[tuple[object, ...]]]:
    """Return what a run came to: moments, their waterfall, offers, standings and all facts but the ontology's."""
    statements = (
        "SELECT * EXCLUDE (cluster_id, confidence), round(confidence, 9) FROM moments.moments",
        "SELECT moment_id, pattern, indication, weight, observed_on, counted FROM moments.contributions",
        "SELECT offer_id, verdict, rank, reasons_de FROM offers.offers",
        "SELECT moment_id, strictness, others, mild_id, mild_strictness, mild_state FROM policy.moments",
    )
    return [sorted(connection.execute(s).fetchall(), key=str) for s in statements]


@pytest.mark.slow
@pytest.mark.parametrize("edited", [lighter, doubled, excepted, withdrawn])
def test_rerun_of_an_edit_equals_a_whole_run(
    edited: Edited, simulated_bank: SimulatedBank, shipped_edition: Edition, tmp_path: Path
) -> None:
    after = edited(shipped_edition)
    old, new = simulated_bank.content, laid_out(after, tmp_path)
    found = reach_of(after, shipped_edition, old, new)
    assert not found.whole
    outcomes = []
    for chosen in (found, replace(found, whole=Words("zum Vergleich", "for comparison"))):
        with simulated_bank.directory.aside(fresh=bool(chosen.whole)) as connection:
            rerun(connection, old, new, chosen, as_of=END, base=DATA_BASE)
            outcomes.append(derived_of(connection))
    with simulated_bank.tables() as tables:
        assert derived_of(tables) != outcomes[0]
    assert outcomes[0] == outcomes[1]


@pytest.mark.slow
def test_impact_tells_who_loses_and_why_and_leaves_nothing_behind(
    simulated_bank: SimulatedBank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = [simulated_bank.directory.derived_file, simulated_bank.directory.bank_file]
    before = [hashlib.sha256(file.read_bytes()).digest() for file in files]
    found = impact(simulated_bank.directory, lighter, access=OPERATOR, truth=simulated_bank.exports)
    assert [hashlib.sha256(file.read_bytes()).digest() for file in files] == before
    assert not list(tmp_path.iterdir())
    childbirth = next(count for count in found.moments if count.iri == CHILDBIRTH)
    assert childbirth.lose + childbirth.less_sure > 0
    assert all(count.iri in found.labels for count in found.moments)
    assert any(example.moved.moment_type == CHILDBIRTH for example in found.examples)
    assert any(answers.moves for answers in found.queries)
    told = markdown(found, "de")
    assert "Geburt" in told
    assert "vorher" in told


@pytest.mark.slow
def test_impact_of_a_run_of_another_version_is_refused(simulated_bank: SimulatedBank, tmp_path: Path) -> None:
    shutil.copytree(simulated_bank.directory.path, tmp_path / "data")
    directory = type(simulated_bank.directory)(tmp_path / "data")
    versions = Versions(directory)
    change = propose(versions, lighter, author="Ada", reason="a trial", at=NOW)
    publish(versions, change.name, approver="Ben", at=NOW, check=lambda root: CheckReport(root, (), {}, (), None))
    with pytest.raises(Outdated, match="another version"):
        impact(directory, lighter, access=OPERATOR)


@pytest.mark.slow
def test_impact_of_what_another_release_derived_asks_to_derive_anew(
    simulated_bank: SimulatedBank, tmp_path: Path
) -> None:
    shutil.copytree(simulated_bank.directory.path, tmp_path / "data")
    directory = type(simulated_bank.directory)(tmp_path / "data")
    connection = directory.connect()
    connection.execute("DROP TABLE moments.dating")
    connection.close()
    with pytest.raises(Outdated, match="another release") as refused:
        impact(directory, lighter, access=OPERATOR)
    assert refused.value.hint == "run `augenblick detect`"
