"""Labels as other people write them: other file and column names, other spellings, fewer columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from augenblick import evaluation

TRUE = ("anna", "job-change", date(2026, 4, 1))


def read(connection: duckdb.DuckDBPyConnection, folder: Path, place: str, text: str) -> list[tuple[object, ...]]:
    """Return the truths read from a file of that name and content."""
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / place).write_text(text, encoding="utf-8")
    evaluation.read_labels(connection, folder)
    return connection.execute("SELECT customer_id, moment, occurred_on FROM labelled_truth").fetchall()


@pytest.mark.parametrize(
    "place", ["truth/truth.csv", "truth.csv", "labels.csv", "truth/labels.csv", "labels/truth.csv"]
)
def test_labels_are_found_in_their_usual_places(connection, tmp_path, place):
    assert read(connection, tmp_path, place, "customer_id,moment,occurred_on\nanna,job-change,2026-04-01\n") == [TRUE]


@pytest.mark.parametrize(
    "text",
    [
        "Customer,Event,Date\nanna,job-change,2026-04-01\n",
        "customer_id;moment;occurred_on\nanna;job-change;01.04.2026\n",
        "customer_id,moment_type,occurred_on\nanna,https://w3id.org/augenblick/moment/job-change,2026-04-01\n",
        "person_id,moment,occurred_at\nanna,JobChange,2026-04-01T08:30:00\n",
        "customer id,life moment,event date\nanna, job_change ,2026-04-01\n",
    ],
    ids=["names", "german", "iri", "camel", "blanks"],
)
def test_labels_in_other_words_say_the_same(connection, tmp_path, text):
    assert read(connection, tmp_path, "truth/truth.csv", text) == [TRUE]


def test_labels_without_visible_from_are_visible_when_they_occurred(connection, tmp_path):
    read(connection, tmp_path, "truth.csv", "customer,event,date\nanna,job-change,2026-04-01\n")
    row = connection.execute("SELECT visible_from, form FROM labelled_truth").fetchone()
    assert row == (date(2026, 4, 1), None)


def test_traps_without_dates_or_names_hold_at_all_times(connection, tmp_path):
    (tmp_path / "traps.csv").write_text("customer_id,moment\nanna,job-change\n")
    read(connection, tmp_path, "truth.csv", "customer,event,date\nanna,job-change,2026-04-01\n")
    row = connection.execute('SELECT customer_id, trap, moment, "from", "to" FROM labelled_traps').fetchone()
    assert row == ("anna", "", "job-change", None, None)
