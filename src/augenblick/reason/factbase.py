"""The fact base: one DuckDB table per predicate and per class, with statistics the compiler lives on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import duckdb
from rdflib import RDF, BNode, Graph, Literal, URIRef
from sqlglot import exp

from augenblick.model.errors import BadParameter
from augenblick.model.tables import has_table
from augenblick.reason.answer import Answer, answer, constructed, query_sql
from augenblick.reason.bulk import PredicateColumn, add_columns
from augenblick.reason.columns import TermSpec, term_ids
from augenblick.reason.dictionary import Dictionary
from augenblick.reason.fragment import table_of
from augenblick.reason.ir import RelationKey, relation_holding
from augenblick.reason.plan import Source
from augenblick.reason.term_columns import TermColumns
from augenblick.reason.terms import Term, kind_sql, kinds_of
from augenblick.reason.waiting import any_waiting, as_one
from augenblick.reason.writing import all_facts, all_quads

_TYPE = str(RDF.type)

QUADS_ORDER = "s_nth, p_nth, o_nth, g"
"""What sorts `FactBase.ordered_quads_sql` as its N-Quads lines: the terms' places in the order of their text.

Numbers sort far faster than lines."""


@dataclass(frozen=True)
class Relation:
    """The facts of one predicate, or the members of one class, and what is known of them."""

    key: RelationKey
    table: str
    rows: int = 0
    s_kinds: int = 0
    o_kinds: int = 0
    overlapping: bool = False

    def source(self, table: exp.Expr, rows: int | None = None) -> Source:
        """Return a table with facts of the relation, all or so many of them, as the compiler reads it."""
        many = self.rows if rows is None else rows
        return Source(self.key, table, many, self.s_kinds, self.o_kinds, self.overlapping)


class FactBase(TermColumns[Dictionary]):
    """Facts in a DuckDB schema. Creates its tables where they are absent; an existing schema is opened again.

    Where facts wait to be put into the tables (`reason.waiting`), they are read with them and nothing can be written,
    but with `tables_only`: then only the tables are looked at.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, *, schema: str = "graph", tables_only: bool = False
    ) -> None:
        self.connection = connection
        self.schema = schema
        self.dictionary = Dictionary(connection, schema)
        self._relations: dict[RelationKey, Relation] = {}
        self._graphs: dict[str, int] = {}
        self._unwritten: set[RelationKey] | None = None
        self.version = 0
        """Grows with every change of the facts."""
        self._open()
        if not tables_only and any_waiting(connection, schema):
            self._relations |= as_one(self)

    def _open(self) -> None:
        if not has_table(self.connection, "relations", schema=self.schema):
            self._create()
        rows = self.connection.execute(f"SELECT * FROM {self.schema}.relations").fetchall()
        for predicate, klass, table, count, s_kinds, o_kinds, overlapping in rows:
            key = RelationKey(predicate, klass)
            self._relations[key] = Relation(key, table, count, s_kinds, o_kinds, overlapping)
        self._graphs = dict(self.connection.execute(f"SELECT name, g FROM {self.schema}.graphs").fetchall())

    def _create(self) -> None:
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")
        self.connection.execute(
            f"CREATE TABLE {self.schema}.relations (predicate VARCHAR, klass VARCHAR, relation VARCHAR, rows BIGINT, "
            "s_kinds INTEGER, o_kinds INTEGER, overlapping BOOLEAN)"
        )
        self.connection.execute(f"CREATE TABLE {self.schema}.graphs (name VARCHAR, g SMALLINT)")
        self.connection.execute(f"CREATE TABLE {self.schema}.rules (rule INTEGER, origin VARCHAR)")
        self.dictionary.create()

    # -- what is there -------------------------------------------------------------------------------------------

    def relations(self) -> list[Relation]:
        """Return all relations with their statistics, ordered by name."""
        return sorted(self._relations.values(), key=lambda relation: (relation.key.predicate or "", str(relation.key)))

    def relation(self, key: RelationKey) -> Relation | None:
        """Return one relation, None when there has never been such a fact."""
        return self._relations.get(key)

    def graphs(self) -> dict[str, int]:
        """Return the codes of graphs by name."""
        return dict(self._graphs)

    def graph_code(self, name: str) -> int:
        """Return the code of a graph, a new one for a new name."""
        if name not in self._graphs:
            code = max(self._graphs.values(), default=0) + 1
            self.connection.execute(f"INSERT INTO {self.schema}.graphs VALUES (?, ?)", [name, code])
            self._graphs[name] = code
            self.dictionary.intern([URIRef(name)])
        return self._graphs[name]

    def sources(self, key: RelationKey) -> list[Source]:
        """Return the tables that hold facts of a relation, as the compiler reads them."""
        if key.predicate is not None and (key.klass is not None or key.predicate != _TYPE):
            found = [self._relations[key]] if key in self._relations else []
        else:
            found = [relation for relation in self.relations() if relation.key.overlaps(key)]
        return [self.source(relation) for relation in found]

    def source(self, relation: Relation) -> Source:
        """Return a relation as the compiler reads it."""
        return relation.source(table_of(relation.table))

    def terms_table(self) -> exp.Expr:
        """Return the dictionary as the compiler reads it."""
        return table_of(self.dictionary.table)

    # -- putting facts in ----------------------------------------------------------------------------------------

    def add_graph(self, graph: Graph, *, name: str) -> int:
        """Add the triples of a small rdflib graph to the graph `name`; return how many were new there."""
        by_key: dict[RelationKey, list[tuple[Term, Term]]] = defaultdict(list)
        for s, p, o in graph:
            if isinstance(s, URIRef | BNode) and isinstance(o, URIRef | BNode | Literal):
                by_key[relation_holding(p, o)].append((s, o))  # type: ignore[arg-type]
        names = [URIRef(key.predicate or "") for key in by_key]
        self.dictionary.intern([*names, *(term for pairs in by_key.values() for pair in pairs for term in pair)])
        added = 0
        for key, pairs in sorted(by_key.items(), key=lambda item: str(item[0])):
            subjects = self.dictionary.ids(s for s, _ in pairs)
            objects = self.dictionary.ids(o for _, o in pairs)
            added += self._add_pairs(key, name, subjects, objects)
        return added

    def _add_pairs(self, key: RelationKey, name: str, subjects: list[int], objects: list[int]) -> int:
        """Add facts given by their ids, no two of them the same."""
        relation = self.ensure(key)
        pairs = "SELECT unnest($s::BIGINT[]) AS s, unnest($o::BIGINT[]) AS o"
        if relation.rows:
            return self._add_ids(pairs, key, name, {"s": subjects, "o": objects})
        member = key.klass is not None
        sql, given = (pairs, {"s": subjects, "o": objects}) if not member else (
            "SELECT unnest($s::BIGINT[]) AS s", {"s": subjects})  # fmt: skip
        count = self.insert(relation, sql, g=self.graph_code(name), parameters=given)
        self.note(key, added=count, s_kinds=kinds_of(subjects), o_kinds=0 if member else kinds_of(objects))
        return count

    def add_columns(
        self,
        sql: str,
        *,
        name: str,
        subject: str,
        subject_spec: TermSpec,
        columns: Sequence[PredicateColumn],
        klass: str | None = None,
    ) -> dict[str, int]:
        """Add facts as `reason.add_columns` does."""
        return add_columns(
            self, sql, name=name, subject=subject, subject_spec=subject_spec, columns=columns, klass=klass
        )

    def add_select(
        self,
        sql: str,
        *,
        name: str,
        predicate: str | None = None,
        klass: str | None = None,
        subject: TermSpec,
        object: TermSpec | None = None,  # noqa: A002 (the RDF word)
    ) -> int:
        """Add the facts a SELECT yields to the graph `name`; return how many were new there.

        `sql` has the column `s` and, for a predicate, `o`; rows with NULL in either are passed over.
        """
        if (predicate is None) == (klass is None):
            raise BadParameter("A SELECT makes facts of one predicate or members of one class.", hint="give either")
        columns = [] if predicate is None else [PredicateColumn(predicate, "o", object or term_ids())]
        added = add_columns(self, sql, name=name, subject="s", subject_spec=subject, columns=columns, klass=klass)
        return added[predicate or klass or ""]

    @contextmanager
    def stage(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[str]:
        """Give a temporary table with the rows of a SELECT, dropped afterwards."""
        name = "temp.stage__rows"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE stage__rows AS {sql}", dict(parameters or {}))
        try:
            yield name
        finally:
            self.connection.execute("DROP TABLE IF EXISTS temp.stage__rows")

    def _add_ids(self, sql: str, key: RelationKey, name: str, parameters: Mapping[str, object]) -> int:
        relation = self.ensure(key)
        g = self.graph_code(name)
        columns = ["s"] if key.klass is not None else ["s", "o"]
        listed = ", ".join(columns)
        table = f"ids__{abs(hash(key)) % 10**6}"
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT DISTINCT {listed} FROM ({sql})", dict(parameters)
        )
        same = " AND ".join(f"r.{c} = x.{c}" for c in columns)
        overlap = 0
        if relation.rows:
            row = self.connection.execute(
                f"SELECT count(*) FROM {table} x SEMI JOIN {relation.table} r ON {same} AND r.g <> {g}"
            ).fetchone()
            overlap = row[0] if row else 0
        only_new = f"ANTI JOIN {relation.table} r ON {same} AND r.g = {g}" if relation.rows else ""
        masks = ", ".join(f"bit_or(1 << CAST({kind_sql(exp.column(c)).sql('duckdb')} AS INTEGER))" for c in columns)
        kinds = self.connection.execute(f"SELECT {masks} FROM {table}").fetchone() or (0, 0)
        count = self.insert(relation, f"SELECT {', '.join(f'x.{c}' for c in columns)} FROM {table} x {only_new}", g=g)
        self.connection.execute(f"DROP TABLE {table}")
        self.note(
            key,
            added=count,
            s_kinds=kinds[0] or 0,
            o_kinds=(kinds[1] or 0) if len(kinds) > 1 else 0,
            overlapping=bool(overlap),
        )
        return count

    def add_ids(self, sql: str, key: RelationKey, name: str, s_kinds: int, o_kinds: int = 0) -> int:
        """Add the facts a SELECT of ids (s and, for a predicate, o) yields; return how many were new in the graph.

        The kinds are those that occur in its columns.
        """
        relation = self.ensure(key)
        if relation.rows:
            return self._add_ids(sql, key, name, {})
        count = self.insert(relation, f"SELECT DISTINCT * FROM ({sql})", g=self.graph_code(name))
        self.note(key, added=count, s_kinds=s_kinds, o_kinds=o_kinds)
        return count

    def insert(
        self, relation: Relation, sql: str, *, g: int, rule: int | None = 0, step: int = 0,
        parameters: Mapping[str, object] | None = None,
    ) -> int:  # fmt: skip
        """Insert the rows of a SELECT (s and, for a predicate, o) as they are; return how many.

        Where `rule` is None the SELECT says it, by a column of that name.
        """
        ends = "f.s" if relation.key.klass is not None else "f.s, f.o"
        items = f"f.*, {g}, {rule}, {step}" if rule is not None else f"{ends}, {g}, f.rule, {step}"
        row = self.connection.execute(
            f"INSERT INTO {relation.table} SELECT {items} FROM ({sql}) f", dict(parameters or {})
        ).fetchone()
        return int(row[0]) if row else 0

    def made_after(self, relation: Relation, step: int) -> dict[int, int]:
        """Return how many facts of a relation each rule has made after a step."""
        sql = f"SELECT rule, count(*) FROM {relation.table} WHERE step > {step} GROUP BY rule"
        return dict(self.connection.execute(sql).fetchall())

    def ensure(self, key: RelationKey) -> Relation:
        """Return a relation, its table created where it is absent."""
        found = self._relations.get(key)
        if found is not None:
            return found
        local = re.sub(r"[^a-z0-9]+", "_", re.split(r"[#/:]", str(key))[-1].lower())[:40]
        kind = "p" if key.klass is None else "c"
        table = f"{self.schema}.{kind}{len(self._relations) + 1}_{local}"
        objects = "" if key.klass is not None else "o BIGINT, "
        self.connection.execute(f"CREATE TABLE {table} (s BIGINT, {objects}g SMALLINT, rule INTEGER, step INTEGER)")
        self.connection.execute(
            f"INSERT INTO {self.schema}.relations VALUES (?, ?, ?, 0, 0, 0, FALSE)", [key.predicate, key.klass, table]
        )
        self._relations[key] = Relation(key, table)
        return self._relations[key]

    def note(
        self, key: RelationKey, *, added: int, s_kinds: int = 0, o_kinds: int = 0, overlapping: bool = False
    ) -> Relation:
        """Bring the statistics of a relation up to date after rows came or went; return it."""
        self.version += 1
        old = self._relations[key]
        rows = old.rows + added
        fresh = replace(
            old,
            rows=rows,
            s_kinds=(old.s_kinds | s_kinds) if rows else 0,
            o_kinds=(old.o_kinds | o_kinds) if rows else 0,
            overlapping=(old.overlapping or overlapping) if rows else False,
        )
        if fresh != old:
            self._relations[key] = fresh
            if self._unwritten is not None:
                self._unwritten.add(key)
            else:
                self._write_statistics([fresh])
        return fresh

    @contextmanager
    def noted_together(self) -> Iterator[None]:
        """Write the statistics of all relations that change meanwhile at the end, at once; on errors too."""
        if self._unwritten is not None:
            yield
            return
        self._unwritten = set()
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # where a transaction was broken off nothing has changed
                self._write_unwritten()
            raise
        self._write_unwritten()

    def _write_unwritten(self) -> None:
        changed, self._unwritten = self._unwritten or set(), None
        self._write_statistics([self._relations[key] for key in changed])

    def _write_statistics(self, relations: Sequence[Relation]) -> None:
        columns: dict[str, list[object]] = {
            "relation": [r.table for r in relations],
            "rows": [r.rows for r in relations],
            "s_kinds": [r.s_kinds for r in relations],
            "o_kinds": [r.o_kinds for r in relations],
            "overlapping": [r.overlapping for r in relations],
        }
        given = ", ".join(f"unnest(${name}) AS {name}" for name in columns)
        named = ", ".join(f"{name} = n.{name}" for name in columns if name != "relation")
        self.connection.execute(
            f"UPDATE {self.schema}.relations t SET {named} FROM (SELECT {given}) n WHERE t.relation = n.relation",
            columns,
        )

    # -- taking facts out ----------------------------------------------------------------------------------------

    def remove(self, name: str | None = None, *, select: str | None = None) -> int:
        """Remove a graph by name; or of it (or of all graphs) the facts a SELECT over term ids (s, p, o) yields."""
        if name is None and select is None:
            raise BadParameter("Nothing says what to remove.", hint="give the graph's name or a SELECT of s, p, o")
        if name is not None and name not in self._graphs:
            return 0
        where = "TRUE" if name is None else f"r.g = {self._graphs[name]}"
        if select is None:
            return sum(self.remove_rows(relation, where) for relation in self.relations())
        removed = 0
        with self.stage(f"SELECT s, p, o FROM ({select})") as stage:
            for relation in self.relations():
                removed += self.remove_rows(relation, f"{where} AND {self._listed(relation, stage)}")
        return removed

    def _listed(self, relation: Relation, stage: str) -> str:
        predicate = self.dictionary.id(URIRef(relation.key.predicate or ""))
        if relation.key.klass is None:
            return f"(r.s, r.o) IN (SELECT (x.s, x.o) FROM {stage} x WHERE x.p = {predicate})"
        klass = self.dictionary.id(self.class_term(relation.key.klass))
        return f"r.s IN (SELECT x.s FROM {stage} x WHERE x.p = {predicate} AND x.o = {klass})"

    @staticmethod
    def class_term(klass: str) -> Term:
        """Return the term of a class from its name in a relation's key."""
        return BNode(klass[2:]) if klass.startswith("_:") else URIRef(klass)

    def remove_rows(self, relation: Relation, where: str) -> int:
        """Remove the rows `r` of a relation that meet an SQL condition; return how many."""
        if not relation.rows:
            return 0
        row = self.connection.execute(f"DELETE FROM {relation.table} r WHERE {where}").fetchone()
        gone = int(row[0]) if row else 0
        if gone:
            self.note(relation.key, added=-gone)
        return gone

    # -- getting facts out ---------------------------------------------------------------------------------------

    def select(
        self,
        sparql: str,
        *,
        bindings: Mapping[str, Term] | None = None,
        origin: str = "query",
        default: Sequence[str] | None = None,
    ) -> Answer:
        """Return the answer to a SELECT (or ASK): its SQL, and its rows decoded on demand.

        Outside GRAPH the graphs `default` are read as one, all of them where none are named.
        """
        return answer(self, sparql, bindings, origin, default)

    def construct(self, sparql: str, *, default: Sequence[str] | None = None) -> Graph:
        """Return the (small) graph of a CONSTRUCT, read as `select` reads."""
        return constructed(self, sparql, default)

    def select_sql(self, sparql: str, *, bindings: Mapping[str, Term] | None = None) -> str:
        """Return SQL for a SELECT whose columns, named as the variables, are term ids."""
        return query_sql(self, sparql, bindings)

    def union_sql(self, *selects: str) -> str:
        """Return SQL for the rows of several SELECTs of the same variables, one after the other."""
        return " UNION ALL ".join(map(self.select_sql, selects))

    def facts_sql(self, *, names: Sequence[str] | None = None) -> str:
        """Return SQL for all facts as ids: columns g (code), s, p, o, rule, step; of some graphs or all."""
        return all_facts(self, names)

    def quads_sql(self, *, names: Sequence[str] | None = None) -> str:
        """Return SELECT g, s, p, o: the graph's name and canonical N-Triples terms of all facts, for export."""
        return f"SELECT g, s, p, o FROM ({all_quads(self, names)})"

    def ordered_quads_sql(self, *, without: str, beside: str | None = None) -> str:
        """Return what `quads_sql` does with the id of the `subject` and `s_nth`, `p_nth`, `o_nth`: see `QUADS_ORDER`.

        `without` is a SELECT of term ids (`id`): facts of or about these are left out. `beside` is a SELECT of further
        quads (g, s, p, o) in N-Triples form, which get places of their own among the facts'; their subject is NULL.
        """
        return all_quads(self, None, without, beside)
