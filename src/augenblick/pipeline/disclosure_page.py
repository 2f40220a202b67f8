"""A disclosure as a page in plain German, for the customer: no field names, no codes."""

from __future__ import annotations

import html
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augenblick.explain import Explanation, render
from augenblick.explain.model import Premise, Source
from augenblick.explain.text import MAIN_FIELDS

if TYPE_CHECKING:
    from augenblick.pipeline.disclosing import Disclosure

LONG = 30
"""Tables of more rows are folded."""
WIDE = 8
"""A single row of more columns is told as a list, a line each."""
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin-bottom:1rem}td,th{border:1px solid #bbb;padding:.2rem .5rem;text-align:left}"
    "pre{white-space:pre-wrap;font:inherit}@page{margin:16mm}"
    "@media print{body{font-size:10pt;margin:0;padding:0}td,th{overflow-wrap:anywhere}details>*{display:block}"
    "details::details-content{content-visibility:visible;block-size:auto}}"
)


def page(told: Disclosure) -> str:
    """Return the page."""
    return "\n".join(_lines(told))


def _lines(told: Disclosure) -> Iterator[str]:
    title = "Auskunft nach Art. 15 DSGVO"
    yield f"<!doctype html>\n<html lang='de'><head><meta charset='utf-8'><title>{title}</title>"
    yield f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
    yield f"<p>Kundennummer {_text(told.customer_id)}, Stand {told.on:%d.%m.%Y}</p>"
    yield from _paragraphs("intro")
    yield "<h2>Was über Sie gespeichert ist</h2>"
    for name, rows in told.records.items():
        yield from _table(name, rows, told.meanings)
    yield "<h2>Was in Ihren Buchungen erkannt wurde</h2>"
    yield from _table("Regelmäßige Zahlungen", told.recognised, told.meanings)
    yield "<h2>Was daraus geschlossen wurde, und warum</h2>"
    yield from _paragraphs("logic")
    for explanation in told.inferred:
        yield f"<pre>{_text(render(_in_words(explanation, told.meanings), 'de'))}</pre>"
        if changes := told.changes.get(explanation.moment_id):
            yield f"<p>Was anders sein müsste: {' '.join(map(_text, changes))}</p>"
    if not told.inferred:
        yield "<p>Nichts.</p>"
    yield f"<p>{_text(told.withheld)}</p>"
    yield "<h2>Wozu es verwendet wird</h2>"
    yield from _table("Zwecke und Rechtsgrundlagen", told.purposes, told.meanings)
    yield "<h2>Wie lange es aufbewahrt wird</h2>"
    yield from _table("Fristen", told.kept, told.meanings)
    yield from _paragraphs("kept")
    yield "<h2>Woher es kommt und wer es erhält</h2>"
    yield from _paragraphs("origin")
    asked = [{**row, "wann": datetime.fromisoformat(row["wann"])} for row in told.asked]
    yield from _table("Anfragen zu Ihrer Person", asked, told.meanings)
    yield "<h2>Ihre Rechte</h2>"
    yield from _paragraphs("rights")
    yield "</body></html>"


def _table(name: str, rows: list[Any], meanings: Mapping[str, str]) -> Iterator[str]:
    yield f"<h3>{_text(name)}</h3>"
    if not rows:
        yield "<p>Nichts.</p>"
        return
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if len(rows) == 1 and len(columns) > WIDE:
        lines = (
            f"<tr><th>{_text(named(c))}</th><td>{_text(said(v, meanings, c))}</td></tr>" for c, v in rows[0].items()
        )
        yield f"<table>{''.join(lines)}</table>"
        return
    folded = len(rows) > LONG
    yield f"<details><summary>{len(rows)} Zeilen</summary>" if folded else ""
    yield "<table><tr>" + "".join(f"<th>{_text(named(c))}</th>" for c in columns) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_text(said(row.get(c, ''), meanings, c))}</td>" for c in columns) + "</tr>"
    yield "</table>" + ("</details>" if folded else "")


def named(column: str, table: str = "") -> str:
    """Return what a column is called in German; in a table where its name means something else, that."""
    fields = _words()["fields"]
    return str(fields.get(f"{table}.{column}") or fields.get(column, column))


def coded(value: object, meanings: Mapping[str, str]) -> bool:
    """Whether a value is a code, which people read in words."""
    return isinstance(value, str) and (value in meanings or value in _words()["values"] or value in _words()["fields"])


def said(value: object, meanings: Mapping[str, str], column: str) -> str:
    """Return the value of a column as people write it: days, amounts and codes in German."""
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    code = str(value)
    if column == "attribute":
        return str(_words()["fields"].get(code, code))
    return meanings.get(code) or str(_words()["values"].get(code, code))


def _in_words(told: Explanation, meanings: Mapping[str, str]) -> Explanation:
    """Return an explanation whose rows of the bank's data name their fields and codes in German."""

    def premise(given: Premise) -> Premise:
        moment = given.moment and _in_words(given.moment, meanings)
        return replace(given, moment=moment, sources=tuple(_row_in_words(each, meanings) for each in given.sources))

    parts = (replace(each, premises=tuple(map(premise, each.premises))) for each in told.contributions)
    return replace(told, contributions=tuple(parts))


def _row_in_words(source: Source, meanings: Mapping[str, str]) -> Source:
    table = source.table.removeprefix("bank.")
    shown = {name: source.row.get(name) for name in MAIN_FIELDS.get(table, tuple(source.row))}
    said_row = {named(n, table): said(v, meanings, n) for n, v in shown.items() if v not in (None, "")}
    return replace(source, table="", row=said_row)


def _paragraphs(name: str) -> Iterable[str]:
    return (f"<p>{_text(each)}</p>" for each in _words()["paragraphs"][name])


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _text(value: object) -> str:
    return html.escape(str(value))
