"""Pieces of Markdown: tables, bilingual headings, values as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from rdflib.xsd_datetime import Duration

from augenblick.content import Words
from augenblick.model import terms


def both(de: str, en: str) -> str:
    """Return a German and an English text on one line."""
    return f"{de} · {en}"


def titled(words: Words) -> str:
    """Return a label in both languages, each beginning with a capital as headings do."""
    return both(*(text[:1].upper() + text[1:] for text in (words.de, words.en)))


def paragraphs(words: Words) -> str:
    """Return a text in both languages, one paragraph each."""
    return f"{words.de}\n\n*{words.en}*"


def cell(text: object) -> str:
    """Return a text that does not end its table cell."""
    return re.sub(r"\s*\n\s*", " ", str(text)).replace("|", "\\|").strip()


def code(text: object) -> str:
    """Return a text as code, whatever backticks it holds."""
    return f"`` {text} ``" if "`" in str(text) else f"`{text}`"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; nothing where there are no rows."""
    lines = [" | ".join(cell(each) for each in row) for row in rows]
    if not lines:
        return ""
    head = [" | ".join(columns), " | ".join("---" for _ in columns)]
    return "\n".join(f"| {line} |" for line in [*head, *lines])


def bullets(items: Iterable[str]) -> str:
    """Return a list with one line per item."""
    return "\n".join(f"- {item}" for item in items)


def sections(parts: Iterable[str]) -> str:
    """Return the parts that hold anything, with a blank line between them."""
    return "\n\n".join(part for part in parts if part)


def local(iri: object) -> str:
    """Return what follows the last `#` or `/` of an IRI."""
    return re.split(r"[#/]", str(iri))[-1]


def value(item: object, up: str = "") -> str:
    """Return a parameter's value to read: spans in days or years, signals and moments as links.

    `up` leads from the page to `docs/reference` (`../` for a page in a folder).
    """
    if isinstance(item, bool):
        return both("ja", "yes") if item else both("nein", "no")
    if isinstance(item, timedelta | Duration):
        return span(item)
    text = str(item)
    if text.startswith(terms.SIGNAL):
        return f"[{local(text)}]({up}signals.md#{local(text)})"
    if text.startswith(terms.MOMENT):
        slug, _, part = text.removeprefix(terms.MOMENT).partition("#")
        return f"[{slug}{' ' if part else ''}{part}]({up}moments/{slug}.md{'#' if part else ''}{part})"
    if text.startswith(terms.AUG):
        return code("aug:" + local(text))
    return code(text)


def span(item: timedelta | Duration) -> str:
    """Return a duration in words of both languages."""
    if isinstance(item, timedelta):
        return both(f"{item.days} {'Tag' if item.days == 1 else 'Tage'}", f"{item.days} day{'s'[: item.days != 1]}")
    years, months = int(item.years), int(item.months)
    parts = [(years, "Jahr", "Jahre", "year"), (months, "Monat", "Monate", "month")]
    shown = [part for part in parts if part[0]] or parts[:1]
    german = " ".join(f"{n} {one if n == 1 else many}" for n, one, many, _ in shown)
    return both(german, " ".join(f"{n} {word}{'s'[: n != 1]}" for n, _, _, word in shown))


def rule_title(text: str) -> str:
    """Return the title a rule file states in its header, in both languages where it does."""
    found = dict(re.findall(r"(?m)^# title \((de|en)\): (.*)$", text))
    return both(found["de"], found["en"]) if len(found) == 2 else text.partition("\n")[0].lstrip("# ")
