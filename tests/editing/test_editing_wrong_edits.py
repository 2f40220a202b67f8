"""A wrong edit of each kind: the message names file, line and term as people call it, and says how to mend it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SH, Graph
from rdflib.term import Node

from augenblick.cli.app import main
from augenblick.content import manifest
from augenblick.content.finding import Finding
from augenblick.content.hygiene import HYGIENE, QUESTIONS, Ontology, findings, read
from augenblick.editing import Edition
from augenblick.editing.publication import loosenings, with_loosenings
from augenblick.pipeline import content_shapes
from augenblick.pipeline.checking import CheckReport, check
from lean_content import ROOT, lean_content

MOMENT, SIGNAL, PARTY = (
    "ontology/moments/childbirth/moment.ttl",
    "ontology/signals/child-benefit.ttl",
    "ontology/core/party.ttl",
)
PRODUCT = "ontology/products/child-savings.ttl"
MOMENT_SPACE = "https://w3id.org/augenblick/moment/"
CASE = "ontology/moments/childbirth/cases/wrong.yaml"
CASE_TEXT = """title: a case
as_of: 2026-06-30
given:
  customers: [{customer_id: lena, birth_date: 1990-05-02}]
expect:
  - {customer: lena, moment: childbirth, occurred_between: [2026-01-09, 2026-04-09], state: confirmed}
"""
RULE = """# title: a trial
PREFIX aug: <https://w3id.org/augenblick/ontology#>
CONSTRUCT { ?i a aug:Candidate } WHERE { ?i aug:weight ?w """
WORDS = "From 25 euros a month, adjustable at any time: a savings plan for your child."
Edit = Callable[[Path], None]


def replaced(path: str, old: str, new: str) -> Edit:
    def edit(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert old in text, old
        (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def added(path: str, text: str) -> Edit:
    return lambda root: (root / path).write_text(text, encoding="utf-8") and None


def case(old: str, new: str) -> Edit:
    """Return the edit that adds a case with a fault in it."""

    def edit(root: Path) -> None:
        assert old in CASE_TEXT, old
        (root / CASE).parent.mkdir(exist_ok=True)
        (root / CASE).write_text(CASE_TEXT.replace(old, new, 1), encoding="utf-8")

    return edit


def copied(root: Path) -> None:
    text = (root / MOMENT).read_text(encoding="utf-8").replace("moments/childbirth", "moments/again")
    copy = root / "ontology/moments/again/moment.ttl"
    copy.parent.mkdir()
    copy.write_text(re.sub("moment([:/])childbirth", r"moment\1again", text), encoding="utf-8")


def unreasoned(root: Path) -> None:
    text = (root / MOMENT).read_text(encoding="utf-8")
    without = re.sub(r'    aug:reason\n        "Die Familienkasse[^"]*"@de,\n[^@]*@en ;\n', "", text, count=1)
    assert without != text
    (root / MOMENT).write_text(without, encoding="utf-8")


def folder_copied(root: Path) -> None:
    shutil.copytree((root / MOMENT).parent, root / "ontology/moments/a-copy")


def file_copied(root: Path) -> None:
    shutil.copy(root / SIGNAL, root / "ontology/signals/child-benefit - Kopie.ttl")


def encoded(root: Path, encoding: str) -> None:
    (root / SIGNAL).write_bytes((root / SIGNAL).read_text(encoding="utf-8").encode(encoding, "replace"))


WRONG: list[tuple[Edit, str, str, str, str]] = [
    # edit, kind of the finding, file, what the term is called in German, part of the mend in German
    (replaced(MOMENT, "aug:SignalFirstEver", "aug:SignalFirstEvr"), "reference", MOMENT, "", "aug:SignalFirstEver?"),
    (replaced(SIGNAL, '"Kindergeld"@de,\n        ', ""), "label", SIGNAL, "child benefit", '"…"@de'),
    (replaced(SIGNAL, ',\n        "child benefit"@en', ""), "label", SIGNAL, "Kindergeld", '"…"@en'),
    (
        replaced(
            PARTY, "aug:Party\n    a owl:Class ;", "aug:Party\n    a owl:Class ;\n    rdfs:subClassOf aug:Person ;"
        ),
        *("class-cycle", PARTY, "Beteiligter", "Unterklassen-Aussage"),
    ),
    (
        added(
            "ontology/patterns/out.rq",
            RULE + "BIND(RAND() AS ?r) }",
        ),
        *("rule", "ontology/patterns/out.rq", "a trial", "docs/reference/fragment.md"),
    ),
    (
        added(
            "ontology/patterns/out.rq",
            RULE + "FILTER NOT EXISTS { ?i a aug:Candidate } }",
        ),
        *("stratification", "ontology/patterns/out.rq", "a trial", "aug:unlessPattern"),
    ),
    (unreasoned, "weight-without-reason", MOMENT, "erstes Kindergeld", "aug:reason"),
    (
        replaced(MOMENT, 'aug:contentState "live"', 'aug:contentState "retired"'),
        *("withdrawn-moment-with-products", MOMENT, "Geburt eines Kindes", "aug:hasProduct"),
    ),
    (copied, "duplicate-slug", "ontology/moments/again/moment.ttl", "Geburt eines Kindes", "eigenen Kurznamen"),
    (lambda root: encoded(root, "latin-1"), "turtle", SIGNAL, "", "UTF-8"),
    (replaced(MOMENT, "aug:hasPattern\n", "aug:hasPattern ;;\n"), "turtle", MOMENT, "", "Strichpunkt"),
    (replaced(MOMENT, "aug:weight 2.0 .", "aug:weight 2.0"), "turtle", MOMENT, "", "einen Punkt"),
    (
        replaced(MOMENT, "aug:weight 2.0", 'aug:weight "viel"'),
        "content",
        MOMENT,
        "Konto für ein Kind eröffnet",
        "aug:weight 2.5",
    ),
    (
        replaced(MOMENT, '"P180D"^^xsd:dayTimeDuration', '"halbes Jahr"'),
        "content",
        MOMENT,
        "Konto für ein Kind eröffnet",
        '"P30D"',
    ),
    (replaced(MOMENT, "aug:weight 2.0", "aug:weight 2,0"), "content", MOMENT, "Konto für ein Kind eröffnet", "Punkt"),
    (replaced(SIGNAL, '"Kindergeld"@de', '"Kindergeld@de'), "turtle", SIGNAL, "", "Anführungszeichen"),
    (replaced(SIGNAL, r"\\bKINDERGELD", r"\dKINDERGELD"), "turtle", SIGNAL, "", r"\\d"),
    (replaced(SIGNAL, r"\\bKINDERGELD", r"\bKINDERGELD"), "content", SIGNAL, "Kindergeld", "jeder Rückstrich doppelt"),
    (
        replaced(SIGNAL, r"KINDERGELD\\b", r"KINDERGELD(\\b"),
        "content",
        SIGNAL,
        "Kindergeld",
        "schließen Sie sie mit „)“",
    ),
    (
        replaced(PRODUCT, "conditions#not-held", "conditions#not-hold"),
        *("reference", PRODUCT, "", "conditions#not-held?"),
    ),
    (
        added("ontology/patterns/out.rq", RULE + "FILTRE(?w > 1) }"),
        "rule",
        "ontology/patterns/out.rq",
        "a trial",
        "Klammer",
    ),
    (lambda root: encoded(root, "utf-8-sig"), "turtle", SIGNAL, "", "ohne BOM"),
    (replaced(SIGNAL, '"Kindergeld"@de', "„Kindergeld“@de"), "turtle", SIGNAL, "", "gerade Anführungszeichen"),
    (replaced(MOMENT, "    aug:prior", "<<<<<<< mine\n    aug:prior"), "turtle", MOMENT, "", "Lassen Sie eine"),
    (
        replaced(PRODUCT, f',\n        "{WORDS}"@en', ""),
        *("content", PRODUCT, "Kindersparen", 'aug:words "…"@de, "…"@en'),
    ),
    (folder_copied, "content", "ontology/moments/a-copy/moment.ttl", "Geburt eines Kindes", "Kurznamen"),
    (file_copied, "content", "ontology/signals/child-benefit - Kopie.ttl", "Kindergeld", "eigenen Namen"),
    (case("expect:", "expext:"), "case", CASE, "", "expect?"),
    (case("given:", "given: ["), "case", CASE, "", "Einrückung"),
    (case("customers:", "custmers:"), "case", CASE, "", "customers?"),
    (case("birth_date:", "birthday:"), "case", CASE, "", "birth_date?"),
    (case("state: confirmed", "status: confirmed"), "case", CASE, "", "state"),
    (case("as_of: 2026-06-30", "as_of: 30.06.2026"), "case", CASE, "", "2026-06-30"),
    (case("moment: childbirth", "moment: childbrith"), "case", CASE, "", "childbirth?"),
]
IDS = (
    *("typo", "removed-label", "one-language", "class-cycle", "outside-fragment", "negation-cycle"),
    *("weight-without-reason", "withdrawn-moment", "duplicate-slug", "wrong-encoding", "no-turtle"),
    *("no-full-stop", "no-number", "no-number-of-days", "comma-in-number", "no-closing-quote"),
    *("backslash-unknown", "backslash-single", "pattern-not-closed", "condition-typo", "rule-typo"),
    *("byte-order-mark", "typographic-quotes", "conflict-marks", "words-one-language", "folder-copied", "file-copied"),
    *("case-key", "case-not-yaml", "case-table", "case-column", "case-expectation", "case-day", "case-moment"),
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content of one moment without faults of its own; it names moments that are left out."""
    folder = tmp_path_factory.mktemp("sound")
    lean_content(folder, "childbirth")
    manifest.refresh(folder / "ontology")
    return folder


@pytest.fixture
def edited(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, to be edited wrongly."""
    return shutil.copytree(sound, tmp_path / "edited")


@pytest.mark.parametrize(("edit", "kind", "where", "label", "mend"), WRONG, ids=IDS)
def test_wrong_edit_is_told_with_file_line_term_and_mend_in_both_languages(
    edit: Edit, kind: str, where: str, label: str, mend: str, edited: Path
) -> None:
    edit(edited)
    report = check(edited, reasoner=False)
    found = [f for f in report.of("error") if (f.kind, f.where) == (kind, where)]
    assert found, [str(finding) for finding in report.findings]
    assert found[0].line > 0
    assert found[0].told("de")[0] == label
    assert mend in found[0].told("de")[2]
    assert all(finding.german and not finding.german.startswith("Die Prüfung meldet") for finding in found)
    assert all(finding.told("en")[2] != finding.told("de")[2] or "?" in finding.hint for finding in found)


def test_copy_that_kept_its_slug_is_told_once_at_the_slug_with_the_other_one(edited: Path) -> None:
    copied(edited)
    report = check(edited, reasoner=False)
    (found,) = (each for each in report.findings if "/again/" in each.where)
    assert (found.kind, found.term) == ("duplicate-slug", "moment:again")
    assert 'aug:slug "childbirth"' in (edited / found.where).read_text("utf-8").splitlines()[found.line - 1]
    assert "moment:childbirth" in found.german


def test_form_and_imports_are_hints_that_ask_for_nothing_and_only_where_nothing_is_wrong(tmp_path: Path) -> None:
    for part in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / part, tmp_path / part)
    replaced(SIGNAL, "signal:child-benefit\n", "signal:child-benefit    \n")(tmp_path)
    found = [f for f in check(tmp_path, reasoner=False, cases=False).findings if f.where == SIGNAL]
    assert {"form"} <= {f.kind for f in found} <= {"form", "imports"}
    assert all(f.severity == "hint" and "Sie müssen nichts tun" in f.german_hint for f in found)
    replaced(SIGNAL, '"Kindergeld"@de,\n        ', "")(tmp_path)
    assert {f.kind for f in check(tmp_path, reasoner=False, cases=False).findings if f.where == SIGNAL} == {"label"}


def test_name_that_is_nowhere_is_told_with_the_term_it_stands_with(edited: Path) -> None:
    replaced(MOMENT, "aug:SignalFirstEver", "aug:SignalFirstEvr")(edited)
    (found,) = (f for f in check(edited, reasoner=False).of("error") if f.where == MOMENT)
    assert "„erstes Kindergeld“" in found.told("de")[1]
    assert "“first child benefit”" in found.told("en")[1]


def test_term_that_was_deleted_is_told_as_gone_with_the_file_it_stood_in(sound: Path, edited: Path) -> None:
    (edited / SIGNAL).unlink()
    found = [f for f in check(edited, reasoner=False, before=sound).of("error") if f.term == "signal:child-benefit"]
    assert MOMENT in {f.where for f in found}
    assert all(f"gültigen Fassung steht er in {SIGNAL}" in f.german for f in found)
    assert all("Holen Sie ihn zurück" in f.german_hint for f in found)


def test_file_left_empty_is_told_as_empty(edited: Path) -> None:
    (edited / SIGNAL).write_text("", encoding="utf-8")
    found = [f for f in check(edited, reasoner=False).of("error") if f.where == SIGNAL]
    assert [f.german.split(",")[0] for f in found] == ["Die Datei ist leer"]


def test_classes_in_a_circle_are_told_without_what_follows_from_the_circle(edited: Path) -> None:
    replaced(PARTY, "aug:Party\n    a owl:Class ;", "aug:Party\n    a owl:Class ;\n    rdfs:subClassOf aug:Person ;")(
        edited
    )
    assert {f.kind for f in check(edited).of("error") if f.where == PARTY} == {"class-cycle"}


def test_rule_that_undoes_itself_is_told_with_what_it_asks_and_who_establishes_that(edited: Path) -> None:
    added("ontology/patterns/out.rq", RULE + "FILTER NOT EXISTS { ?i a aug:Candidate } }")(edited)
    (found,) = (f for f in check(edited, reasoner=False).of("error") if f.kind == "stratification")
    assert "verlangt, dass „möglicher Hinweis“ (aug:Candidate) fehlt, und stellt es selbst fest" in found.german
    negation = RULE.replace("aug:Candidate", "aug:Need").replace("a trial", "the other") + ". ?i a aug:Candidate }"
    added("ontology/patterns/other.rq", negation)(edited)
    added("ontology/patterns/out.rq", RULE + "FILTER NOT EXISTS { ?i a aug:Need } }")(edited)
    (found,) = (f for f in check(edited, reasoner=False).of("error") if f.kind == "stratification")
    assert "“the other” (ontology/patterns/other.rq, line 3)" in found.message


def test_function_that_gives_something_else_each_time_is_told_by_what_it_does(edited: Path) -> None:
    added("ontology/patterns/out.rq", RULE + "BIND(RAND() AS ?r) }")(edited)
    (found,) = (f for f in check(edited, reasoner=False).of("error") if f.kind == "rule")
    assert found.german.startswith("Die Regel ruft RAND() auf, das bei jedem Lauf etwas anderes ergibt")


def test_wrong_number_is_told_at_its_line_and_in_the_words_of_people(edited: Path) -> None:
    replaced(MOMENT, "aug:weight 2.0", 'aug:weight "viel"')(edited)
    (found,) = (f for f in check(edited, reasoner=False).of("error") if f.kind == "content")
    assert 'aug:weight "viel"' in (edited / MOMENT).read_text("utf-8").splitlines()[found.line - 1]
    assert found.told("de")[1] == "Hier muss eine Zahl stehen, nicht „viel“ (Gewicht)."
    assert found.called("de") == "Konto für ein Kind eröffnet (child-account-opened)"


def test_contradiction_is_explained_by_the_two_things_that_exclude_each_other(edited: Path) -> None:
    replaced(PARTY, "rdfs:subClassOf aug:Party ;", "rdfs:subClassOf aug:Party, aug:Person ;")(edited)
    report = check(edited)
    (found,) = (f for f in report.of("error") if f.kind == "unsatisfiable")
    assert (found.where, found.line > 0, found.german_label) == (PARTY, True, "Organisation")
    assert "“organisation”" in found.message
    assert "“person”" in found.message
    assert "„Organisation“ und „natürliche Person“" in found.german
    assert "owl:disjointWith" in found.german_hint


def test_loosened_legal_class_names_file_line_and_who_must_approve() -> None:
    path = "ontology/moments/accident/moment.ttl"
    before = Edition({name: (ROOT / name).read_text("utf-8") for name in (path, "ontology/core/law.ttl")})
    milder = before.texts[path].replace("aug:legalClass aug:SpecialCategory", "aug:legalClass aug:Ordinary")
    (found,) = loosenings(before, Edition({**before.texts, path: milder}))
    assert (found.where, found.line > 0, found.label) == (path, True, before.label(f"{MOMENT_SPACE}accident", "en"))
    assert "--data-protection" in found.told("de")[2]
    report = with_loosenings(CheckReport(ROOT, (), {}, (), None), before, Edition({**before.texts, path: milder}))
    assert [(f.kind, f.where, f.severity) for f in report.findings] == [("legal-class", path, "warning")]
    assert report.ok


def test_check_warns_of_a_loosened_class_without_being_told_what_is_in_force(
    sound: Path, edited: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stricter = shutil.copytree(sound, tmp_path / "in-force")
    replaced(MOMENT, "aug:legalClass aug:Ordinary", "aug:legalClass aug:SpecialCategory")(stricter)
    monkeypatch.setenv("AUGENBLICK_CONTENT", str(stricter))
    with pytest.raises(SystemExit):  # the lean content has faults of its own
        main(["check", "--content", str(edited), "--no-reasoner", "--no-cases", "--json"])
    (told,) = (f for f in json.loads(capsys.readouterr().out)["findings"] if f["kind"] == "legal-class")
    assert (told["where"], told["severity"]) == (MOMENT, "warning")
    assert "aug:legalClass aug:Ordinary" in (edited / MOMENT).read_text("utf-8").splitlines()[told["line"] - 1]


def test_shipped_content_passes_hygiene_and_answers_every_question() -> None:
    ontology = Ontology(ROOT)
    assert [str(finding) for finding in findings(ROOT, ontology)] == []
    assert [str(finding) for finding in content_shapes.findings(ROOT, ontology)] == []


@pytest.mark.parametrize("file", sorted((ROOT / QUESTIONS).glob("*.rq")), ids=lambda file: file.stem)
def test_question_without_an_answer_is_found(file: Path, tmp_path: Path) -> None:
    (tmp_path / QUESTIONS).mkdir(parents=True)
    shutil.copy(file, tmp_path / QUESTIONS)
    (found,) = findings(tmp_path, Ontology(tmp_path))
    assert (found.kind, found.german) == (file.stem, read(file).problem.de)


FAULTS = {
    "builtin-vocabulary": "owl:Thing a owl:Class .",
    "class-cycle": "aug:A rdfs:subClassOf aug:B . aug:B rdfs:subClassOf aug:A .",
    "definition-is-label": 'aug:A rdfs:label "cake"@en ; skos:definition "Cake."@en .',
    "definition-without-stop": 'aug:A skos:definition "what is eaten"@en .',
    "deprecated-reference": "aug:Old owl:deprecated true . aug:A aug:signal aug:Old .",
    "duplicate-definition": 'aug:A skos:definition "One."@en . aug:B skos:definition "One."@en .',
    "duplicate-label": 'aug:A a aug:Signal ; rdfs:label "one"@en . aug:B a aug:Signal ; rdfs:label "one"@en .',
    "duplicate-slug": 'aug:A aug:slug "one" . aug:B aug:slug "one" .',
    "label-formatting": 'aug:A rdfs:label "a cake."@en .',
    "moment-without-purpose": 'aug:A aug:slug "a" ; aug:contentState "live" .',
    "orphan-moment": 'aug:A aug:slug "a" ; aug:contentState "live" .',
    "orphan-product": "aug:A a aug:Product .",
    "other-language": 'aug:A rdfs:label "gâteau"@fr .',
    "property-cycle": "aug:a rdfs:subPropertyOf aug:b . aug:b rdfs:subPropertyOf aug:a .",
    "replaced-by-without-withdrawal": "aug:A dcterms:isReplacedBy aug:B .",
    "root-metadata": "<https://w3id.org/augenblick/ontology> a owl:Ontology .",
    "text-without-language": 'aug:A rdfs:label "cake" .',
    "unused-signal": "aug:A a aug:Signal .",
    "whitespace": 'aug:A rdfs:label "two  blanks"@en .',
    "withdrawn-moment-with-products": 'aug:A aug:contentState "retired" ; aug:hasProduct aug:B .',
}


BROKEN = {
    "file-metadata": "<https://w3id.org/augenblick/ontology/x> a owl:Ontology .",
    "moment-without-legal-class": 'aug:A aug:slug "a" ; aug:contentState "live" .',
    "one-name-per-language": 'aug:A rdfs:label "one"@en, "another"@en .',
    "orphan-need": "aug:A a aug:Need .",
    "orphan-pattern": 'aug:A aug:weight 1.0 ; aug:reason "Why."@en .',
    "weight-without-reason": "aug:M aug:hasPattern aug:A . aug:A aug:weight 1.0 .",
    "withdrawn-without-word": "aug:A owl:deprecated true .",
}
PREFIXES = {
    "aug": "https://w3id.org/augenblick/ontology#",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


def faulty(folder: Path, said: str) -> Ontology:
    (folder / "ontology").mkdir()
    text = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + said
    (folder / "ontology" / "fault.ttl").write_text(text, encoding="utf-8")
    return Ontology(folder)


@pytest.mark.parametrize("shape", BROKEN)
def test_shape_finds_the_fault_it_is_for_and_says_in_both_languages_what_to_add(shape: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / HYGIENE, tmp_path / HYGIENE)
    found = list(content_shapes.findings(tmp_path, faulty(tmp_path, BROKEN[shape])))
    assert {(f.kind, f.where) for f in found} == {(shape, "ontology/fault.ttl")}
    assert all(f.told(language)[part] for f in found for language in ("de", "en") for part in (1, 2))
    assert all(f.message != f.german and f.hint != f.german_hint for f in found)


def test_every_shape_of_the_content_has_a_fault_and_agrees_with_pyshacl(tmp_path: Path) -> None:
    shapes = Graph().parse(ROOT / HYGIENE / "content.ttl", format="turtle")
    named = {str(shape).rpartition("#")[2] for shape in shapes.subjects(RDF.type, SH.NodeShape)}
    assert named == set(BROKEN)
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    for shape, said in BROKEN.items():
        _, report, _ = pyshacl.validate(Graph().parse(data=prefixes + said, format="turtle"), shacl_graph=shapes)
        broken = {str(node).rpartition("#")[2] for node in _broken(report, shapes)}
        assert broken == {shape}


def _broken(report: Graph, shapes: Graph) -> set[Node]:
    sources = set(report.objects(None, SH.sourceShape))
    texts = {str(text) for text in report.objects(None, SH.resultMessage)}
    assert sources
    return {
        owner
        for owner, inner in shapes.subject_objects(SH.property)
        if any(str(message) in texts for message in shapes.objects(inner, SH.message))
    }


def test_value_that_a_form_would_refuse_is_told_by_the_check_unless_others_tell_it(edited: Path) -> None:
    replaced(SIGNAL, 'aug:purposeCode "BECH"', 'aug:purposeCode "bech"')(edited)
    (found,) = (f for f in check(edited, reasoner=False).of("error") if f.where == SIGNAL)
    assert found.kind == content_shapes.FIELD
    assert "vier große Buchstaben" in found.told("de")[1]
    replaced(SIGNAL, 'aug:direction "credit"', 'aug:direction "sideways"')(edited)
    assert [f.kind for f in check(edited, reasoner=False).of("error") if f.where == SIGNAL] == ["content"]


@pytest.mark.parametrize("file", sorted((ROOT / HYGIENE).glob("*.rq")), ids=lambda file: file.stem)
def test_hygiene_query_finds_the_fault_it_is_for(file: Path, tmp_path: Path) -> None:
    ontology = faulty(tmp_path, FAULTS[file.stem])
    found: list[Finding] = list(ontology.faults(read(file)))
    assert found
    assert {(f.kind, f.where, f.severity) for f in found} == {(file.stem, "ontology/fault.ttl", read(file).severity)}
    assert not any("{" in said for f in found for said in (f.message, f.german, f.hint, f.german_hint))
