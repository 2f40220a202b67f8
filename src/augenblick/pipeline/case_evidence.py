"""Why a case no longer holds: what is found in its place, and which evidence went, came or weighs otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from augenblick.content import Content, Words
from augenblick.content.cases import Found
from augenblick.model.states import STATE_WORDS

Weights = Mapping[str, float]
"""By pattern (its IRI) the weight of the evidence that counted for a moment type of a customer."""


def told(wanted: Found, found: Iterable[Found], now: Weights, before: Weights | None, content: Content) -> Words:
    """Return what is found of the customer and moment type instead, and what of the evidence is another than before.

    Without `before`, the evidence there is.
    """
    labels = {pattern.iri: pattern.label for pattern in content.patterns}
    instead = [each for each in found if (each.customer, each.moment) == (wanted.customer, wanted.moment)]
    parts = [_instead(wanted, instead)]
    if before is None:
        parts.append(_listed(Words("Dafür spricht jetzt: {}.", "Evidence for it now: {}."), now, labels))
    else:
        gone = {iri: weight for iri, weight in before.items() if iri not in now}
        come = {iri: weight for iri, weight in now.items() if iri not in before}
        parts += [
            _listed(Words("Durch Ihre Änderung fällt weg: {}.", "Your edit loses: {}."), gone, labels),
            _listed(Words("Durch Ihre Änderung kommt dazu: {}.", "Your edit brings: {}."), come, labels),
            _reweighed(now, before, labels),
        ]
        if now == before:
            parts.append(Words("Die Belege sind dieselben wie bisher.", "The evidence is the same as before."))
    return Words(*(" ".join(filter(None, said)) for said in zip(*((p.de, p.en) for p in parts), strict=True)))


def _instead(wanted: Found, found: list[Found]) -> Words:
    if wanted in found:
        return Words("", "")
    if not found:
        return Words("Gefunden wird er jetzt gar nicht.", "Now it is not found at all.")
    de = (
        f"{STATE_WORDS[each.state]['de']}, {each.occurred_from:%d.%m.%Y} bis {each.occurred_to:%d.%m.%Y}"
        for each in found
    )
    en = (f"{STATE_WORDS[each.state]['en']}, {each.occurred_from} to {each.occurred_to}" for each in found)
    return Words(f"Gefunden wird jetzt: {'; '.join(de)}.", f"Found now: {'; '.join(en)}.")


def _listed(sentence: Words, weights: Weights, labels: Mapping[str, Words]) -> Words:
    if not weights:
        return Words("", "")
    shown = [(labels.get(iri, Words(iri, iri)), weight) for iri, weight in sorted(weights.items())]
    return Words(
        sentence.de.format(", ".join(f"„{label.de}“ (Gewicht {_german(weight)})" for label, weight in shown)),
        sentence.en.format(", ".join(f"“{label.en}” (weight {weight:g})" for label, weight in shown)),
    )


def _reweighed(now: Weights, before: Weights, labels: Mapping[str, Words]) -> Words:
    changed = sorted(iri for iri in now.keys() & before.keys() if now[iri] != before[iri])
    if not changed:
        return Words("", "")
    shown = [(labels.get(iri, Words(iri, iri)), before[iri], now[iri]) for iri in changed]
    de = ", ".join(f"„{label.de}“ {_german(new)} statt {_german(old)}" for label, old, new in shown)
    en = ", ".join(f"“{label.en}” {new:g} in place of {old:g}" for label, old, new in shown)
    return Words(f"Anders gewichtet: {de}.", f"Weighed otherwise: {en}.")


def _german(number: float) -> str:
    return f"{number:g}".replace(".", ",")
