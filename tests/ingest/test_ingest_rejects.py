"""Each kind of bad row: kept out, kept whole, with field, reason and hint."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from ingest_bank import Bank

from augenblick.ingest import ingest_rows

BOOKING = "transaction_id,account_id,booking_date,value_date,amount,currency\n"


@pytest.mark.parametrize(
    ("row", "field", "reason", "hint"),
    [
        ("t,a1,2026-13-01,,1,EUR", "booking_date", "bad date", "2026-01-31"),
        ("t,a1,10.04.2026,,1,EUR", "booking_date", "bad date", "2026-01-31"),
        ("t,a1,2026-02-30,,1,EUR", "booking_date", "bad date", "2026-01-31"),
        ("t,a1,1899-12-31,,1,EUR", "booking_date", "date out of range", "not before 1900-01-01"),
        ("t,a1,2027-07-02,,1,EUR", "booking_date", "date out of range", "not after 2027-07-01"),
        ("t,a1,2026-04-10,gestern,1,EUR", "value_date", "bad date", "2026-01-31"),
        ('t,a1,2026-04-10,,"12,50",EUR', "amount", "bad amount", "use a decimal point: 12.50"),
        ("t,a1,2026-04-10,,zwölf,EUR", "amount", "bad amount", "-1234.56"),
        ("t,a1,2026-04-10,,nan,EUR", "amount", "bad amount", "-1234.56"),
        ("t,a1,2026-04-10,,123456789012345,EUR", "amount", "bad amount", "13 digits"),
        ("t,a1,2026-04-10,,,EUR", "amount", "missing value", "must not be empty"),
        (" ,a1,2026-04-10,,1,EUR", "transaction_id", "missing value", "must not be empty"),
        ("t,a1,2026-04-10,,1,Euro", "currency", "bad value", "[A-Z]{3}"),
        ("t,a9,2026-04-10,,1,EUR", "account_id", "unknown account", "no such account_id in accounts"),
    ],
)
def test_booking_with_a_fault_is_rejected(small_bank: Bank, row: str, field: str, reason: str, hint: str) -> None:
    small_bank.write("transactions.csv", BOOKING + "good,a1,2026-04-10,2026-04-11,1,EUR\n" + row + "\n")
    report = small_bank.load()
    assert small_bank.rejects() == [("transactions.csv", 3, field, reason)]
    assert hint in small_bank.rows("SELECT hint FROM bank.rejects")[0][0]
    assert small_bank.rows("SELECT transaction_id FROM bank.transactions") == [("good",)]
    assert [(r.reason, r.count, r.first_line) for r in report.rejects] == [(reason, 1, 3)]


@pytest.mark.parametrize("day", ["2027-06-30", "1900-01-01"])
def test_booking_on_the_last_allowed_day_is_loaded(small_bank: Bank, day: str) -> None:
    small_bank.write("transactions.csv", BOOKING + f"t,a1,{day},,1,EUR\n")
    assert small_bank.load().rejected == 0


@pytest.mark.parametrize(("day", "emptied"), [("2026-06-30", 0), ("2026-07-01", 1)])
def test_birth_is_not_after_the_load(bank: Bank, day: str, emptied: int) -> None:
    bank.write("customers.csv", f"customer_id,birth_date\nc1,{day}\n")
    assert len(bank.load().emptied) == emptied
    assert bank.rows("SELECT customer_id, birth_date IS NULL FROM bank.customers") == [("c1", bool(emptied))]


@pytest.mark.parametrize(
    ("name", "text", "column", "loaded"),
    [
        ("customers.csv", "customer_id,sex,civil_status\nc1,W,Verheiratet\n", "sex || civil_status", "femalemarried"),
        ("accounts.csv", "account_id,kind,currency\na7,Girokonto,EUR\n", "kind", "giro"),
        ("account_holders.csv", "account_id,customer_id,role\na1,ben,OWNER\n", "role", "owner"),
        ("relations.csv", "customer_id,related_customer_id,relation\nanna,ben,Ehefrau\n", "relation", "partner"),
        (
            "customer_changes.csv",
            "customer_id,changed_on,attribute,old_value,new_value\nanna,2026-01-02,Familienstand,ledig,VH\n",
            "attribute || old_value || new_value",
            "civil_statussinglemarried",
        ),
        (
            "transactions.csv",
            "transaction_id,account_id,booking_date,amount,currency,gvc,mcc\nt,a1,2026-04-10,1,EUR,5,742.0\n",
            "gvc || mcc",
            "0050742",
        ),
    ],
)
def test_other_words_and_letters_for_a_code_are_understood(
    small_bank: Bank, name: str, text: str, column: str, loaded: str
) -> None:
    (small_bank.folder / "account_holders.csv").unlink()
    small_bank.write(name.replace(".", "-more."), text)
    report = small_bank.load()
    assert (report.rejects, report.emptied) == ([], [])
    assert (loaded,) in small_bank.rows(f"SELECT {column} FROM bank.{name.removesuffix('.csv')}")


@pytest.mark.parametrize(
    ("name", "text", "column", "value"),
    [
        ("customers.csv", "customer_id,sex\nc1,robot\n", "sex", None),
        ("customers.csv", "customer_id,death_date\nc1,maybe\n", "death_date", None),
        ("accounts.csv", "account_id,kind,currency\na7,casino,EUR\n", "kind", "other"),
        (
            "interactions.csv",
            "interaction_id,customer_id,occurred_at,channel,kind\ni,anna,2026-03-01,pigeon,visit\n",
            "channel",
            "other",
        ),
    ],
)
def test_faulty_value_a_row_can_do_without_costs_the_value_and_is_told(
    small_bank: Bank, name: str, text: str, column: str, value: str | None
) -> None:
    small_bank.write(name.replace(".", "-more."), text)
    report = small_bank.load()
    assert report.rejected == 0
    assert [(r.field, r.count, r.first_line) for r in report.emptied] == [(column, 1, 2)]
    assert small_bank.rows("SELECT field, line, row_loaded FROM bank.rejects") == [(column, 2, True)]
    assert (value,) in small_bank.rows(f"SELECT {column} FROM bank.{name.removesuffix('.csv')}")


def test_faulty_value_that_would_widen_a_consent_costs_the_row(small_bank: Bank) -> None:
    head = "customer_id,purpose,channel,status,valid_from,valid_to\n"
    rows = "anna,advice,pigeon,given,2026-01-01,\nanna,advice,phone,given,2026-01-01,soon\n"
    small_bank.write("consents.csv", head + rows)
    assert small_bank.load().rejected == 2
    assert small_bank.rows("SELECT * FROM bank.consents") == []


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("relations.csv", "customer_id,related_customer_id,relation\nanna,ben,partnr\n", "did you mean 'partner'?"),
        ("account_holders.csv", "account_id,customer_id,role\na1,anna,ownr\n", "did you mean 'owner'?"),
        (
            "consents.csv",
            "customer_id,purpose,status,valid_from\nanna,advice,yes_please,2026-01-01\n",
            "known: given, refused, withdrawn",
        ),
    ],
)
def test_unknown_code_is_rejected_with_what_may_be_meant(small_bank: Bank, name: str, text: str, hint: str) -> None:
    small_bank.write(name, text)
    small_bank.load()
    assert small_bank.rows("SELECT reason, hint FROM bank.rejects") == [("unknown code", hint)]


def test_row_with_two_faults_has_two_rejects_and_counts_once(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id,birth_date,sex\n,soon,robot\n")
    report = bank.load()
    assert [r[2] for r in bank.rejects()] == ["birth_date", "customer_id", "sex"]
    assert bank.rows("SELECT DISTINCT row_loaded FROM bank.rejects") == [(False,)]
    assert report.rejected == 1
    assert json.loads(bank.rows("SELECT row FROM bank.rejects")[0][0]) == {
        "customer_id": None,
        "birth_date": "soon",
        "sex": "robot",
    }


def test_orphans_are_rejected_down_the_line(small_bank: Bank) -> None:
    small_bank.write("accounts.csv", "account_id,kind,currency\na1,giro,Euro\n")
    small_bank.write("relations.csv", "customer_id,related_customer_id,relation\nanna,carl,partner\n")
    small_bank.write("transactions.csv", BOOKING + "t,a1,2026-04-10,,1,EUR\n")
    small_bank.load()
    assert small_bank.rejects() == [
        ("account_holders.csv", 2, "account_id", "unknown account"),
        ("account_holders.csv", 3, "account_id", "unknown account"),
        ("accounts.csv", 2, "currency", "bad value"),
        ("relations.csv", 2, "related_customer_id", "unknown customer"),
        ("transactions.csv", 2, "account_id", "unknown account"),
    ]


def test_wrong_check_digits_are_a_warning_and_loaded(small_bank: Bank) -> None:
    head = "transaction_id,account_id,booking_date,amount,currency,counterparty_iban,creditor_id\n"
    rows = [
        "t1,a1,2026-04-10,1,EUR,DE89370400440532013000,DE98ZZZ09999999999",
        "t2,a1,2026-04-10,1,EUR,MT84MALT011000012345MTLCAST001S,",
        "t3,a1,2026-04-10,1,EUR,DE88370400440532013000,DE97ZZZ09999999999",
        "t4,a1,2026-04-10,1,EUR,hello,DE98ABC09999999999",
    ]
    small_bank.write("transactions.csv", head + "\n".join(rows) + "\n")
    report = small_bank.load()
    assert report.rejected == 0
    assert [(w.file, w.message) for w in report.warnings] == [
        (
            "transactions.csv",
            "2 of the rows for transactions have wrong check digits in counterparty_iban; first in line 4.",
        ),
        ("transactions.csv", "1 of the rows for transactions have wrong check digits in creditor_id; first in line 4."),
    ]


@pytest.mark.parametrize(
    ("named", "warnings"),
    [
        ({"counterparty_iban": "DE89370400440532013000", "creditor_id": "DE98ZZZ09999999999"}, 0),
        ({"counterparty_iban": "MT84MALT011000012345MTLCAST001S"}, 0),
        ({"counterparty_iban": "DE88370400440532013000"}, 1),
        ({"creditor_id": "DE97ZZZ09999999999"}, 1),
        ({"counterparty_iban": "hello", "creditor_id": "hello"}, 2),
    ],
)
def test_check_digits_of_single_rows_are_looked_at_as_those_of_files(
    small_bank: Bank, named: dict[str, str], warnings: int
) -> None:
    small_bank.load()
    row = {"transaction_id": "t1", "account_id": "a1", "booking_date": "2026-04-10", "amount": "1", "currency": "EUR"}
    report = ingest_rows(small_bank.connection, {"transactions": [row | named]}, loaded_at=datetime(2026, 7, 15))  # noqa: DTZ001
    assert report.rejected == 0
    assert len(report.warnings) == warnings


def test_times_are_civil_in_berlin_and_bad_ones_rejected(small_bank: Bank) -> None:
    small_bank.write(
        "interactions.csv",
        "interaction_id,customer_id,occurred_at,channel,kind\n"
        "i1,anna,2026-03-01T10:00:00,app,search\ni2,anna,2026-03-01T10:00:00Z,app,search\n"
        "i3,anna,2026-06-01 10:00:00+00:00,app,search\ni4,anna,noon,app,search\n"
        "i5,anna,2026-07-01T00:00:00,app,search\n",
    )
    small_bank.load()
    assert [
        str(r[0]) for r in small_bank.rows("SELECT occurred_at FROM bank.interactions ORDER BY interaction_id")
    ] == [
        "2026-03-01 10:00:00",
        "2026-03-01 11:00:00",
        "2026-06-01 12:00:00",
    ]
    assert [r[1:] for r in small_bank.rejects()] == [
        (5, "occurred_at", "bad time"),
        (6, "occurred_at", "date out of range"),
    ]


def test_unknown_column_is_a_warning(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id,familyname,shoe_size\nc1,Ott,43\n")
    report = bank.load()
    assert [(w.message, w.hint) for w in report.warnings] == [
        ("The column 'familyname' is not read.", "did you mean 'family_name'?"),
        ("The column 'shoe_size' is not read.", None),
    ]


def test_report_holds_no_customer_data(small_bank: Bank) -> None:
    small_bank.write("transactions.csv", BOOKING + "secret-1,a1,bad,,1,EUR\nsecret-2,a77,2026-04-10,,1,EUR\n")
    text = json.dumps(small_bank.load().to_dict())
    assert "secret" not in text
    assert "a77" not in text
    assert '"rejected": 2' in text


def test_reasons_of_rejects_begin_with_causes_and_end_with_what_follows_from_them(bank: Bank) -> None:
    bank.write("customers.csv", "customer_id\nc1\n")
    bank.write("accounts.csv", "account_id,kind,currency\na7,giro,Euro\n")
    bank.write("transactions.csv", BOOKING + "t,a7,2026-04-10,,1,EUR\nu,a7,2026-04-10,,1,EUR\n")
    report = bank.load()
    assert [(r.reason, r.count) for r in report.rejects] == [("bad value", 1), ("unknown account", 2)]
