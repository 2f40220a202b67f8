"""What would have to be different for the answer to be different: the smallest change, in words.

GDPR 15(1)(h) and the CJEU's C-203/22 ask for an explanation of what was applied, and of how other data would have
changed it. Only what the explanation itself shows is varied, so nothing withheld comes out this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import log

from augenblick.content.model import Content, MomentType, Words
from augenblick.explain import words
from augenblick.explain.model import Contribution, Explanation
from augenblick.explain.words import Language
from augenblick.model.odds import probability
from augenblick.policy import Access, Policy

LANGUAGES: tuple[Language, Language] = ("de", "en")


@dataclass(frozen=True)
class Change:
    """One change and what would follow: `kind` is data, consent, or both; `without` the patterns that would be missing.

    `size` counts what would have to be different at once.
    """

    kind: str
    sentence: Words
    without: tuple[str, ...] = ()
    size: int = 1


def what_if(explanation: Explanation, content: Content, policy: Policy, access: Access) -> tuple[Change, ...]:
    """Return the smallest changes of data that would take the moment away or change its state, and of consent.

    The smallest of all comes first.
    """
    found = content.moment(explanation.slug)
    if found is None:
        return ()
    return smallest_first((*_by_data(explanation, found), *_by_consent(found, policy, access)))


def smallest_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes by how much would have to be different at once; of equals, data stand before consent."""
    return tuple(sorted(changes, key=lambda change: change.size))


def for_offer(
    label: Words, hindrances: tuple[Words, ...], of_contact: frozenset[str], takes: tuple[Change, ...]
) -> tuple[Change, ...]:
    """Return what would change an offer's verdict.

    `hindrances` are all reasons why it is not made, `of_contact` those (in German) of the contact policy, by which
    consents count; an offer that is made goes with its moment: `takes` are the changes that take that away.
    """
    if not hindrances:
        return tuple(replace(change, sentence=_with_offer(change.sentence, label)) for change in takes)
    kinds = {"consent" if reason.de in of_contact else "data" for reason in hindrances}
    told = {language: " ".join(r.in_language(language) for r in hindrances) for language in LANGUAGES}
    one = len(hindrances) == 1
    sentence = Words(
        f"„{label.de}“ würde angeboten, wenn {'dies nicht so wäre' if one else 'all dies nicht so wäre'}: {told['de']}",
        f"“{label.en}” would be offered if {'this were not so' if one else 'none of this were so'}: {told['en']}",
    )
    return (Change(" and ".join(sorted(kinds, reverse=True)), sentence, size=len(hindrances)),)


def _with_offer(sentence: Words, label: Words) -> Words:
    return Words(
        f"{sentence.de} Damit entfiele das Angebot „{label.de}“.",
        f"{sentence.en} The offer “{label.en}” would go with it.",
    )


def _by_data(explanation: Explanation, found: MomentType) -> Iterator[Change]:
    sure, likely = float(found.confirmed_from), float(found.tentative_from)
    if explanation.confidence >= sure and explanation.state != "tentative":
        yield from _missing(explanation, sure, "nur noch vorläufig", "only tentative", at_least=likely)
    yield from _missing(explanation, likely, "nicht mehr erkannt", "no longer found")


def _missing(
    explanation: Explanation, threshold: float, de: str, en: str, *, at_least: float = 0.0
) -> Iterator[Change]:
    """Give the fewest indications without which the confidence lies below the threshold, the weakest that suffice.

    Nothing where it would then lie below `at_least`, too.
    """
    helping = [c for c in explanation.contributions if c.counted and c.weight > 0]
    odds = explanation.prior + sum(c.weight for c in explanation.contributions if c.counted)
    too_much = odds - log(threshold / (1 - threshold))
    gone = _fewest(helping, too_much)
    if gone is None:
        return
    left = probability(odds - sum(c.weight for c in gone))
    if left < at_least:
        return
    labels = {language: _listed([c.label.in_language(language) for c in gone], language) for language in LANGUAGES}
    yield Change(
        "data",
        Words(
            f"Ohne {labels['de']} läge die Sicherheit bei {words.percent(left, 'de')}: Der Moment wäre {de}.",
            f"Without {labels['en']} the confidence would be {words.percent(left, 'en')}: the moment would be {en}.",
        ),
        tuple(c.pattern for c in gone),
        size=len(gone),
    )


def _fewest(helping: list[Contribution], too_much: float) -> list[Contribution] | None:
    """Return as few contributions as weigh more than `too_much`; of one alone the weakest that does."""
    alone = [c for c in helping if c.weight > too_much]
    if alone:
        return [min(alone, key=lambda c: (c.weight, c.pattern))]
    gone: list[Contribution] = []
    for contribution in sorted(helping, key=lambda c: (-c.weight, c.pattern)):
        gone.append(contribution)
        if sum(c.weight for c in gone) > too_much:
            return gone
    return None


def _listed(labels: list[str], language: Language) -> str:
    quoted = [f"„{label}“" if language == "de" else f"“{label}”" for label in labels]
    last = " und " if language == "de" else " and "
    return last.join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def _by_consent(found: MomentType, policy: Policy, access: Access) -> Iterator[Change]:
    """Give what the customer could say for the moment to be shown no more for this purpose."""
    rule = policy.rules.get((access.role, access.purpose, found.legal_class))
    if rule is None:
        return
    purposes = {**policy.purposes, **policy.consent_kinds}
    for code in sorted(rule.consents):
        yield Change(
            "consent",
            Words(
                f"Würde die Einwilligung „{purposes[code].de}“ widerrufen, bliebe der Moment hierfür verborgen.",
                f"Were the consent “{purposes[code].en}” withdrawn, the moment would be withheld for this.",
            ),
        )
    if rule.one_consent:
        de = _listed([purposes[code].de for code in sorted(rule.one_consent)], "de")
        en = _listed([purposes[code].en for code in sorted(rule.one_consent)], "en")
        yield Change(
            "consent",
            Words(
                f"Ohne eine Einwilligung in eines von {de} bliebe der Moment hierfür verborgen.",
                f"Without consent to one of {en} the moment would be withheld for this.",
            ),
        )
    for code in sorted(rule.unless_objected - rule.consents):
        yield Change(
            "consent",
            Words(
                f"Ein Widerspruch gegen „{purposes[code].de}“ würde den Moment hierfür sofort zurückhalten.",
                f"An objection to “{purposes[code].en}” would withhold the moment for this at once.",
            ),
        )
