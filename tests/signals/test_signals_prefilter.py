"""The first look lets every booking pass that carries a signal, and few others."""

from __future__ import annotations

from random import Random

import duckdb
import pytest

from augenblick.content.model import Signal
from augenblick.ingest.tables import create_bank_tables
from augenblick.model.errors import BadOntology
from augenblick.signals.booking import readable_sql
from augenblick.signals.condition import matches_sql
from augenblick.signals.matching import check_patterns
from augenblick.signals.prefilter import Rarity, look_sql, possible, with_raw_sql
from augenblick.signals.text import folded_sql

ATOMS = (
    "A", "E", "O", "U", "S", "B", "AE", "UE", "SS", "ä", "Ö", "ß", "É", " ", " ?", r"\s*", r"\b", "^", "$", r"\d", "1",
    ".", "[^S]", "[AB ]", "[- ]", r"[\d.]", "[A-Z]", r"\w", r"\W", r"\.", "|", "-", "(?i)", "[0-9]", "/",
)  # fmt: skip
TIMES = ("?", "*", "+", "{2}", "{1,2}", "{0,1}", "{2,}", "+?")
LETTERS = (
    "A", "a", "E", "e", "O", "U", "S", "s", "B", "AE", "UE", "ä", "Ä", "Ö", "ü", "ß", "ẞ", "é", "A\u0308", "Æ", " ",
    "  ", "\n", "\t", "\u00a0", "1", "2", "12", ".", "|", "-", "/", "+", ": ", "ſ", "\u212a",
)  # fmt: skip
WRITTEN = "SELECT concat_ws('|', c, u, p) FROM made"
RAW = f"({with_raw_sql('bank.transactions')})"
READ = f"SELECT *, {folded_sql('text')} AS text_folded FROM ({readable_sql(RAW)})"
TAGS = ("SVWZ+", "EREF+", "S VWZ+", "SVWZ: ", "ABWA+", "ABWE+", "CRED+", "EREF+R1 MREF+M1 SVWZ+")


def _pattern(random: Random, depth: int = 2) -> str:
    parts = []
    for _ in range(random.randint(1, 4)):
        inside = depth and random.random() < 0.3
        part = f"({_pattern(random, depth - 1)})" if inside else random.choice(ATOMS)
        repeatable = inside or part not in ("|", "(?i)", " ?", r"\s*")
        parts.append(part + (random.choice(TIMES) if repeatable and random.random() < 0.25 else ""))
    return "".join(parts)


def _text(random: Random) -> str | None:
    if random.random() < 0.05:
        return None
    letters = "".join(random.choice(LETTERS) for _ in range(random.randint(0, 7)))
    for _ in range(random.choice((0, 0, 1, 2))):
        at = random.choice((0, random.randint(0, len(letters))))
        letters = letters[:at] + random.choice(TAGS) + letters[at:]
    return letters


@pytest.fixture
def texts(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A bank of 3,000 bookings with texts as banks, and only banks, write them."""
    create_bank_tables(connection)
    random = Random(5)
    rows = [
        (f"t{n}", random.choice((-1, 1)), _text(random), random.choice((None, _text(random))), _text(random))
        for n in range(3000)
    ]
    connection.execute("CREATE TEMP TABLE made (t VARCHAR, a INTEGER, c VARCHAR, u VARCHAR, p VARCHAR)")
    connection.executemany("INSERT INTO made VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute(
        "INSERT INTO bank.transactions (transaction_id, amount, counterparty_name, ultimate_party, purpose, "
        "booking_date) SELECT *, DATE '2026-01-01' FROM made"
    )
    return connection


def test_prefilter_of_random_patterns_loses_no_booking_that_matches(texts):
    random, rarity = Random(7), Rarity(text for (text,) in texts.execute(WRITTEN).fetchall())
    telling = 0
    for _ in range(200):
        pattern = _pattern(random)
        signals = [Signal(iri="t:x", **{random.choice(("text_patterns", "counterparty_patterns")): (pattern,)})]
        try:
            check_patterns(texts, signals)
        except BadOntology:
            continue
        look = look_sql(signals, rarity)
        telling += "true" not in look
        lost = texts.execute(
            f"SELECT counterparty_name, ultimate_party, purpose FROM ({READ}) "
            f"WHERE {matches_sql('text', [pattern])} AND NOT ({look}) LIMIT 3"
        ).fetchall()
        assert (pattern, lost) == (pattern, [])
    assert telling > 40


def test_prefilter_of_few_bookings_sees_in_each_what_that_of_all_sees(texts):
    random, told = Random(11), set()
    for _ in range(60):
        kind = random.choice(("text_patterns", "counterparty_patterns"))
        signal = Signal(iri="t:x", direction=random.choice((None, "credit", "debit")), **{kind: (_pattern(random),)})
        try:
            look = look_sql([signal])
        except BadOntology:
            continue
        for place in random.sample(range(3000), 6):
            one = f"(SELECT * FROM bank.transactions WHERE transaction_id = 't{place}')"
            ((seen,),) = texts.execute(f"SELECT {look} FROM ({with_raw_sql(one)})").fetchall()
            assert possible(texts, [signal], one) == [seen], (signal, place)
            told.add((seen, look == "true"))
    assert told >= {(True, True), (True, False), (False, False)}


@pytest.mark.parametrize("identifier", ["DE09 ZZZ 00000000001", "de09zzz00000000001"])
def test_prefilter_keeps_creditors_in_column_and_sub_field(bank, identifier):
    bank.book("2026-01-01", -5, "P", "x", creditor_id=identifier)
    bank.book("2026-01-02", -5, "P", f"EREF+1 CRED+{identifier} SVWZ+x")
    bank.book("2026-01-03", -5, "P", "x", creditor_id="DE09ZZZ00000000002")
    signal = Signal(iri="t:x", creditor_ids=("DE09ABC00000000001",))
    assert bank.rows(f"SELECT transaction_id FROM ({RAW}) WHERE {look_sql([signal])}") == [
        ("t0001",),
        ("t0002",),
    ]
    each = (f"(SELECT * FROM bank.transactions WHERE transaction_id = 't000{n}')" for n in (1, 2, 3))
    assert [possible(bank.connection, [signal], one) for one in each] == [[True], [True], [False]]


def test_prefilter_passes_over_bookings_without_any_literal(bank):
    signal = Signal(iri="t:x", text_patterns=(r"\bKINDERGELD\b", r"KG ?\d{4,}FK"), direction="credit")
    bank.book("2026-01-01", 5, "Bäckerei", "SVWZ+Danke für den Einkauf")
    bank.book("2026-01-02", 5, "Kasse", "KG 123 FK")
    bank.book("2026-01-03", -5, "Kasse", "Kindergeld")
    bank.book("2026-01-04", 5, "Kasse", "EREF+1 SVWZ+Kinder geld")
    bank.book("2026-01-05", 5, "Kasse", "KG1234 FK")
    assert bank.rows(f"SELECT transaction_id FROM ({RAW}) WHERE {look_sql([signal])}") == [
        ("t0004",),
        ("t0005",),
    ]


def test_prefilter_steps_aside_for_a_pattern_that_may_be_anything(bank):
    bank.book("2026-01-01", 5, "P", "...")
    bank.detect(Signal(iri="t:x", text_patterns=(r"\W{3}$",)), Signal(iri="t:y", text_patterns=("KINDERGELD",)))
    assert bank.carried() == [("t0001", "x")]


@pytest.mark.parametrize(
    "purpose",
    ["KINDER EREF+1 SVWZ+GELD", "EREF+KINDER SVWZ+ M REF+GELD", "EREF: KINDER MREF: GELD", "SVWZ+KIN\nDER\u00a0GE\nLD"],
)
def test_prefilter_keeps_words_that_taking_sub_fields_apart_makes_whole(bank, purpose):
    bank.book("2026-01-01", 5, "P", purpose)
    bank.detect(Signal(iri="t:x", text_patterns=("KINDERGELD",)))
    assert bank.carried() == [("t0001", "x")]
