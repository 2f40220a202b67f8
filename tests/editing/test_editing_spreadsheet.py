"""A sheet written from the content says the same when it comes back; edited cells become edits, wrong are named."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from small_content import BAKERY, CONTENT, PARTY

from augenblick.content import default_root
from augenblick.editing import Edition, difference
from augenblick.editing.spreadsheet import KINDS, filled_in, template, written
from augenblick.model.errors import BadParameter


def sheet(folder: Path, kind: str, *, suffix: str = ".csv", **cells: str) -> Path:
    """Write the small content's sheet with passages of its cells replaced."""
    rows = template(CONTENT, kind)
    for old, new in cells.items():
        rows = [[cell.replace(old, new) for cell in row] for row in rows]
    file = folder / f"{kind}{suffix}"
    file.write_bytes(written(rows, suffix))
    return file


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_sheet_that_nobody_edited_changes_nothing(kind: str, suffix: str, tmp_path: Path) -> None:
    assert len(template(CONTENT, kind)) > 1
    assert difference(CONTENT, filled_in(CONTENT, sheet(tmp_path, kind, suffix=suffix))).empty


@pytest.mark.parametrize("kind", list(KINDS))
def test_sheet_of_the_shipped_content_comes_back_unchanged(kind: str, tmp_path: Path) -> None:
    shipped = Edition.read(default_root())
    (tmp_path / "sheet.csv").write_bytes(written(template(shipped, kind), ".csv"))
    assert difference(shipped, filled_in(shipped, tmp_path / "sheet.csv")).empty


def changed(edition: Edition, path: str) -> str:
    assert {p for p in CONTENT.texts if edition.texts[p] != CONTENT.texts[p]} == {path}
    return edition.texts[path]


def test_weight_typed_as_a_number_in_excel_becomes_the_weight(tmp_path: Path) -> None:
    file = sheet(tmp_path, "moments", suffix=".xlsx")
    book = load_workbook(file)
    cells = {row[0].value: row for row in book.worksheets[0].iter_rows()}
    cells["urn:cake"][3].value = 2.6
    book.save(file)
    assert "2.6" in changed(filled_in(CONTENT, file), PARTY)


def test_sheet_of_a_german_excel_is_read_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("term;weight\nurn:cake;2,6\n", encoding="utf-8")
    assert "2.6" in changed(filled_in(CONTENT, tmp_path / "sheet.csv"), PARTY)


def test_further_line_in_a_cell_is_a_further_value(tmp_path: Path) -> None:
    text = changed(filled_in(CONTENT, sheet(tmp_path, "signals", TORTE="TORTE\nKUCHEN")), BAKERY)
    assert all(pattern in text for pattern in ('"CAKE"', '"KUCHEN"', '"TORTE"'))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("term,weight\nurn:cakes,1\n", "no term 'urn:cakes'.*row 2|row 2.*no term 'urn:cakes'"),
        ("term,weigth\nurn:cake,1\n", "no column 'weigth'"),
        ("term,weight\nurn:cake,heavy\n", "(?=.*no number)(?=.*row 2, column B .weight)"),
        ("weight\n1\n", "no column 'term'"),
        ("term,moment,weight\n,Fest,1\n", "row 2.*names no term|names no term.*row 2"),
        ("term,weight\nurn:cake,1\n\nurn:cake,2\n", "(?=.*row 4)(?=.*stands in row 2 as well)"),
    ],
)
def test_wrong_cell_is_named_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadParameter) as caught:
        filled_in(CONTENT, tmp_path / "sheet.csv")
    assert caught.match(f"(?s){said}")


def excel(tmp_path: Path, value: object) -> Path:
    """Return an Excel file that gives the cake's weight a value, below a row left empty and beside other sheets."""
    book = Workbook()
    for row in (["term", " weight "], [], ["urn:cake", value]):
        book.worksheets[0].append(row)
    book.create_sheet("Notizen").append(["noch zu klären"])
    book.save(tmp_path / "sheet.xlsx")
    return tmp_path / "sheet.xlsx"


@pytest.mark.parametrize("value", [2.6, "2,6 ", " 2.6"])
def test_number_is_read_as_excel_and_people_write_it(value: object, tmp_path: Path) -> None:
    assert "2.6" in changed(filled_in(CONTENT, excel(tmp_path, value)), PARTY)


@pytest.mark.parametrize(
    ("value", "said"),
    [(datetime(2026, 5, 2), "has become the day 02.05.2026"), ("=1+1", "formula without a value"), ("x", "no number")],  # noqa: DTZ001 - days of Excel have no zone
)
def test_cell_that_cannot_be_meant_is_named_by_sheet_row_and_column(value: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadParameter) as caught:
        filled_in(CONTENT, excel(tmp_path, value))
    assert said in caught.value.message
    assert caught.value.where is not None
    assert re.search(r"sheet Sheet, row 3, column B", caught.value.where)


def test_blanks_around_a_text_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(
        "term,label (de)\nhttps://w3id.org/augenblick/signal/bakery,Bäcker  \n", encoding="utf-8"
    )
    assert filled_in(CONTENT, tmp_path / "sheet.csv").texts == CONTENT.texts


def test_sheet_in_another_encoding_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_bytes("term,label (de)\nurn:cake,Käse\n".encode("cp1252"))
    with pytest.raises(BadParameter, match="UTF-8"):
        filled_in(CONTENT, tmp_path / "sheet.csv")


def test_file_that_is_no_excel_file_whatever_its_name_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "sheet.xlsx").write_text("term;weight", encoding="utf-8")
    with pytest.raises(BadParameter, match="no Excel file"):
        filled_in(CONTENT, tmp_path / "sheet.xlsx")
