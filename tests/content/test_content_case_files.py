"""Case files are read, expanded, kept apart and compared; what is wrong with one is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from augenblick.content.cases import Case, Found, load_case, together
from augenblick.model.errors import ContentError

HEAD = "title: A case\nas_of: 2026-06-30\n"
GIVEN = "given:\n  customers: [{customer_id: anna, birth_date: 1992-03-04}]\n"
EXPECT = "expect: [{customer: anna, moment: x, occurred_between: [2026-01-10, 2026-04-10], state: confirmed}]\n"


def written(tmp_path: Path, text: str, name: str = "one") -> Path:
    folder = tmp_path / "some-moment" / "cases"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def case(tmp_path: Path, text: str, name: str = "one") -> Case:
    return load_case(written(tmp_path, text, name))


def repeated(tmp_path: Path, first: str, every: str, times: int) -> list[object]:
    row = f"{{account_id: a, booking_date: {first}, amount: 1, repeat: {{every: {every}, times: {times}}}}}"
    rows = case(tmp_path, f"{HEAD}given: {{transactions: [{row}]}}\nexpect: []\n").given["transactions"]
    return [r["booking_date"] for r in rows]


def test_repeat_every_month_keeps_to_the_months_end(tmp_path: Path) -> None:
    assert repeated(tmp_path, "2026-01-31", "1 month", 3) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


def test_repeat_every_two_weeks_and_year_moves_dates(tmp_path: Path) -> None:
    assert repeated(tmp_path, "2026-01-01", "2 weeks", 2)[1] == date(2026, 1, 15)
    assert repeated(tmp_path, "2024-02-29", "1 year", 2)[1] == date(2025, 2, 28)


def test_repeated_rows_get_ids_of_their_own_and_a_currency(tmp_path: Path) -> None:
    row = "{account_id: a, booking_date: 2026-01-01, amount: 1, repeat: {every: 1 day, times: 2}}"
    rows = case(tmp_path, f"{HEAD}given: {{transactions: [{row}]}}\nexpect: []\n").tables()["transactions"]
    assert [r["transaction_id"] for r in rows] == ["some-moment.one.t1-1", "some-moment.one.t1-2"]
    assert {r["currency"] for r in rows} == {"EUR"}
    assert {r["account_id"] for r in rows} == {"some-moment.one.a"}


def test_creditor_identifier_is_no_id_of_the_case(tmp_path: Path) -> None:
    row = "{account_id: a, booking_date: 2026-01-01, amount: 1, creditor_id: DE98ZZZ09999999999}"
    rows = case(tmp_path, f"{HEAD}given: {{transactions: [{row}]}}\nexpect: []\n").tables()["transactions"]
    assert rows[0]["creditor_id"] == "DE98ZZZ09999999999"


def test_cases_together_keep_their_customers_apart(tmp_path: Path) -> None:
    both = together([case(tmp_path, HEAD + GIVEN + EXPECT, n) for n in ("one", "two")])
    assert [r["customer_id"] for r in both["customers"]] == ["some-moment.one.anna", "some-moment.two.anna"]


def found(customer: str, first: str, last: str, state: str = "confirmed", moment: str = "x") -> Found:
    return Found(customer, moment, date.fromisoformat(first), date.fromisoformat(last), state)


ANNA = found("some-moment.one.anna", "2026-02-01", "2026-03-01")


@pytest.mark.parametrize(
    ("moments", "messages"),
    [
        ([found("some-moment.one.anna", "2026-01-10", "2026-04-10")], 0),
        ([], 1),
        ([found("some-moment.one.anna", "2026-01-09", "2026-04-10")], 2),
        ([found("some-moment.one.anna", "2026-02-01", "2026-03-01", "tentative")], 2),
        ([ANNA, found("some-moment.one.bert", "2026-02-01", "2026-03-01")], 1),
        ([ANNA, ANNA], 1),
        ([ANNA, found("some-moment.one.anna", "2026-02-01", "2026-03-01", "expired", "y")], 0),
        ([ANNA, found("some-moment.one-more.anna", "2026-02-01", "2026-03-01")], 0),
    ],
)
def test_differences_compare_the_whole_outcome(tmp_path: Path, moments: list[Found], messages: int) -> None:
    assert len(case(tmp_path, HEAD + GIVEN + EXPECT).differences(moments)) == messages


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: [", "cannot be read as YAML"),
        (HEAD + GIVEN, "a case has as_of, expect, given, title"),
        ("title: A\nas_of: soon\n" + GIVEN + "expect: []\n", "`as_of` is no date"),
        (HEAD + "given: []\nexpect: []\n", "no mapping from tables"),
        (HEAD + "given: {customers: [anna]}\nexpect: []\n", "row 1 of `customers` is no mapping"),
        (HEAD + "given: {customers: [{customer_id: a, repeat: {every: day}}]}\nexpect: []\n", "`repeat` is not"),
        (HEAD + "given: {customer: [{customer_id: a}]}\nexpect: []\n", "did you mean `customers`"),
        (HEAD + "given: {customers: [{birthdate: 1990-01-01}]}\nexpect: []\n", "did you mean `birth_date`"),
        (HEAD + GIVEN + "expect: [{customer: anna, moment: x}]\n", "not complete"),
    ],
)
def test_reading_a_spoiled_case_names_file_and_mend(tmp_path: Path, text: str, says: str) -> None:
    contract = {"customers": ["customer_id", "birth_date"]}
    with pytest.raises(ContentError, match=r"one\.yaml") as caught:
        load_case(written(tmp_path, text), contract=contract)
    assert says in str(caught.value)
