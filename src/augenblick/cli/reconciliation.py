"""`augenblick reconcile`: recorded relations held beside what the data show."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.options import (
    DEFAULT_DATA,
    DEFAULT_PURPOSE,
    DEFAULT_ROLE,
    Data,
    Json,
    Lang,
    PurposeName,
    RoleName,
    access_of,
    language_of,
)
from augenblick.content import Words
from augenblick.explain.words import Language
from augenblick.pipeline import RelationFinding, Sign
from augenblick.store import DataDirectory

_SHOWN = 20
"""Findings printed with their proofs where nobody asked for one customer's; all stand in the JSON."""
_KINDS = {
    "missing": Words("fehlt", "missing"),
    "contradicted": Words("widersprüchlich", "contradicted"),
    "expired": Words("abgelaufen", "expired"),
}
_HEAD = Words("Befund|Beziehung|Anzahl|von Sichten auf Angehörige verwendet", "finding|relation|number|used by views")
_NONE = Words("Nichts zu prüfen.", "Nothing to look at.")
_NO_CUSTOMER = Words("(kein Kunde)", "(no customer)")
_LIKELY = Words("{share} wahrscheinlich, Gewicht {weight}, {used}", "{share} likely, weight {weight}, {used}")
_USED = (Words("nur berichtet", "only reported"), Words("verwendet", "used"))
_REST = Words("{number} weitere: --json, oder einen Kunden nennen", "{number} more: --json, or name a customer")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="reconcile")(reconcile)


def reconcile(
    customer: Annotated[str | None, typer.Argument(metavar="CUSTOMER", help="One customer's id; else all.")] = None,
    role: RoleName = DEFAULT_ROLE,
    purpose: PurposeName = DEFAULT_PURPOSE,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Hold recorded relations beside what the data show: missing, contradicted, expired, each with its proof.

    A missing relation has a weight: the natural logarithm of its odds, prior and signs added up. Nothing is
    changed: what is recorded stays, and a presumption never stands in its place.
    """
    language = language_of(lang)
    findings = pipeline.reconcile(
        DataDirectory(data), access=access_of(role, purpose), lang=language, customer=customer
    )
    if as_json:
        console.machine({"findings": [finding.to_dict() for finding in findings]})
        return
    print_findings(findings, language, every=customer is not None)


def print_findings(findings: list[RelationFinding], language: Language, *, every: bool) -> None:
    """Print how many there are of each kind, then each (the first ones, or every one) with its proof."""
    if not findings:
        console.good(_NONE.in_language(language))
        return
    numbers = Counter((f.finding, f.relation) for f in findings)
    used = Counter((f.finding, f.relation) for f in findings if f.used)
    console.table(
        _HEAD.in_language(language).split("|"),
        [
            (_KINDS[kind].in_language(language), relation, f"{number:,}", f"{used[kind, relation]:,}")
            for (kind, relation), number in numbers.items()
        ],
    )
    shown = findings if every else findings[:_SHOWN]
    for finding in shown:
        _print(finding, language)
    if len(shown) < len(findings):
        console.note(_REST.in_language(language).format(number=f"{len(findings) - len(shown):,}"))


def _print(finding: RelationFinding, language: Language) -> None:
    console.say()
    relative = finding.relative or _NO_CUSTOMER.in_language(language)
    kind = _KINDS[finding.finding].in_language(language)
    console.heading(f"{kind}: {finding.customer} · {finding.relation} · {relative}")
    if finding.probability is not None:
        used = _USED[finding.used].in_language(language)
        likely = _LIKELY.in_language(language)
        console.say(likely.format(share=f"{finding.probability:.0%}", weight=f"{finding.weight:+.1f}", used=used))
    for sign in finding.proof:
        console.say(f"  {_line(sign)}")


def _line(sign: Sign) -> str:
    weight = "" if sign.weight is None else f"{sign.weight:+.1f}  {sign.sign}: "
    shown = f" ({sign.shown})" if sign.shown else ""
    return f"{weight}{sign.reason}{shown}"
