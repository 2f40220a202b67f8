"""`augenblick detect`, `explain` and `offers`: which moments, why, and what fits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.cli.load import overdue_remark
from augenblick.cli.options import (
    DEFAULT_DATA,
    DEFAULT_PURPOSE,
    DEFAULT_ROLE,
    AsOf,
    ChannelName,
    Data,
    Json,
    Lang,
    PurposeName,
    RoleName,
    access_of,
    language_of,
    parsed_date,
)
from augenblick.cli.past import AsRules
from augenblick.cli.past import asked as earlier
from augenblick.explain import render, render_why_not, to_prov, words
from augenblick.explain.words import Language
from augenblick.model.errors import BadParameter
from augenblick.publish import follow
from augenblick.store import DataDirectory

if TYPE_CHECKING:
    from augenblick.pipeline import DetectReport

OVERDUE = timedelta(days=7)
"""No bookings for longer than weekends and holidays explain: the data end before the date asked for."""


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(name="detect")(detect)
    app.command(name="explain")(explain)
    app.command(name="offers")(offers)


def detect(as_of: AsOf = None, data: Data = DEFAULT_DATA, lang: Lang = None, as_json: Json = False) -> None:
    """Find the moments: signals, facts, validation, reasoning, offers; then publish the graph.

    Everything is computed anew from what was ingested; the result replaces the last one when it is whole.
    """
    day = parsed_date(as_of, "--as-of") if as_of else pipeline.today()
    language = language_of(lang)
    directory = DataDirectory(data)
    with console.progress() as progress:
        pipeline.finish_erasures(directory)
        report = pipeline.detect(directory, as_of=day, progress=progress)
    if as_json:
        console.machine(report.to_dict())
    else:
        print_detection(report, language)
    follow(directory)


def print_detection(report: DetectReport, language: Language) -> None:
    """Print how the run went and what it found."""
    german = language == "de"
    if report.validation.results:
        console.heading("Datenprüfung" if german else "Validation")
        console.say(report.validation.text(language))
    if report.reasoning.contradictions:
        count = report.reasoning.contradictions
        console.say(
            f"{count} Individuen widersprechen der Ontologie (owl:Nothing)."
            if german
            else f"{count} individuals contradict the ontology (owl:Nothing)."
        )
    if outside := outside_of_data(report.as_of, report.booked, language):
        console.note(outside)
    if report.overdue:
        console.note(overdue_remark(report.overdue, german=german))
    console.heading(("Momente am " if german else "Moments as of ") + report.as_of.isoformat())
    columns = (
        ("Moment", "bestätigt", "vorläufig", "abgelaufen")
        if german
        else ("moment", "confirmed", "tentative", "expired")
    )
    rows = [
        (label.in_language(language), *(f"{counts.get(s, 0):,}" for s in ("confirmed", "tentative", "expired")))
        for label, counts in report.moments
    ]
    console.table(columns, rows)
    beside = {"lookup": " (neben publish, dort mitgezählt)" if german else " (beside publish, counted there)"}
    spent = (f"{stage} {seconds:.1f} s{beside.get(stage, '')}" for stage, seconds in report.seconds.items())
    console.note(", ".join(spent))


def outside_of_data(as_of: date, booked: tuple[date, date] | None, language: Language) -> str | None:
    """Return what to know of a date before the first booking or well after the last, None for any other."""
    german = language == "de"
    if booked is None:
        return "Es sind keine Buchungen geladen." if german else "No bookings are loaded."
    first, last = (words.day(day, language) for day in booked)
    if as_of < booked[0]:
        if german:
            return f"Die erste Buchung ist vom {first}: Bis zum Stichtag gibt es keine."
        return f"The first booking is of {first}: there are none up to the date asked for."
    if as_of - booked[1] > OVERDUE:
        if german:
            return f"Die letzte Buchung ist vom {last}: Was danach ausbleibt, ist vielleicht nur nicht geladen."
        return f"The last booking is of {last}: what seems to stop after it may only not be loaded."
    return None


def explain(
    moment: Annotated[
        str,
        typer.Argument(help="The moment: its IRI or the part after the data base. With --why-not: the customer's id."),
    ],
    asked: Annotated[
        str | None, typer.Argument(metavar="[MOMENT]", help="With --why-not: the moment type, e.g. its slug.")
    ] = None,
    why_not: Annotated[
        bool, typer.Option("--why-not", help="Why was this moment not found for this customer?")
    ] = False,
    prov: Annotated[bool, typer.Option("--prov", help="Print the proof as PROV-O, in Turtle.")] = False,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="Which smallest change in data or consent would change this?")
    ] = False,
    product: Annotated[
        str | None, typer.Option("--product", help="With --what-if: what would change whether this product is offered?")
    ] = None,
    role: RoleName = DEFAULT_ROLE,
    purpose: PurposeName = DEFAULT_PURPOSE,
    as_rules: AsRules = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say why a moment is believed, down to booking lines and rows; or why not.

    `augenblick explain moment/C00000001/<slug>/2026-03-12` prints the waterfall of weights and under each weight what
    it rests on. `augenblick explain --why-not C00000001 <slug>` names what is missing or spoke against it.
    """
    directory = earlier(data, as_rules)
    language = language_of(lang)
    access = access_of(role, purpose)
    if why_not:
        if asked is None:
            raise BadParameter(
                "--why-not takes a customer and a moment type.", hint="augenblick explain --why-not CUSTOMER MOMENT"
            )
        reasons = pipeline.why_not(directory, moment, asked, access=access)
        if as_json:
            console.machine(reasons.to_dict())
        else:
            console.say(render_why_not(reasons, language))
        return
    if what_if:
        changes = pipeline.what_if(directory, moment, access=access, product=product)
        if as_json:
            console.machine([asdict(change) for change in changes])
        for change in () if as_json else changes:
            console.say(change.sentence.in_language(language))
        return
    explanation = pipeline.explain(directory, moment, access=access)
    if prov:
        console.say(to_prov(explanation, base=explanation.moment_id.partition("moment/")[0]))
    elif as_json:
        console.machine(explanation.to_dict())
    else:
        console.say(render(explanation, language))


def offers(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    role: RoleName = DEFAULT_ROLE,
    purpose: PurposeName = DEFAULT_PURPOSE,
    channel: ChannelName = None,
    as_rules: AsRules = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say what fits a customer's moments, what does not and why, and how to speak about it."""
    language = language_of(lang)
    result = pipeline.offers_of(earlier(data, as_rules), customer, access=access_of(role, purpose, channel))
    if as_json:
        console.machine(result.to_dict())
    else:
        console.say(result.text(language))
