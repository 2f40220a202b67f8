"""A fact base as a folder of Parquet files: what other back ends read and write, and DuckDB takes in again.

`catalog.json` says which relations, graphs and rules there are; `terms/` is the dictionary, `relations/<n>/` holds the
facts of one predicate or class with graph, rule and step. Ids are the same everywhere, so nothing is encoded anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from augenblick.model.errors import BadParameter
from augenblick.reason.factbase import FactBase, Relation
from augenblick.reason.ir import RelationKey

CATALOG = "catalog.json"
TERMS = "terms"


@dataclass
class Contents:
    """What lies in a folder; a relation's table is its place below the folder."""

    relations: dict[RelationKey, Relation] = field(default_factory=dict)
    graphs: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Contents:
        """Return what a folder holds; raises `BadParameter` where it is none."""
        try:
            told = json.loads((folder / CATALOG).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise BadParameter(
                "This folder holds no facts.", where=str(folder), hint="write_parquet makes one"
            ) from error
        relations = {}
        for row in told["relations"]:
            key = RelationKey(row.pop("predicate"), row.pop("klass"))
            relations[key] = Relation(key, **row)
        return cls(relations, told["graphs"], told["rules"])

    def write(self, folder: Path) -> None:
        """Write the catalog into the folder."""
        rows = [
            {
                "predicate": each.key.predicate, "klass": each.key.klass, "table": each.table, "rows": each.rows,
                "s_kinds": each.s_kinds, "o_kinds": each.o_kinds, "overlapping": each.overlapping,
            }
            for each in self.relations.values()
        ]  # fmt: skip
        told = {"relations": rows, "graphs": self.graphs, "rules": self.rules}
        (folder / CATALOG).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def write_parquet(facts: FactBase, folder: Path) -> None:
    """Write all facts with their graphs and rules into a folder, which must be new or empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadParameter("The folder is not empty.", where=str(folder), hint="give a new one")
    rules = facts.connection.execute(f"SELECT origin, rule FROM {facts.schema}.rules").fetchall()
    contents = Contents(graphs=facts.graphs(), rules=dict(rules))
    _copied(facts.connection, facts.dictionary.table, folder / TERMS)
    for number, relation in enumerate(facts.relations()):
        place = f"relations/{number}"
        contents.relations[relation.key] = Relation(**{**vars(relation), "table": place})
        if relation.rows:
            _copied(facts.connection, relation.table, folder / place)
    contents.write(folder)


def _copied(connection: duckdb.DuckDBPyConnection, table: str, place: Path) -> None:
    place.mkdir(parents=True)
    connection.execute(f"COPY (FROM {table}) TO '{quoted(place / 'base.parquet')}' (FORMAT parquet)")


def quoted(path: Path) -> str:
    """Return a path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")


def read_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, *, schema: str = "graph") -> FactBase:
    """Return a new fact base with the facts of a folder; rules keep their numbers, so that proofs find them.

    Raises `StateError` where the ids were made by another version of the hash.
    """
    contents = Contents.read(folder)
    facts = FactBase(connection, schema=schema)
    facts.dictionary.intern_select(f"SELECT id, lexical, ext FROM '{_files(folder / TERMS)}'")
    for name, code in sorted(contents.graphs.items(), key=lambda item: item[1]):
        if facts.graph_code(name) != code:
            raise BadParameter("The fact base has graphs already.", hint="give a new schema")
    rules = [[number, origin] for origin, number in contents.rules.items()]
    if rules:
        connection.executemany(f"INSERT INTO {schema}.rules VALUES (?, ?)", rules)
    for relation in contents.relations.values():
        table = facts.ensure(relation.key).table
        if relation.rows:
            connection.execute(f"INSERT INTO {table} BY NAME FROM '{_files(folder / relation.table)}'")
            said: Mapping[str, int] = {"s_kinds": relation.s_kinds, "o_kinds": relation.o_kinds}
            facts.note(relation.key, added=relation.rows, overlapping=relation.overlapping, **said)
    return facts


def _files(place: Path) -> str:
    return quoted(place / "*.parquet")
