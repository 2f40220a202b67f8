"""Differences are told by term and label, in both languages, and name nothing that did not change."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_content import BAKERY, CONTENT, LOAN, PARTY, RULE, TEXTS, edited

from augenblick.content.turtle import canonical
from augenblick.editing import Edition, difference
from augenblick.editing.difference_text import markdown, page
from augenblick.explain.words import Language
from augenblick.model.errors import BadOntology


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "## Party\n\n- weight of *cake*: 3.2 → 2.6 (reason: Cakes are for parties.)\n"),
        ("de", "## Fest\n\n- Gewicht von *Torte*: 3.2 → 2.6 (Grund: Torten gibt es bei Festen.)\n"),
    ],
)
def test_difference_of_a_weight_is_told_under_its_moment_with_its_reason(language: Language, told: str) -> None:
    assert markdown(difference(CONTENT, edited(PARTY, "3.2", "2.6")), language) == told


def test_difference_of_a_field_with_several_values_tells_only_what_came_and_went() -> None:
    found = difference(CONTENT, edited(BAKERY, '"CAKE"', '"KUCHEN", "TARTE"'))
    assert markdown(found, "en") == "## Bakery\n\n- text pattern: − `CAKE`, + `KUCHEN`, `TARTE`\n"


def test_difference_of_words_names_the_language() -> None:
    found = difference(CONTENT, edited(BAKERY, '"Bäcker"@de', '"Bäckerei"@de'))
    assert markdown(found, "en") == "## Bakery\n\n- name (de): `Bäcker` → `Bäckerei`\n"


def test_difference_of_a_new_pattern_is_told_once_with_its_fields() -> None:
    hat = '<urn:hat> a aug:SignalOccurs ; rdfs:label "Hut"@de, "hat"@en ; aug:weight 0.5 .\n'
    new = edited(PARTY, "<urn:song> ;", "<urn:song>, <urn:hat> ;", PARTY, "<urn:song> a", f"{hat}<urn:song> a")
    assert markdown(difference(CONTENT, new), "en") == "## Party\n\n- new: pattern *hat* (weight 0.5)\n"
    assert markdown(difference(new, CONTENT), "de") == "## Fest\n\n- entfernt: Beweismuster *Hut* (Gewicht 0.5)\n"


def test_difference_of_a_removed_product_tells_it_and_the_moment_that_had_it() -> None:
    texts = {path: text for path, text in TEXTS.items() if path != LOAN}
    texts[PARTY] = texts[PARTY].replace(" ; aug:hasProduct product:loan", "")
    found = difference(CONTENT, Edition(texts))
    assert [(term.kind, term.status, term.label.en) for term in found.terms] == [
        ("moment", "changed", "party"),
        ("product", "removed", "loan"),
    ]
    assert "has product: − *loan*" in markdown(found, "en")


def test_difference_inside_an_anonymous_node_is_seen() -> None:
    found = difference(CONTENT, edited(LOAN, "sh:minCount 1", "sh:minCount 2"))
    ((field,),) = [term.fields for term in found.terms]
    assert "sh:minCount" in field.removed[0].en
    assert field.removed != field.added


def test_difference_of_a_rule_shows_its_lines() -> None:
    assert "  +WHERE { ?a a ?c }" in markdown(
        difference(CONTENT, edited(RULE, "WHERE { ?a a ?b }", "WHERE { ?a a ?c }")), "en"
    )


def test_difference_of_order_spelling_and_imports_is_none() -> None:
    new = edited(
        BAKERY,
        '"CAKE", "TORTE"',
        '"TORTE" , "CAKE"',
        BAKERY,
        "a owl:Ontology",
        "a owl:Ontology ; owl:imports <urn:core>",
    )
    assert difference(CONTENT, new).empty
    assert markdown(difference(CONTENT, new), "de") == "Keine Änderung.\n"


def test_difference_as_a_page_escapes_what_people_wrote() -> None:
    found = difference(CONTENT, edited(BAKERY, '"CAKE"', '"<script>"'))
    written = page(found, "en", title="A & B")
    assert "<code>&lt;script&gt;</code>" in written
    assert "<title>A &amp; B</title>" in written


def test_difference_of_a_broken_file_names_it() -> None:
    with pytest.raises(BadOntology, match=BAKERY):
        difference(CONTENT, edited(BAKERY, "a aug:Signal ;", "a aug:Signal"))


def test_difference_of_the_shipped_content_brought_into_another_form_is_none(root: Path) -> None:
    shipped = Edition.read(root)
    rewritten = {
        path: canonical(text).replace(" ;\n", "\n;\n") if path.endswith(".ttl") and '"""' not in text else text
        for path, text in shipped.texts.items()
    }
    assert rewritten != shipped.texts
    assert difference(shipped, Edition(rewritten)).empty
