"""A query's result as a file: CSV, Parquet or Excel, with numbers as numbers and days as days."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from augenblick.model import terms
from augenblick.model.errors import BadParameter

FORMS: Mapping[str, tuple[str, str]] = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "parquet": ("json", "application/vnd.apache.parquet"),
    "xlsx": ("json", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""Each kind of file: the form of SPARQL results it is made from, and its media type."""
_NUMBERS = {terms.XSD + name for name in ("integer", "int", "long", "decimal", "double", "float")}
MOST_ROWS_EXCEL = 1_048_575


def written(kind: str, result: bytes) -> bytes:
    """Return the file of a result in the form that `FORMS` names.

    Raises `BadParameter` for a result that is no table or is longer than the file can hold.
    """
    return result if kind == "csv" else {"parquet": _parquet, "xlsx": _excel}[kind](*_table(result))


def _table(result: bytes) -> tuple[list[str], list[list[Any]]]:
    told = json.loads(result)
    if "results" not in told:
        raise BadParameter("The answer is yes or no, and no table.", hint="ask by SELECT")
    names = told["head"]["vars"]
    return names, [[_python(row.get(name)) for name in names] for row in told["results"]["bindings"]]


def _python(value: dict[str, str] | None) -> Any:
    """Return a value as number, day or text; what is not as its datatype says stays text."""
    if value is None:
        return None
    kind, text = value.get("datatype"), value["value"]
    try:
        if kind in _NUMBERS:
            number = Decimal(text)
            return int(number) if number == number.to_integral_value() else float(number)
        if kind == terms.XSD + "date":
            return date.fromisoformat(text)
    except (ValueError, InvalidOperation, OverflowError):
        return text
    return text


def _parquet(names: list[str], rows: list[list[Any]]) -> bytes:
    import pyarrow as pa  # here: it takes long to import, and few pages need it
    from pyarrow import parquet

    columns = {name: _column([row[i] for row in rows]) for i, name in enumerate(names)}
    whole = io.BytesIO()
    parquet.write_table(pa.table(columns), whole)
    return whole.getvalue()


def _column(values: list[Any]) -> list[Any]:
    """Return a column of one type: as it is, as floating numbers where it mixes numbers, else as texts."""
    kinds = {type(each) for each in values if each is not None}
    if len(kinds) < 2:
        return values
    cast: Callable[[Any], Any] = float if kinds <= {int, float} else str
    return [None if each is None else cast(each) for each in values]


def _excel(names: list[str], rows: list[list[Any]]) -> bytes:
    from openpyxl import Workbook  # here: as above

    if len(rows) > MOST_ROWS_EXCEL:
        raise BadParameter("Excel holds 1,048,576 rows.", hint="take CSV or Parquet")
    book = Workbook()
    sheet = book.active
    for number, row in enumerate([names, *rows], 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # what begins with “=” is no formula
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()
