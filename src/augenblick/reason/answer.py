"""Answers to SELECT queries: SQL over term ids, decoded on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rdflib import BNode, Graph, URIRef, Variable
from sqlglot import exp

from augenblick.reason.compiler import Compiler
from augenblick.reason.fragment import column
from augenblick.reason.plan import Plan, written
from augenblick.reason.scalar import column_name
from augenblick.reason.sparql import load_construct, load_query
from augenblick.reason.terms import Term, term_of_id

if TYPE_CHECKING:
    from augenblick.reason.factbase import FactBase


@dataclass(frozen=True)
class Answer:
    """The rows of a query: `sql` yields, per variable, its id and, where it may be new, the text beside it."""

    facts: FactBase
    variables: tuple[str, ...]
    plan: Plan
    ask: bool = False

    @cached_property
    def sql(self) -> str:
        """The query over term ids, columns named as the variables."""
        return written(_renamed(self.plan, self.variables))

    @cached_property
    def _own(self) -> str:
        return self.plan.sql

    def __bool__(self) -> bool:
        """Whether there is any row (the answer to an ASK)."""
        return self.facts.connection.execute(f"SELECT 1 FROM ({self._own}) LIMIT 1").fetchone() is not None

    def terms(self) -> list[tuple[Term | None, ...]]:
        """Return the rows as RDF terms; None is unbound."""
        names = self.plan.names()
        rows = self.facts.connection.execute(self._own).fetchall()
        places = [
            (names.index(column_name(Variable(v))), self.plan.columns[Variable(v)].carried) for v in self.variables
        ]
        unknown = {
            row[i]
            for row in rows
            for i, carried in places
            if row[i] is not None and (not carried or row[i + 1] is None)
        }
        known = self.facts.dictionary.terms(unknown)
        return [tuple(_term(row, i, carried, known) for i, carried in places) for row in rows]

    def fetchall(self) -> list[tuple[str | None, ...]]:
        """Return the rows as lexical forms (IRIs bare); None is unbound."""
        return [tuple(None if term is None else str(term) for term in row) for row in self.terms()]


def _term(row: tuple[object, ...], place: int, carried: bool, known: Mapping[int, Term]) -> Term | None:
    term_id = row[place]
    if not isinstance(term_id, int):
        return None
    if term_id in known:
        return known[term_id]
    lexical, ext = (row[place + 1], row[place + 2]) if carried else (None, None)
    return term_of_id(term_id, None if lexical is None else str(lexical), None if ext is None else str(ext))


def answer(
    facts: FactBase,
    sparql: str,
    bindings: Mapping[str, Term] | None,
    origin: str,
    default: Sequence[str] | None = None,
) -> Answer:
    """Return the answer to a SELECT or ASK on a fact base; `default` names the graphs read outside GRAPH."""
    node, ask = load_query(sparql, origin=origin, bindings=bindings)
    plan = Compiler(facts, default=default).plan(node)
    return Answer(facts, tuple(str(variable) for variable in node.variables), plan, ask)


def constructed(facts: FactBase, sparql: str, default: Sequence[str] | None) -> Graph:
    """Return the graph of a CONSTRUCT; triples that are none (unbound, a literal as subject) are left out."""
    heads, node = load_construct(sparql)
    plan = Compiler(facts, default=default).plan(node)
    names = tuple(str(variable) for variable in node.variables)
    graph = Graph()
    for row in Answer(facts, names, plan).terms():
        bound = dict(zip(node.variables, row, strict=True))
        for head in heads:
            s, p, o = (bound[atom] if isinstance(atom, Variable) else atom for atom in (head.s, head.p, head.o))
            if isinstance(s, URIRef | BNode) and isinstance(p, URIRef) and o is not None:
                graph.add((s, p, o))
    return graph


def query_sql(facts: FactBase, sparql: str, bindings: Mapping[str, Term] | None) -> str:
    """Return the SQL of a SELECT over term ids; ids of terms the query itself makes are not in the dictionary."""
    return answer(facts, sparql, bindings, "query").sql


def _renamed(plan: Plan, variables: tuple[str, ...]) -> exp.Query:
    items = [exp.alias_(column(column_name(Variable(v)), "a__"), v, quoted=True, copy=False) for v in variables]
    return exp.select(*items).from_(plan.query.subquery("a__", copy=False), copy=False)
