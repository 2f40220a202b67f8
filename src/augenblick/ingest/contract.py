"""The contract a bank export is held to, read from the shipped `datapackage.json`.

The file is a Frictionless tabular data package (Table Schema, https://specs.frictionlessdata.io); its
`augenblick` properties say what Table Schema has no word for. No other list of tables or columns exists.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

SQL_TYPES = {"string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP", "number": "DECIMAL(18,5)"}


@dataclass(frozen=True)
class Field:
    """One column: its type and what its values must fulfil."""

    name: str
    type: str
    required: bool
    codes: tuple[str, ...]
    pattern: str | None
    earliest: str | None
    latest: str | None
    check: str | None
    digits: int | None
    """How many digits the code has: spreadsheets drop leading zeros and add `.0`."""
    synonyms: dict[str, str]
    """What else, in lower case, means one of the codes."""
    codes_by: str | None
    """The column that names the field of `customers` whose codes the value has."""
    costs_row: bool
    """Whether a faulty value keeps the row out; otherwise the row is loaded with `otherwise` in its place."""
    forgiven_where: tuple[str, tuple[str, ...]] | None
    """Another column and the codes there with which a faulty value does not cost the row either."""
    not_before: str | None
    """The column of the same row whose day this one's must not lie before."""
    otherwise: str | None
    description: str
    description_de: str

    @property
    def sql_type(self) -> str:
        """The DuckDB type values are stored in."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class ForeignKey:
    """A column whose values must exist in a column of another table."""

    field: str
    table: str
    target: str


@dataclass(frozen=True)
class Table:
    """One table of the contract with its key (a part of the key may be empty)."""

    name: str
    title: str
    title_de: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    required: bool
    immutable: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in the contract's order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """Return the field of that name; `KeyError` if there is none."""
        return next_named(self.fields, name)


@dataclass(frozen=True)
class Contract:
    """All tables of the contract, parents before children."""

    version: str
    tables: tuple[Table, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tables."""
        return tuple(table.name for table in self.tables)

    def table(self, name: str) -> Table:
        """Return the table of that name; `KeyError` if there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)


def next_named(fields: tuple[Field, ...], name: str) -> Field:
    """Return the field of that name; `KeyError` if there is none."""
    for field in fields:
        if field.name == name:
            return field
    raise KeyError(name)


@cache
def contract() -> Contract:
    """Return the shipped contract."""
    text = resources.files("augenblick.ingest").joinpath("datapackage.json").read_text(encoding="utf-8")
    package = json.loads(text)
    return Contract(package["version"], _parents_first([_table(item) for item in package["resources"]]))


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    """Return the known word closest to the given one, if one is close enough to be meant."""
    found = difflib.get_close_matches(word.strip().lower(), known, n=1, cutoff=0.7)
    return found[0] if found else None


def did_you_mean(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    """Return the hint "did you mean …?" or nothing when no known word is close."""
    meant = nearest(word, known)
    return f"did you mean '{meant}'?" if meant else None


def _table(resource: dict[str, Any]) -> Table:
    schema, extra = resource["schema"], resource.get("augenblick", {})
    key = schema.get("primaryKey") or schema["uniqueKeys"][0]
    return Table(
        name=resource["name"],
        title=resource["title"],
        title_de=resource["title_de"],
        fields=tuple(_field(item) for item in schema["fields"]),
        key=tuple(key),
        foreign_keys=tuple(_foreign_key(item) for item in schema.get("foreignKeys", [])),
        required=extra.get("required", False),
        immutable=extra.get("immutable", False),
    )


def _field(item: dict[str, Any]) -> Field:
    constraints, extra = item.get("constraints", {}), item.get("augenblick", {})
    return Field(
        name=item["name"],
        type=item["type"],
        required=constraints.get("required", False),
        codes=tuple(constraints.get("enum", ())),
        pattern=constraints.get("pattern"),
        earliest=constraints.get("minimum"),
        latest=extra.get("latest"),
        check=extra.get("check"),
        digits=extra.get("digits"),
        synonyms=dict(extra.get("synonyms", {})),
        codes_by=extra.get("codesBy"),
        costs_row=extra.get("fault", "row") == "row",
        forgiven_where=_forgiven(extra.get("forgivenWhere")),
        not_before=extra.get("notBefore"),
        otherwise=extra.get("otherwise"),
        description=item["description"],
        description_de=item["description_de"],
    )


def _forgiven(stated: dict[str, list[str]] | None) -> tuple[str, tuple[str, ...]] | None:
    return next(((name, tuple(codes)) for name, codes in stated.items()), None) if stated else None


def _foreign_key(item: dict[str, Any]) -> ForeignKey:
    reference = item["reference"]
    return ForeignKey(item["fields"][0], reference["resource"], reference["fields"][0])


def _parents_first(tables: list[Table]) -> tuple[Table, ...]:
    ordered: list[Table] = []
    while tables:
        placed = {table.name for table in ordered}
        ready = [t for t in tables if all(k.table in placed for k in t.foreign_keys)]
        ordered += ready
        tables = [table for table in tables if table not in ready]
    return tuple(ordered)
