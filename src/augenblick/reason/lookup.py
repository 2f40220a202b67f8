"""How patterns are looked up: their relations and constants worked out once, the cheapest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from rdflib import URIRef, Variable

from augenblick.reason.calculator import Row
from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import (
    Atom,
    Closure,
    Extend,
    Filter,
    Group,
    Join,
    LeftJoin,
    Mark,
    Minus,
    Node,
    Project,
    RelationKey,
    Semi,
    Triple,
    Union,
    Values,
    relation_of,
    variables,
)
from augenblick.reason.live import Fact, LiveFacts, Size
from augenblick.reason.terms import Term

_NONE: frozenset[Variable] = frozenset()
_FREE = 1e9


@lru_cache(maxsize=2**17)
def certain(node: Node) -> frozenset[Variable]:
    """Return the variables that every solution of a node binds."""
    match node:
        case Triple() | Closure():
            return variables(node)
        case Join(parts):
            return frozenset().union(*(certain(part) for part in parts))
        case Union(parts):
            return frozenset.intersection(*(certain(part) for part in parts)) if parts else _NONE
        case Filter(source, _) | Extend(source, _, _) | Semi(source, _, _):
            return certain(source)
        case Mark(source, _, variable):
            return certain(source) | {variable}
        case LeftJoin(left, _, _) | Minus(left, _):
            return certain(left)
        case Project(source, names):
            return certain(source) & frozenset(names)
        case Group(source, keys, _):
            return certain(source) & frozenset(keys)
        case Values(names, rows):
            return frozenset(v for i, v in enumerate(names) if all(row[i] is not None for row in rows))
        case _:
            return _NONE


@dataclass(frozen=True)
class Pattern:
    """A triple pattern over one relation: variables, and the ids of what is fixed."""

    relation: int
    predicate: int
    klass: int | None
    variables: tuple[Variable | None, Variable | None, Variable | None]
    fixed: tuple[int | None, int | None, int | None]

    @cached_property
    def plain(self) -> bool:
        """Whether the predicate is fixed and the ends are not the same variable."""
        s, p, o = self.variables
        return p is None and self.fixed[1] == self.predicate and s != o

    def bound(self, row: Row) -> tuple[int | None, int | None, int | None]:
        """Return what a row says of subject, predicate and object; the predicate is never left open."""
        s, p, o = (
            fixed if variable is None else row.get(variable)
            for variable, fixed in zip(self.variables, self.fixed, strict=True)
        )
        return s, self.predicate if p is None else p, o

    def binding(self, row: Row, s: int, o: int) -> Row | None:
        """Return the row under which the pattern is this fact, None where it is not."""
        found = dict(row)
        for variable, fixed, term in zip(self.variables, self.fixed, (s, self.predicate, o), strict=True):
            known = fixed if variable is None else found.setdefault(variable, term)
            if known != term:
                return None
        return found


class Plans:
    """What is worked out once per pattern and join, for all solvers of one set of facts."""

    def __init__(self, facts: FactBase, live: LiveFacts) -> None:
        self._facts = facts
        self._live = live
        self._ids: dict[Term, int] = {}
        self._patterns: dict[Triple, tuple[int, list[Pattern]]] = {}
        self._relations: dict[RelationKey, tuple[int, list[int]]] = {}
        self._sets: dict[RelationKey, tuple[int, frozenset[int]]] = {}
        self._costs: dict[tuple[Node, frozenset[Variable]], float] = {}

    def id(self, term: Term) -> int:
        """Return the id of a term."""
        if term not in self._ids:
            self._ids[term] = self._facts.dictionary.id(term)
        return self._ids[term]

    def value(self, atom: Atom, row: Row) -> int | None:
        """Return what an atom stands for in a row; None for a variable it leaves open."""
        return row.get(atom) if isinstance(atom, Variable) else self.id(atom)

    def relations(self, key: RelationKey) -> list[int]:
        """Return the numbers of the relations a pattern or head of this key overlaps."""
        known = self._relations.get(key)
        if known is None or known[0] != len(self._live.keys):
            known = self._relations[key] = (len(self._live.keys), self._live.matching(key))
        return known[1]

    def relation_set(self, key: RelationKey) -> frozenset[int]:
        """Return the same as a set."""
        known = self._sets.get(key)
        if known is None or known[0] != len(self._live.keys):
            known = self._sets[key] = (len(self._live.keys), frozenset(self.relations(key)))
        return known[1]

    def patterns(self, node: Triple) -> list[Pattern]:
        """Return a triple pattern over each relation it may read."""
        known = self._patterns.get(node)
        if known is None or known[0] != len(self._live.keys):
            made = [self._pattern(node, relation) for relation in self.relations(relation_of(node))]
            known = self._patterns[node] = (len(self._live.keys), made)
        return known[1]

    def _pattern(self, node: Triple, relation: int) -> Pattern:
        atoms: tuple[Atom, Atom, Atom] = (node.s, node.p, node.o)
        names = tuple(atom if isinstance(atom, Variable) else None for atom in atoms)
        fixed = tuple(None if isinstance(atom, Variable) else self.id(atom) for atom in atoms)
        predicate = self.id(URIRef(self._live.keys[relation].predicate or ""))
        return Pattern(relation, predicate, self._live.classes.get(relation), names, fixed)  # type: ignore[arg-type]

    def seed(self, node: Triple, fact: Fact) -> Row | None:
        """Return the binding under which a triple pattern is a fact, None where it is none."""
        for pattern in self.patterns(node):
            if pattern.relation == fact[0]:
                return pattern.binding({}, fact[1], fact[2])
        return None

    def cheapest(self, parts: list[Node], bound: set[Variable]) -> Node:
        """Return the part of a join to look at next, these variables being bound."""
        if len(parts) == 1:
            return parts[0]
        return min(parts, key=lambda part: self._cost(part, bound))

    def _cost(self, node: Node, bound: set[Variable]) -> float:
        key = (node, _mentioned(node) & bound)
        if key not in self._costs:
            self._costs[key] = self._reckoned(node, bound)
        return self._costs[key]

    def _reckoned(self, node: Node, bound: set[Variable]) -> float:
        """Return how many solutions a node may have for one binding, reckoned from the relations' sizes."""
        match node:
            case Triple():
                return self._cost_of_triple(node, bound)
            case Join(parts):
                inside = set(bound)
                cost = 1.0
                for part in sorted(parts, key=lambda part: self._cost(part, bound)):
                    cost *= max(self._cost(part, inside), 0.1)
                    inside |= certain(part)
                return cost
            case Union(parts):
                return sum(self._cost(part, bound) for part in parts)
            case Values(_, rows):
                return float(len(rows))
            case Closure():
                return 50.0 if node.s in bound or node.o in bound or not isinstance(node.s, Variable) else _FREE
            case Project(source, names):
                return self._cost(source, bound & set(names)) + 1
            case Group(source, keys, _):
                return self._cost(source, bound & set(keys)) + 1
            case Filter(source, _) | Extend(source, _, _) | Semi(source, _, _) | Mark(source, _, _):
                return self._cost(source, bound & certain(source)) + 1
            case LeftJoin(left, _, _) | Minus(left, _):
                return self._cost(left, bound & certain(left)) + 2
            case _:
                return _FREE

    def _cost_of_triple(self, node: Triple, bound: set[Variable]) -> float:
        s, o = (not isinstance(atom, Variable) or atom in bound for atom in (node.s, node.o))
        cost = 0.0
        for relation in self.relations(relation_of(node)):
            size = self._live.sizes.get(relation, Size(0, 1, 1))
            if s:
                cost += 0.1 if o else size.facts / max(size.subjects, 1)
            elif o and relation not in self._live.classes:
                cost += size.facts / max(size.objects, 1)
            else:
                cost += size.facts
        return cost


@lru_cache(maxsize=2**17)
def _mentioned(node: Node) -> frozenset[Variable]:
    return variables(node)
