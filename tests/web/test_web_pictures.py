"""The pictures: a family by generation, a life as a line, weights as a waterfall."""

from __future__ import annotations

import re
import time
from datetime import date
from itertools import pairwise

import pytest

from augenblick.content import Words
from augenblick.explain import Contribution, Explanation
from augenblick.web.family import BOX, WIDEST, family
from augenblick.web.life_line import life_line
from augenblick.web.waterfall import waterfall


def _related(pairs: list[tuple[str, str, str]]):
    """Return what a person's relations are, recorded as (person, relation, other)."""

    def of(person: str):
        for one, relation, other in pairs:
            if one == person:
                yield {"relation": relation, "of": "other", "customer_id": other}
            elif other == person:
                yield {"relation": relation, "of": "self", "customer_id": one}

    return of


def test_family_is_laid_out_by_generation_whoever_recorded_the_relation() -> None:
    tree = family(
        "me",
        _related([("me", "parent", "mum"), ("dad", "child", "me"), ("dad", "partner", "mum"), ("me", "child", "kid")]),
    )
    rows = {person.key: person.y for person in tree.people}
    assert rows["mum"] == rows["dad"] < rows["me"] < rows["kid"]
    assert sorted(kind for kind, _ in tree.lines) == ["child", "child", "child", "partner"]
    places = {person.key: person.x for person in tree.people}
    assert abs(places["mum"] - places["dad"]) < 2 * BOX


def test_family_leaves_out_lines_that_nearer_ones_tell() -> None:
    recorded = [
        ("a", "child", "b"),
        ("a", "child", "c"),
        ("b", "sibling", "c"),
        ("b", "child", "d"),
        ("a", "grandchild", "d"),
    ]
    kinds = [kind for kind, _ in family("a", _related(recorded)).lines]
    assert kinds == ["child"] * 3


def test_family_shows_who_is_withheld_without_a_name_and_does_not_go_on_there() -> None:
    asked = []

    def relations(person: str):
        asked.append(person)
        return [{"relation": "child", "of": "other", "customer_id": None}] * 2

    tree = family("a", relations)
    assert (tree.withheld, len(tree.people), asked) == (2, 3, ["a"])


def test_unnamed_child_of_two_partners_is_one() -> None:
    unnamed = {"relation": "child", "of": "other", "customer_id": None}
    relations = {"a": [{"relation": "partner", "of": "other", "customer_id": "b"}, unnamed]}
    relations["b"] = [{"relation": "partner", "of": "self", "customer_id": "a"}, unnamed, unnamed]
    assert family("a", relations.__getitem__).withheld == 2


def test_family_employer_is_no_kin() -> None:
    assert len(family("a", _related([("a", "employer_of", "b")])).people) == 1


def test_family_of_two_hundred_is_quick_and_no_boxes_stand_on_one_another() -> None:
    recorded = [(f"p{n // 3}", "child", f"p{n}") for n in range(1, 40)]
    recorded += [("p0", "sibling", f"s{n}") for n in range(80)] + [(f"s{n}", "child", f"k{n}") for n in range(79)]
    begun = time.process_time()
    tree = family("p0", _related(recorded))
    assert time.process_time() - begun < 1
    assert len(tree.people) > 150
    for each in (tree.drawn, tree.people):
        rows: dict[float, list[float]] = {}
        for person in each:
            rows.setdefault(person.y, []).append(person.x)
        assert all(right - left >= BOX for row in rows.values() for left, right in pairwise(sorted(row)))
    assert max(p.x for p in tree.drawn) + BOX <= tree.width


def test_family_that_fits_on_the_page_is_drawn_whole() -> None:
    tree = family("me", _related([("me", "parent", "mum"), ("me", "child", "kid")]))
    assert (tree.drawn, tree.rows) == (tree.people, [])


def test_of_a_large_family_the_nearest_are_drawn_as_wide_as_the_page() -> None:
    tree = family("a0", _related(_large_family()))
    near = {person.key for person in tree.drawn}
    assert {"a0", "p0", "e0", "f0", "b00", "b03"} <= near < {person.key for person in tree.people}
    assert tree.width <= WIDEST


def test_rows_of_a_large_family_hold_everybody_once_with_parents_and_partners() -> None:
    tree = family("a0", _related(_large_family()))
    assert [row.number for row in tree.rows] == [-1, 0, 1, 2]
    told = [each.key for row in tree.rows for b in row.branches for household in b.households for each in household]
    assert sorted(told) == sorted(each.key for each in tree.people)
    own = tree.rows[1].branches
    assert [{each.key for each in branch.parents} for branch in own] == [{"e0", "f0"}]
    assert ("a0", "p0") in [tuple(each.key for each in household) for household in own[0].households]
    grandchildren = {frozenset(each.key for each in branch.parents): branch for branch in tree.rows[3].branches}
    assert {each.key for each in grandchildren[frozenset({"b21"})].households[0]} <= {f"c21{n}" for n in range(5)}
    assert grandchildren[frozenset({"b00"})].opened
    assert not grandchildren[frozenset({"b21"})].opened


def test_those_of_whom_the_grandparents_alone_are_known_are_told_as_grandchildren() -> None:
    recorded = [("g", "child", f"c{n}") for n in range(9)] + [("g", "grandchild", "k")]
    row = family("g", _related(recorded)).rows[-1]
    assert [(branch.kin, branch.parents[0].key, branch.households[0][0].key) for branch in row.branches] == [
        ("grandchild", "g", "k")
    ]


def _large_family() -> list[tuple[str, str, str]]:
    """Return a couple, their six children with partners, four children of each and five of each of these."""
    recorded = [("e0", "partner", "f0")]
    for a in range(6):
        recorded += [("e0", "child", f"a{a}"), ("f0", "child", f"a{a}"), (f"a{a}", "partner", f"p{a}")]
        for b in range(4):
            recorded += [(f"a{a}", "child", f"b{a}{b}"), (f"p{a}", "child", f"b{a}{b}")]
            recorded += [(f"b{a}{b}", "child", f"c{a}{b}{c}") for c in range(5)]
    return recorded


def test_lines_of_a_large_family_tell_whose_child_everybody_is(monkeypatch) -> None:
    monkeypatch.setattr("augenblick.web.family.WIDEST", 1e6)
    tree = family("e0", _related(_large_family()))
    assert len(tree.people) == 158
    at = {person.key: person for person in tree.people}
    for row in ([f"b{a}{b}" for a in range(6) for b in range(4)], [k for k in at if k.startswith("c")]):
        families = [key[:-1] for key in sorted(row, key=lambda key: at[key].x)]
        assert len([here for here, after in pairwise(families) if here != after]) == len(set(families)) - 1
    bars: dict[str, dict[str, set[float]]] = {}
    for kind, path in tree.lines:
        if kind == "child":
            begin, _, level, end, _ = re.findall(r"[\d.]+", path)
            bars.setdefault(level, {}).setdefault(begin, set()).update((float(begin), float(end)))
    for couples in bars.values():
        spans = sorted((min(each), max(each)) for each in couples.values())
        assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_parents_stand_above_the_middle_of_their_children() -> None:
    pairs = [("mum", "partner", "dad"), *((one, "child", f"k{n}") for one in ("mum", "dad") for n in range(3))]
    at = {person.key: person for person in family("mum", _related(pairs)).people}
    assert at["k1"].middle == pytest.approx((at["mum"].middle + at["dad"].middle) / 2)


def _moment(label: str, first: str, last: str, state: str = "confirmed"):
    return {
        "label": label,
        "type": label,
        "occurred_from": first,
        "occurred_to": last,
        "confidence": 0.9,
        "state": state,
    }


def test_life_line_tells_past_present_and_expected_apart_and_overlaps_nothing() -> None:
    moments = [
        _moment("Umzug", "2024-01-01", "2024-01-01", "expired"),
        _moment("Geburt eines Kindes", "2026-06-01", "2026-06-20"),
        _moment("Jobwechsel", "2026-06-05", "2026-06-05"),
        _moment("Ruhestand", "2027-03-01", "2027-03-01"),
    ]
    line = life_line(moments, date(2026, 6, 30))
    assert [mark.tense for mark in line.marks] == ["past", "present", "present", "expected"]
    assert line.marks[1].y != line.marks[2].y
    assert all(0 <= mark.x <= line.width and mark.y < line.height for mark in line.marks)
    assert line.marks[0].x < line.today < line.marks[3].x
    assert [year for _, year in line.years] == [2025, 2026, 2027]


def _contribution(weight: float, *, counted: bool = True) -> Contribution:
    words = Words("Spur", "trace")
    return Contribution("p", words, words, weight, date(2026, 1, 1), counted)


@pytest.mark.parametrize("weights", [[3.0, 1.5], [6.0, -2.0], []])
def test_waterfall_begins_where_the_last_bar_ended_and_sums_up(weights) -> None:
    day = date(2026, 1, 1)
    told = Explanation(
        "m", "c", "s", Words("M", "M"), day, day, day, day, 0.9, "confirmed", -4.0,
        (*map(_contribution, weights), _contribution(9.0, counted=False)),
    )  # fmt: skip
    falls = waterfall(told)
    assert [step.weight for step in falls.steps] == pytest.approx([-4.0, *weights, -4.0 + sum(weights)])
    assert falls.total == pytest.approx(-4.0 + sum(weights))
    assert len(falls.again) == 1
    assert all(0 <= step.x <= step.x + step.width <= 101 for step in falls.steps)
    rising = [step for step in falls.steps if step.kind == "for"]
    for before, after in pairwise(rising):
        assert after.x == pytest.approx(before.x + before.width, abs=0.02)
