"""The facts of one bank many times over, as customers of a larger one.

Each copy's customers, accounts, bookings and all else that has an IRI of the bank get IRIs of their own, and so do the
texts of predicates that take many values (names, addresses, account numbers, purposes); kinds, states and currencies
stay. So nothing of one copy meets anything of another by a name, as little as two families of one bank do, while
every table of the fact base grows as the bank does. The ontology is there once.
"""

from __future__ import annotations

import duckdb
from sqlglot import exp

from augenblick.model.terms import DATA_BASE
from augenblick.reason import FactBase, Relation
from augenblick.reason.terms import Kind, hash_sql

TOGETHER = 10
"""Copies made by one statement per table."""
MANY_VALUES = 100
"""A predicate with more texts than this tells customers apart."""
_TEXT = f"BETWEEN {2**62 + (Kind.STRING - 8) * 2**59} AND {2**62 + (Kind.STRING - 7) * 2**59 - 1}"


def copy(connection: duckdb.DuckDBPyConnection, one: str, copies: int, *, ontology: str) -> None:
    """Fill the schema `graph` of the current database with so many copies of the facts in the database `one`.

    `ontology` is the graph that is not copied.
    """
    (here,) = connection.execute("SELECT current_database()").fetchone() or ("",)
    connection.execute(f"USE {one}")
    first = FactBase(connection, tables_only=True)
    connection.execute(f"USE {here}")
    connection.execute("CREATE SCHEMA graph")
    for table in ("graph.relations", "graph.graphs", "graph.rules", first.dictionary.table):
        connection.execute(f"CREATE TABLE {table} AS FROM {one}.{table}")
    for relation in first.relations():
        connection.execute(f"CREATE TABLE {relation.table} AS FROM {one}.{relation.table}")
    _note_what_is_renamed(connection, first, one, first.graphs()[ontology])
    connection.execute("SET checkpoint_threshold = '1GB'")
    for first_number in range(1, copies, TOGETHER):
        connection.execute("BEGIN")
        _rename(connection, first_number, min(first_number + TOGETHER, copies))
        for relation in first.relations():
            _add_copies(connection, one, relation)
        connection.execute("COMMIT")
    for relation in first.relations():
        rows = f"rows = (SELECT count(*) FROM {relation.table})"
        connection.execute(f"UPDATE graph.relations SET {rows} WHERE relation = ?", [relation.table])
    connection.execute("DROP TABLE renamed; DROP TABLE IF EXISTS names; DROP TABLE IF EXISTS numbers; CHECKPOINT")


def _note_what_is_renamed(connection: duckdb.DuckDBPyConnection, facts: FactBase, one: str, ontology: int) -> None:
    """Fill `renamed`: id and lexical form of each term that every copy has under a name of its own."""
    texts, fixed = [], []
    for relation in facts.relations():
        if relation.key.klass is None:
            objects = f"SELECT DISTINCT o FROM {one}.{relation.table} WHERE o {_TEXT}"
            fixed.append(f"{objects} AND g = {ontology}")
            (values,) = connection.execute(f"SELECT count(*) FROM ({objects} AND g <> {ontology})").fetchone() or (0,)
            if values > MANY_VALUES:
                texts.append(f"{objects} AND g <> {ontology}")
    connection.execute(
        f"CREATE TEMP TABLE renamed AS SELECT id, lexical FROM {one}.{facts.dictionary.table} WHERE "
        f"(id < {2**62} AND starts_with(lexical, '{DATA_BASE}')) OR "
        f"(id IN ({' UNION '.join(texts)}) AND id NOT IN ({' UNION ALL '.join(fixed)}))"
    )


def _rename(connection: duckdb.DuckDBPyConnection, first: int, end: int) -> None:
    """Fill `names`: the id of each such term in the copies from `first` on, up to `end`; add the terms."""
    name = exp.column("fresh")
    iri, text = (hash_sql(kind, name).sql("duckdb") for kind in (Kind.IRI, Kind.STRING))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE numbers AS SELECT number FROM range({first}, {end}) n(number); "
        "CREATE OR REPLACE TEMP TABLE names AS "
        f"SELECT id, number, CASE WHEN id < {2**62} THEN {iri} ELSE {text} END AS other, fresh "
        "FROM (SELECT id, number, concat(lexical, '~', number) AS fresh FROM renamed, numbers)"
    )
    connection.execute("INSERT INTO graph.terms SELECT other, fresh, NULL FROM names")


def _add_copies(connection: duckdb.DuckDBPyConnection, one: str, relation: Relation) -> None:
    """Add the facts of a relation that speak of something renamed, for all copies in `names`."""
    old = f"{one}.{relation.table} f"
    if relation.key.klass is not None:
        what = f"names.other, f.* EXCLUDE (s) FROM {old} JOIN names ON names.id = f.s"
    else:
        what = (
            f"coalesce(a.other, f.s), coalesce(b.other, f.o), f.* EXCLUDE (s, o) FROM {old} CROSS JOIN numbers n "
            "LEFT JOIN names a ON a.id = f.s AND a.number = n.number "
            "LEFT JOIN names b ON b.id = f.o AND b.number = n.number "
            "WHERE a.other IS NOT NULL OR b.other IS NOT NULL"
        )
    connection.execute(f"INSERT INTO {relation.table} SELECT {what}")
