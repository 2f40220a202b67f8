"""Facts of a few subjects in memory: the face of `FactBase`, answered by lookups in Python instead of by SQL.

DuckDB reads columns: a statement takes milliseconds however few rows it reads, and a run makes thousands. For the few
thousand facts around one person that is all of the time. Here they lie in dictionaries, rules and queries are solved
pattern by pattern (`solver`), and what follows is what a `FactBase` would hold. Ids are of this process only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
from rdflib import RDF, BNode, Graph, Literal, URIRef, Variable

from augenblick.model.errors import BadParameter
from augenblick.reason.bulk import PredicateColumn
from augenblick.reason.calculator import Row
from augenblick.reason.columns import TermSpec
from augenblick.reason.factbase import FactBase, Relation
from augenblick.reason.ir import Project, RelationKey, class_key, relation_holding
from augenblick.reason.live import Fact, Mask, Size, TooWide, overlapping
from augenblick.reason.lookup import Plans
from augenblick.reason.memory_terms import MemoryDictionary
from augenblick.reason.plain import PlainCalculator
from augenblick.reason.plan import Source
from augenblick.reason.solver import Solver
from augenblick.reason.sparql import load_query
from augenblick.reason.term_columns import TermColumns
from augenblick.reason.terms import Term

_TYPE = str(RDF.type)
_PRESUMED = Size(1000, 800, 200)
"""What joins are ordered by where a relation was empty when plans were made."""

query = lru_cache(maxsize=2000)(load_query)


@dataclass
class _Table:
    """The facts of one relation, by subject and by object, each with its graphs."""

    key: RelationKey
    number: int
    out: dict[int, dict[int, Mask]]
    into: dict[int, dict[int, Mask]]
    rows: int = 0


@dataclass(frozen=True)
class MemoryAnswer:
    """The rows of a query."""

    facts: MemoryFacts
    variables: tuple[Variable, ...]
    rows: list[Row]

    def __bool__(self) -> bool:
        """Whether there is any row (the answer to an ASK)."""
        return bool(self.rows)

    def terms(self) -> list[tuple[Term | None, ...]]:
        """Return the rows as RDF terms; None is unbound."""
        term = self.facts.dictionary.term
        return [tuple(term(row[v]) if v in row else None for v in self.variables) for row in self.rows]


class MemoryFacts(TermColumns[MemoryDictionary]):
    """A small fact base. `mark` and `back` take everything said in between out again."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, schema: str = "graph") -> None:
        self.connection = connection
        self.schema = schema
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(f"CREATE TABLE IF NOT EXISTS {schema}.graphs (name VARCHAR, g SMALLINT)")
        self.dictionary = MemoryDictionary(connection, schema)
        self.keys: list[RelationKey] = []
        self.numbers: dict[RelationKey, int] = {}
        self.classes: dict[int, int] = {}
        self.sizes = _Sizes(self)
        self._tables: list[_Table] = []
        self._graphs: dict[str, int] = {}
        self._undo: list[tuple[Fact, Mask]] = []
        self._settled_in: Mask = 0
        """The graphs in which a fact was settled."""
        self._views = 0
        self.makers: dict[Fact, tuple[int, int]] = {}
        """Of derived facts the number of the rule and its step."""
        self.plans = Plans(self, self)  # type: ignore[arg-type]  # what it asks of either is here
        self.calculator = PlainCalculator(self)  # type: ignore[arg-type]
        self.solver = Solver(self, self, self.calculator, self.plans)  # type: ignore[arg-type]

    # -- what is there -------------------------------------------------------------------------------------------

    def number(self, key: RelationKey) -> int:
        """Return the number of a relation, a new one for a new relation."""
        if key not in self.numbers:
            self.numbers[key] = len(self.keys)
            self._tables.append(_Table(key, len(self.keys), {}, {}))
            self.keys.append(key)
            if key.klass is not None:
                self.classes[self.numbers[key]] = self.dictionary.id(FactBase.class_term(key.klass))
        return self.numbers[key]

    def matching(self, key: RelationKey) -> list[int]:
        """Return the numbers of the relations that a pattern may read."""
        return overlapping(key, self.numbers)

    def graphs(self) -> dict[str, int]:
        """Return the codes of graphs by name."""
        return dict(self._graphs)

    def graph_code(self, name: str) -> int:
        """Return the code of a graph, a new one for a new name."""
        if name not in self._graphs:
            self._graphs[name] = len(self._graphs) + 1
            self.connection.execute(f"INSERT INTO {self.schema}.graphs VALUES (?, ?)", [name, self._graphs[name]])
        return self._graphs[name]

    def relations(self) -> list[Relation]:
        """Return all relations with their numbers of facts."""
        return [Relation(t.key, "", t.rows) for t in self._tables]

    def relation(self, key: RelationKey) -> Relation | None:
        """Return one relation, its table a SELECT of ids as they are now; None where there never was such a fact."""
        number = self.numbers.get(key)
        if number is None:
            return None
        pairs = self.pairs(number)
        ids: dict[str, list[int | None]] = {"s": [s for s, _ in pairs]}
        if key.klass is None:
            ids["o"] = [o for _, o in pairs]
        return Relation(key, f"({self.relation_of_ids(ids)})", len(pairs))

    def rows_of(self, relation: int) -> int:
        """Return how many facts a relation has."""
        return self._tables[relation].rows

    def sources(self, key: RelationKey) -> list[Source]:
        """Return what is known of a relation, for telling which bodies no fact can make true."""
        table: Any = None
        every = -1
        return [Source(self.keys[n], table, self._tables[n].rows, every, every, True) for n in self.matching(key)]

    def terms_table(self) -> Any:
        """Return the dictionary as the compiler reads it."""
        return self.dictionary.expression()

    # -- as the solver looks at it -----------------------------------------------------------------------------------

    def out(self, relation: int, subject: int) -> dict[int, Mask]:
        """Return the objects a subject has by a relation, each with its graphs."""
        return self._tables[relation].out.get(subject, _NOTHING)

    def into(self, relation: int, object_: int) -> dict[int, Mask]:
        """Return the subjects that have an object by a relation."""
        return self._tables[relation].into.get(object_, _NOTHING)

    def pairs(self, relation: int) -> list[tuple[int, int]]:
        """Return subjects and objects of a relation."""
        return [(s, o) for s, objects in self._tables[relation].out.items() for o in objects]

    def mask(self, fact: Fact) -> Mask:
        """Return the graphs a fact lies in."""
        return self.out(fact[0], fact[1]).get(fact[2], 0)

    # -- putting facts in and taking them out ----------------------------------------------------------------------

    def put(self, fact: Fact, mask: Mask) -> None:
        """Say in which graphs a fact lies now; none: it is gone."""
        was = self._set(fact, mask)
        if was != mask:
            self._undo.append((fact, was))

    def _set(self, fact: Fact, mask: Mask) -> Mask:
        number, s, o = fact
        table = self._tables[number]
        objects = table.out.setdefault(s, {})
        was = objects.get(o, 0)
        if mask:
            objects[o] = mask
            table.into.setdefault(o, {})[s] = mask
        elif was:
            del objects[o]
            del table.into[o][s]
        if not objects:
            del table.out[s]
        if not table.into.get(o, True):
            del table.into[o]
        table.rows += bool(mask) - bool(was)
        return was

    def mark(self) -> int:
        """Return a mark of what is there now."""
        return len(self._undo)

    def since(self, mark: int) -> Iterator[Fact]:
        """Yield the facts that came, went or changed since a mark, each perhaps several times."""
        return (fact for fact, _ in self._undo[mark:])

    def back(self, mark: int) -> None:
        """Take everything back to a mark."""
        while len(self._undo) > mark:
            fact, was = self._undo.pop()
            self._set(fact, was)
            self.makers.pop(fact, None)

    def net(self) -> Iterator[tuple[Fact, Mask, Mask]]:
        """Yield the facts that are otherwise than what was settled: their graphs then and now."""
        before: dict[Fact, Mask] = {}
        for fact, was in self._undo:
            before.setdefault(fact, was)
        for fact, was in before.items():
            now = self.mask(fact)
            if now != was:
                yield fact, was, now

    def settle(self) -> None:
        """Keep what is there: nothing of it can be taken back any more."""
        for fact, _ in self._undo:
            self._settled_in |= self.mask(fact)
        self._undo.clear()

    def tell(self, key: RelationKey, s: int, o: int, bit: Mask) -> bool:
        """Say a fact in a graph; return whether it is new there."""
        fact = (self.number(key), s, o)
        was = self.mask(fact)
        if was & bit:
            return False
        self.put(fact, was | bit)
        return True

    def add_graph(self, graph: Graph, *, name: str) -> int:
        """Add the triples of a small rdflib graph to the graph `name`; return how many were new there."""
        bit, added = 1 << self.graph_code(name), 0
        for s, p, o in graph:
            if isinstance(s, URIRef | BNode) and isinstance(o, URIRef | BNode | Literal):
                added += self.tell(relation_holding(p, o), self.dictionary.id(s), self.dictionary.id(o), bit)  # type: ignore[arg-type]
        return added

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
        cursor = self.connection.execute(sql)
        names = [description[0] for description in cursor.description]
        rows = cursor.fetchall()
        near = self.dictionary.reader(subject_spec)
        far = [(RelationKey(c.predicate), names.index(c.column), self.dictionary.reader(c.spec)) for c in columns]
        bit, place = 1 << self.graph_code(name), names.index(subject)
        member = (RelationKey(_TYPE, klass), self.dictionary.id(URIRef(klass))) if klass else None
        counts = dict.fromkeys([*(c.predicate for c in columns), *([klass] if klass else [])], 0)
        for row in rows:
            if row[place] is None:
                continue
            s = near(row[place])
            if member is not None and klass is not None:
                counts[klass] += self.tell(member[0], s, member[1], bit)
            for key, at, read in far:
                if row[at] is not None:
                    counts[key.predicate or ""] += self.tell(key, s, read(row[at]), bit)
        return counts

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
        """Add facts as `FactBase.add_select` does."""
        columns = [] if predicate is None else [PredicateColumn(predicate, "o", object or TermSpec("ids"))]
        added = self.add_columns(sql, name=name, subject="s", subject_spec=subject, columns=columns, klass=klass)
        return added[predicate or klass or ""]

    def remove(self, name: str | None = None, *, select: str | None = None) -> int:
        """Remove a graph, or of it the facts a SELECT over term ids (s, p, o) yields."""
        if name is None:
            raise BadParameter("Nothing says of which graph facts are removed.", hint="give the graph's name")
        if name not in self._graphs:
            return 0
        bit = 1 << self._graphs[name]
        some = self._told(bit) if select is None else self._listed(select)
        gone = [(fact, mask) for fact in some if (mask := self.mask(fact)) & bit]
        for fact, mask in gone:
            self.put(fact, mask & ~bit)
        return len(gone)

    def _told(self, bit: Mask) -> list[Fact]:
        if not self._settled_in & bit:
            return list(dict.fromkeys(fact for fact, _ in self._undo))
        return [
            (t.number, s, o)
            for t in self._tables
            for s, objects in t.out.items()
            for o, m in objects.items()
            if m & bit
        ]

    def _listed(self, select: str) -> Iterator[Fact]:
        for s, p, o in self.connection.execute(f"SELECT s, p, o FROM ({select})").fetchall():
            predicate = str(self.dictionary.term(p))
            klass = class_key(self.dictionary.term(o)) if predicate == _TYPE else None
            yield self.number(RelationKey(predicate, klass)), s, o

    # -- getting facts out ---------------------------------------------------------------------------------------

    def solved(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[tuple[Variable, ...], list[Row]]:
        """Return the variables of a SELECT and its rows. Raises `TooWide` where it is none for a few facts."""
        node, _ = query(sparql) if bindings is None else load_query(sparql, bindings=bindings)
        if isinstance(node, Project) and (node.limit is not None or node.offset):
            raise TooWide
        return node.variables, self.solver.solve(node, [{}])

    def select(
        self,
        sparql: str,
        *,
        bindings: Mapping[str, Term] | None = None,
        origin: str = "query",  # noqa: ARG002 (what was parsed before needs no name in messages)
    ) -> MemoryAnswer:
        """Return the answer to a SELECT or ASK over all graphs."""
        return MemoryAnswer(self, *self.solved(sparql, bindings))

    def select_sql(self, sparql: str, *, bindings: Mapping[str, Term] | None = None) -> str:
        """Return SQL for the rows of a SELECT, solved now: columns named as the variables hold term ids."""
        variables, rows = self.solved(sparql, bindings)
        return self.relation_of_ids({str(v): [row.get(v) for row in rows] for v in variables})

    def union_sql(self, *selects: str) -> str:
        """Return SQL for the rows of several SELECTs of the same variables, solved now, as one relation."""
        solved = [self.solved(select) for select in selects]
        rows = [row for _, found in solved for row in found]
        return self.relation_of_ids({str(v): [row.get(v) for row in rows] for v in solved[0][0]})

    def relation_of_ids(self, columns: Mapping[str, Sequence[int | None]], *, numbers: Collection[str] = ()) -> str:
        """Return SQL for columns of ids; the relation lasts until the connection is closed or `back` was called.

        Columns that are `numbers` hold no ids of terms.
        """
        self.dictionary.write_out(i for name, ids in columns.items() if name not in numbers for i in ids)
        self._views = self._views % _MOST_VIEWS + 1
        name = f"solved__{self._views}"
        self.connection.complete()  # no answer may be half read while another is made known
        self.connection.register(name, pa.table({n: pa.array(v, pa.int64()) for n, v in columns.items()}))
        return f"SELECT * FROM {name}"

    def lexical_sql(self, column: str) -> str:
        """Return SQL for the lexical form of a column of term ids; the table knows those of values, too."""
        return f"(SELECT t__.lexical FROM {self.dictionary.table} t__ WHERE t__.id = {column})"

    def facts_sql(self, *, names: Sequence[str] | None = None) -> str:
        """Return SQL for all facts as ids: g (code), s, p, o, rule, step; of some graphs or all."""
        bits = [code for name, code in self._graphs.items() if names is None or name in names]
        columns: dict[str, list[int | None]] = {name: [] for name in ("g", "s", "p", "o", "rule", "step")}
        for fact, p, mask in self.everything():
            rule, step = self.makers.get(fact, (0, 0))
            for code in bits:
                if mask >> code & 1:
                    for name, value in zip(columns, (code, fact[1], p, fact[2], rule, step), strict=True):
                        columns[name].append(value)
        return self.relation_of_ids(columns, numbers=("g", "rule", "step"))

    def everything(self) -> Iterator[tuple[Fact, int, Mask]]:
        """Yield every fact with the id of its predicate and its graphs."""
        for table in self._tables:
            p = self.dictionary.id(URIRef(table.key.predicate or ""))
            for s, objects in table.out.items():
                for o, mask in objects.items():
                    yield (table.number, s, o), p, mask

    def forget(self) -> None:
        """Let go of the terms that only values of columns and made terms have said; `back` was called before."""
        self.calculator.forget()
        self.dictionary.forget()
        self._views = 0


_NOTHING: dict[int, Mask] = {}
_MOST_VIEWS = 200
"""So many solved queries are at hand at once; a stage asks for fewer."""


class _Sizes:
    """How large relations are, for the order of joins; what is empty now will not be so with the next persons."""

    def __init__(self, facts: MemoryFacts) -> None:
        self._facts = facts

    def get(self, relation: int, otherwise: Size) -> Size:
        """Return the size of a relation."""
        if relation >= len(self._facts._tables):
            return otherwise
        table = self._facts._tables[relation]
        return Size(table.rows, len(table.out), len(table.into)) if table.rows > _PRESUMED.facts else _PRESUMED


def added_by_relation(facts: Iterable[Fact]) -> dict[int, list[Fact]]:
    """Return facts by the number of their relation."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact[0]].append(fact)
    return found
