"""Facts that wait to be put into their relations' tables: to write into a hundred small tables takes long.

What is said of some subjects is replaced at once for whoever reads (a `FactBase` reads tables and what waits as one).
The tables follow later (`settle`), in one go for all that was replaced meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from augenblick.model.tables import has_table
from augenblick.reason.ir import RelationKey
from augenblick.reason.terms import kinds_of

if TYPE_CHECKING:
    import duckdb
    from rdflib import Literal, URIRef

    from augenblick.reason.factbase import FactBase, Relation

Row = tuple[int, int, int, int, int]
"""Subject, object (of a class membership the class), code of the graph, number of the rule, step."""
WAITING = "waiting"
_TYPES = {"s": pa.int64(), "o": pa.int64(), "g": pa.int16(), "rule": pa.int32(), "step": pa.int32()}


def put(facts: FactBase, replaced: Iterable[int], rows: Mapping[RelationKey, Sequence[Row]], *, again: bool) -> None:
    """Let the rows stand in place of all that is said of some subjects.

    `again` where something waits of them already (`waits`): it waits no longer.
    """
    _create(facts)
    nodes = list(replaced)
    with facts.noted_together():
        if again:
            nodes = _taken_out(facts, nodes)
        _insert(facts.connection, f"{facts.schema}.replaced", {"node": pa.array(nodes, pa.int64())})
        _add(facts, rows)


def _taken_out(facts: FactBase, nodes: Sequence[int]) -> list[int]:
    """Take what waits of some subjects out; return those of them that nothing has replaced before."""
    waiting, some, given = f"{facts.schema}.{WAITING}", "(SELECT unnest(?::BIGINT[]))", [list(nodes)]
    known = {relation.table: relation.key for relation in facts.relations()}
    counted = f"SELECT relation, count(*) FROM {waiting} WHERE s IN {some} GROUP BY relation"
    for table, gone in facts.connection.execute(counted, given).fetchall():
        facts.note(known[table], added=-gone)
    facts.connection.execute(f"DELETE FROM {waiting} WHERE s IN {some}", given)
    before = f"SELECT node FROM {facts.schema}.replaced WHERE node IN {some}"
    return sorted(set(nodes) - {node for (node,) in facts.connection.execute(before, given).fetchall()})


def _add(facts: FactBase, rows: Mapping[RelationKey, Sequence[Row]]) -> None:
    listed = [(facts.ensure(key).table, *row) for key, some in rows.items() for row in some]
    tables, *columns = zip(*listed, strict=True) if listed else [()] * 6
    given = zip(_TYPES.items(), columns, strict=True)
    arrays = {name: pa.array(values, kind) for (name, kind), values in given}
    _insert(facts.connection, f"{facts.schema}.{WAITING}", {"relation": pa.array(tables, pa.string()), **arrays})
    for key, some in rows.items():
        s, o = [row[0] for row in some], [row[1] for row in some]
        repeated = len(set(zip(s, o, strict=True))) < len(some)
        o_kinds = 0 if key.klass is not None else kinds_of(o)
        facts.note(key, added=len(some), s_kinds=kinds_of(s), o_kinds=o_kinds, overlapping=repeated)


def waits(facts: FactBase, nodes: Iterable[int]) -> bool:
    """Say whether, where anything waits, some of it is said of some subjects, or stands in place of it."""
    listed = ", ".join(map(str, nodes))
    if not listed:
        return False
    some = (
        f"(SELECT 1 FROM {facts.schema}.replaced WHERE node IN ({listed}) LIMIT 1) UNION ALL "
        f"(SELECT 1 FROM {facts.schema}.{WAITING} WHERE s IN ({listed}) LIMIT 1)"
    )
    return bool(facts.connection.execute(some).fetchall())


def replace_values(facts: FactBase, key: RelationKey, values: Mapping[URIRef, Literal]) -> None:
    """Let subjects have other values of a relation in place of those they have, in the tables and of what waits."""
    relation = facts.relation(key)
    if relation is None or not values:
        return
    given = {"s": facts.dictionary.ids(values), "o": facts.dictionary.intern(values.values())}
    tables = [(relation.table, "")]
    if any_waiting(facts.connection, facts.schema):
        tables.append((f"{facts.schema}.{WAITING}", f" AND t.relation = '{relation.table}'"))
    for table, only in tables:
        facts.connection.execute(
            f"UPDATE {table} t SET o = n.o FROM (SELECT unnest($s::BIGINT[]) AS s, unnest($o::BIGINT[]) AS o) n "
            f"WHERE t.s = n.s AND t.o <> n.o{only}",
            given,
        )


def any_waiting(connection: duckdb.DuckDBPyConnection, schema: str = "graph") -> bool:
    """Say whether anything waits to be put into the tables of a schema."""
    some = f"(SELECT 1 FROM {schema}.replaced LIMIT 1) UNION ALL (SELECT 1 FROM {schema}.{WAITING} LIMIT 1)"
    return has_table(connection, WAITING, schema=schema) and bool(connection.execute(some).fetchall())


def settle(facts: FactBase) -> None:
    """Put all that waits into the tables; `facts` are those of the tables alone (`FactBase(…, tables_only=True)`)."""
    if not any_waiting(facts.connection, facts.schema):
        return
    connection, waiting = facts.connection, f"{facts.schema}.{WAITING}"
    connection.execute("BEGIN")
    try:
        filled = {table for (table,) in connection.execute(f"SELECT DISTINCT relation FROM {waiting}").fetchall()}
        with facts.noted_together():
            for relation in _concerned(facts):
                facts.remove_rows(relation, f"r.s IN (SELECT node FROM {facts.schema}.replaced)")
                if relation.table in filled:
                    some = f"SELECT {_columns(relation)} FROM {waiting} WHERE relation = '{relation.table}'"
                    connection.execute(f"INSERT INTO {relation.table} ({_columns(relation)}) {some}")
        connection.execute(f"DELETE FROM {waiting}; DELETE FROM {facts.schema}.replaced")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def as_one(facts: FactBase) -> dict[RelationKey, Relation]:
    """Return the relations of which something waits, each with a view of what is said now in place of its table."""
    found = {}
    for relation in _concerned(facts):
        view = f"now__{relation.table.rpartition('.')[2]}"
        facts.connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {now_sql(facts, relation)}")
        found[relation.key] = replace(relation, table=f"temp.{view}")
    return found


def now_sql(facts: FactBase, relation: Relation) -> str:
    """Return SQL for the rows of a relation as they are now: those of its table that stand, and those that wait."""
    listed = _columns(relation)
    return (
        f"SELECT {listed} FROM {relation.table} t ANTI JOIN {facts.schema}.replaced n ON n.node = t.s "
        f"UNION ALL SELECT {listed} FROM {facts.schema}.{WAITING} WHERE relation = '{relation.table}'"
    )


def _concerned(facts: FactBase) -> list[Relation]:
    """Return the relations in which something is replaced or is to be put."""
    some = [relation for relation in facts.relations() if relation.rows]
    waiting = facts.connection.execute(f"SELECT DISTINCT relation FROM {facts.schema}.{WAITING}").fetchall()
    names = {name for (name,) in waiting}
    others = [relation for relation in some if relation.table not in names]
    every = " UNION ALL ".join(f"SELECT {n} AS n, s FROM {each.table}" for n, each in enumerate(others))
    if every:
        asked = f"SELECT DISTINCT n FROM ({every}) WHERE s IN (SELECT node FROM {facts.schema}.replaced)"
        names |= {others[n].table for (n,) in facts.connection.execute(asked).fetchall()}
    return [relation for relation in some if relation.table in names]


def _columns(relation: Relation) -> str:
    return "s, g, rule, step" if relation.key.klass is not None else "s, o, g, rule, step"


def _create(facts: FactBase) -> None:
    facts.connection.execute(
        f"CREATE TABLE IF NOT EXISTS {facts.schema}.{WAITING} "
        "(relation VARCHAR, s BIGINT, o BIGINT, g SMALLINT, rule INTEGER, step INTEGER); "
        f"CREATE TABLE IF NOT EXISTS {facts.schema}.replaced (node BIGINT)"
    )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, pa.Array]) -> None:
    connection.register("given_rows", pa.table(dict(columns)))
    connection.execute(f"INSERT INTO {table} BY NAME FROM given_rows")
    connection.unregister("given_rows")
