"""A twenty-ninth moment is one new folder: the line, SPARQL, REST and the pages take it up without another change."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

import small_bank
from accesses import ANALYST
from augenblick import pipeline
from augenblick.content import Content, load_content
from augenblick.content.cases import load_case
from augenblick.ingest import contract
from augenblick.pages.book import pages
from augenblick.pipeline.asking import ask
from augenblick.publish import load_library
from augenblick.store import DataDirectory
from running_service import starting

FOLDER = Path(__file__).parent / "school-start"
AS_OF = date(2026, 10, 31)
ADVISER = {"Acting-Role": "adviser", "Purpose-Of-Use": "service", "Accept-Language": "de"}


@pytest.fixture(scope="module")
def widened(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Content:
    """The shipped content and the new folder, nothing else."""
    home = tmp_path_factory.mktemp("widened")
    for name in ("ontology", "shapes", "queries"):
        shutil.copytree(root / name, home / name)
    shutil.copytree(FOLDER, home / "ontology" / "moments" / FOLDER.name)
    return load_content(home)


@pytest.fixture(scope="module")
def bank(widened: Content, tmp_path_factory: pytest.TempPathFactory) -> DataDirectory:
    """A mother with a child old enough for school, after a run with the widened content."""
    folder = tmp_path_factory.mktemp("school")
    small_bank.write(
        folder / "export", "customers", [("mum", "1990-02-01", "Uta", "female"), ("kid", "2020-05-09", "Mats", "male")]
    )
    small_bank.write(folder / "export", "relations", [("mum", "kid", "child")])
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder / "export")
    pipeline.detect(directory, as_of=AS_OF, content=widened)
    return directory


def test_new_moment_is_found_by_the_line_as_its_case_says(bank: DataDirectory, widened: Content) -> None:
    columns = {table.name: [field.name for field in table.fields] for table in contract().tables}
    case = load_case(next((FOLDER / "cases").glob("*.yaml")), contract=columns)
    expected = case.expect[0]
    with bank.connect(read_only=True) as connection:
        rows = connection.execute(
            "SELECT customer_id, slug, state, occurred_from FROM moments.moments WHERE slug = 'school-start'"
        ).fetchall()
    assert rows == [("kid", expected.moment, expected.state, date(2026, 8, 9))]
    assert FOLDER.name in {moment.slug for moment in widened.moments}


def test_new_moment_is_answered_by_the_library_of_queries(bank: DataDirectory, widened: Content) -> None:
    query = load_library(widened.queries)["moments-by-type"]
    answer = ask(bank, query, access=ANALYST, given={}, library=True)
    assert "Einschulung" in answer.content.decode()


def test_new_moment_is_told_by_rest_with_its_words(bank: DataDirectory, widened: Content) -> None:
    with starting(bank.path, widened) as start:
        told = start().client.get("/v1/customers/kid", headers=ADVISER).json()
    assert [(moment["type"], moment["label"]) for moment in told["moments"]] == [("school-start", "Einschulung")]


def test_new_moment_has_a_page_and_stands_in_the_index(widened: Content) -> None:
    book = pages(widened)
    assert "Schulpflicht" in book["moments/school-start.md"]
    assert "school-start" in book["README.md"]
