"""Every verb as it is typed: help that teaches, text for people, JSON for machines."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cli_typing import Run
from rdflib import Graph
from typer.main import get_command

from augenblick.cli import app
from augenblick.cli.moments import outside_of_data, print_detection
from augenblick.explain.words import Language
from simulated_bank import SimulatedBank
from small_bank import family

VERBS = ("simulate", "ingest", "detect", "explain", "offers", "query", "check", "demo")


@pytest.fixture
def story(simulated_bank: SimulatedBank) -> str:
    ((moment, _, _),) = simulated_bank.moments("customer_id = 'C00000001' AND slug = 'grandchild-birth'")
    return moment


def test_help_names_every_verb_and_a_first_round(run: Run) -> None:
    answer = run("--help")
    assert answer.code == 0
    assert all(verb in answer.out for verb in VERBS)
    assert "A first round" in answer.out


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_says_what_it_does_and_describes_every_option(run: Run, verb: str) -> None:
    answer = run(verb, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert "Usage" in answer.out
    assert "\x1b" not in answer.out
    options = [line for line in answer.out.splitlines() if line.lstrip("│ ").startswith("--")]
    assert options
    assert all(len(line.split()) > 3 for line in options)


def test_simulate_ingest_and_query_list_as_json_print_nothing_else(run: Run, tmp_path: Path) -> None:
    simulated = run("simulate", tmp_path / "export", "--customers", 5, "--months", 3, "--json")
    rows = json.loads(simulated.out)["rows"]
    assert rows["customers"] == 5
    loaded = run("ingest", tmp_path / "export", "--data", tmp_path / "data", "--json")
    assert json.loads(loaded.out)["totals"]["loaded"] == sum(rows.values()) - rows["truth"] - rows["traps"]
    library = run("query", "--json")
    assert {"name", "titles", "parameters"} <= set(json.loads(library.out)[0])
    assert [answer.err for answer in (simulated, loaded, library)] == ["", "", ""]


def test_ingest_as_text_lists_files_and_rejects_with_hints(run: Run, tmp_path: Path) -> None:
    family(tmp_path / "export")
    with (tmp_path / "export" / "customers.csv").open("a", encoding="utf-8") as file:
        file.write("ben,2999-01-01,Ben,male\n")
    answer = run("ingest", tmp_path / "export", "--data", tmp_path / "data")
    assert answer.code == 0
    assert "date out of range" in answer.out
    assert "customers.csv, line 4" in answer.out


@pytest.mark.parametrize(("language", "label"), [("de", "Geburt eines Enkelkindes"), ("en", "birth of a grandchild")])
def test_detection_is_told_in_the_language_asked_for(
    simulated_bank: SimulatedBank, capsys: pytest.CaptureFixture[str], language: Language, label: str
) -> None:
    print_detection(simulated_bank.report, language)
    printed = capsys.readouterr()
    assert label in printed.out
    assert "publish" in printed.err
    assert ("dort mitgezählt" if language == "de" else "counted there") in " ".join(printed.err.split())


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (date(2023, 12, 31), "first booking is of"),
        (date(2024, 1, 1), None),
        (date(2026, 11, 7), None),
        (date(2026, 11, 8), "last booking is of"),
    ],
)
def test_date_outside_the_bookings_is_remarked_on(as_of: date, said: str | None) -> None:
    remark = outside_of_data(as_of, (date(2024, 1, 1), date(2026, 10, 31)), "en")
    assert said in (remark or "") if said else remark is None


def test_each_verb_is_registered_by_the_module_it_is_looked_up_in() -> None:
    for verbs in app.VERBS.values():
        group: Any = get_command(app.application(verbs[0]))
        assert set(group.commands) == set(verbs)
    whole: Any = get_command(app.application())
    assert set(whole.commands) == {verb for verbs in app.VERBS.values() for verb in verbs}


def test_detect_again_as_json_is_for_machines_and_publishes_no_difference(
    run: Run, simulated_bank: SimulatedBank, tmp_path: Path
) -> None:
    shutil.copytree(simulated_bank.directory.path, tmp_path / "data")
    answer = run("detect", "--as-of", "2026-10-31", "--data", tmp_path / "data", "--json")
    report = json.loads(answer.out)
    assert (answer.code, answer.err) == (0, "")
    assert report["as_of"] == "2026-10-31"
    assert (report["published"]["added"], report["published"]["removed"]) == (0, 0)
    assert report["moments"] == json.loads(json.dumps(simulated_bank.report.to_dict()))["moments"]


def test_explain_takes_the_iri_and_the_part_after_the_base(run: Run, simulated_bank: SimulatedBank, story: str) -> None:
    data = simulated_bank.directory.path
    whole = run("explain", story, "--data", data)
    short = run("explain", story.partition("/id/")[2], "--data", data)
    assert whole == short
    assert whole.code == 0
    assert "C00000001: birth of a grandchild" in whole.out
    assert "relations.csv, line" in whole.out
    assert "transactions.csv, line" in whole.out


def test_explain_in_german_as_json_and_as_prov(run: Run, simulated_bank: SimulatedBank, story: str) -> None:
    data = simulated_bank.directory.path
    german = run("explain", story, "--data", data, "--lang", "de")
    assert "Geburt eines Enkelkindes" in german.out
    assert "Zeile" in german.out
    machine = run("explain", story, "--data", data, "--json")
    assert json.loads(machine.out)["moment_id"] == story
    prov = run("explain", story, "--data", data, "--prov")
    assert len(Graph().parse(data=prov.out, format="turtle")) > 10
    assert [answer.err for answer in (german, machine, prov)] == ["", "", ""]


def test_explain_why_not_as_text_and_json(run: Run, simulated_bank: SimulatedBank) -> None:
    data = simulated_bank.directory.path
    text = run("explain", "--why-not", "C00000001", "retirement", "--data", data, "--lang", "de")
    assert "Ruhestand wurde nicht erkannt" in text.out
    machine = run("explain", "--why-not", "C00000001", "retirement", "--data", data, "--json")
    assert json.loads(machine.out)["slug"] == "retirement"


def test_offers_as_text_and_json(run: Run, simulated_bank: SimulatedBank) -> None:
    data = simulated_bank.directory.path
    text = run("offers", "C00000001", "--data", data, "--lang", "de")
    assert "Geburt eines Enkelkindes" in text.out
    machine = run("offers", "C00000001", "--data", data, "--json")
    assert json.loads(machine.out)["customer_id"] == "C00000001"


@pytest.mark.parametrize(("form", "begins"), [("csv", "label,"), ("json", "{"), ("tsv", "?label"), ("table", "Titel")])
def test_query_prints_the_form_asked_for(run: Run, simulated_bank: SimulatedBank, form: str, begins: str) -> None:
    options = ("--data", simulated_bank.directory.path, "--set", "customer=C00000001", "--format", form)
    answer = run("query", "customer-moments", *options, "--lang", "de")
    assert answer.code == 0
    assert "Geburt eines Enkelkindes" in answer.out
    assert form == "table" or answer.out.startswith(begins)


def test_query_runs_a_file_and_prints_turtle(run: Run, simulated_bank: SimulatedBank, tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text("CONSTRUCT { ?m a aug:Moment } WHERE { ?m a aug:Moment }", encoding="utf-8")
    answer = run("query", file, "--data", simulated_bank.directory.path, "--format", "turtle")
    shown = {str(moment) for moment in Graph().parse(data=answer.out, format="turtle").subjects()}
    guarded = ("SpecialCategory", "Criminal")
    open_to_operators = {m.slug for m in simulated_bank.content.moments if not str(m.legal_class).endswith(guarded)}
    found = simulated_bank.moments("state <> 'voided'")
    assert {moment for moment, _, slug in found if slug in open_to_operators} <= shown
    assert len(shown) <= len(found)


def test_output_that_is_no_terminal_has_no_colours_and_no_progress(
    run: Run, simulated_bank: SimulatedBank, story: str
) -> None:
    data = simulated_bank.directory.path
    for arguments in (("explain", story), ("offers", "C00000001"), ("query", "moments-by-type"), ("query",)):
        answer = run(*arguments, "--data", data)
        assert answer.code == 0
        assert "\x1b" not in answer.out + answer.err


def test_reconcile_as_json_tells_relations_to_look_at_with_proofs_that_add_up(
    run: Run, simulated_bank: SimulatedBank
) -> None:
    answer = run("reconcile", "--data", simulated_bank.directory.path, "--json")
    findings = json.loads(answer.out)["findings"]
    missing = [finding for finding in findings if finding["finding"] == "missing"]
    assert missing
    assert all(sum(sign["weight"] for sign in f["proof"]) == pytest.approx(f["weight"]) for f in missing)
    with simulated_bank.tables() as tables:
        recorded = set(tables.execute("SELECT customer_id, related_customer_id FROM bank.relations").fetchall())
    assert not recorded & {(finding["customer"], finding["relative"]) for finding in missing}


def test_reconcile_of_one_customer_prints_every_sign_and_refuses_a_role_that_may_not_ask(
    run: Run, simulated_bank: SimulatedBank
) -> None:
    data = ("--data", simulated_bank.directory.path)
    first = json.loads(run("reconcile", *data, "--json").out)["findings"][-1]
    answer = run("reconcile", first["customer"], *data)
    assert all(sign["reason"] in answer.out for sign in first["proof"])
    refused = run("reconcile", *data, "--role", "crm", "--purpose", "service")
    assert "AB502" in refused.err
