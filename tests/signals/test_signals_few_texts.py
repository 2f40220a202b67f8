"""A few interactions carry what they carry among many, though most signals' patterns are not tried on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import product

import pytest

from augenblick.content import Content
from augenblick.content.model import Signal
from augenblick.ingest.tables import create_bank_tables
from augenblick.signals import detect
from augenblick.signals.few_texts import MOST, FewTexts, few_texts
from augenblick.store import in_memory

SPOKEN = (
    "mortgage", "Bau-Finanzierung", "GIRO-KONTO kündigen", "Karte gestohlen", "Karte ge stohlen", "lost",
    "Todesfall meines Vaters", "Baby  unterwegs?", "Um zug nach Köln", "Erb\u00adschein", "Depot 4711", "",
    "Knöchelbruch", "Verletzt bei Unfall", "Scheidung", "Kredit für ein Kind", "PIN sperre", "Rente mit 63",
)  # fmt: skip
FILLING = tuple(f"nothing at all {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(MOST + 1))


def carried(topics: Iterable[str], kinds: Sequence[str], signals: Sequence[Signal]) -> set[tuple[str, str, str]]:
    connection = in_memory()
    create_bank_tables(connection)
    rows = [(f"{kind}: {topic}", kind, topic) for topic, kind in product(topics, kinds)]
    connection.executemany(
        "INSERT INTO bank.interactions (interaction_id, customer_id, occurred_at, channel, kind, topic) "
        "VALUES (?, 'anna', '2026-05-01 12:00:00', 'web', ?, ?)",
        rows,
    )
    detect(connection, signals, as_of=date(2026, 6, 30))
    found = connection.execute(
        "SELECT kind, topic, signal FROM evidence.occurrences JOIN bank.interactions USING (interaction_id)"
    ).fetchall()
    connection.close()
    return set(found)


def test_each_of_many_topics_carries_by_itself_what_it_carries_among_all(shipped: Content) -> None:
    signals = [s for s in shipped.signals if s.interaction_kinds or s.topic_patterns]
    kinds = sorted({kind for signal in signals for kind in signal.interaction_kinds})
    together = carried((*SPOKEN, *FILLING), kinds, signals)
    assert {topic for _, topic, _ in together} >= {"mortgage", "Karte gestohlen", "lost"}
    for topic in SPOKEN:
        assert carried([topic], kinds, signals) == {each for each in together if each[1] == topic}


@pytest.mark.parametrize("pattern", ["KIND(ER)?GELD", r"\bBAU", "1[0-9]%", "ÜBER", "A.*B", "KINDER ?GELD"])
def test_what_a_pattern_matches_it_may_match(pattern: str) -> None:
    said = "Kinder geld, Bau 17% über Berg"
    texts = few_texts(in_memory(), f"SELECT '{said}' AS topic", "topic")
    assert texts is not None
    assert texts.may_match([pattern])


def test_pattern_whose_letters_are_absent_does_not_match() -> None:
    assert not FewTexts(("MORTGAGE",), ("MORTGAGE",)).may_match(["HOCHZEIT", "BABY|KIND", "MORT.*TOD"])
