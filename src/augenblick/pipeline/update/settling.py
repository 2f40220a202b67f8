"""What was derived for a few people takes the place of what the derived database and the graph held of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing

import duckdb
import pyarrow as pa
from rdflib import URIRef

from augenblick.model.terms import AUG
from augenblick.pipeline.update.small_line import EVIDENCE, NOBODY, Small
from augenblick.publish import Belonging, graph_file
from augenblick.reason import FactBase, waiting
from augenblick.reason.ir import RelationKey
from augenblick.reason.memory_terms import encoded
from augenblick.store import DataDirectory, insert_rows

_OF_PEOPLE = "customer_id IN $customers"
_OFFERS = f"(SELECT offer_id FROM offers.offers WHERE {_OF_PEOPLE})"
_INDICATIONS = f"(SELECT indication FROM moments.indications WHERE {_OF_PEOPLE})"
_MOMENTS = f"(SELECT moment_id FROM moments.moments WHERE {_OF_PEOPLE})"
TABLES = {
    **EVIDENCE,
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
    """Put what was derived for some people into the derived database in place of what stood there of them.

    Of the graph it waits there to be put into its tables: see `settle_graph`.
    """
    stays = EVIDENCE.keys() if small.people.evidence_stays else set()
    if small.people.only_interactions:
        stays = EVIDENCE.keys() - {"evidence.occurrences"}
    _settle_rows(store, small, {table: TABLES[table] for table in TABLES if table not in stays})
    facts = FactBase(store, tables_only=True)
    ids = _ids(facts, small)
    owners = _owners(facts, small, base)
    again = waiting.any_waiting(store) and waiting.waits(facts, owners)
    waiting.put(facts, _old_nodes(facts, owners, again=again), _rows(facts, small, ids), again=again)
    _settle_nodes(store, small, base, ids, facts)


def settle_graph(directory: DataDirectory) -> None:
    """Put what of the graph waits after updates into its tables, and of what is published into its file.

    Raises `Busy` while another process holds the directory.
    """
    if directory.derived_file.exists():
        with closing(directory.connect()) as store:
            settle_waiting(store)
        graph_file.settle(directory.live_store)


def settle_waiting(store: duckdb.DuckDBPyConnection) -> None:
    """Do the same in the derived database of a connection."""
    if waiting.any_waiting(store):
        waiting.settle(FactBase(store, tables_only=True))


def settle_evidence(store: duckdb.DuckDBPyConnection, small: Small) -> None:
    """Do the same for what bookings alone change that show nothing new."""
    _settle_rows(store, small, EVIDENCE)


def _settle_rows(store: duckdb.DuckDBPyConnection, small: Small, tables: Mapping[str, str]) -> None:
    """Put the rows of some tables in place of those the people had there."""
    for table, condition in tables.items():
        store.execute(f"DELETE FROM {table} WHERE {small.people.sql(condition)}")
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


def _rows(facts: FactBase, small: Small, ids: Mapping[int, int]) -> dict[RelationKey, list[waiting.Row]]:
    """Return the rows (s, o, g, rule, step) of the people's facts by relation."""
    rules = _rules(facts.connection, small)
    codes = {code: facts.graph_code(name) for name, code in small.facts.graphs().items() if name != "ontology"}
    rows: dict[RelationKey, list[waiting.Row]] = {}
    for fact, mask in (small.told or {}).items():
        rule, step = small.facts.makers.get(fact, (0, -STEPS))
        made = (rules.get(rule, 0), step + STEPS)
        for code, real in codes.items():
            if mask >> code & 1:
                rows.setdefault(small.facts.keys[fact[0]], []).append((ids[fact[1]], ids[fact[2]], real, *made))
    return rows


def _owners(facts: FactBase, small: Small, base: str) -> list[int]:
    """Return the ids of the people and of their accounts."""
    iris = [f"customer/{encoded(c)}" for c in small.people.customers]
    iris += [f"account/{encoded(a)}" for a in small.people.accounts]
    return facts.dictionary.ids(URIRef(base + iri) for iri in iris)


def _old_nodes(facts: FactBase, owners: Iterable[int], *, again: bool) -> list[int]:
    """Return the subjects of all that is held of some people and accounts, or waits `again`."""
    nodes = set(owners)
    for predicate in BELONGING.towards:
        nodes |= _linked(facts, predicate, nodes, found="r.s", known="r.o", again=again)
    for predicate in BELONGING.away:
        nodes |= _linked(facts, predicate, nodes, found="r.o", known="r.s", again=again)
    return sorted(nodes)


def _linked(facts: FactBase, predicate: str, nodes: Iterable[int], *, found: str, known: str, again: bool) -> set[int]:
    relation = facts.relation(RelationKey(predicate))
    if relation is None or not relation.rows:
        return set()
    rows = f"({waiting.now_sql(facts, relation)})" if again else relation.table
    # Hundreds of ids spelled out take several times as long to be read.
    asked = f"SELECT DISTINCT {found} FROM {rows} r WHERE {known} IN (SELECT unnest(?::BIGINT[]))"
    return {node for (node,) in facts.connection.execute(asked, [list(nodes)]).fetchall()}


def _rules(store: duckdb.DuckDBPyConnection, small: Small) -> dict[int, int]:
    """Return the numbers that rules have in the derived database by those the facts' makers name."""
    known = dict(store.execute("SELECT origin, rule FROM graph.rules").fetchall())
    return {number: known[name] for name, number in small.names.items() if name in known}


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
