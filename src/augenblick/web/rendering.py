"""Templates, and how values are written in them: texts, dates, amounts, confidences."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from augenblick import __version__
from augenblick.content import Words
from augenblick.content.citing import cited
from augenblick.editing.versions import AS_SHIPPED
from augenblick.explain import words as written
from augenblick.explain.words import Language
from augenblick.ingest.contract import contract
from augenblick.web import failures, words
from augenblick.web.assets import address
from augenblick.web.form_fields import SPAN, priced, with_mark
from augenblick.web.sentences import span

_CODE = re.compile(r"`([^`]+)`")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy: nothing leaves this host, and nothing written into a page is run."""


@cache
def _environment() -> Environment:
    # Everything is escaped; no template switches that off (a test holds it).
    environment = Environment(
        loader=PackageLoader("augenblick.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["codes"] = _codes
    return environment


def _codes(text: str) -> Markup:
    """Return a sentence with what stands between backticks as code; all else is escaped."""
    parts = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(_CODE.split(text))
    )
    return Markup("").join(parts)


def page(template: str, language: Language, **values: Any) -> str:
    """Return a template as HTML in the language."""
    speech = {
        "language": language,
        "t": partial(_say, language),
        "day": partial(_day, language),
        "span": partial(_span, language),
        "moment_of_day": partial(_moment_of_day, language),
        "amount": partial(_amount, language),
        "value": partial(_value, language),
        "field": partial(field, language),
        "percent": lambda value: written.percent(min(value, 0.9999), language).replace(" ", "\u00a0"),
        "share": lambda value: written.percent(value, language).replace(" ", "\u00a0"),
        "weight": lambda value: written.weight(value, language).replace("-", "−"),
        "count": partial(_count, language),
        "seconds": partial(_seconds, language),
        "channel": lambda code: written.channel(code, language),
        "worded": lambda text: text.in_language(language) if isinstance(text, Words) else text,
        "cited": lambda source: cited(source).in_language(language),
        "stated": partial(_stated, language),
        "money": lambda text, currency: priced(text, currency, language),
        "why": partial(_why, language),
        "failure": lambda error: failures.told(error, language),
        "knows": words.knows,
        "asset": address,
    }
    return _environment().get_template(template).render(**speech, **values)


def _say(language: Language, key: str, **values: object) -> str:
    return words.say(key, language, **values)


def _date(value: date | str) -> date:
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def _day(language: Language, value: date | str | None) -> str:
    return written.day(_date(value), language) if value else "–"


def _moment_of_day(language: Language, at: str) -> str:
    """Return a moment given in ISO 8601 as day and time in Berlin."""
    moment = datetime.fromisoformat(at).astimezone(ZoneInfo("Europe/Berlin"))
    return f"{written.day(moment.date(), language)}, {moment:%H:%M}"


def _span(language: Language, first: date | str, last: date | str) -> str:
    """Return one day, or two with a dash."""
    a, b = _date(first), _date(last)
    return written.day(a, language) if a == b else f"{written.day(a, language)} – {written.day(b, language)}"


def _amount(language: Language, value: Decimal | float | str, currency: str = "") -> str:
    return written.amount(Decimal(str(value)), currency, language).replace("-", "−").replace(" ", "\u00a0")


def _count(language: Language, value: int) -> str:
    """Return a whole number with its thousands parted."""
    return f"{value:,}".replace(",", "." if language == "de" else ",")


def _stated(language: Language, text: str) -> str:
    """Return a value of the content as people write it: spans of time in words, numbers with their decimal mark."""
    if SPAN.fullmatch(text):
        return span(text, language)
    return with_mark(text, language)


def _why(language: Language, reason: str) -> str:
    """Return why a version is there: what somebody wrote, and of a shipped one that it is."""
    return words.say("change.as_shipped", language, version=__version__) if reason == AS_SHIPPED else reason


def _seconds(language: Language, value: float) -> str:
    """Return a span of time in milliseconds or, from one second on, in seconds."""
    if value < 1:
        return f"{1000 * value:.{0 if value >= 0.01 else 1}f}\u00a0ms".replace(".", "," if language == "de" else ".")
    return f"{value:.1f}\u00a0s".replace(".", "," if language == "de" else ".")


@cache
def field(language: Language, table: str, name: str) -> str:
    """Return what a field of the bank's tables is called, as far as its description goes before it explains more."""
    try:
        told = contract().table(table.removeprefix("bank.")).field(name)
    except KeyError:
        return name
    return re.split(r"[;,(]", told.description_de if language == "de" else told.description)[0].strip()


def _value(language: Language, value: object) -> str:
    """Return one value of a bank's row as a person writes it."""
    if isinstance(value, datetime):
        return f"{written.day(value.date(), language)}, {value:%H:%M}"
    if isinstance(value, date):
        return written.day(value, language)
    if isinstance(value, Decimal):
        return _amount(language, value)
    return str(value)
