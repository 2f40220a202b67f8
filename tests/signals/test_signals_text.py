"""Normal forms of text and of patterns."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augenblick.content.model import Signal
from augenblick.signals.pattern import folded_pattern, plain_pattern
from augenblick.signals.text import folded, folded_sql, plain, with_plain_sql

WRITTEN = st.text(st.sampled_from("aAeEoOuUxZ019 \t\n\r\xa0äöüÄÖÜßẞéèñçåøØæłŁš.,-+/|&u\u0308e\u0301"), max_size=30)


@settings(max_examples=25, deadline=None)
@given(st.lists(WRITTEN, min_size=1, max_size=40))
def test_plain_and_folded_forms_are_the_same_in_sql_and_python(texts):
    connection = duckdb.connect()
    source = with_plain_sql("SELECT unnest($texts::VARCHAR[]) AS written", "written", "plain")
    rows = connection.execute(
        f"SELECT written, plain, {folded_sql('plain')} FROM ({source})", {"texts": texts}
    ).fetchall()
    assert [(p, f) for _, p, f in rows] == [(plain(w), folded(plain(w))) for w, _, _ in rows]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.sampled_from("aeouxäöüß "), min_size=1, max_size=12), min_size=1, max_size=30))
def test_words_as_patterns_match_their_own_text_in_both_forms(words):
    connection = duckdb.connect()
    for word in words:
        text = plain(f"x {word} y")
        looks = connection.execute(
            "SELECT regexp_matches(?, ?), regexp_matches(?, ?)",
            [text, plain_pattern(word.strip()), folded(text), folded_pattern(word)],
        ).fetchone()
        assert looks is not None
        assert looks[1]
        assert looks[0] or "  " in word.strip()


@pytest.mark.parametrize(
    ("pattern", "in_plain", "in_folded"),
    [
        (r"\bPark\b", r"\bPARK\b", r"\bPARK\b"),
        (r"KG ?\d{6}FK", r"KG ?\d{6}FK", r"KG\d{6}FK"),
        (r"Renten\s*Service", r"RENTEN\s*SERVICE", "RENTENSERVICE"),
        ("fü?r", "F(?:UE)?R", "F(?:U)?R"),
        ("[äa]rzt", "(?:AE|[A])RZT", "(?:A|[A])RZT"),
        ("steuer", "STEUER", "STEUR"),
        ("a[ -]+b", "A[ -]+B", "A(?:[-]?)+B"),
        (r"\p{Lu}x(?i:y)", r"\p{Lu}X(?i:Y)", r"\p{Lu}X(?i:Y)"),
        ("[^ u]", "[^ U]", "[^ U]"),
    ],
)
def test_pattern_has_a_plain_and_a_folded_form(pattern, in_plain, in_folded):
    assert (plain_pattern(pattern), folded_pattern(pattern)) == (in_plain, in_folded)


@pytest.mark.parametrize(
    "purpose",
    [
        "SEPAKINDERGELD FUER MAI",
        "KINDERGELDFG123",
        "KINDERGELD0426",
        "0426KINDERGELD",
        "SVWZ+Bescheid 3.4. Kinderge ld April",  # in pieces of 27
        "EREF+4711 SVWZ+BESCHEID KIN DERGELD APRIL",
    ],
)
def test_word_with_borders_is_found_where_banks_glue_or_cut_it(bank, purpose):
    bank.book("2026-01-01", 5, "P", purpose)
    bank.detect(Signal(iri="t:x", text_patterns=(r"\bKINDERGELD\b",)))
    assert bank.carried() == [("t0001", "x")]


@pytest.mark.parametrize(
    "purpose", ["UNTERHALTUNG 3", "EHEGATTENUNTERHALTSRECHT", "UNTERHALTUNGSGERAET 12", "UNTERHALTEN"]
)
def test_word_with_borders_is_not_found_within_another_word(bank, purpose):
    bank.book("2026-01-01", 5, "P", purpose)
    bank.detect(Signal(iri="t:x", text_patterns=(r"\bUNTERHALT\b",)))
    assert bank.carried() == []


def test_readings_are_apart_so_that_no_pattern_leads_from_one_into_the_next(bank):
    bank.book("2026-01-01", 5, "P", "REISE0426 BUCHUNG")
    bank.detect(Signal(iri="t:x", text_patterns=(r"BUCHUNG\b.*\bREISE",)))
    assert bank.carried() == []
