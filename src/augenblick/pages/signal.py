"""The page of signals: by which keys each is known, and which moments use it."""

from __future__ import annotations

from collections.abc import Iterator

from augenblick.content import Content, Signal
from augenblick.pages.markdown import both, code, local, paragraphs, sections, table, titled
from augenblick.pages.terms import Terms

_KEYS = (
    ("creditorId", "creditor_ids"),
    ("purposeCode", "purpose_codes"),
    ("gvc", "gvc"),
    ("btc", "btc"),
    ("mcc", "mcc"),
    ("counterpartyAccountKind", "counterparty_account_kinds"),
    ("counterpartyPattern", "counterparty_patterns"),
    ("textPattern", "text_patterns"),
    ("exceptPattern", "except_patterns"),
    ("interactionKind", "interaction_kinds"),
    ("topicPattern", "topic_patterns"),
)


def page(content: Content) -> str:
    """Return the page of all signals."""
    said, used = Terms(content.graph), uses(content)
    ordered = sorted(content.signals, key=lambda signal: signal.slug)
    return sections(
        (
            "# Signale · Signals",
            "Ein Signal sagt, was eine Buchung oder ein Kontakt bedeutet. Texte werden in "
            "Großbuchstaben, mit `AE OE UE SS` und "
            "ohne SEPA-Feldnamen verglichen; jeder Schlüssel genügt, außer wo alle verlangt sind.",
            "*A signal says what a booking or an interaction means. Texts are compared in capitals, "
            "with `AE OE UE SS` and "
            "without SEPA field names; any key will do, except where all are demanded.*",
            *(_section(signal, said, used.get(signal.iri, [])) for signal in ordered),
            *_lists(content),
        )
    )


def _lists(content: Content) -> Iterator[str]:
    """Yield the phrase lists that signals share."""
    yield "## Ausdruckslisten · Phrase lists"
    lists = {each.iri: each for signal in content.signals for each in signal.except_lists}
    for _, each in sorted(lists.items()):
        yield sections((f"### {local(each.iri)}", paragraphs(each.definition), " ".join(map(code, each.patterns))))


def uses(content: Content) -> dict[str, list[str]]:
    """Return the patterns that name a signal, as links, by the signal's IRI."""
    known = {signal.iri for signal in content.signals}
    found: dict[str, list[str]] = {}
    for moment in sorted(content.moments, key=lambda moment: moment.slug):
        for pattern in moment.patterns:
            name = local(pattern.iri)
            named = {str(item) for items in pattern.parameters.values() for item in items}
            for iri in sorted(named & known):
                found.setdefault(iri, []).append(f"[{moment.slug}: {name}](moments/{moment.slug}.md#{name})")
    return found


def _section(signal: Signal, said: Terms, used: list[str]) -> str:
    return sections(
        (
            f"## {signal.slug}",
            f"**{titled(signal.label)}**" if signal.label else "",
            paragraphs(signal.definition) if signal.definition else "",
            table((both("Schlüssel", "key"), "", both("Werte", "values")), _rows(signal, said)),
            f"{both('Gebraucht von', 'Used by')}: {', '.join(used)}" if used else "",
        )
    )


def _rows(signal: Signal, said: Terms) -> list[tuple[str, str, str]]:
    rows = [(name, " ".join(map(code, getattr(signal, field)))) for name, field in _KEYS]
    rows += [
        ("direction", code(signal.direction) if signal.direction else ""),
        ("minimumAmount", f"{signal.minimum_amount or ''}"),
        ("maximumAmount", f"{signal.maximum_amount or ''}"),
        ("recurring", both("ja", "yes") if signal.recurring else ""),
        ("carriedByPayer", both("ja", "yes") if signal.carried_by_payer else ""),
        ("allKeys", both("ja", "yes") if signal.all_keys else ""),
        ("sharedByOwners", both("ja", "yes") if signal.shared_by_owners else ""),
        ("receivedBy", code(signal.received_by) if signal.received_by else ""),
        ("exceptList", ", ".join(f"[{local(each.iri)}](#{local(each.iri).lower()})" for each in signal.except_lists)),
        ("unlessCarries", ", ".join(f"[{local(iri)}](#{local(iri)})" for iri in signal.unless_carries)),
        ("legalClass", said.label(signal.legal_class) if signal.legal_class else ""),
    ]
    return [(code("aug:" + name), said.label(name), text) for name, text in rows if text]
