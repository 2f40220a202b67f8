"""Every case of every moment type, found by the line and by nothing but the line.

All cases of one as-of date share one run; each is compared by itself and as a whole: nothing else may be found.
"""

from __future__ import annotations

from datetime import date

import pytest
from content_plain_line import bank, run_case_bank

from augenblick import pipeline
from augenblick.content import Content, load_content
from augenblick.content.cases import Case, Found, load_case, together
from augenblick.ingest import contract

COLUMNS = {table.name: [field.name for field in table.fields] for table in contract().tables}
CASES = [load_case(file, contract=COLUMNS) for moment in load_content().moments for file in moment.cases]


@pytest.fixture(scope="module")
def by_plain_rules(content: Content) -> dict[date, list[Found]]:
    """The moments found when Oxigraph evaluates the rules as they stand, by as-of date."""
    dates = sorted({case.as_of for case in CASES})
    return {day: run_case_bank(content, together([c for c in CASES if c.as_of == day]), day) for day in dates}


@pytest.fixture(scope="module")
def by_the_line(content: Content) -> dict[date, list[Found]]:
    """The moments found when the product's whole line runs, by as-of date."""
    found: dict[date, list[Found]] = {}
    for day in sorted({case.as_of for case in CASES}):
        connection = bank(together([case for case in CASES if case.as_of == day]))
        pipeline.detect_in(connection, content, as_of=day)
        rows = connection.execute(
            "SELECT customer_id, slug, occurred_from, occurred_to, state FROM moments.moments"
        ).fetchall()
        found[day] = [Found(*row) for row in rows]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.identity)
def test_case_run_through_the_line_finds_what_it_expects_and_nothing_else(
    by_the_line: dict[date, list[Found]], case: Case
) -> None:
    assert case.differences(by_the_line[case.as_of]) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.identity)
def test_case_evaluated_plainly_finds_what_it_expects_and_nothing_else(
    by_plain_rules: dict[date, list[Found]], case: Case
) -> None:
    assert case.differences(by_plain_rules[case.as_of]) == []


def _of(slug: str) -> list[Case]:
    return [case for case in CASES if case.identity.startswith(f"{slug}.")]


@pytest.mark.parametrize("slug", [moment.slug for moment in load_content().moments])
def test_moment_type_has_cases_of_every_sort(slug: str) -> None:
    cases = _of(slug)
    fires = [c for c in cases if any(e.moment == slug for e in c.expect)]
    near = [c for c in cases if all(e.moment != slug for e in c.expect)]
    assert fires
    assert len(near) >= 2
    for sort in ("near-", "boundary-" if slug != "partner-job-change" else "near-", "retraction-"):
        assert any(c.file.stem.startswith(sort) for c in cases), sort
