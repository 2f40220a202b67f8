"""Merging, scoring, identity and state, on plain indications."""

from __future__ import annotations

import math
from datetime import date

import duckdb
import pytest

from augenblick.moments import MomentRules, load_types, merge, remember_identities

TYPE = "https://w3id.org/augenblick/moment/example"
BASE = "https://bank.example/id/"
AS_OF = date(2026, 6, 30)


def rules(**changes: object) -> MomentRules:
    values: dict[str, object] = {
        "moment_type": TYPE,
        "slug": "example",
        "prior": -3.0,
        "merge_days": 90,
        "occurs_once": False,
        "valid_days": 365,
        "tentative_from": 0.5,
        "confirmed_from": 0.9,
    }
    return MomentRules(**(values | changes))  # type: ignore[arg-type]


def indicate(
    bank: duckdb.DuckDBPyConnection,
    observed_on: str,
    weight: float,
    *,
    pattern: str = "p1",
    lags: tuple[int, int] = (0, 30),
    veto: bool = False,
) -> None:
    bank.execute(
        "INSERT INTO moments.indications "
        "SELECT concat('i', count(*)), 'anna', ?, ?, ?, ?, ?, ?, ? FROM moments.indications",
        [TYPE, pattern, weight, observed_on, *lags, veto],
    )


def found(bank: duckdb.DuckDBPyConnection, **changes: object) -> list[dict[str, object]]:
    types = [rules(**changes)]
    bank.execute("DELETE FROM moments.moments")
    bank.execute("DELETE FROM moments.contributions")
    load_types(bank, types)
    merge(bank, types, as_of=AS_OF, base=BASE)
    remember_identities(bank)
    result = bank.execute("SELECT * FROM moments.moments ORDER BY moment_id")
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_merge_of_two_patterns_within_the_window_is_one_moment_with_added_weights(
    bank: duckdb.DuckDBPyConnection,
) -> None:
    indicate(bank, "2026-03-10", 4.0, pattern="strong")
    indicate(bank, "2026-05-01", 2.0, pattern="support")
    (moment,) = found(bank)
    assert moment["confidence"] == pytest.approx(1 / (1 + math.exp(-3.0)))
    assert moment["moment_id"] == f"{BASE}moment/anna/example/2026-03-10"
    assert moment["state"] == "confirmed"


def test_merge_counts_a_pattern_once_however_often_it_is_seen(bank: duckdb.DuckDBPyConnection) -> None:
    for day in ("2026-03-10", "2026-03-20", "2026-04-01"):
        indicate(bank, day, 4.0)
    (moment,) = found(bank)
    assert moment["confidence"] == pytest.approx(1 / (1 + math.exp(-1.0)))
    assert moment["state"] == "tentative"


@pytest.mark.parametrize(("second", "moments"), [("2026-04-10", 1), ("2026-04-11", 2)])
def test_merge_at_the_window_s_edge(bank: duckdb.DuckDBPyConnection, second: str, moments: int) -> None:
    indicate(bank, "2026-01-10", 4.0)
    indicate(bank, second, 4.0)
    assert len(found(bank)) == moments


def test_merge_of_what_occurs_once_is_one_moment_whatever_the_gap(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2021-01-10", 4.0)
    indicate(bank, "2026-01-10", 4.0)
    assert len(found(bank, occurs_once=True)) == 1


def test_merge_below_the_threshold_is_kept_as_weak_not_as_a_moment(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2026-03-10", 2.9)
    assert found(bank) == []
    assert bank.execute("SELECT slug, vetoed FROM moments.weak").fetchall() == [("example", False)]


def test_merge_with_counter_evidence_subtracts_it(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2026-03-10", 4.0)
    indicate(bank, "2026-03-12", -2.0, pattern="counter")
    assert found(bank) == []


def test_merge_with_a_veto_withdraws_the_moment(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2026-03-10", 9.0)
    indicate(bank, "2026-03-12", 0.0, pattern="loss", veto=True)
    assert found(bank) == []


def test_merge_takes_the_interval_all_patterns_agree_on(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2026-04-10", 4.0, pattern="a", lags=(0, 90))
    indicate(bank, "2026-04-20", 4.0, pattern="b", lags=(20, 60))
    (moment,) = found(bank)
    assert (moment["occurred_from"], moment["occurred_to"]) == (date(2026, 2, 19), date(2026, 3, 31))


def test_merge_detects_on_the_day_the_evidence_sufficed(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2026-03-10", 2.0, pattern="a")
    indicate(bank, "2026-04-10", 2.0, pattern="b")
    (moment,) = found(bank)
    assert moment["detected_on"] == date(2026, 4, 10)


def test_merge_when_earlier_evidence_arrives_later_keeps_the_published_identity(
    bank: duckdb.DuckDBPyConnection,
) -> None:
    indicate(bank, "2026-03-10", 4.0)
    (before,) = found(bank)
    indicate(bank, "2026-02-01", 6.0, pattern="late arrival")
    (after,) = found(bank)
    assert after["moment_id"] == before["moment_id"]
    assert after["confidence"] > before["confidence"]  # type: ignore[operator]


def test_merge_when_the_evidence_is_taken_back_voids_the_published_moment(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2026-03-10", 4.0)
    (before,) = found(bank)
    bank.execute("DELETE FROM moments.indications")
    (after,) = found(bank)
    assert (after["moment_id"], after["state"]) == (before["moment_id"], "voided")


def test_merge_past_its_validity_is_expired(bank: duckdb.DuckDBPyConnection) -> None:
    indicate(bank, "2025-06-29", 4.0)
    assert [moment["state"] for moment in found(bank)] == ["expired"]


@pytest.mark.parametrize(("declared", "state"), [("confirmed", "confirmed"), ("dismissed", "dismissed")])
def test_merge_with_a_declaration_takes_its_word(bank: duckdb.DuckDBPyConnection, declared: str, state: str) -> None:
    indicate(bank, "2026-03-10", 4.0)
    bank.execute("INSERT INTO bank.declared_moments VALUES ('anna', 'example', '2026-03-01', ?)", [declared])
    assert [moment["state"] for moment in found(bank)] == [state]


def at_a_relative(bank: duckdb.DuckDBPyConnection, pattern: str, moment: str, ground: str, detected_on: str) -> None:
    """A relative's moment that rests on `ground`, and an indication of the same pattern that rests on it."""
    bank.execute("INSERT INTO moments.moments (moment_id, detected_on) VALUES (?, ?)", [moment, detected_on])
    bank.execute("INSERT INTO moments.grounds VALUES (?, 'a relative', ?)", [moment, ground])
    indicate(bank, "2026-03-01", 6.5, pattern=pattern)
    bank.execute(
        "INSERT INTO moments.premises SELECT max(indication), ?, ?, ? FROM moments.indications", [TYPE, moment, moment]
    )


def merged(bank: duckdb.DuckDBPyConnection) -> tuple[object, ...] | None:
    types = [rules(prior=-4.0)]
    load_types(bank, types)
    merge(bank, types, as_of=AS_OF, base=BASE)
    return bank.execute("SELECT confidence, detected_on FROM moments.moments WHERE slug = 'example'").fetchone()


@pytest.mark.parametrize(("grounds", "log_odds"), [(("s", "s"), 2.5), (("s", "t"), 9.0)])
def test_merge_counts_what_two_relatives_moments_both_rest_on_once(
    bank: duckdb.DuckDBPyConnection, grounds: tuple[str, str], log_odds: float
) -> None:
    at_a_relative(bank, "child", "m1", grounds[0], "2026-03-20")
    at_a_relative(bank, "in-law", "m2", grounds[1], "2026-03-20")
    confidence, _ = merged(bank) or (None, None)
    assert confidence == pytest.approx(1 / (1 + math.exp(-log_odds)))


def test_merge_detects_what_shows_at_a_relative_no_earlier_than_there(bank: duckdb.DuckDBPyConnection) -> None:
    at_a_relative(bank, "child", "m1", "s", "2026-03-20")
    assert (merged(bank) or ())[1] == date(2026, 3, 20)
