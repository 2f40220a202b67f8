"""`augenblick check` finds what is wrong with the content, wherever it stands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from augenblick.cli import main
from augenblick.pipeline.checking import CheckReport, check
from augenblick.publish import library_check

ROOT = Path(__file__).resolve().parents[2]
MOMENT = "ontology/moments/grandchild-birth/moment.ttl"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return _copied(tmp_path)


def _copied(folder: Path) -> Path:
    for name in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _kinds(report: CheckReport) -> set[tuple[str, str]]:
    return {(finding.where, finding.kind) for finding in report.findings}


def test_check_command_on_the_shipped_content_prints_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", "--no-reasoner", "--no-cases", "--lang", "de", "--content", str(ROOT)])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (0, "Alles in Ordnung.\n")
    assert "nicht geprüft" in said.err


PREFIX = "PREFIX aug: <https://w3id.org/augenblick/ontology#> "
CYCLE = (
    PREFIX
    + "CONSTRUCT { ?a aug:hasSibling ?b } WHERE { ?a aug:hasParent ?b FILTER NOT EXISTS { ?b aug:hasSibling ?a } }"
)
HEADER = "# title (de): T\n# title (en): T\n# answers (de): A\n# answers (en): A\n# roles: analyst\n"
SHAPE, PRODUCT = "shapes/data/person.ttl", "ontology/products/grandchild-depot.ttl"
SIGNAL, CASE = "ontology/signals/mover.ttl", "ontology/moments/grandchild-birth/cases/bad.yaml"


def _untidy(root: Path) -> None:
    _replace(root / MOMENT, "    aug:weight 2.5 .", "  aug:weight 2.5 .")
    _replace(root / SIGNAL, "owl:imports <https://w3id.org/augenblick/ontology/core> ;", "")


def test_check_tells_form_and_imports_as_hints_where_nothing_else_is_wrong(
    tmp_path: Path, damaged: CheckReport
) -> None:
    root = _copied(tmp_path)
    _untidy(root)
    found = {(f.where, f.kind, f.severity) for f in check(root, reasoner=False, cases=False).findings}
    assert found >= {(MOMENT, "form", "hint"), (SIGNAL, "imports", "hint")}
    assert {severity for *_, severity in found} == {"hint"}
    assert not {"form", "imports"} & {finding.kind for finding in damaged.findings}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> CheckReport:
    """What is found in content with many faults that each leave the rest readable."""
    root = _copied(tmp_path_factory.mktemp("damaged"))
    _untidy(root)
    _replace(root / SHAPE, "sh:maxCount 1", "sh:maxCuont 1")
    _replace(root / PRODUCT, "$this aug:person ?person .", "$this aug:person")
    (root / "ontology/core/rules/bad.rq").write_text("CONSTRUCT WHERE")
    (root / "ontology/core/rules/cycle.rq").write_text(CYCLE)
    (root / "ontology/core/rules/typo.rq").write_text(
        PREFIX + "CONSTRUCT { ?a aug:hasChlid ?b } WHERE { ?b aug:hasParent ?a }"
    )
    (root / CASE).write_text("title: only\n")
    (root / "queries/bad.rq").write_text("SELECT * { ?s ?p ?o }")
    return check(root, reasoner=False, cases=False)


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        (SHAPE, "shape"),
        (PRODUCT, "shape"),
        ("ontology/core/rules/bad.rq", "rule"),
        ("ontology/core/rules/cycle.rq", "stratification"),
        ("ontology/core/rules/typo.rq", "reference"),
        (CASE, "case"),
        ("queries/bad.rq", "query"),
    ],
)
def test_check_of_damaged_content_names_file_and_kind(damaged: CheckReport, where: str, kind: str) -> None:
    assert (where, kind) in _kinds(damaged)


def test_check_of_damaged_content_says_how_to_mend_each(damaged: CheckReport) -> None:
    assert [finding for finding in damaged.findings if not finding.message] == []
    assert str(damaged.root) not in json.dumps(damaged.to_dict()["findings"])


def test_check_when_content_cannot_be_loaded_still_says_the_rest(copy: Path) -> None:
    _replace(copy / MOMENT, "signal:gift-to-child", "signal:gift-to-chidl")
    _replace(copy / MOMENT, '        "birth of a grandchild"@en ;', '        "x"@fr ;')
    (copy / "queries" / "bad.rq").write_text("SELECT * { ?s ?p ?o }")
    found = _kinds(check(copy, reasoner=False, cases=False))
    assert {(MOMENT, "reference"), (MOMENT, "label"), ("queries/bad.rq", "query")} <= found


def test_check_when_a_file_is_no_turtle_names_it_and_goes_on_with_the_queries(copy: Path) -> None:
    _replace(copy / MOMENT, "a owl:Ontology ;", "a owl:Ontology")
    (copy / "queries" / "bad.rq").write_text("SELECT * { ?s ?p ?o }")
    assert _kinds(check(copy, reasoner=False, cases=False)) == {(MOMENT, "turtle"), ("queries/bad.rq", "query")}


@pytest.mark.parametrize(
    ("header", "body", "term"),
    [
        ("", "?s ?p ?o", "title (de)"),
        (HEADER.replace("# roles: analyst\n", ""), "?s ?p ?o", "roles"),
        (HEADER.replace("# answers (de): A\n", ""), "?s ?p ?o", "answers (de)"),
        (HEADER, "?s ?p", "query"),
        (HEADER, "?s ?p $o", "$o"),
        (HEADER + "# parameter: x (string) - an x\n", "?s ?p ?o", "$x"),
        (HEADER + "# parameter: x (word) - an x\n", "?s ?p $x", "header"),
        (HEADER, "SERVICE <urn:x> { ?s ?p ?o }", "query"),
    ],
)
def test_query_when_incomplete_is_found(tmp_path: Path, header: str, body: str, term: str) -> None:
    (tmp_path / "bad.rq").write_text(f"{header}SELECT * {{ {body} }}")
    assert term in {finding.term for finding in library_check.findings(tmp_path)}


def test_query_when_complete_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "good.rq").write_text(f"{HEADER}# parameter: x (iri) - an x\nSELECT * {{ ?s ?p $x }}")
    assert list(library_check.findings(tmp_path)) == []


def test_check_when_a_class_contradicts_itself_says_so(copy: Path) -> None:
    declared = "\naug:Relation\n    a owl:Class ;"
    both = f"{declared}\n    rdfs:subClassOf aug:Account, aug:Party ;"
    _replace(copy / "ontology/core/kinship.ttl", declared, both)
    assert ("ontology/core/kinship.ttl", "unsatisfiable") in _kinds(check(copy, cases=False))


def test_check_command_when_something_is_found_ends_with_one(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _replace(copy / MOMENT, "a owl:Ontology ;", "a owl:Ontology")
    with pytest.raises(SystemExit) as ended:
        main(["check", "--no-reasoner", "--no-cases", "--json", "--content", str(copy)])
    assert ended.value.code == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert {finding["where"] for finding in report["findings"]} == {MOMENT}


def test_command_when_mistyped_is_an_error_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["detekt"])
    assert ended.value.code == 2
    assert "Did you mean 'detect'?" in capsys.readouterr().err
