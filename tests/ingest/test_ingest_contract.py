"""The shipped data package says what the design says."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import duckdb

from augenblick.ingest import contract, create_bank_tables


def _designed(shared: Path) -> dict[str, list[tuple[str, bool]]]:
    """Table → (field, required) as the design's table of section 6 lists them."""
    tables = {}
    text = (shared / "DESIGN.md").read_text(encoding="utf-8").partition("## 6. Contracts")[2]
    for name, listed in re.findall(r"^\| (\w+) \| (.+) \|$", text, re.MULTILINE):
        if name == "table":
            continue
        fields = re.sub(r"\([^)]*\)", "", listed)
        tables[name] = [(f.strip().rstrip("?"), not f.strip().endswith("?")) for f in fields.split(",")]
    return tables


ADDED = {"customers": ["adviser"]}
"""What came after the design, at the end of a table and never required: exports as the design has them stay whole."""


def test_contract_fields_are_those_of_the_design(shared: Path) -> None:
    shipped = {t.name: [(f.name, f.required) for f in t.fields] for t in contract().tables}
    added = {name: [(field, False) for field in fields] for name, fields in ADDED.items()}
    assert shipped == {name: fields + added.get(name, []) for name, fields in _designed(shared).items()}


def test_contract_codes_named_by_the_design_are_taken(shared: Path) -> None:
    for table, field, code in [
        ("relations", "relation", "employer_of"),
        ("accounts", "kind", "estate"),
        ("account_holders", "role", "co_owner"),
        ("interactions", "kind", "card_block"),
        ("consents", "status", "withdrawn"),
        ("declared_moments", "state", "dismissed"),
    ]:
        assert code in contract().table(table).field(field).codes


def test_contract_every_field_is_described_in_both_languages() -> None:
    for table in contract().tables:
        for field in table.fields:
            assert field.description, field.name
            assert field.description_de, field.name
            assert field.description != field.description_de


def test_contract_parents_come_before_their_children() -> None:
    names = list(contract().names)
    for table in contract().tables:
        for reference in table.foreign_keys:
            assert names.index(reference.table) < names.index(table.name)


def test_contract_only_customers_is_required() -> None:
    assert [table.name for table in contract().tables if table.required] == ["customers"]


def test_data_package_is_versioned_and_names_its_files() -> None:
    text = resources.files("augenblick.ingest").joinpath("datapackage.json").read_text(encoding="utf-8")
    package = json.loads(text)
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert {r["path"] for r in package["resources"]} == {f"{t.name}.csv" for t in contract().tables}


def test_bank_tables_are_created_once_with_place_columns(connection: duckdb.DuckDBPyConnection) -> None:
    create_bank_tables(connection)
    create_bank_tables(connection)
    described = connection.execute("DESCRIBE bank.transactions").fetchall()
    types = {name: kind for name, kind, *_ in described}
    assert types["amount"] == "DECIMAL(18,5)"
    assert types["booking_date"] == "DATE"
    assert list(types)[-2:] == ["_file", "_line"]
