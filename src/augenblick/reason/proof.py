"""Proofs: why a fact holds, rebuilt on demand by evaluating the rule that made it with its head bound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rdflib import Variable

from augenblick.model.errors import NotFound
from augenblick.reason.answer import Answer
from augenblick.reason.compiler import Compiler
from augenblick.reason.equality import carried_from, equality_rules
from augenblick.reason.factbase import FactBase, Relation
from augenblick.reason.ir import (
    Atom,
    Join,
    Node,
    Project,
    Rule,
    RuleSet,
    Term,
    Triple,
    relation_holding,
    variables,
)
from augenblick.reason.live import TooWide
from augenblick.reason.matching import matches, plain
from augenblick.reason.substitution import Bindings, substituted, triple_with
from augenblick.reason.support import Absence, Fact, supports
from augenblick.reason.tables import TableSolver
from augenblick.reason.transitivity import shortest_walk, transitivity

DEPTH = 50
"""Rules above one another that a proof shows unless asked for more."""

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

    def nodes(self) -> Iterator[Proof]:
        """Yield the proof and all below it."""
        yield self
        for premise in self.premises:
            yield from premise.nodes()

    def leaves(self) -> Iterator[Proof]:
        """Return the facts from outside that the proof rests on, from left to right."""
        return (node for node in self.nodes() if node.rule is None)


@dataclass(frozen=True)
class Row:
    """Where a fact stands: graph, the number of the rule that made it (0: none), the step it was made in."""

    graph: str
    rule: int
    step: int


def prove(facts: FactBase, rules: RuleSet, s: Term | int, p: Term | int, o: Term | int, *, depth: int = DEPTH) -> Proof:
    """Return a proof of a fact, of the lowest height among the supports looked at.

    Takes terms or their ids. Raises `NotFound` when there is no such fact.
    """
    return Prover(facts, rules).prove(s, p, o, depth=depth)


Supported = tuple[Bindings, tuple[Fact, ...], tuple[Absence, ...]]
"""Bindings of a rule's variables, the facts its body read, and what had to be absent."""


class Prover:
    """Looks facts up and finds what supports them; remembers what it has proved."""

    def __init__(self, facts: FactBase, rules: RuleSet) -> None:
        self._facts = facts
        self._names = {number: name for name, number in self._numbered()}
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules.provable():
            self._rules.setdefault(rule.name, []).append(rule)
        self._graphs = {code: name for name, code in facts.graphs().items()}
        self._rows: dict[Fact, Row | None] = {}
        self._supports: dict[Fact, tuple[Rule, Supported]] = {}
        self._proofs: dict[tuple[Fact, int], Proof] = {}

    def _numbered(self) -> list[tuple[str, int]]:
        return self._facts.connection.execute(f"SELECT origin, rule FROM {self._facts.schema}.rules").fetchall()

    def prove(self, s: Term | int, p: Term | int, o: Term | int, *, depth: int = DEPTH) -> Proof:
        """Do what the function `prove` does; what several proofs have in common is looked up once."""
        fact, row = self.found(s, p, o)
        return self.proof(fact, row, depth)

    def found(self, s: Term | int, p: Term | int, o: Term | int) -> tuple[Fact, Row]:
        """Return a fact by its terms or ids, and where it stands; raises `NotFound` when there is no such fact."""
        ids = [each for each in (s, p, o) if isinstance(each, int)]
        terms = self._facts.dictionary.terms(ids) if ids else {}
        given = [terms[each] if isinstance(each, int) else each for each in (s, p, o)]
        row = self.row(given[0], given[1], given[2])
        if row is None:
            raise NotFound("There is no such fact, so there is nothing to prove.", hint="ask why_not")
        return (given[0], given[1], given[2]), row

    def graphs_of(self, fact: Fact) -> list[str]:
        """Return the names of the graphs a fact is stated in."""
        relation = self._relation(fact)
        if relation is None:
            return []
        rows = self._facts.connection.execute(
            f"SELECT DISTINCT g FROM {relation.table} WHERE rule = 0 AND {self._where(relation, fact)}"
        ).fetchall()
        return sorted(self._graphs[row[0]] for row in rows)

    def rule_name(self, row: Row) -> str | None:
        """Return the name of the rule that made a fact."""
        return self._names.get(row.rule)

    def row(self, s: Term, p: Term, o: Term) -> Row | None:
        """Return where a fact stands, a fact from outside first; None when there is none."""
        key = (s, p, o)
        if key not in self._rows:
            self.look_up([key])
        return self._rows[key]

    def look_up(self, facts: Iterable[Fact]) -> None:
        """Find out where some facts stand, in one statement, and remember it."""
        missing = [fact for fact in dict.fromkeys(facts) if fact not in self._rows]
        self._facts.dictionary.ids(end for s, _, o in missing for end in (s, o))  # hashed in one statement too
        asked: dict[Relation, dict[tuple[int, ...], Fact]] = defaultdict(dict)
        for fact in missing:
            self._rows[fact] = None
            relation = self._relation(fact)
            if relation is not None and relation.rows:
                ends = self._facts.dictionary.ids([fact[0], fact[2]])
                asked[relation][(ends[0],) if relation.key.klass is not None else tuple(ends)] = fact
        known = {relation.table: some for relation, some in asked.items()}
        sql = " UNION ALL ".join(_rows_of(relation, list(some)) for relation, some in asked.items())
        rows = self._facts.connection.execute(sql).fetchall() if sql else []
        for table, s, o, g, rule, step in sorted(rows, key=lambda row: (row[4] != 0, row[5]), reverse=True):
            found = known[table].get((s,) if o is None else (s, o))
            if found is not None:
                self._rows[found] = Row(self._graphs[g], rule, step)

    def _relation(self, fact: Fact) -> Relation | None:
        return self._facts.relation(relation_holding(fact[1], fact[2]))

    def _where(self, relation: Relation, fact: Fact) -> str:
        ids = self._facts.dictionary.ids([fact[0], fact[2]])
        return f"s = {ids[0]}" if relation.key.klass is not None else f"s = {ids[0]} AND o = {ids[1]}"

    def proof(self, fact: Fact, row: Row, depth: int) -> Proof:
        """Return the proof of a fact that stands at `row`."""
        key = (fact, depth)
        if key not in self._proofs:
            self._proofs[key] = self._proved(fact, row, depth)
        return self._proofs[key]

    def _proved(self, fact: Fact, row: Row, depth: int) -> Proof:
        if row.rule == 0:
            return Proof(*fact, row.graph)
        if depth <= 0:
            return Proof(*fact, row.graph, next(iter(self._makers(row)), None), cut=True)
        return self.tree(fact, row, *self.support(fact, row), depth)

    def tree(self, fact: Fact, row: Row, rule: Rule, way: Supported, depth: int) -> Proof:
        """Return one way in which a fact follows as a proof, its premises proved as recorded."""
        bindings, premises, absences = way
        below = tuple(self.proof(premise, self.known(premise), depth - 1) for premise in premises)
        return Proof(*fact, row.graph, rule, below, absences, bindings)

    def support(self, fact: Fact, row: Row) -> tuple[Rule, Supported]:
        """Return the rule that made a fact and what it was made of: of the supports looked at, the earliest."""
        if fact not in self._supports:
            self._supports[fact] = self._earliest(fact, row)
        return self._supports[fact]

    def _makers(self, row: Row) -> list[Rule]:
        return self._rules.get(self._names.get(row.rule, ""), [])

    def _earliest(self, fact: Fact, row: Row) -> tuple[Rule, Supported]:
        best: tuple[int, Rule, Supported] | None = None
        ways = [(rule, way) for rule in self._makers(row) for way in self.supported(rule, fact, row)]
        self.look_up(premise for _, (_, premises, _) in ways for premise in premises)
        for rule, way in ways:
            rows = [self.row(*premise) for premise in way[1]]
            if any(each is None or (each.rule and each.step >= row.step) for each in rows):
                continue
            height = max((each.step for each in rows if each is not None and each.rule), default=0)
            if best is None or height < best[0]:
                best = (height, rule, way)
        if best is None:
            raise NotFound(
                "The rule that made this fact does not support it any more.",
                where=self._names.get(row.rule),
                hint="facts or rules have changed; run the reasoner again",
            )
        return best[1], best[2]

    def known(self, premise: Fact) -> Row:
        """Return where a premise stands."""
        row = self.row(*premise)
        if row is None:
            raise NotFound("A premise has gone.", hint="run the reasoner again")
        return row

    def supported(
        self, rule: Rule, fact: Fact, row: Row, *, most: int = SUPPORTS, walks: bool = True
    ) -> Iterator[Supported]:
        """Yield the supports of a fact, which stands at `row`, by a rule, of at most so many solutions of its body.

        With `walks`, a fact of a transitive relation has one support, the shortest walk.
        """
        for head in rule.heads:
            bound = unified(head, fact)
            if bound is None:
                continue
            if rule in equality_rules():
                yield from self._carried(rule, fact, row.step)
                continue
            walk = self._walk(rule, fact, row) if walks else ()
            if walk:
                yield bound, walk, ()
                continue
            for start in self._with_siblings(rule, bound):
                for solution in self.solutions(rule.body, start, most):
                    bindings = {**start, **solution}
                    for premises, absences in supports(rule.body, bindings, self.solutions):
                        yield bindings, premises, absences

    def _walk(self, rule: Rule, fact: Fact, row: Row) -> tuple[Fact, ...]:
        """Return the shortest walk a fact of a transitive relation comes from; none for other rules."""
        said = transitivity(rule)
        relation = self._facts.relation(said.key) if said is not None else None
        if relation is None:
            return ()
        ids = self._facts.dictionary.ids([fact[0], fact[2]])
        steps = shortest_walk(self._facts, relation, (ids[0], ids[1]), without=row.rule, before=row.step)
        terms = self._facts.dictionary.terms({each for ends in steps for each in ends})
        return tuple((terms[here], fact[1], terms[there]) for here, there in steps)

    def _carried(self, rule: Rule, fact: Fact, step: int) -> Iterator[Supported]:
        """Yield the supports of a fact carried over from what is the same, those of the lowest steps alone."""
        for premises in carried_from(self._facts, rule, fact, step, SUPPORTS):
            yield {}, premises, ()

    def _with_siblings(self, rule: Rule, bound: Bindings) -> list[Bindings]:
        """Return the bindings widened by what the rule's other heads say of the same new term, if it made one."""
        missing = set(rule.head_variables()) - set(bound)
        if not missing or len(rule.heads) < 2:
            return [bound]
        found = self.solutions(Join(tuple(rule.heads)), bound, SUPPORTS)
        return [{**bound, **more} for more in found] or [bound]

    def solutions(self, node: Node, bindings: Bindings, limit: int) -> list[Bindings]:
        """Return at most `limit` solutions of a node under bindings, as bindings of its other variables."""
        return _ordered(self._found(node, bindings, limit))[:limit]

    def _found(self, node: Node, bindings: Bindings, limit: int) -> Iterable[Bindings]:
        patterns = plain(node)
        if patterns is not None:
            stated = [triple_with(each, bindings) for each in patterns]
            facts = _closed(stated)
            if facts is not None:  # where they stand is asked next, if they are there
                self.look_up(facts)
                return [{}] if all(self._rows[fact] is not None for fact in facts) else []
            return matches(self._facts, stated, limit)
        try:
            return self._solver.bound(node, bindings)
        except TooWide:
            return self._compiled(substituted(node, bindings), limit)

    @cached_property
    def _solver(self) -> TableSolver:
        return TableSolver(self._facts)

    def _compiled(self, node: Node, limit: int) -> list[Bindings]:
        names = tuple(sorted(variables(node)))
        plan = Compiler(self._facts).plan(Project(node, names, distinct=True, limit=limit))
        if plan.empty:
            return []
        if not names:
            sql = plan.sql
            return [{}] if self._facts.connection.execute(sql).fetchone() is not None else []
        rows = Answer(self._facts, tuple(str(name) for name in names), plan).terms()
        return [{n: t for n, t in zip(names, row, strict=True) if t is not None} for row in rows]


def _rows_of(relation: Relation, asked: list[tuple[int, ...]]) -> str:
    """Return SQL for where facts of a relation stand: those asked for (by their ends) and perhaps others."""
    sides = ["s"] if relation.key.klass is not None else ["s", "o"]
    tests = []
    for side, ids in zip(sides, map(sorted, map(set, zip(*asked, strict=True))), strict=True):
        listed = ", ".join(map(str, ids))
        tests.append(f"{side} = {listed}" if len(ids) == 1 else f"{side} IN ({listed})")
    items = f"'{relation.table}', s, {'o' if len(sides) > 1 else 'NULL'}, g, rule, step"
    return f"SELECT {items} FROM {relation.table} WHERE {' AND '.join(tests)}"


def _closed(triples: Iterable[Triple]) -> list[Fact] | None:
    """Return patterns without a variable as facts; None where one has some."""
    found: list[Fact] = []
    for s, p, o in ((each.s, each.p, each.o) for each in triples):
        if isinstance(s, Variable) or isinstance(p, Variable) or isinstance(o, Variable):
            return None
        found.append((s, p, o))
    return found


def _ordered(found: Iterable[Bindings]) -> list[Bindings]:
    """Return different bindings, each once, in the order of what they say."""
    said = {tuple((name, str(term)) for name, term in sorted(each.items())): each for each in found}
    return [said[key] for key in sorted(said)]


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
