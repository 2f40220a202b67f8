"""Tables for people who live in a spreadsheet: written from the content, edited there, and read back as an edit.

A row is a term, a column a field; several values stand on lines of their own within a cell. What a sheet does not list
stays as it is. New terms come by files, not by sheets.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from augenblick.content.entry import nearest
from augenblick.content.reading import LAYERS
from augenblick.content.sources import short
from augenblick.editing.applying import applied
from augenblick.editing.edition import Edition, Field, Value
from augenblick.editing.edits import Edit
from augenblick.editing.sheet_file import Sheet, sheets
from augenblick.editing.values import decimal_value, term_named, term_value, text_value
from augenblick.model import terms
from augenblick.model.errors import BadParameter

SUFFIXES = (".csv", ".xlsx")
TERM = "term"
_CONTEXT = ("moment", "name")
"""Columns that only tell the reader which term it is."""


@dataclass(frozen=True)
class Column:
    """One field of the rows: the predicate, the language of a text, and whether it is a number or another term."""

    predicate: str
    language: str = ""
    number: bool = False
    term: bool = False


def _both(name: str, predicate: str) -> dict[str, Column]:
    return {f"{name} ({language})": Column(predicate, language) for language in ("de", "en")}


_LABEL = _both("label", terms.RDFS + "label")
_DEFINITION = _both("definition", terms.SKOS + "definition")
KINDS: Mapping[str, Mapping[str, Column]] = {
    "moments": {"weight": Column(terms.AUG + "weight", number=True), **_both("reason", terms.AUG + "reason")},
    "signals": {
        **_LABEL,
        **{
            name: Column(terms.AUG + name)
            for name in ("creditorId", "textPattern", "counterpartyPattern", "exceptPattern")
        },
        **{name: Column(terms.AUG + name, number=True) for name in ("minimumAmount", "maximumAmount")},
    },
    "products": {
        **_LABEL,
        **_DEFINITION,
        "contractCode": Column(terms.AUG + "contractCode"),
        **{name: Column(terms.AUG + name, term=True) for name in LAYERS.values()},
    },
    "words": {
        **_LABEL,
        **_DEFINITION,
        **_both("example", terms.SKOS + "example"),
        **_both("words", terms.AUG + "words"),
    },
}
"""The kinds of sheets: weights of patterns, signals, products, and words of moments, products and dialogues."""


def template(edition: Edition, kind: str) -> list[list[str]]:
    """Return a sheet of all terms of a kind with what they say now, the header first."""
    columns = KINDS[kind]
    rows = [[TERM, *_CONTEXT, *columns]]
    for iri in _terms(edition, kind):
        owner = edition.owners.get(iri, (iri, ""))[0]
        context = [edition.label(owner, "de") or "", edition.label(iri, "de") or ""]
        rows.append([iri, *context, *("\n".join(_lexicals(edition, iri, column)) for column in columns.values())])
    return rows


def written(rows: list[list[str]], suffix: str) -> bytes:
    """Return a sheet as a file: `.csv` (UTF-8, with the mark Excel looks for) or `.xlsx`."""
    if suffix == ".csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode("utf-8-sig")
    from openpyxl import Workbook  # here: few commands write sheets, and it takes long to import

    book = Workbook()
    sheet = book.active
    for row_number, row in enumerate(rows, 1):
        for column_number, value in enumerate(row, 1):
            cell = sheet.cell(row_number, column_number, value or None)
            cell.number_format = "@"  # else Excel makes a day of 2.5
            if value:
                cell.data_type = "s"  # what begins with “=” is no formula
    sheet.freeze_panes = "D2"
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def filled_in(edition: Edition, file: Path) -> Edition:
    """Return the edition with what a filled-in sheet says.

    Of an Excel file every sheet with a column of terms counts. Raises BadParameter naming sheet, row and column for a
    term or column there is not, a row without a term or with one that stood before, a cell that is no number, or a file
    that is no sheet in UTF-8.
    """
    found = sheets(file)
    filled = [sheet for sheet in found if TERM in sheet.rows[0]]
    if not filled:
        hint = "begin with `augenblick template KIND`"
        raise BadParameter(f"has no column '{TERM}'", where=found[0].place if found else str(file), hint=hint)
    return applied(edition, [edit for sheet in filled for edit in _edits(edition, sheet)])


def _edits(edition: Edition, sheet: Sheet) -> Iterator[Edit]:
    header, *rows = sheet.rows
    known = {name: column for columns in KINDS.values() for name, column in columns.items()}
    for name in header:
        if name and name not in known and name not in (TERM, *_CONTEXT):
            hint = nearest(name, known) or "mend it"
            raise BadParameter(f"there is no column '{name}'", where=sheet.place, hint=hint)
    places: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        cells = dict(zip(header, row, strict=False))
        iri, where = cells.get(TERM, "").strip(), f"{sheet.place}, row {number}"
        if not iri and not any(text.strip() for text in row):
            continue
        if iri not in edition.places:
            message = f"there is no term '{iri}'" if iri else "the row names no term"
            raise BadParameter(message, where=where, hint=nearest(iri, edition.places) or "new terms come by files")
        if places.setdefault(iri, number) != number:
            raise BadParameter(
                f"the term stands in row {places[iri]} as well", where=where, hint="keep one of the rows"
            )
        for name, text in cells.items():
            if name in known and (edit := _edit(edition, iri, known[name], text, sheet.cell(number, name))):
                yield edit


def _edit(edition: Edition, iri: str, column: Column, text: str, where: str) -> Edit | None:
    field = Field(iri, column.predicate, column.language)
    now = {value.lexical: value for value in edition.fields.get(field, {}).values()}
    same: Callable[[str], object] = _number(where) if column.number else _said(now)
    if column.term:
        same, now = _named(edition, where), {value.iri: value for value in now.values() if value.iri}
    said = {same(lexical): value for lexical, value in now.items()}
    wanted = [same(line.rstrip("\r")) for line in text.split("\n") if line.strip()]
    removed = tuple(value for key, value in said.items() if key not in wanted)
    added = tuple(_value(key, column) for key in dict.fromkeys(wanted) if key not in said)
    return Edit(field, removed, added) if removed or added else None


def _said(now: Container[str]) -> Callable[[str], str]:
    """Return how a line of text is read: blanks around it count only where they stood before."""
    return lambda line: line if line in now else line.strip()


def _named(edition: Edition, where: str) -> Callable[[str], str]:
    return lambda text: term_named(edition, text.strip(), where)


def _value(key: object, column: Column) -> Value:
    if column.term:
        return term_value(str(key))
    return decimal_value(key) if column.number else text_value(str(key), column.language or None)


def _number(where: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            return float(text.strip().replace(",", "."))
        except ValueError as error:
            raise BadParameter(f"'{text}' is no number", where=where, hint="write it like 2.6 or 2,6") from error

    return read


def _lexicals(edition: Edition, iri: str, column: Column) -> list[str]:
    if column.term:
        values = edition.fields.get(Field(iri, column.predicate), {}).values()
        return sorted(short(value.iri) for value in values if value.iri)
    return edition.values(iri, column.predicate, column.language)


def _terms(edition: Edition, kind: str) -> list[str]:
    def typed(*names: str) -> list[str]:
        wanted = {terms.AUG + name for name in names}
        return [iri for iri in edition.places if wanted & set(edition.values(iri, terms.RDF + "type"))]

    if kind == "moments":
        return sorted(iri for iri, (_, what) in edition.owners.items() if what == "pattern")
    return sorted(
        typed(*{"signals": ("Signal",), "products": ("Product",)}.get(kind, ("MomentType", "Product", "Dialogue")))
    )
