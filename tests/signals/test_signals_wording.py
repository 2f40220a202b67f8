"""Bookings that look alike: equal but for their digits."""

from __future__ import annotations

import duckdb
import pytest

from augenblick.signals.wording import wordings

_COLUMNS = (
    "amount", "creditor_id", "counterparty_iban", "gvc", "btc", "mcc", "purpose_code", "counterparty_name",
    "ultimate_party", "purpose",
)  # fmt: skip
_BASE = {"amount": 12.5, "counterparty_name": "Kasse 7", "purpose": "Beitrag Müller 03/2026 – Ü1"}


def _numbers(*rows: dict[str, object]) -> list[int]:
    with duckdb.connect() as connection:
        listed = ", ".join(f"{name} {'DOUBLE' if name == 'amount' else 'VARCHAR'}" for name in _COLUMNS)
        connection.execute(f"CREATE TABLE bookings ({listed})")
        values = [[row.get(name) for name in _COLUMNS] for row in rows]
        connection.executemany(f"INSERT INTO bookings VALUES ({', '.join('?' * len(_COLUMNS))})", values)
        with wordings(connection) as wording:
            found = connection.execute(f"SELECT {wording} FROM bookings ORDER BY rowid").fetchall()
    return [number for (number,) in found]


def test_wording_with_other_digits_is_alike() -> None:
    one, other = _numbers(_BASE, _BASE | {"purpose": "Beitrag Müller 11/2025 – Ü2", "counterparty_name": "Kasse 0"})
    assert one == other


@pytest.mark.parametrize(
    "changed",
    [
        {"purpose": "Beitrag Möller 03/2026 – Ü1"},
        {"purpose": "Beitrag Müller 03/26 – Ü1"},
        {"amount": -12.5},
        {"gvc": "153"},
        {"counterparty_iban": "DE89370400440532013000"},
        {"creditor_id": "DE98ZZZ09999999999"},
    ],
)
def test_wording_with_anything_else_changed_is_not_alike(changed: dict[str, object]) -> None:
    one, other = _numbers(_BASE, _BASE | changed)
    assert one != other


def test_wording_with_another_creditor_in_a_cut_sub_field_is_not_alike() -> None:
    one, other = _numbers(*({"amount": -1.0, "purpose": f"SVWZ+Miete C RED+DE{n}ZZZ0{n}"} for n in (11, 12)))
    assert one != other


def test_wording_of_bookings_without_texts_is_told_beside_those_with() -> None:
    empty, named, none = _numbers({"amount": 1.0, "purpose": ""}, {"amount": 1.0, "purpose": "3"}, {"amount": 1.0})
    assert empty == none
    assert named != empty


def test_wording_of_many_rows_is_that_of_each() -> None:
    codes = ", ".join(f"NULL AS {name}" for name in _COLUMNS[1:7])
    rows = (
        f"SELECT 1.0 AS amount, {codes}, CASE WHEN i % 3 > 0 THEN 'Bäcker' || i END AS counterparty_name, "
        "NULL AS ultimate_party, repeat('x', i % 7) || i AS purpose FROM range(10000) r(i) WHERE i % 11 > 2"
    )
    said = "translate(concat_ws('|', counterparty_name, purpose), '123456789', '000000000')"
    with duckdb.connect() as connection, wordings(connection) as wording:
        found = connection.execute(
            "SELECT count(DISTINCT w), count(DISTINCT t), count(DISTINCT (w, t)) "
            f"FROM (SELECT {wording} AS w, {said} AS t FROM ({rows}))"
        ).fetchall()
    [(by_wording, by_text, by_both)] = found
    assert by_wording == by_text == by_both
