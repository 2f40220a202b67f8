"""Edits change the files they belong to and nothing else."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from small_content import BAKERY, CONTENT, CORE, LOAN, PARTY, PREFIXES, edited

from augenblick.content.turtle import canonical
from augenblick.editing import Edition, difference, edits
from augenblick.editing.applying import applied
from augenblick.editing.difference_text import markdown
from augenblick.editing.operations import OPERATIONS, operated
from augenblick.editing.saved_file import taken_apart
from augenblick.model.errors import BadOntology, BadParameter, UnknownFormat


@pytest.mark.parametrize(
    "new",
    [
        edited(PARTY, "3.2", "2.6"),
        edited(LOAN, "sh:minCount 1", "sh:minCount 2"),
        edited(BAKERY, '"CAKE", ', "", LOAN, '"Kredit"@de', '"Darlehen"@de'),
    ],
    ids=["weight", "anonymous", "two files"],
)
def test_applied_edits_lead_from_the_old_edition_to_the_new(new: Edition) -> None:
    done = applied(CONTENT, edits(CONTENT, new))
    assert difference(done, new).empty
    changed = {path for path in new.texts if new.texts[path] != CONTENT.texts[path]}
    assert {path for path in done.texts if done.texts[path] != CONTENT.texts[path]} == changed
    assert all(done.texts[path] == canonical(new.texts[path]) for path in changed)


def test_applied_new_signal_gets_a_file_of_its_own() -> None:
    new = edited(
        BAKERY,
        "signal:bakery a",
        'signal:butcher a aug:Signal ; rdfs:label "Metzger"@de, "butcher"@en .\nsignal:bakery a',
    )
    done = applied(CONTENT, edits(CONTENT, new))
    assert "signal:butcher" in done.texts["ontology/signals/butcher.ttl"]
    assert done.texts[BAKERY] == CONTENT.texts[BAKERY]


def test_operations_do_what_they_say() -> None:
    done = operated(
        CONTENT,
        [
            {"do": "set_weight", "term": "urn:cake", "weight": 2.6, "reason": {"en": "Cakes are for all."}},
            {"do": "add_exclusion", "term": "signal:bakery", "pattern": "PANCAKE"},
            {"do": "set_words", "term": "product:loan", "field": "rdfs:label", "de": "Darlehen"},
            {"do": "remove_product", "term": "moment:party", "product": "product:loan"},
        ],
    )
    told = markdown(difference(CONTENT, done), "en")
    assert "weight of *cake*: 3.2 → 2.6" in told
    assert "exceptPattern: + `PANCAKE`" in told
    assert "name (de): `Kredit` → `Darlehen`" in told
    assert "has product: − *loan*" in told
    assert len(difference(CONTENT, done).terms) == 4


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ({"do": "set_wieght", "term": "urn:cake"}, "set_weight"),
        ({"do": "set_weight", "term": "urn:cak", "weight": 1}, "urn:cake"),
        ({"do": "set_weight", "term": "urn:cake"}, "lacks 'weight'"),
        ({"do": "set_weight", "term": "urn:cake", "weight": "much"}, "is no number"),
    ],
)
def test_operations_that_make_no_sense_say_what_was_meant(operation: dict[str, object], says: str) -> None:
    assert len(OPERATIONS) > 5
    with pytest.raises(BadParameter) as raised:
        operated(CONTENT, [operation])
    assert says in str(raised.value)


@pytest.mark.parametrize("form", [ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML])
def test_saved_file_of_everything_in_one_is_taken_apart_again(root: Path, tmp_path: Path, form: ox.RdfFormat) -> None:
    shipped = Edition.read(root)
    whole = [
        triple for path, (triples, _) in shipped.triples.items() if path.startswith("ontology/") for triple in triples
    ]
    cut = [
        t
        for t in whole
        if not (t.predicate.value.endswith("#weight") and str(t.subject).endswith("childbirth#declared>"))
    ]
    assert len(cut) == len(whole) - 1
    file = tmp_path / f"saved.{form.file_extension}"
    file.write_bytes(ox.serialize(cut, format=form) or b"")
    done = taken_apart(shipped, file)
    assert [path for path in done.texts if done.texts[path] != shipped.texts[path]] == [
        "ontology/moments/childbirth/moment.ttl"
    ]
    assert "weight of *declared*: − 8.0" in markdown(difference(shipped, done), "en")


def test_saved_file_of_one_small_file_leaves_all_others_alone(tmp_path: Path) -> None:
    file = tmp_path / "saved.ttl"
    file.write_text(
        CONTENT.texts[PARTY].replace("3.2", "2.6").replace("aug:weight 1.0", 'rdfs:comment "x"'), encoding="utf-8"
    )
    told = markdown(difference(CONTENT, taken_apart(CONTENT, file)), "en")
    assert told == (
        "## Party\n\n- weight of *cake*: 3.2 → 2.6 (reason: Cakes are for parties.)\n"
        "- comment of *song*: + `x`\n- weight of *song*: − 1.0\n"
    )


LISTED = (LOAN, "sh:path aug:age", "sh:path ( aug:person aug:age )")
CUT = ("sh:path ( aug:person aug:age )", "sh:path [ ]")


def test_saved_file_that_could_not_keep_a_list_leaves_it_as_it_was(tmp_path: Path) -> None:
    base = edited(*LISTED)
    file = tmp_path / "saved.ttl"
    file.write_text(base.texts[LOAN].replace(*CUT).replace('"loan"@en', '"credit"@en'), encoding="utf-8")
    (edit,) = edits(base, taken_apart(base, file))
    assert [value.lexical for value in edit.added] == ["credit"]


def test_saved_file_that_lost_a_list_where_something_was_edited_is_refused_with_the_mend(tmp_path: Path) -> None:
    base = edited(*LISTED)
    file = tmp_path / "saved.ttl"
    file.write_text(base.texts[LOAN].replace(*CUT).replace("sh:minCount 1", "sh:minCount 2"), encoding="utf-8")
    with pytest.raises(BadOntology, match="lost a list") as refused:
        taken_apart(base, file)
    assert "text editor" in str(refused.value.hint)


def test_saved_file_in_another_form_says_how_to_save(tmp_path: Path) -> None:
    (tmp_path / "saved.obo").write_text("[Term]")
    with pytest.raises(UnknownFormat, match="Turtle, RDF/XML"):
        taken_apart(CONTENT, tmp_path / "saved.obo")


FUNCTIONAL = """Prefix(aug:=<https://w3id.org/augenblick/ontology#>)
Prefix(rdfs:=<http://www.w3.org/2000/01/rdf-schema#>)
Prefix(xsd:=<http://www.w3.org/2001/XMLSchema#>)
Ontology(<urn:bakery>
Import(<urn:core>)
Declaration(NamedIndividual(<https://w3id.org/augenblick/signal/bakery>))
ClassAssertion(aug:Signal <https://w3id.org/augenblick/signal/bakery>)
AnnotationAssertion(rdfs:label <https://w3id.org/augenblick/signal/bakery> "B\u00e4cker"@de)
AnnotationAssertion(rdfs:label <https://w3id.org/augenblick/signal/bakery> "bakery"@en)
AnnotationAssertion(aug:textPattern <https://w3id.org/augenblick/signal/bakery> "CAKE")
AnnotationAssertion(aug:textPattern <https://w3id.org/augenblick/signal/bakery> "TARTE")
)
"""
SAID = "https://w3id.org/augenblick/signal/bakery"
OWL_XML = (
    f"""<?xml version="1.0"?>
<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="urn:bakery">
<Import>urn:core</Import>
<Declaration><NamedIndividual IRI="{SAID}"/></Declaration>
<ClassAssertion><Class IRI="https://w3id.org/augenblick/ontology#Signal"/><NamedIndividual IRI="{SAID}"/>
</ClassAssertion>
"""
    + "".join(
        f'<AnnotationAssertion><AnnotationProperty IRI="{says}"/><IRI>{SAID}</IRI><Literal{tag}>{text}</Literal>'
        "</AnnotationAssertion>\n"
        for says, tag, text in (
            ("http://www.w3.org/2000/01/rdf-schema#label", ' xml:lang="de"', "B\u00e4cker"),
            ("http://www.w3.org/2000/01/rdf-schema#label", ' xml:lang="en"', "bakery"),
            ("https://w3id.org/augenblick/ontology#textPattern", "", "CAKE"),
            ("https://w3id.org/augenblick/ontology#textPattern", "", "TARTE"),
        )
    )
    + "</Ontology>\n"
)


@pytest.mark.parametrize("text", [FUNCTIONAL, OWL_XML], ids=["functional", "owl-xml"])
def test_file_saved_in_a_syntax_of_owl_that_is_no_rdf_changes_what_was_edited_only(text: str, tmp_path: Path) -> None:
    (tmp_path / "saved.owl").write_text(text, encoding="utf-8")
    core = "ontology/core/core.ttl"
    base = Edition({**CONTENT.texts, core: CONTENT.texts[core] + "aug:Signal a owl:Class .\n"})
    (edit,) = edits(base, taken_apart(base, tmp_path / "saved.owl"))
    assert edit.field.predicate.endswith("#textPattern")
    assert ([v.lexical for v in edit.removed], [v.lexical for v in edit.added]) == (["TORTE"], ["TARTE"])


def test_file_in_a_syntax_of_owl_with_a_fault_is_refused_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "saved.ofn").write_text(FUNCTIONAL.replace('"CAKE")', '"CAKE"'), encoding="utf-8")
    with pytest.raises(BadOntology, match="line"):
        taken_apart(CONTENT, tmp_path / "saved.ofn")


def test_saved_file_takes_nothing_away_that_another_file_says_of_its_terms(tmp_path: Path) -> None:
    note = PREFIXES + '<urn:notes> a owl:Ontology .\nsignal:bakery rdfs:comment "Backt."@de .\n'
    base = Edition({**CONTENT.texts, "ontology/core/notes.ttl": note})
    saved = base.texts[BAKERY].replace('"TORTE"', '"TARTE"')
    (tmp_path / "saved.ttl").write_text(saved, encoding="utf-8")
    (edit,) = edits(base, taken_apart(base, tmp_path / "saved.ttl"))
    assert [v.lexical for v in (*edit.removed, *edit.added)] == ["TORTE", "TARTE"]


def test_saved_file_with_an_axiom_about_another_files_term_adds_it_and_takes_nothing_away(tmp_path: Path) -> None:
    saved = PREFIXES + CORE + 'signal:bakery rdfs:comment "Backt."@de .\n'
    (tmp_path / "saved.ttl").write_text(saved, encoding="utf-8")
    (edit,) = edits(CONTENT, taken_apart(CONTENT, tmp_path / "saved.ttl"))
    assert (edit.removed, [v.lexical for v in edit.added]) == ((), ["Backt."])
