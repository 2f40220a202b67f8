"""The page of one life moment: meaning, evidence, law, needs and products, dialogue, rules, cases."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import yaml

from augenblick.content import Content, Dialogue, MomentType, Pattern, Words
from augenblick.model import odds
from augenblick.pages.markdown import (
    both,
    bullets,
    code,
    local,
    paragraphs,
    rule_title,
    sections,
    span,
    table,
    titled,
    value,
)
from augenblick.pages.measured import measured
from augenblick.pages.terms import Terms

_ASIDE = ("unless", "onlyIf", "minimumAge", "maximumAge", "ageUnknown", "maximumKinAge", "minimumKinAge")
"""How the names of parameters begin that say when a sign does not count."""


def page(moment: MomentType, content: Content) -> str:
    """Return the page of a moment type."""
    said = Terms(content.graph)
    return sections(
        (
            f"# {titled(moment.label)}",
            paragraphs(moment.definition),
            f"> {moment.example.de}\n>\n> *{moment.example.en}*",
            _facts(moment, said),
            f"## {both('Woran man ihn erkennt', 'What it is known by')}",
            _waterfall(moment),
            *(_pattern(pattern, said) for pattern in _strongest_first(moment)),
            _rules(moment),
            f"## {both('Recht', 'Law')}",
            _law(moment, said),
            f"## {both('Bedürfnis und Angebot', 'Need and offer')}",
            _offer(moment, content),
            *(_dialogue(dialogue) for dialogue in moment.dialogues),
            f"## {both('Fälle', 'Cases')}",
            _cases(moment),
            measured(moment.slug),
        )
    )


def _facts(moment: MomentType, said: Terms) -> str:
    shown = (
        ("contentState", code(moment.content_state)),
        ("occursOnce", value(moment.occurs_once)),
        ("mergeWindow", span(moment.merge_window)),
        ("validity", span(moment.validity)),
        ("prior", f"{moment.prior} ({_percent(moment.prior)})"),
        ("tentativeFrom", f"{moment.tentative_from:.0%}"),
        ("confirmedFrom", f"{moment.confirmed_from:.0%}"),
    )
    rows = [(said.label(name), text) for name, text in shown]
    source = f"`ontology/moments/{moment.slug}/moment.ttl`"
    return table(("", ""), [(code("moment:" + moment.slug), source), *rows])


def _percent(log_odds: Decimal) -> str:
    """Return the probability of log-odds, with one digit more where it is near nothing or certainty."""
    probability = odds.probability(float(log_odds))
    return f"{probability:.1%}" if 0.01 < probability < 0.99 else f"{probability:.2%}"


def _strongest_first(moment: MomentType) -> list[Pattern]:
    return sorted(moment.patterns, key=lambda pattern: (-pattern.weight, pattern.iri))


def _waterfall(moment: MomentType) -> str:
    """Return the table of weights: what each sign adds and how sure it makes by itself."""
    rows = [
        (
            f"[{local(pattern.iri)}](#{local(pattern.iri)})",
            both(pattern.label.de, pattern.label.en),
            f"{pattern.weight:+}",
            both("zieht zurück", "withdraws") if pattern.veto else _percent(moment.prior + pattern.weight),
        )
        for pattern in _strongest_first(moment)
    ]
    return table(("", both("Muster", "pattern"), both("Gewicht", "weight"), both("allein", "alone")), rows)


def _pattern(pattern: Pattern, said: Terms) -> str:
    looks = {name: values for name, values in pattern.parameters.items() if not name.startswith(_ASIDE)}
    aside = {name: values for name, values in pattern.parameters.items() if name.startswith(_ASIDE)}
    kind = f"{code('aug:' + pattern.kind)}, {said.label(pattern.kind)}; {_when(pattern)}"
    rows = [*_parameters(looks, said), *_parameters(aside, said)]
    return sections(
        (
            f"### {local(pattern.iri)}",
            f"**{titled(pattern.label)}**: {pattern.reason.de} · *{pattern.reason.en}*",
            kind,
            table((both("Angabe", "parameter"), "", both("Wert", "value")), rows),
        )
    )


def _when(pattern: Pattern) -> str:
    if pattern.dates_within is None:
        return _earlier(pattern)
    days = pattern.dates_within.days
    dates = both(f"datiert ihn, auf {days} Tage", f"dates it, within {days} days")
    return f"{_earlier(pattern)}; {dates}"


def _earlier(pattern: Pattern) -> str:
    if not pattern.lag_maximum:
        return both("der Moment war am beobachteten Tag", "the moment was on the observed day")
    first, last = pattern.lag_minimum.days, pattern.lag_maximum.days
    return both(f"der Moment war {first} bis {last} Tage früher", f"the moment was {first} to {last} days earlier")


def _parameters(parameters: dict[str, tuple[object, ...]], said: Terms) -> list[tuple[str, str, str]]:
    return [
        (code("aug:" + name), said.label(name), ", ".join(value(item, "../") for item in values))
        for name, values in parameters.items()
    ]


def _rules(moment: MomentType) -> str:
    if not moment.rules:
        return ""
    files = bullets(
        f"`ontology/moments/{moment.slug}/{rule.name}`: {rule_title(rule.read_text('utf-8'))}" for rule in moment.rules
    )
    return f"{both('Dazu eigene Regeln', 'And rules of its own')}:\n\n{files}"


def _law(moment: MomentType, said: Terms) -> str:
    name = moment.legal_class
    return f"**{said.label(name)}** ({code('aug:' + name)})\n\n{said.definition(name)}"


def _offer(moment: MomentType, content: Content) -> str:
    needs = [both(need.label.de, need.label.en) for need in moment.needs]
    products = [found for iri in moment.products if (found := content.product(iri))]
    rows = [
        (f"[{p.slug}](../products.md#{p.slug})", both(p.label.de, p.label.en), both(p.words.de, f"*{p.words.en}*"))
        for p in products
    ]
    return sections((bullets(needs), table((both("Produkt", "product"), "", both("Worte", "words")), rows)))


def _dialogue(dialogue: Dialogue) -> str:
    by = both("ein Mensch", "a person") if dialogue.conducted_by == "human" else both("automatisch", "automatic")
    earliest, latest = span(dialogue.earliest), span(dialogue.latest)
    texts: tuple[tuple[str, Words], ...] = (
        (both("Ton", "tone"), dialogue.tone),
        (both("Worte", "words"), dialogue.words),
        (both("Nicht sagen", "must not say"), dialogue.must_not_say),
        (both("Übergabe", "hand-over"), dialogue.hand_over),
    )
    return sections(
        (
            f"## {both('Wie man es sagt', 'How to say it')}",
            f"{by}; {' → '.join(map(code, dialogue.channel_order))}; {both('frühestens', 'earliest')} {earliest}, "
            f"{both('spätestens', 'latest')} {latest}",
            table(("", "Deutsch", "English"), [(name, words.de, words.en) for name, words in texts]),
        )
    )


def _cases(moment: MomentType) -> str:
    folder = f"../../../ontology/moments/{moment.slug}/cases"
    return bullets(f"[{path.stem}]({folder}/{path.name}): {_case_title(path)}" for path in moment.cases)


def _case_title(path: Path) -> str:
    return str(yaml.safe_load(path.read_text(encoding="utf-8").partition("\ngiven:")[0])["title"])
