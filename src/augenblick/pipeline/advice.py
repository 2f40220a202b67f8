"""What fits a customer's moments, what does not and why, and how to speak about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from augenblick.content import Content, MomentType, Words
from augenblick.explain import words
from augenblick.explain.words import Language, sentence
from augenblick.offers import DialogueText, dialogue
from augenblick.offers.tables import OFFERED
from augenblick.policy import Part, View

OPEN = ("tentative", "confirmed")
Sees = Callable[[View, Part], bool]
"""Whether the caller sees what rests on a moment, as it is seen, and on something else."""
_OFFERS = """
SELECT o.product, o.verdict, o.reasons_de, o.reasons_en,
       (o.eligible::INT + o.applicable::INT + o.suitable::INT + o.contact::INT) AS passed,
       g.strictness, g.others, m.verdict, m.reasons_de, m.reasons_en, m.passed
FROM offers.offers o LEFT JOIN offers.guards g USING (offer_id) LEFT JOIN offers.milder m USING (offer_id)
WHERE o.moment_id = ?
"""
_FITS = {"offered": "fits", "not contact": "fits, no contact"}


@dataclass(frozen=True)
class OfferVerdict:
    """One product for one moment: `verdict` is "offered", or which layer says no, with the reasons."""

    product: str
    label: Words
    verdict: str
    reasons: tuple[Words, ...]
    words: Words


@dataclass(frozen=True)
class MomentAdvice:
    """One open moment with its verdicts and its dialogue in both languages."""

    moment_id: str
    label: Words
    occurred_from: date
    occurred_to: date
    confidence: float
    offers: tuple[OfferVerdict, ...]
    dialogue_de: DialogueText | None
    dialogue_en: DialogueText | None


@dataclass(frozen=True)
class CustomerOffers:
    """Everything there is to say about a customer's open moments."""

    customer_id: str
    moments: tuple[MomentAdvice, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the advice as plain data."""
        return asdict(self)

    def text(self, language: Language) -> str:
        """Return the advice to read."""
        if not self.moments:
            return sentence("no occasion", language, customer=self.customer_id)
        return "\n".join(line for moment in self.moments for line in _moment_lines(moment, language))


def customer_offers(
    connection: duckdb.DuckDBPyConnection, content: Content, customer: str, views: Iterable[View], sees: Sees
) -> CustomerOffers:
    """Return those of a customer's open moments that are seen, the surest first, each with verdicts and dialogue.

    A verdict that rests on what `sees` says is withheld is the one without it, or is not there.
    """
    seen = [_seen(connection, each) for each in views]
    rows = [row for row in seen if row is not None and row.state in OPEN]
    ordered = sorted(rows, key=lambda row: (-row.confidence, row.shown_id))
    return CustomerOffers(customer, tuple(_advice(connection, content, row, sees) for row in ordered))


@dataclass(frozen=True)
class _Seen:
    view: View
    moment_id: str
    shown_id: str
    moment_type: str
    occurred_from: date
    occurred_to: date
    confidence: float
    state: str


def _seen(connection: duckdb.DuckDBPyConnection, seen: View) -> _Seen | None:
    """Return what is seen of a moment: the whole, or its milder standing."""
    row = connection.execute(
        "SELECT moment_type, occurred_from, occurred_to, confidence, state FROM moments.moments WHERE moment_id = ?",
        [seen.standing.moment_id],
    ).fetchone()
    if row is None:
        return None
    whole, milder = seen.standing.moment_id, seen.milder
    if milder is None:
        return _Seen(seen, whole, whole, *row)
    dates = (milder.occurred_from, milder.occurred_to)
    return _Seen(seen, whole, milder.moment_id, row[0], *dates, milder.confidence, milder.state)


def _advice(connection: duckdb.DuckDBPyConnection, content: Content, row: _Seen, sees: Sees) -> MomentAdvice:
    found = content.moment(row.moment_type)
    label = found.label if found else Words(row.moment_type, row.moment_type)
    rows = connection.execute(_OFFERS, [row.moment_id]).fetchall()
    told = [each for each in (_told(row.view, sees, *offer) for offer in rows) if each is not None]
    told.sort(key=lambda offer: place(found, offer[0], offer[1], offer[4], row.confidence, row.shown_id))
    return MomentAdvice(
        row.shown_id,
        label,
        row.occurred_from,
        row.occurred_to,
        row.confidence,
        tuple(_verdict(content, *offer[:4]) for offer in told),
        dialogue(content, row.moment_type, "de"),
        dialogue(content, row.moment_type, "en"),
    )


def place(
    moment_type: MomentType | None, product: str, verdict: str, passed: int, confidence: float, moment: str
) -> tuple[object, ...]:
    """Return what sorts offers as they are told: made ones first, then by layers passed, sureness, the type's order.

    A run ranks all it knows the same way (`offers.verdicts`).
    """
    products = moment_type.products if moment_type else ()
    order = products.index(product) if product in products else 0
    return (verdict != OFFERED, -passed, -confidence, moment, order, product)


def _told(view: View, sees: Sees, product: str, *said: Any) -> tuple[str, str, list[str], list[str], int] | None:
    """Return the offer as it is told: whole, without what is withheld, or not at all."""
    whole, (strictness, others), milder = said[:4], said[4:6], said[6:]
    if strictness is None or sees(view, Part(strictness, frozenset(others or ()))):
        return (product, *whole)
    return (product, *milder) if milder[0] is not None else None


def _verdict(content: Content, product: str, verdict: str, de: list[str], en: list[str]) -> OfferVerdict:
    found = content.product(product)
    label, said = (found.label, found.words) if found else (Words(product, product), Words("", ""))
    reasons = tuple(Words(*pair) for pair in zip(de, en, strict=True))
    return OfferVerdict(product, label, verdict, reasons, said)


def _moment_lines(moment: MomentAdvice, language: Language) -> list[str]:
    when = words.interval(moment.occurred_from, moment.occurred_to, language)
    lines = [f"{moment.label.in_language(language)}, {when} ({words.percent(moment.confidence, language)})"]
    for offer in moment.offers:
        fits = offer.verdict == "offered"
        mark = "✓" if fits else "✗"
        word = sentence(_FITS.get(offer.verdict, "fits not"), language)
        lines.append(f"   {mark} {offer.label.in_language(language)}: {word}")
        lines += [f"       {reason.in_language(language)}" for reason in offer.reasons]
    spoken = moment.dialogue_de if language == "de" else moment.dialogue_en
    return lines + (_dialogue_lines(spoken, language) if spoken else [])


def _dialogue_lines(spoken: DialogueText, language: Language) -> list[str]:
    who = sentence(f"conducted by {spoken.conducted_by}", language)
    texts = (
        ("tone", spoken.tone),
        ("said words", spoken.words),
        ("never said", spoken.must_not_say),
        ("hand-over", spoken.hand_over),
    )
    channels = " → ".join(words.channel(code, language) for code in spoken.channel_order)
    head = f"   {sentence('dialogue', language)}: {who}, {channels}"
    return [head, *(f"       {sentence(key, language)}: {text}" for key, text in texts if text)]
