"""Proofs: why a fact holds, rebuilt on demand by evaluating the rule that made it with its head bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rdflib import RDF, Variable

from augenblick.model.errors import NotFound
from augenblick.reason.answer import Answer
from augenblick.reason.compiler import Compiler
from augenblick.reason.equality import carried_from, equality_rules
from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import (
    Atom,
    Join,
    Node,
    Project,
    RelationKey,
    Rule,
    RuleSet,
    Term,
    Triple,
    class_key,
    variables,
)
from augenblick.reason.substitution import Bindings, substituted
from augenblick.reason.support import Absence, supports
from augenblick.reason.transitivity import shortest_walk, transitivity

SUPPORTS = 20
"""Supports of one fact that are compared to find the lowest."""


@dataclass(frozen=True)
class Proof:
    """One fact and what it rests on: nothing (it came from outside, `graph` says where) or a rule and its premises."""

    s: Term
    p: Term
    o: Term
    graph: str
    rule: Rule | None = None
    premises: tuple[Proof, ...] = ()
    absences: tuple[Absence, ...] = ()
    bindings: Bindings = field(default_factory=dict)
    cut: bool = False
    """The tree goes on but the depth asked for ends here."""

    @property
    def height(self) -> int:
        """The number of rule applications above the deepest leaf."""
        return 1 + max((premise.height for premise in self.premises), default=0) if self.rule else 0

    def leaves(self) -> Iterator[Proof]:
        """Yield the facts from outside that the proof rests on, from left to right."""
        if self.rule is None:
            yield self
        for premise in self.premises:
            yield from premise.leaves()


@dataclass(frozen=True)
class Row:
    """Where a fact stands: graph, the number of the rule that made it (0: none), the step it was made in."""

    graph: str
    rule: int
    step: int


def prove(facts: FactBase, rules: RuleSet, s: Term | int, p: Term | int, o: Term | int, *, depth: int = 50) -> Proof:
    """Return a proof of a fact, of the lowest height among the supports looked at.

    Takes terms or their ids. Raises `NotFound` when there is no such fact.
    """
    terms = tuple(facts.term(each) if isinstance(each, int) else each for each in (s, p, o))
    prover = Prover(facts, rules)
    row = prover.row(terms[0], terms[1], terms[2])
    if row is None:
        raise NotFound("There is no such fact, so there is nothing to prove.", hint="ask why_not")
    return prover.proof((terms[0], terms[1], terms[2]), row, depth)


class Prover:
    """Looks facts up and finds what supports them; remembers what it has proved."""

    def __init__(self, facts: FactBase, rules: RuleSet) -> None:
        self._facts = facts
        self._names = {number: name for name, number in self._numbered()}
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules.provable():
            self._rules.setdefault(rule.name, []).append(rule)
        self._graphs = {code: name for name, code in facts.graphs().items()}
        self._rows: dict[tuple[Term, Term, Term], Row | None] = {}
        self._proofs: dict[tuple[Term, Term, Term, int], Proof] = {}

    def _numbered(self) -> list[tuple[str, int]]:
        return self._facts.connection.execute(f"SELECT origin, rule FROM {self._facts.schema}.rules").fetchall()

    def row(self, s: Term, p: Term, o: Term) -> Row | None:
        """Return where a fact stands, a fact from outside first; None when there is none."""
        key = (s, p, o)
        if key not in self._rows:
            self._rows[key] = self._looked_up(s, p, o)
        return self._rows[key]

    def _looked_up(self, s: Term, p: Term, o: Term) -> Row | None:
        klass = class_key(o) if p == RDF.type else None
        relation = self._facts.relation(RelationKey(str(p), klass))
        if relation is None or not relation.rows:
            return None
        ids = self._facts.dictionary.ids([s, o])
        where = f"s = {ids[0]}" if klass is not None else f"s = {ids[0]} AND o = {ids[1]}"
        row = self._facts.connection.execute(
            f"SELECT g, rule, step FROM {relation.table} WHERE {where} ORDER BY rule <> 0, step LIMIT 1"
        ).fetchone()
        return Row(self._graphs[row[0]], row[1], row[2]) if row else None

    def proof(self, fact: tuple[Term, Term, Term], row: Row, depth: int) -> Proof:
        """Return the proof of a fact that stands at `row`."""
        key = (*fact, depth)
        if key not in self._proofs:
            self._proofs[key] = self._proved(fact, row, depth)
        return self._proofs[key]

    def _proved(self, fact: tuple[Term, Term, Term], row: Row, depth: int) -> Proof:
        if row.rule == 0:
            return Proof(*fact, row.graph)
        candidates = self._rules.get(self._names.get(row.rule, ""), [])
        if depth <= 0:
            return Proof(*fact, row.graph, candidates[0] if candidates else None, cut=True)
        best: tuple[int, Rule, Bindings, tuple[tuple[Term, Term, Term], ...], tuple[Absence, ...]] | None = None
        for rule in candidates:
            for bindings, premises, absences in self._supported(rule, fact, row):
                rows = [self.row(*premise) for premise in premises]
                if any(each is None or (each.rule and each.step >= row.step) for each in rows):
                    continue
                height = max((each.step for each in rows if each is not None and each.rule), default=0)
                if best is None or height < best[0]:
                    best = (height, rule, bindings, premises, absences)
        if best is None:
            raise NotFound(
                "The rule that made this fact does not support it any more.",
                where=self._names.get(row.rule),
                hint="facts or rules have changed; run the reasoner again",
            )
        _, rule, bindings, found, absences = best
        below = tuple(self.proof(premise, self._known(premise), depth - 1) for premise in found)
        return Proof(*fact, row.graph, rule, below, absences, bindings)

    def _known(self, premise: tuple[Term, Term, Term]) -> Row:
        row = self.row(*premise)
        if row is None:
            raise NotFound("A premise has gone.", hint="run the reasoner again")
        return row

    def _supported(
        self, rule: Rule, fact: tuple[Term, Term, Term], row: Row
    ) -> Iterator[tuple[Bindings, tuple[tuple[Term, Term, Term], ...], tuple[Absence, ...]]]:
        """Yield bindings, premises and absences of each support of a fact, which stands at `row`, by a rule."""
        for head in rule.heads:
            bound = unified(head, fact)
            if bound is None:
                continue
            if rule in equality_rules():
                yield from self._carried(rule, fact, row.step)
                continue
            walk = self._walk(rule, fact, row)
            if walk:
                yield bound, walk, ()
                continue
            for start in self._with_siblings(rule, bound):
                for solution in self.solutions(substituted(rule.body, start), SUPPORTS):
                    bindings = {**start, **solution}
                    for premises, absences in supports(rule.body, bindings, self.solutions):
                        yield bindings, premises, absences

    def _walk(self, rule: Rule, fact: tuple[Term, Term, Term], row: Row) -> tuple[tuple[Term, Term, Term], ...]:
        """Return the shortest walk a fact of a transitive relation comes from; none for other rules."""
        said = transitivity(rule)
        relation = self._facts.relation(said.key) if said is not None else None
        if relation is None:
            return ()
        ids = self._facts.dictionary.ids([fact[0], fact[2]])
        steps = shortest_walk(self._facts, relation, (ids[0], ids[1]), without=row.rule, before=row.step)
        terms = self._facts.dictionary.terms({each for ends in steps for each in ends})
        return tuple((terms[here], fact[1], terms[there]) for here, there in steps)

    def _carried(
        self, rule: Rule, fact: tuple[Term, Term, Term], step: int
    ) -> Iterator[tuple[Bindings, tuple[tuple[Term, Term, Term], ...], tuple[Absence, ...]]]:
        """Yield the supports of a fact carried over from what is the same, those of the lowest steps alone."""
        for premises in carried_from(self._facts, rule, fact, step, SUPPORTS):
            yield {}, premises, ()

    def _with_siblings(self, rule: Rule, bound: Bindings) -> list[Bindings]:
        """Return the bindings widened by what the rule's other heads say of the same new term, if it made one."""
        missing = set(rule.head_variables()) - set(bound)
        if not missing or len(rule.heads) < 2:
            return [bound]
        pattern = substituted(Join(tuple(rule.heads)), bound)
        found = self.solutions(pattern, SUPPORTS)
        return [{**bound, **more} for more in found] or [bound]

    def solutions(self, node: Node, limit: int) -> list[Bindings]:
        """Return at most `limit` solutions of a node, as bindings of its variables."""
        names = tuple(sorted(variables(node)))
        plan = Compiler(self._facts).plan(Project(node, names, distinct=True, limit=limit))
        if plan.empty:
            return []
        if not names:
            sql = plan.query.sql("duckdb")
            return [{}] if self._facts.connection.execute(sql).fetchone() is not None else []
        rows = Answer(self._facts, tuple(str(name) for name in names), plan).terms()
        rows.sort(key=lambda row: tuple(str(term) for term in row))
        return [{n: t for n, t in zip(names, row, strict=True) if t is not None} for row in rows]


def unified(head: Triple, fact: tuple[Atom, Atom, Atom]) -> Bindings | None:
    """Return the bindings under which a head is the fact; None when it cannot be. Variables in the fact are open."""
    bindings: dict[Variable, Term] = {}
    for atom, term in zip((head.s, head.p, head.o), fact, strict=True):
        if isinstance(term, Variable):
            continue
        if not isinstance(atom, Variable):
            if atom != term:
                return None
        elif bindings.setdefault(atom, term) != term:
            return None
    return bindings
