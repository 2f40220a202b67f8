"""Relations nobody recorded, presumed from accounts, addresses and bookings; and near misses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from content_plain_line import bank

from augenblick import pipeline
from augenblick.content import Content
from augenblick.reason import FactBase

PREFIX = "PREFIX aug: <https://w3id.org/augenblick/ontology#> "
AS_OF = date(2026, 6, 30)
Row = dict[str, Any]
Found = dict[tuple[str, str, str], tuple[float, bool]]


@dataclass(frozen=True)
class Family:
    """People of one address, their accounts with holders and roles, and what is booked monthly on the first of them."""

    people: list[Row]
    accounts: list[dict[str, str]] = field(default_factory=list)
    booked: tuple[float, str] | None = None
    recorded: str | None = None
    expected: Found = field(default_factory=dict)


def person(identifier: str, born: str, **more: Any) -> Row:
    return {"customer_id": identifier, "birth_date": born, "given_name": identifier.capitalize(),
            "street": "Weg 1", "family_name": "Novak", **more}  # fmt: skip


ANNA, BEN = person("anna", "1985-03-04"), person("ben", "1983-07-08")
KIM = person("kim", "2014-05-06")
JOINT, OWN = {"anna": "owner", "ben": "co_owner"}, {"anna": "owner"}


def both_ways(weight: float, usable: bool) -> Found:
    return {("anna", "hasPartner", "ben"): (weight, usable), ("ben", "hasPartner", "anna"): (weight, usable)}


def child(weight: float, usable: bool, kim: str = "kim") -> Found:
    return {("anna", "hasChild", kim): (weight, usable)}


FAMILIES = {
    "couple-of-one-home-name-and-account": Family([ANNA, BEN], [JOINT], expected=both_ways(4.5, True)),
    "flatmates-with-an-account": Family(
        [ANNA, {**BEN, "family_name": "Kaya"}], [JOINT], expected=both_ways(1.5, False)
    ),
    "flatmates": Family([ANNA, {**BEN, "family_name": "Kaya"}]),
    "two-families-of-a-name-in-two-houses": Family([ANNA, {**BEN, "street": "Weg 2"}]),
    "parent-in-the-house": Family([ANNA, {**BEN, "birth_date": "1950-01-01"}]),
    "minor-in-the-house": Family([ANNA, {**BEN, "birth_date": "2010-01-01"}]),
    "one-home-and-name": Family([ANNA, BEN], expected=both_ways(0.0, False)),
    "siblings-recorded": Family([ANNA, BEN], [JOINT], recorded="sibling"),
    "partners-recorded": Family([ANNA, BEN], [JOINT], recorded="partner"),
    "guardian-of-the-name-and-house": Family(
        [ANNA, KIM], [{"kim": "owner", "anna": "guardian"}], expected=child(3.5, True)
    ),
    "guardian-from-elsewhere": Family(
        [ANNA, {**KIM, "family_name": "Kaya", "street": "Weg 7"}], [{"kim": "owner", "anna": "guardian"}],
        expected=child(0.5, False),
    ),
    "pocket-money": Family([ANNA, KIM], [OWN, {"kim": "owner"}], (-40, "Taschengeld"), expected=child(3.5, True)),
    "maintenance": Family(
        [ANNA, {**KIM, "street": "Weg 7"}], [OWN, {"kim": "owner"}], (-400, "Kindesunterhalt"),
        expected=child(1.7, False),
    ),
    "leisure": Family([ANNA, KIM], [OWN, {"kim": "owner"}], (-40, "Unterhaltung")),
    "pocket-money-to-one-of-the-same-age": Family(
        [ANNA, {**BEN, "family_name": "Kaya"}], [OWN, {"ben": "owner"}], (-40, "Taschengeld")
    ),
    "benefit-names-the-child": Family([ANNA, KIM], [OWN], (259, "Kindergeld Kim"), expected=child(3.2, True)),
    "benefit-for-a-child-who-is-no-customer": Family(
        [ANNA], [OWN], (259, "Kindergeld"), expected=child(4.2, True, "anna/relative/child")
    ),
}  # fmt: skip


def rows(name: str, family: Family) -> Iterator[tuple[str, Row]]:
    """The contract's rows of a family, its ids and addresses told apart from the others' by its name."""
    for row in family.people:
        home = {"street": f"{row['street']} {name}", "postal_code": "10115"}
        yield "customers", {**row, **home, "customer_id": f"{name}.{row['customer_id']}"}
    for number, holders in enumerate(family.accounts):
        identifier = f"{name}.{number}"
        kind = "giro" if "anna" in holders else "youth"
        yield "accounts", {"account_id": identifier, "kind": kind, "currency": "EUR", "iban": identifier.upper(),
                           "opened_on": "2019-01-01"}  # fmt: skip
        for who, role in holders.items():
            yield "account_holders", {"account_id": identifier, "customer_id": f"{name}.{who}", "role": role}
    for month in range(1, 7 if family.booked else 1):
        amount, text = family.booked or (0, "")
        yield "transactions", {"transaction_id": f"{name}.{month}", "account_id": f"{name}.0", "currency": "EUR",
                               "booking_date": f"2026-0{month}-03", "amount": amount, "purpose": text,
                               "counterparty_iban": f"{name}.1".upper() if amount < 0 else None}  # fmt: skip
    if family.recorded:
        yield "relations", {"customer_id": f"{name}.anna", "related_customer_id": f"{name}.ben",
                            "relation": family.recorded}  # fmt: skip


@pytest.fixture(scope="module")
def presumed(content: Content) -> Found:
    """Weight and usability of every relation presumed in all families together."""
    tables: dict[str, list[Row]] = {}
    for name, family in FAMILIES.items():
        for table, row in rows(name, family):
            tables.setdefault(table, []).append(row)
    _, facts = pipeline.detect_in(bank(tables), content, as_of=AS_OF)
    usable = {key for key, _ in _presumed(facts, "UsableRelation")}
    return {key: (weight, key in usable) for key, weight in _presumed(facts)}


def _presumed(facts: FactBase, klass: str = "PresumedRelation") -> list[tuple[tuple[str, str, str], float]]:
    query = (
        f"SELECT ?one ?kind ?other ?odds {{ ?p a aug:{klass} ; aug:presumedOf ?one ; aug:presumedKind ?kind ; "
        "aug:presumedRelative ?other ; aug:logOdds ?odds }"
    )
    names = ("one", "kind", "other", "odds")
    columns = ", ".join(f"{facts.lexical_sql(name)} AS {name}" for name in names)
    rows = facts.connection.execute(f"SELECT {columns} FROM ({facts.select_sql(PREFIX + query)})").fetchall()
    return [((_last(one), kind.rpartition("#")[2], _last(other)), float(odds)) for one, kind, other, odds in rows]


def _last(iri: str) -> str:
    return iri.rpartition("/customer/")[2]


@pytest.mark.parametrize("name", FAMILIES)
def test_relations_presumed_in_a_family_are_those_its_data_show_and_no_other(presumed: Found, name: str) -> None:
    prefix = f"{name}."
    found = {
        (one.removeprefix(prefix), kind, other.removeprefix(prefix)): value
        for (one, kind, other), value in presumed.items()
        if one.startswith(prefix)
    }
    assert found == FAMILIES[name].expected
