"""Which indications are one moment where a pattern dates it, what identity it has, and what was declared of it."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from augenblick.moments import MomentRules, load_types, merge, remember_identities

TYPE = "https://w3id.org/augenblick/moment/example"
RULES = MomentRules(
    moment_type=TYPE, slug="example", prior=-3.0, merge_days=120, occurs_once=False, valid_days=365,
    tentative_from=0.5, confirmed_from=0.9, dating=(("shown", 7),),
)  # fmt: skip
LAGS = {"shown": (0, 14), "announced": (-150, 7), "followed": (0, 28)}


def indicate(bank: duckdb.DuckDBPyConnection, pattern: str, *days: str, weight: float = 4.0) -> None:
    for day in days:
        bank.execute(
            "INSERT INTO moments.indications SELECT concat('i', count(*)), 'anna', ?, ?, ?, ?, ?, ?, false "
            "FROM moments.indications",
            [TYPE, pattern, weight, day, *LAGS[pattern]],
        )


def merged(bank: duckdb.DuckDBPyConnection, rules: MomentRules = RULES) -> dict[str, tuple[list[str], str]]:
    """The days of each moment's evidence and its state, by the last part of the moment's identity."""
    for table in ("moments", "contributions"):
        bank.execute(f"DELETE FROM moments.{table}")
    load_types(bank, [rules])
    merge(bank, [rules], as_of=date(2026, 10, 31), base="https://bank.example/id/")
    remember_identities(bank)
    rows = bank.execute(
        "SELECT moment_id, list_sort(list(DISTINCT strftime(observed_on, '%m-%d'))), any_value(state) "
        "FROM moments.moments JOIN moments.contributions USING (moment_id) GROUP BY ALL"
    ).fetchall()
    return {moment.rsplit("/", 1)[1]: (days, state) for moment, days, state in rows}


def days(bank: duckdb.DuckDBPyConnection) -> list[list[str]]:
    return sorted(found for found, _ in merged(bank).values())


def test_clusters_of_two_dated_events_take_each_what_announced_it(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "announced", "2026-03-02", "2026-05-20")
    indicate(bank, "shown", "2026-05-12", "2026-07-08")
    assert days(bank) == [["03-02", "05-12"], ["05-20", "07-08"]]


def test_clusters_without_a_dating_pattern_chain_within_the_merge_window(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "announced", "2026-03-02", "2026-05-20", "2026-09-16")
    assert days(bank) == [["03-02", "05-20", "09-16"]]


def test_clusters_leave_what_comes_too_late_for_an_event_to_itself(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "shown", "2026-05-12")
    indicate(bank, "announced", "2026-06-05", "2026-06-20")
    assert days(bank) == [["05-12"], ["06-05", "06-20"]]


def test_clusters_take_what_follows_an_event_to_it(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "shown", "2026-05-12", "2026-08-01")
    indicate(bank, "followed", "2026-06-10")
    assert days(bank) == [["05-12", "06-10"], ["08-01"]]


@pytest.mark.parametrize(("second", "events"), [("2026-06-02", 1), ("2026-06-03", 2)])
def test_clusters_of_dated_findings_are_one_event_within_the_span(
    bank: duckdb.DuckDBPyConnection, second: str, events: int
) -> None:
    indicate(bank, "shown", "2026-05-12", second)  # possible until 05-12, and from 14 days before the second on
    assert len(days(bank)) == events


def test_clusters_of_what_occurs_once_are_never_parted(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "shown", "2026-05-12", "2026-08-01")
    once = MomentRules(**(vars(RULES) | {"occurs_once": True}))
    assert [found for found, _ in merged(bank, once).values()] == [["05-12", "08-01"]]


def test_clusters_keep_the_identity_of_each_when_evidence_comes_bit_by_bit(bank: duckdb.DuckDBPyConnection) -> None:
    seen = []
    for pattern, day in (
        *(("announced", "2026-03-02"), ("shown", "2026-05-12"), ("announced", "2026-05-20")),
        *(("announced", "2026-06-05"), ("shown", "2026-07-08")),
    ):
        indicate(bank, pattern, day)
        seen.append(sorted(merged(bank)))
    one, two = ["2026-03-02"], ["2026-03-02", "2026-06-05"]
    assert seen == [one, one, one, two, two]
    assert merged(bank)["2026-06-05"][0] == ["05-20", "06-05", "07-08"]


def test_clusters_give_what_was_published_as_one_to_the_moment_of_its_anchor(bank: duckdb.DuckDBPyConnection) -> None:
    bank.execute("INSERT INTO bank.moment_identities VALUES ('m/2026-05-20', 'anna', 'example', '2026-05-20')")
    indicate(bank, "announced", "2026-03-02", "2026-05-20")
    indicate(bank, "shown", "2026-05-12", "2026-07-08")
    assert {moment: found for moment, (found, _) in merged(bank).items()} == {
        "2026-03-02": ["03-02", "05-12"], "2026-05-20": ["05-20", "07-08"],
    }  # fmt: skip


def test_clusters_of_which_one_is_denied_leave_the_other(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "shown", "2026-05-12", "2026-07-08")
    bank.execute("INSERT INTO bank.declared_moments VALUES ('anna', 'example', '2026-07-01', 'dismissed')")
    assert {moment: state for moment, (_, state) in merged(bank).items()} == {
        "2026-05-12": "tentative", "2026-07-08": "dismissed",
    }  # fmt: skip


def test_clusters_take_a_word_as_said_of_the_one_that_is_possible_then(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "announced", "2026-01-10")
    indicate(bank, "shown", "2026-01-20")
    indicate(bank, "announced", "2026-03-01")
    bank.execute("INSERT INTO bank.declared_moments VALUES ('anna', 'example', '2026-02-25', 'dismissed')")
    assert {moment: state for moment, (_, state) in merged(bank).items()} == {
        "2026-01-10": "confirmed", "2026-03-01": "dismissed",
    }  # fmt: skip
