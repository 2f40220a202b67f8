"""What customers agreed to: a faulty consent opens nothing, a faulty refusal is not lost."""

from __future__ import annotations

from datetime import date

import pytest
from ingest_bank import Bank

HEADER = "customer_id,purpose,channel,status,valid_from,valid_to\n"
KEPT = "SELECT purpose, channel, status, valid_to FROM bank.consents ORDER BY ALL"


def test_consent_that_ends_before_it_begins_is_rejected_with_place_field_reason_and_mend(small_bank: Bank) -> None:
    small_bank.write(
        "consents.csv",
        f"{HEADER}anna,advice,,given,2026-03-01,2026-03-01\nanna,analysis,,given,2026-03-01,2026-02-28\n",
    )
    (told,) = small_bank.load().rejects
    assert (told.table, told.first_file, told.first_line) == ("consents", "consents.csv", 3)
    assert (told.field, told.reason) == ("valid_to", "ends before it begins")
    assert told.hint == "not before the day of valid_from; leave it empty where there is none"
    assert small_bank.rows(KEPT) == [("advice", None, "given", date(2026, 3, 1))]


@pytest.mark.parametrize("status", ["refused", "withdrawn", "Widerrufen"])
def test_refusal_with_a_faulty_detail_counts_without_it_and_is_told(small_bank: Bank, status: str) -> None:
    small_bank.write(
        "consents.csv",
        f"{HEADER}anna,advice,pigeon,{status},2026-03-01,2026-02-28\nanna,analysis,,{status},2026-03-01,never\n",
    )
    report = small_bank.load()
    assert report.rejected == 0
    assert sorted((each.field, each.reason) for each in report.emptied) == [
        ("channel", "unknown code"),
        ("valid_to", "bad date"),
        ("valid_to", "ends before it begins"),
    ]
    kept = "refused" if status == "refused" else "withdrawn"
    assert small_bank.rows(KEPT) == [("advice", None, kept, None), ("analysis", None, kept, None)]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("anna,tracking,,given,2026-03-01,", "purpose"),
        ("anna,advice,pigeon,given,2026-03-01,", "channel"),
        ("anna,advice,,perhaps,2026-03-01,", "status"),
        ("anna,advice,,given,,", "valid_from"),
        ("anna,advice,,given,2026-03-01,never", "valid_to"),
    ],
)
def test_consent_with_a_faulty_value_is_rejected(small_bank: Bank, row: str, field: str) -> None:
    small_bank.write("consents.csv", f"{HEADER}{row}\n")
    (told,) = small_bank.load().rejects
    assert (told.field, bool(told.hint)) == (field, True)
    assert small_bank.rows(KEPT) == []
