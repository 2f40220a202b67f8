"""What people say of moments outlives a rebuild; a dismissal makes evidence of its kind weigh less for the customer."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb
import pytest

from augenblick.model.errors import Conflict, NotFound
from augenblick.moments import MomentRules, create_tables, feedback, load_types, merge

RULES = MomentRules("urn:type", "type", -1.0, 30, False, 3650, 0.5, 0.9)
AS_OF = date(2026, 6, 30)
AT = datetime(2026, 6, 30, 9, tzinfo=UTC)


def run(connection: duckdb.DuckDBPyConnection, *indications: tuple[str, str, float, date]) -> dict[str, tuple]:
    create_tables(connection)
    load_types(connection, [RULES])
    for name, pattern, weight, on in indications:
        row = [name, "anna", "urn:type", pattern, weight, on, 0, 0, False]
        connection.execute("INSERT INTO moments.indications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    merge(connection, [RULES], as_of=AS_OF, base="urn:")
    rows = connection.execute("SELECT moment_id, state, confidence FROM moments.moments ORDER BY moment_id").fetchall()
    return {row[0]: row[1:] for row in rows}


@pytest.fixture
def bank(connection):
    connection.execute(
        "CREATE TABLE bank.declared_moments (customer_id VARCHAR, moment VARCHAR, occurred_on DATE, state VARCHAR)"
    )
    return connection


FIRST = ("i1", "urn:pattern", 2.0, date(2026, 1, 10))
LATER = ("i2", "urn:pattern", 2.0, date(2026, 5, 10))
OTHER = ("i3", "urn:other", 2.0, date(2026, 5, 10))
MOMENT = "urn:moment/anna/type/2026-01-10"
NEXT = "urn:moment/anna/type/2026-05-10"


def say(bank, action: feedback.Action) -> feedback.Feedback:
    return feedback.record(bank, MOMENT, action, actor="berta", role="adviser", at=AT)


@pytest.mark.parametrize(
    ("action", "state"), [("confirmed", "confirmed"), ("dismissed", "dismissed"), ("acted", "acted")]
)
def test_word_on_a_moment_is_its_state_at_once_and_after_a_rebuild(bank, action, state) -> None:
    assert run(bank, FIRST)[MOMENT][0] == "tentative"
    said = say(bank, action)
    assert (said.old_state, said.new_state, said.customer_id) == ("tentative", state, "anna")
    assert bank.execute("SELECT state FROM moments.moments").fetchone() == (state,)
    assert run(bank, FIRST)[MOMENT][0] == state


def test_last_word_counts_and_all_stand_in_the_history(bank) -> None:
    run(bank, FIRST)
    say(bank, "dismissed")
    say(bank, "reopened")
    assert run(bank, FIRST)[MOMENT][0] == "tentative"
    assert [word["action"] for word in feedback.history(bank, MOMENT)] == ["dismissed", "reopened"]


def test_dismissal_halves_evidence_of_its_kind_for_this_customer_only_when_it_comes_again(bank) -> None:
    before = run(bank, FIRST, LATER)
    say(bank, "dismissed")
    after = run(bank, FIRST, LATER)
    assert after[MOMENT] == ("dismissed", before[MOMENT][1])
    assert before[NEXT][1] == pytest.approx(1 / (1 + 2.718281828**-1))
    assert after[NEXT][1] == pytest.approx(0.5)  # -1 + 2 / 2
    assert run(bank, FIRST, OTHER)[NEXT][1] == before[NEXT][1]


def test_word_that_the_state_does_not_allow_is_refused(bank) -> None:
    run(bank, FIRST)
    with pytest.raises(Conflict):
        say(bank, "reopened")
    with pytest.raises(NotFound):
        feedback.record(bank, "urn:nothing", "confirmed", actor="b", role="adviser", at=AT)
    assert feedback.history(bank, MOMENT) == []
