"""The tables of a fact base as a solver looks at them: by lookups, many at once where that is known before.

A proof asks long bodies of rules for a handful of bindings. To compile and plan one as SQL takes longer than to follow
it pattern by pattern, as `solver` does; no fact is read but those the bindings lead to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any

from rdflib import Literal, URIRef, Variable

from augenblick.reason.affected import occurrences
from augenblick.reason.calculator import Calculator, Row, _Failed, _NotPlain
from augenblick.reason.factbase import FactBase, Relation
from augenblick.reason.ir import (
    Call,
    Const,
    Expression,
    Extend,
    Filter,
    LeftJoin,
    Node,
    RelationKey,
    Term,
    Triple,
    children,
    expression_variables,
)
from augenblick.reason.live import WIDEST, Mask, TooWide, overlapping
from augenblick.reason.lookup import Plans
from augenblick.reason.plain import TEXTS, PlainCalculator
from augenblick.reason.solver import Solver
from augenblick.reason.substitution import Bindings
from augenblick.reason.terms import Kind, stored_as, term_of_id

_NONE: frozenset[Variable] = frozenset()
_AT_ONCE = 500
"""Terms whose facts one statement asks for."""
_SMALL = 500
"""Facts of a relation of which nobody counts the objects."""
_KNOWN = 2**15
_BY_ID = frozenset(("&&", "||", "!", "BOUND", "=", "!=", "<", "<=", ">", ">=", "IN", "SAMETERM", "-", "+", "*", "NEG"))
"""What mostly asks no text of a term."""


class TableFacts:
    """The facts of a fact base, read from its tables when they are asked for and kept from then on."""

    def __init__(self, facts: FactBase) -> None:
        self._facts = facts
        self._relations: list[Relation] = facts.relations()
        self.keys: list[RelationKey] = [relation.key for relation in self._relations]
        self.numbers = {key: number for number, key in enumerate(self.keys)}
        classes = {n: FactBase.class_term(key.klass) for n, key in enumerate(self.keys) if key.klass is not None}
        predicates = [URIRef(key.predicate or "") for key in self.keys]
        ids = facts.dictionary.ids([*classes.values(), *predicates])  # hashed in one statement
        self.classes: dict[int, int] = dict(zip(classes, ids, strict=False))
        self.sizes = _Sizes(facts, self._relations)
        self._out: dict[tuple[int, int], dict[int, Mask]] = {}
        self._into: dict[tuple[int, int], dict[int, Mask]] = {}
        self._pairs: dict[int, dict[tuple[int, int], Mask]] = {}
        self._supposed: set[int] = set()

    def suppose(self, relation: int, subject: int, object_: int) -> None:
        """Answer from now on as if a subject had this one object by a relation, in the graphs of those it has.

        The relation can then be looked up by its subjects only; else `TooWide` is raised.
        """
        graphs = 0
        for mask in self.out(relation, subject).values():
            graphs |= mask
        self._out[relation, subject] = {object_: graphs}
        self._supposed.add(relation)

    def matching(self, key: RelationKey) -> list[int]:
        """Return the numbers of the relations that a pattern may read."""
        return overlapping(key, self.numbers)

    def out(self, relation: int, subject: int) -> dict[int, Mask]:
        """Return the objects a subject has by a relation, each with the graphs it is told in."""
        if (relation, subject) not in self._out and not self._read(self._out, relation, "s", [subject]):
            raise TooWide
        return self._out[relation, subject]

    def into(self, relation: int, object_: int) -> dict[int, Mask]:
        """Return the subjects that have an object by a relation, each with the graphs it is told in."""
        if relation in self._supposed:
            raise TooWide
        if (relation, object_) not in self._into and not self._read(self._into, relation, "o", [object_]):
            raise TooWide
        return self._into[relation, object_]

    def pairs(self, relation: int) -> dict[tuple[int, int], Mask]:
        """Return all facts of a (small) relation; raises `TooWide` for another."""
        if relation in self._supposed:
            raise TooWide
        if relation not in self._pairs:
            known = self._relations[relation]
            if known.rows > WIDEST:
                raise TooWide
            found: dict[tuple[int, int], Mask] = defaultdict(int)
            for s, o, g in self._facts.connection.execute(
                f"SELECT s, {self._far(relation)}, g FROM {known.table}"
            ).fetchall():
                found[s, o] |= 1 << g
            self._pairs[relation] = found
        return self._pairs[relation]

    def expect(self, relation: int, *, subjects: Iterable[int] = (), objects: Iterable[int] = ()) -> None:
        """Read the facts of several terms at once, which will be asked for; too many are left to be asked for."""
        for known, side, terms in ((self._out, "s", subjects), (self._into, "o", objects)):
            missing = [term for term in dict.fromkeys(terms) if (relation, term) not in known]
            if len(missing) > 1:
                for start in range(0, len(missing), _AT_ONCE):
                    self._read(known, relation, side, missing[start : start + _AT_ONCE])

    def _read(self, known: dict[tuple[int, int], dict[int, Mask]], relation: int, side: str, terms: list[int]) -> bool:
        """Keep the facts of some terms on one side; say whether these are few enough to be kept."""
        held = self._relations[relation]
        rows: list[tuple[int, int, int]] = []
        if held.rows:
            near, far = ("s", self._far(relation)) if side == "s" else ("o", "s")
            listed = ", ".join(map(str, terms))
            asked = f"SELECT {near}, {far}, g FROM {held.table} WHERE {near} IN ({listed}) LIMIT {WIDEST + 1}"
            rows = self._facts.connection.execute(asked).fetchall()
        if len(rows) > WIDEST:
            return False
        for term in terms:
            known[relation, term] = {}
        for term, other, graph in rows:
            masks = known[relation, term]
            masks[other] = masks.get(other, 0) | 1 << graph
        return True

    def _far(self, relation: int) -> str:
        return "o" if relation not in self.classes else f"{self.classes[relation]}::BIGINT"


class _Size:
    """How many facts a relation has, and about how many subjects and objects."""

    def __init__(self, facts: FactBase, relation: Relation) -> None:
        self._connection, self._table = facts.connection, relation.table
        self.facts = self.subjects = relation.rows

    @cached_property
    def objects(self) -> int:
        if self.facts <= _SMALL:
            return max(self.facts // 4, 1)
        counted = self._connection.execute(f"SELECT approx_count_distinct(o) FROM {self._table}").fetchone()
        return max(int(counted[0]) if counted else 1, 1)


class _Sizes:
    """Sizes by the numbers of relations, objects counted where they are asked for."""

    def __init__(self, facts: FactBase, relations: Sequence[Relation]) -> None:
        self._sizes = [_Size(facts, relation) for relation in relations]

    def get(self, number: int, _: object = None) -> _Size:
        return self._sizes[number]


class TableCalculator(PlainCalculator):
    """Evaluates expressions on bindings of the tables' terms."""

    def __init__(self, facts: FactBase) -> None:
        super().__init__(facts)
        self._made_terms = _MadeTerms(self, facts)

    @property
    def _dictionary(self) -> Any:
        return self._made_terms

    def text(self, term: int) -> tuple[str, str | None]:
        """Return lexical form and language or datatype of a term that is kept as text."""
        return Calculator.text(self, term)

    def iris(self, texts: Sequence[str]) -> list[int]:
        """Return the ids of IRIs."""
        return Calculator.iris(self, texts)

    def kept(self, rows: list[Row], condition: Expression, seen: frozenset[Variable]) -> list[Row]:
        """Return the rows for which a condition is true; texts it asks for are fetched at once."""
        self._prepare(condition, rows)
        return super().kept(rows, condition, seen)

    def extended(self, rows: list[Row], node: Extend, seen: frozenset[Variable]) -> list[Row]:
        """Return the rows with one more variable; texts and ids it asks for are fetched at once."""
        self._prepare(node.value, rows)
        return super().extended(rows, node, seen)

    def _prepare(self, expression: Expression, rows: list[Row]) -> None:
        """Fetch the texts an expression asks for and the ids of those it makes, of all rows in one statement each."""
        spelled = _spelled(expression)
        if len(rows) > 1 and spelled:
            self.look_up(row[v] for row in rows for v in spelled if v in row)
            made = {text for call in _made_in(expression) for row in rows if (text := self._text_of(call, row))}
            self._facts.dictionary.ids(URIRef(t) if iri else Literal(t) for iri, t in sorted(made))

    def _text_of(self, call: Call, row: Row) -> tuple[bool, str] | None:
        """Return whether it is an IRI's, and the text of a term that is made; None where that fails."""
        try:
            if call.name in TEXTS:
                return False, self._string(call, row)
            return True, self._name(call.args, row)
        except (_NotPlain, _Failed):
            return None

    def _string(self, expression: Expression, row: Row) -> str:
        """Return a text; of one that is made no term is made, which takes a statement."""
        if isinstance(expression, Call) and expression.name in TEXTS:
            return TEXTS[expression.name](self, expression.args, row)
        return super()._string(expression, row)

    def _iri(self, args: Sequence[Expression], row: Row) -> int:
        return self._made_terms.text_id(Kind.IRI, self._name(args, row))

    def _name(self, args: Sequence[Expression], row: Row) -> str:
        named = args[0]
        if isinstance(named, Call) and named.name in TEXTS:
            return self._string(named, row)
        return self._written(self._term(named, row))

    def terms(self, ids: Iterable[int]) -> dict[int, Term]:
        """Return the terms of ids, of those made here too."""
        wanted = list(dict.fromkeys(ids))
        self.look_up(wanted)
        return {term: term_of_id(term, *(self._texts[term] if term >= 0 else ())) for term in wanted}


class _MadeTerms:
    """What a calculator in memory asks of its dictionary, answered by the tables' ids."""

    def __init__(self, calculator: TableCalculator, facts: FactBase) -> None:
        self._calculator = calculator
        self._facts = facts

    def text_id(self, kind: Kind, lexical: str) -> int:
        """Return the id of an IRI or a string."""
        return self.id(URIRef(lexical) if kind is Kind.IRI else Literal(lexical))

    def id(self, term: Term) -> int:
        """Return the id of a term."""
        found = self._facts.dictionary.id(term)
        if found >= 0:
            self._calculator.learn({found: stored_as(term)[2:]})
        return found


class TableSolver(Solver):
    """Solves nodes against the tables; what several bindings lead to is read at once."""

    view: TableFacts  # type: ignore[assignment]  # it is looked at as a `View` is

    def __init__(self, facts: FactBase) -> None:
        view = TableFacts(facts)
        calculator = TableCalculator(facts)
        super().__init__(facts, view, calculator, Plans(facts, view))  # type: ignore[arg-type]
        self._terms = calculator
        self._hashed: set[Node] = set()

    def bound(self, node: Node, bindings: Bindings) -> list[dict[Variable, Term]]:
        """Return the solutions of a node that agree with bindings, as bindings of its other variables.

        The bindings stand for their values everywhere in the node. Raises `TooWide` where it is for the compiler.
        """
        self._hash(node, bindings.values())
        ids = self._facts.dictionary.ids(bindings.values())
        self._terms.learn({i: stored_as(t)[2:] for i, t in zip(ids, bindings.values(), strict=True) if i >= 0})
        given = dict(zip(bindings, ids, strict=True))
        rows = self.solve(node, [given], frozenset(bindings))
        terms = self._terms.terms(term for row in rows for v, term in row.items() if v not in given)
        self._facts.dictionary.learn(terms)
        return [{v: terms[term] for v, term in row.items() if v not in given} for row in rows]

    def solve(self, node: Node, rows: list[Row], outer: frozenset[Variable] = _NONE) -> list[Row]:
        """Return the rows extended by each solution of a node that agrees with them, as `Solver.solve` does."""
        if len(rows) > 1:
            self._foresee(node, rows)
        return super().solve(node, rows, outer)

    def _foresee(self, node: Node, rows: list[Row]) -> None:
        """Read at once what the patterns of a node will ask for, row by row."""
        for triple in _triples(node):
            for pattern in self._plans.patterns(triple):
                if not pattern.plain:
                    continue
                near, _, far = pattern.variables
                if near is not None and near in rows[0]:
                    self.view.expect(pattern.relation, subjects=[row[near] for row in rows if near in row])
                elif near is not None and far is not None and far in rows[0] and pattern.klass is None:
                    self.view.expect(pattern.relation, objects=[row[far] for row in rows if far in row])

    def _hash(self, node: Node, more: Iterable[Term]) -> None:
        """Have the terms of a node hashed in one statement."""
        terms = list(more)
        if node not in self._hashed:
            self._hashed.add(node)
            terms += _constants(node)
        self._facts.dictionary.ids(terms)


@lru_cache(maxsize=_KNOWN)
def _triples(node: Node) -> tuple[Triple, ...]:
    return tuple(triple for triple, _ in occurrences(node))


def _constants(node: Node) -> list[Term]:
    """Return the terms that stand in a node."""
    found = [a for t in _triples(node) for a in (t.s, t.p, t.o) if not isinstance(a, Variable)]
    waiting = [node]
    while waiting:
        each = waiting.pop()
        waiting += children(each)
        match each:
            case Filter(_, said) | Extend(_, _, said):
                found += _terms_in(said)
            case LeftJoin(_, _, said) if said is not None:
                found += _terms_in(said)
    return found


def _terms_in(expression: Expression) -> list[Term]:
    match expression:
        case Const(term):
            return [term]
        case Call(_, args):
            return [term for arg in args for term in _terms_in(arg)]
        case _:
            return []


@lru_cache(maxsize=_KNOWN)
def _made_in(expression: Expression) -> tuple[Call, ...]:
    """Return the calls in an expression that make terms of texts."""
    if not isinstance(expression, Call):
        return ()
    if expression.name in TEXTS or expression.name in ("IRI", "URI"):
        return (expression,)
    if expression.name not in _BY_ID:
        return ()
    return tuple(call for arg in expression.args for call in _made_in(arg))


@lru_cache(maxsize=_KNOWN)
def _spelled(expression: Expression) -> frozenset[Variable]:
    """Return the variables whose texts an expression asks for."""
    if not isinstance(expression, Call):
        return _NONE
    if expression.name not in _BY_ID:
        return expression_variables(expression)
    return _NONE.union(*(_spelled(arg) for arg in expression.args))
