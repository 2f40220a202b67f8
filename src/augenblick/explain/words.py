"""How dates, amounts and fixed sentences are written in German and English."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from augenblick.model.states import STATE_WORDS

Language = Literal["de", "en"]

_MONTHS = {
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

_SENTENCES = {
    "about": {"de": "zwischen dem {a} und dem {b}", "en": "between {a} and {b}"},
    "on": {"de": "am {a}", "en": "on {a}"},
    "confidence": {"de": "Sicherheit {c} ({state})", "en": "confidence {c} ({state})"},
    "detected": {"de": "erkannt am {d}, gültig bis {v}", "en": "detected on {d}, valid until {v}"},
    "version": {"de": "nach Version {n} der Inhalte", "en": "by version {n} of the content"},
    "weights": {
        "de": "Wie die Sicherheit entsteht (Log-Odds):",
        "en": "How the confidence adds up (log-odds):",
    },
    "prior": {"de": "Ausgangswert, bevor etwas gesehen wurde", "en": "prior, before anything was seen"},
    "sum": {"de": "Summe → Sicherheit {c}", "en": "sum → confidence {c}"},
    "also": {"de": "außerdem gesehen, nicht zusätzlich gezählt: {d}", "en": "also seen, not counted again: {d}"},
    "because": {"de": "{what}; denn {why}", "en": "{what}; because {why}"},
    "and": {"de": " und ", "en": ", and "},
    "seen": {"de": "{customer}: {label} am {d}", "en": "{customer}: {label} on {d}"},
    "row": {"de": "{file}, Zeile {line}", "en": "{file}, line {line}"},
    "more": {"de": "… {n} weitere …", "en": "… {n} more …"},
    "rule": {"de": "nach Regel {rule}", "en": "by rule {rule}"},
    "moment_of": {"de": "Moment von {customer}: {label}", "en": "moment of {customer}: {label}"},
    "was found": {"de": "Der Moment wurde erkannt: {ids}", "en": "The moment was found: {ids}"},
    "not found": {"de": "{customer}: {label} wurde nicht erkannt.", "en": "{customer}: {label} was not found."},
    "best trace": {
        "de": "Die beste Spur erreicht {c}, nötig sind {t}.",
        "en": "The best trace reaches {c}, {t} is needed.",
    },
    "no trace": {"de": "Keine Spur davon zählt:", "en": "No trace of it counts:"},
    "vetoed": {"de": "Ein Gegenbeleg hat ihn zurückgenommen.", "en": "Counter-evidence has withdrawn it."},
    "outcome counted": {"de": "gezählt, gesehen am {d}", "en": "counted, seen on {d}"},
    "outcome excluded": {"de": "gesehen am {d}, aber ausgeschlossen: {b}", "en": "seen on {d}, but excluded: {b}"},
    "outcome unseen": {"de": "nicht gesehen", "en": "not seen"},
    "signal seen": {
        "de": " (Signal „{s}“: {n} Buchungen, zuletzt am {d})",
        "en": " (signal '{s}': {n} bookings, the last on {d})",
    },
    "signal unseen": {"de": " (Signal „{s}“ kommt nicht vor)", "en": " (signal '{s}' does not occur)"},
    "no occasion": {
        "de": "{customer}: kein offener Moment, also kein Anlass.",
        "en": "{customer}: no open moment, hence no occasion.",
    },
    "fits": {"de": "passt", "en": "fits"},
    "fits, no contact": {"de": "passt, darf aber nicht angeboten werden", "en": "fits, but may not be offered"},
    "fits not": {"de": "passt nicht", "en": "does not fit"},
    "dialogue": {"de": "Gespräch", "en": "Dialogue"},
    "conducted by human": {"de": "ein Mensch", "en": "a person"},
    "conducted by automatic": {"de": "automatisch", "en": "automatic"},
    "tone": {"de": "Ton", "en": "Tone"},
    "said words": {"de": "Worte", "en": "Words"},
    "never said": {"de": "Nicht sagen", "en": "Do not say"},
    "hand-over": {"de": "Übergabe", "en": "Hand-over"},
}

_CHANNELS = {
    "branch": {"de": "Filiale", "en": "branch"},
    "phone": {"de": "Telefon", "en": "phone"},
    "email": {"de": "E-Mail", "en": "e-mail"},
    "post": {"de": "Brief", "en": "letter"},
    "sms": {"de": "SMS", "en": "text message"},
    "app": {"de": "App", "en": "app"},
    "web": {"de": "Online-Banking", "en": "online banking"},
    "chat": {"de": "Chat", "en": "chat"},
    "video": {"de": "Video", "en": "video"},
    "atm": {"de": "Automat", "en": "cash machine"},
}


def sentence(key: str, language: Language, **values: str) -> str:
    """Return the fixed sentence with its values put in."""
    return _SENTENCES[key][language].format(**values)


def state(name: str, language: Language) -> str:
    """Return a moment's state as a word."""
    return STATE_WORDS[name][language]


def channel(code: str, language: Language) -> str:
    """Return a channel as a word; a code without one as it is."""
    return _CHANNELS[code][language] if code in _CHANNELS else code


def day(value: date, language: Language) -> str:
    """Return a date as people write it: 12. März 2026, 12 March 2026."""
    month = _MONTHS[language][value.month - 1]
    return f"{value.day}. {month} {value.year}" if language == "de" else f"{value.day} {month} {value.year}"


def interval(first: date, last: date, language: Language) -> str:
    """Return when something happened, as one day or between two."""
    if first == last:
        return sentence("on", language, a=day(first, language))
    return sentence("about", language, a=day(first, language), b=day(last, language))


def amount(value: Decimal, currency: str, language: Language) -> str:
    """Return a signed amount with its currency: +1.259,00 EUR, +1,259.00 EUR."""
    text = f"{value:+,.2f}"
    if language == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{text} {currency}".strip()


def weight(value: float, language: Language) -> str:
    """Return a log-odds weight with its sign: +3,2 or +3.2."""
    return number(value, language, signed=True)


def percent(value: float, language: Language) -> str:
    """Return a confidence as per cent, rounded down so that 99.96 % is not called 100 %."""
    text = f"{int(value * 1000) / 10:.1f}"
    return f"{text.replace('.', ',')} %" if language == "de" else f"{text}%"


def number(value: float, language: Language, *, signed: bool = False) -> str:
    """Return a number with two decimals."""
    text = f"{value:+.2f}" if signed else f"{value:.2f}"
    return text.replace(".", ",") if language == "de" else text
