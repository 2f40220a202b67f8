"""The simulated records hold together: keys, holders, relations, ages, check digits, the contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from augenblick.simulate.checkdigits import creditor_identifier, german_iban, is_valid
from augenblick.simulate.tables import SCHEMAS, TRUTH_TABLES

KEYS = {
    "customers": "customer_id",
    "accounts": "account_id",
    "transactions": "transaction_id",
    "contracts": "contract_id",
    "interactions": "interaction_id",
    "account_holders": "account_id, customer_id",
    "customer_changes": "customer_id, changed_on, attribute",
}
REFERENCES = [
    ("transactions", "account_id", "accounts", "account_id"),
    ("transactions", "reversal_of", "transactions", "transaction_id"),
    ("account_holders", "account_id", "accounts", "account_id"),
    ("account_holders", "customer_id", "customers", "customer_id"),
    ("relations", "customer_id", "customers", "customer_id"),
    ("relations", "related_customer_id", "customers", "customer_id"),
    ("contracts", "customer_id", "customers", "customer_id"),
    ("interactions", "customer_id", "customers", "customer_id"),
    ("consents", "customer_id", "customers", "customer_id"),
    ("customer_changes", "customer_id", "customers", "customer_id"),
    ("truth", "customer_id", "customers", "customer_id"),
    ("traps", "customer_id", "customers", "customer_id"),
]


@pytest.mark.parametrize(("table", "key"), KEYS.items())
def test_records_keys_are_unique(town, table, key):
    assert town.rows(f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1") == []


@pytest.mark.parametrize(("table", "field", "other", "key"), REFERENCES)
def test_records_references_lead_somewhere(town, table, field, other, key):
    lost = f"SELECT {field} FROM {table} WHERE {field} IS NOT NULL AND {field} NOT IN (SELECT {key} FROM {other})"
    assert town.rows(lost) == []
    assert town.one(f"SELECT count({field}) FROM {table}") > 0


def test_records_every_account_has_exactly_one_owner(town):
    owners = """
        SELECT account_id, count(*) FILTER (role = 'owner') AS n
        FROM accounts LEFT JOIN account_holders USING (account_id) GROUP BY ALL"""
    assert town.rows(f"SELECT * FROM ({owners}) WHERE n <> 1") == []


def test_records_parents_are_at_least_sixteen_years_older(town):
    pairs = """
        SELECT p.birth_date AS old, c.birth_date AS young FROM relations r
        JOIN customers p ON p.customer_id = if(r.relation = 'child', r.customer_id, r.related_customer_id)
        JOIN customers c ON c.customer_id = if(r.relation = 'child', r.related_customer_id, r.customer_id)
        WHERE r.relation IN ('child', 'parent') AND p.birth_date IS NOT NULL AND c.birth_date IS NOT NULL"""
    assert town.one(f"SELECT min(date_sub('year', old, young)) FROM ({pairs})") >= 16
    assert town.one(f"SELECT count(*) FROM ({pairs})") > 100


def test_records_mothers_bear_children_between_sixteen_and_fifty(town):
    ages = """
        SELECT date_sub('year', m.birth_date, c.birth_date) AS age FROM relations r
        JOIN customers m ON m.customer_id = r.customer_id AND m.sex = 'female'
        JOIN customers c ON c.customer_id = r.related_customer_id
        WHERE r.relation = 'child' AND age IS NOT NULL"""
    low, high = town.rows(f"SELECT min(age), max(age) FROM ({ages})")[0]
    assert low >= 16
    assert high <= 50


def test_records_relations_are_written_in_both_directions_somewhere(town):
    kinds = {kind for (kind,) in town.rows("SELECT DISTINCT relation FROM relations")}
    assert {"partner", "child", "parent", "grandchild", "grandparent", "sibling", "guardian"} <= kinds


def test_records_nobody_books_before_the_account_opens(town):
    early = "SELECT count(*) FROM transactions JOIN accounts USING (account_id) WHERE booking_date < opened_on"
    assert town.one(early) == 0


def test_records_the_dead_earn_no_salary(town):
    paid = """
        SELECT count(*) FROM customers JOIN account_holders USING (customer_id) JOIN transactions USING (account_id)
        WHERE death_date IS NOT NULL AND booking_date > death_date + 7 AND gvc = '153'
          AND account_id NOT IN (SELECT account_id FROM account_holders WHERE role = 'co_owner')
          AND role = 'owner'"""
    assert town.one(paid) == 0


@pytest.mark.parametrize("column", ["counterparty_iban", "creditor_id"])
def test_records_identifiers_have_right_check_digits(town, column):
    values = [value for (value,) in town.rows(f"SELECT DISTINCT {column} FROM transactions WHERE {column} IS NOT NULL")]
    assert len(values) > 50
    assert [value for value in values if not is_valid(value)] == []


def test_records_own_ibans_have_right_check_digits(town):
    assert [value for (value,) in town.rows("SELECT iban FROM accounts") if not is_valid(value)] == []


def test_check_digits_of_the_published_example_are_right():
    assert is_valid("DE09ZZZ00000000001")
    assert is_valid("DE89370400440532013000")
    assert not is_valid("DE89370400440532013001")
    assert is_valid(german_iban(1, 42))
    assert is_valid(creditor_identifier("Stadtwerke Ahlen"))


def test_tables_columns_are_those_of_the_contract(root):
    package = root / "src" / "augenblick" / "ingest" / "datapackage.json"
    resources = json.loads(Path(package).read_text(encoding="utf-8"))["resources"]
    contract = {item["name"]: [field["name"] for field in item["schema"]["fields"]] for item in resources}
    assert {name: schema.names for name, schema in SCHEMAS.items() if name not in TRUTH_TABLES} == contract


def test_records_advisers_look_after_whole_families_a_few_hundred_customers_each(town):
    shares = [n for (n,) in town.rows("SELECT count(*) FROM customers GROUP BY adviser")]
    assert len(shares) >= 3
    assert max(shares) < 600
    apart = (
        "SELECT 1 FROM relations r JOIN customers a USING (customer_id) "
        "JOIN customers b ON b.customer_id = r.related_customer_id WHERE a.adviser IS DISTINCT FROM b.adviser"
    )
    assert town.rows(apart) == []
