"""The rows of a spreadsheet file as text, each with where it stands: CSV or Excel, as people's programs write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import BadZipFile

from augenblick.model.errors import BadParameter


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet, the header first; cells are text, blanks around names of columns are gone."""

    place: str
    """The file, in Excel with the sheet."""
    rows: tuple[tuple[str, ...], ...]

    def cell(self, row: int, name: str) -> str:
        """Return where a cell is: sheet, row (the header is the first), column by letter and name."""
        return f"{self.place}, row {row}, column {_letters(self.rows[0].index(name))} ({name})"


def sheets(file: Path) -> list[Sheet]:
    """Return the sheets of a file that hold anything.

    Raises BadParameter where it is no Excel file or not in UTF-8, and where a cell holds what cannot be meant: a day,
    or a formula whose value the file does not know.
    """
    found = list(_of_excel(file)) if file.suffix == ".xlsx" else [_of_csv(file)]
    return [sheet for sheet in found if any(any(row) for row in sheet.rows)]


def _of_csv(file: Path) -> Sheet:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadParameter("is not in UTF-8", where=str(file), hint="save it as “CSV UTF-8”") from error
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    return Sheet(str(file), _clean(tuple(row) for row in rows))


def _of_excel(file: Path) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # here: few commands read sheets, and it takes long to import
    from openpyxl.utils.exceptions import InvalidFileException

    with ExitStack() as opened:
        try:
            values, formulas = (
                opened.enter_context(closing(load_workbook(file, read_only=True, data_only=known)))
                for known in (True, False)
            )
        except (OSError, ValueError, KeyError, BadZipFile, InvalidFileException) as error:
            raise BadParameter("is no Excel file", where=str(file), hint="save it as .xlsx or as CSV UTF-8") from error
        for known, said in zip(values.worksheets, formulas.worksheets, strict=True):
            place = f"{file}, sheet {known.title}"
            pairs = list(zip(known.iter_rows(values_only=True), said.iter_rows(values_only=True), strict=True))
            rows = (
                tuple(
                    _text(value, written, f"{place}, row {number}, column {_letters(at)}")
                    for at, (value, written) in enumerate(zip(*row, strict=True))
                )
                for number, row in enumerate(pairs, 1)
            )
            yield Sheet(place, _clean(rows))


def _text(value: object, written: object, where: str) -> str:
    """Return what a cell says: its value, by the formula written in it where there is one."""
    if isinstance(value, date):
        message = f"the number here has become the day {value:%d.%m.%Y}"
        hint = "let Excel show the column as text, and write the number anew, like 2.6 or 2,6"
        raise BadParameter(message, where=where, hint=hint)
    if value is None and written is not None:
        hint = "open the file in Excel and save it, or write the value itself"
        raise BadParameter("a formula without a value stands here", where=where, hint=hint)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _clean(rows: Iterator[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    header = tuple(name.strip() for name in next(rows, ()))
    return (header, *rows)


def _letters(at: int) -> str:
    """Return the letters of a column as spreadsheets show them, the first (0) being A."""
    return ("" if at < 26 else _letters(at // 26 - 1)) + chr(ord("A") + at % 26)
