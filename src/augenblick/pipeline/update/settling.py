"""What was derived for a few people takes the place of what the derived database and the graph held of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from rdflib import URIRef

from augenblick.model.terms import AUG
from augenblick.pipeline.rules import ONTOLOGY
from augenblick.pipeline.update.small_line import NOBODY, Small
from augenblick.publish import Belonging
from augenblick.reason import FactBase
from augenblick.reason.factbase import Relation, kinds_of
from augenblick.reason.ir import RelationKey
from augenblick.reason.memory_terms import encoded
from augenblick.store import insert_rows

_PEOPLE = "(SELECT unnest($customers::VARCHAR[]))"
_OF_PEOPLE = f"customer_id IN {_PEOPLE}"
_SERIES = f"(SELECT series_id FROM evidence.series WHERE {_OF_PEOPLE})"
_OFFERS = f"(SELECT offer_id FROM offers.offers WHERE {_OF_PEOPLE})"
_INDICATIONS = f"(SELECT indication FROM moments.indications WHERE {_OF_PEOPLE})"
_MOMENTS = f"(SELECT moment_id FROM moments.moments WHERE {_OF_PEOPLE})"
TABLES = {
    "evidence.steps": f"series_id IN {_SERIES}",
    "evidence.occurrences": _OF_PEOPLE,
    "evidence.series": _OF_PEOPLE,
    "evidence.hits": "account_id IN (SELECT unnest($accounts::VARCHAR[]))",
    "evidence.account_spans": "account_id IN (SELECT unnest($accounts::VARCHAR[]))",
    "policy.indications": f"indication IN {_INDICATIONS}",
    "moments.premises": f"indication IN {_INDICATIONS}",
    "moments.grounds": f"moment_id IN {_MOMENTS}",
    "moments.indications": _OF_PEOPLE,
    "moments.contributions": _OF_PEOPLE,
    "moments.weak": _OF_PEOPLE,
    "moments.moments": _OF_PEOPLE,
    "policy.moments": _OF_PEOPLE,
    "offers.verdicts": f"offer_id IN {_OFFERS}",
    "offers.guards": f"offer_id IN {_OFFERS}",
    "offers.milder": f"offer_id IN {_OFFERS}",
    "offers.milder_verdicts": f"offer_id IN {_OFFERS}",
    "offers.offers": _OF_PEOPLE,
}
"""Which rows of the derived tables are some people's, in an order in which each table still finds what it asks for."""
BELONGING = Belonging(
    towards=[
        AUG + name
        for name in (
            *("person", "holder", "onPerson", "relationSubject", "ownedBy", "coOwnedBy", "authorisedFor", "guardedBy"),
            *("presumedOf", "clueOf", "ofSeries"),
        )
    ],
    away=[AUG + name for name in ("booking", "hasVerdict")],
)
"""How what is said leads to the person it is of."""
STEPS = 1_000_000
"""What steps of the few are raised by: no fact rests on one of a later step, and the ontology's have those of a run."""


def settle_tables(store: duckdb.DuckDBPyConnection, small: Small, base: str) -> None:
    """Put what was derived for some people into the derived database in place of what stood there of them."""
    _settle_rows(store, small, TABLES)
    facts = FactBase(store)
    ids = _ids(facts, small)
    _settle_graph(facts, small, base, ids)
    _settle_nodes(store, small, base, ids, facts)


def settle_evidence(store: duckdb.DuckDBPyConnection, small: Small) -> None:
    """Do the same for what bookings alone change that show nothing new."""
    _settle_rows(store, small, {name: TABLES[name] for name in TABLES if name.startswith("evidence.")})


def _settle_rows(store: duckdb.DuckDBPyConnection, small: Small, tables: Mapping[str, str]) -> None:
    """Put the rows of some tables in place of those the people had there."""
    whose = {"customers": list(small.people.customers), "accounts": list(small.people.accounts)}
    for table, condition in tables.items():
        asked = {name: value for name, value in whose.items() if f"${name}" in condition}
        store.execute(f"DELETE FROM {table} WHERE {condition}", asked)
    for table in tables:
        only = f" WHERE account_id <> '{NOBODY}'" if table == "evidence.account_spans" else ""
        insert_rows(store, table, small.connection.sql(f"FROM {table}{only}").to_arrow_table())


def _ids(facts: FactBase, small: Small) -> dict[int, int]:
    """Return the ids that the terms of the people's facts have in the derived database, which knows them then."""
    dictionary = small.facts.dictionary
    wanted = {i for _, s, o in small.told or () for i in (s, o)}
    wanted |= {node for row in _nodes(small) for node in (row[0], row[1], *row[3])}
    terms = [dictionary.term(i) for i in sorted(wanted) if i >= 0]
    real = facts.dictionary.intern(terms)
    found = dict(zip((i for i in sorted(wanted) if i >= 0), real, strict=True))
    return found | {i: i for i in wanted if i < 0}


def _nodes(small: Small) -> list[tuple[int, int, int, list[int]]]:
    small.connection.complete()
    return small.connection.execute("SELECT node, person, strictness, others FROM policy.nodes").fetchall()


def _settle_graph(facts: FactBase, small: Small, base: str, ids: Mapping[int, int]) -> None:
    store = facts.connection
    _find_old_nodes(facts, small, base)
    spoken = _spoken_of_people(facts)
    with facts.noted_together():
        for relation, nodes in _speaking(facts, spoken):
            facts.remove_rows(relation, f"r.s IN ({', '.join(map(str, nodes))})")
        spoken |= {small.facts.keys[number] for number, _, _ in small.told or ()}
        _insert(facts, small, _rows(facts, small, ids))
    store.execute("DROP TABLE old_nodes")


def _speaking(facts: FactBase, spoken: set[RelationKey]) -> list[tuple[Relation, list[int]]]:
    """Return those of some relations that hold anything of `old_nodes`, and of which: all are asked at once."""
    some = [relation for relation in facts.relations() if relation.key in spoken and relation.rows]
    every = " UNION ALL ".join(f"SELECT {n} AS n, s FROM {relation.table}" for n, relation in enumerate(some))
    if not every:
        return []
    found: dict[int, list[int]] = {}
    asked = f"SELECT DISTINCT n, s FROM ({every}) WHERE s IN (SELECT node FROM old_nodes)"
    for n, s in facts.connection.execute(asked).fetchall():
        found.setdefault(n, []).append(s)
    return [(some[n], nodes) for n, nodes in found.items()]


_Row = tuple[int, int, int, int, int]


def _rows(facts: FactBase, small: Small, ids: Mapping[int, int]) -> dict[int, list[_Row]]:
    """Return the rows (s, o, g, rule, step) of the people's facts by the number of their relation."""
    rules = _rules(facts.connection, small)
    codes = {code: facts.graph_code(name) for name, code in small.facts.graphs().items() if name != "ontology"}
    rows: dict[int, list[_Row]] = {}
    for fact, mask in (small.told or {}).items():
        rule, step = small.facts.makers.get(fact, (0, -STEPS))
        for code, real in codes.items():
            if mask >> code & 1:
                made = (rules.get(rule, 0), step + STEPS)
                rows.setdefault(fact[0], []).append((ids[fact[1]], ids[fact[2]], real, *made))
    return rows


_SPOKEN: dict[int, set[RelationKey]] = {}
"""By the derived database's inode (a whole run makes a new file) the relations that hold anything of people."""


def _spoken_of_people(facts: FactBase) -> set[RelationKey]:
    """Return the relations that may hold anything said or inferred of people, to be added to; looked up once."""
    (file,) = facts.connection.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()[0]
    place = Path(file).stat().st_ino if file else id(facts.connection)
    if place not in _SPOKEN:
        _SPOKEN.clear()
        ontology = facts.graph_code(ONTOLOGY)
        filled = [relation for relation in facts.relations() if relation.rows]
        asked = " UNION ALL ".join(
            f"(SELECT {n} FROM {relation.table} WHERE g <> {ontology} LIMIT 1)" for n, relation in enumerate(filled)
        )
        _SPOKEN[place] = {filled[n].key for (n,) in facts.connection.execute(asked).fetchall()}
    return _SPOKEN[place]


def _find_old_nodes(facts: FactBase, small: Small, base: str) -> None:
    """Fill the temporary table `old_nodes` with the subjects of all that is held of the people."""
    store = facts.connection
    prefix = base.replace("'", "''")
    store.execute(
        "CREATE OR REPLACE TEMP TABLE old_nodes AS SELECT id AS node FROM "
        f"{facts.dictionary.table} WHERE lexical IN (SELECT '{prefix}customer/' || url_encode(c) "
        "FROM (SELECT unnest($customers::VARCHAR[]) AS c) UNION ALL "
        f"SELECT '{prefix}account/' || url_encode(a) FROM (SELECT unnest($accounts::VARCHAR[]) AS a))",
        {"customers": list(small.people.customers), "accounts": list(small.people.accounts)},
    )
    for predicate in BELONGING.towards:
        _add_nodes(facts, predicate, "r.s", "r.o")
    for predicate in BELONGING.away:
        _add_nodes(facts, predicate, "r.o", "r.s")


def _add_nodes(facts: FactBase, predicate: str, found: str, known: str) -> None:
    relation = facts.relation(RelationKey(predicate))
    if relation is not None and relation.rows:
        facts.connection.execute(
            f"INSERT INTO old_nodes SELECT DISTINCT {found} FROM {relation.table} r "
            f"WHERE {known} IN (SELECT node FROM old_nodes) AND {found} NOT IN (SELECT node FROM old_nodes)"
        )


def _rules(store: duckdb.DuckDBPyConnection, small: Small) -> dict[int, int]:
    """Return the numbers that rules have in the derived database by those the facts' makers name."""
    known = dict(store.execute("SELECT origin, rule FROM graph.rules").fetchall())
    return {number: known[name] for name, number in small.names.items() if name in known}


def _insert(facts: FactBase, small: Small, rows: Mapping[int, Sequence[_Row]]) -> None:
    if not rows:
        return
    types = {"n": pa.int32(), "s": pa.int64(), "o": pa.int64(), "g": pa.int16(), "rule": pa.int32(), "step": pa.int32()}
    given = zip(*((number, *row) for number, some in rows.items() for row in some), strict=True)
    columns = {name: pa.array(values, kind) for (name, kind), values in zip(types.items(), given, strict=True)}
    store = facts.connection
    store.register("given_rows", pa.table(columns))
    store.execute("CREATE OR REPLACE TEMP TABLE told_rows AS FROM given_rows")
    store.unregister("given_rows")
    for number, some in rows.items():
        key = small.facts.keys[number]
        listed = "s, g, rule, step" if key.klass is not None else "s, o, g, rule, step"
        table = facts.ensure(key).table
        store.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM told_rows WHERE n = {number}")
        s, o, *_ = zip(*some, strict=True)
        facts.note(
            key,
            added=len(some),
            s_kinds=kinds_of(s),
            o_kinds=0 if key.klass is not None else kinds_of(o),
            overlapping=len(set(zip(s, o, strict=True))) < len(some),
        )
    store.execute("DROP TABLE told_rows")


def _settle_nodes(
    store: duckdb.DuckDBPyConnection, small: Small, base: str, ids: Mapping[int, int], facts: FactBase
) -> None:
    people = facts.dictionary.ids(URIRef(base + "customer/" + encoded(c)) for c in small.people.customers)
    store.execute("DELETE FROM policy.nodes WHERE person IN (SELECT unnest(?::BIGINT[]))", [people])
    rows = [(ids[n], ids[p], rank, [ids.get(o, o) for o in others]) for n, p, rank, others in _nodes(small)]
    if rows:
        node, person, strictness, others = zip(*rows, strict=True)
        columns = {
            "node": pa.array(node, pa.int64()), "person": pa.array(person, pa.int64()),
            "strictness": pa.array(strictness, pa.int32()), "others": pa.array(others, pa.list_(pa.int64())),
        }  # fmt: skip
        insert_rows(store, "policy.nodes", pa.table(columns))
