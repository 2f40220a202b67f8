"""Why not: per rule that could make a fact, the first condition that nothing fits, and the nearest candidate."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import Variable

from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import (
    Atom,
    Call,
    Extend,
    Filter,
    Join,
    LeftJoin,
    Minus,
    Node,
    Rule,
    RuleSet,
    Semi,
    Triple,
    expression_variables,
    variables,
)
from augenblick.reason.proof import Prover, unified
from augenblick.reason.substitution import Bindings, substituted
from augenblick.reason.support import Fact, said, spoken, supports


@dataclass(frozen=True)
class Failure:
    """Why one rule did not make a fact.

    `condition` is the first that fails, in words; None when all hold (the reasoner has not run since). `node` is that
    condition; `bindings` the nearest candidate; `satisfied` the facts that fit before; `blocked_by` the facts whose
    presence a negated condition forbids.
    """

    rule: Rule
    condition: str | None
    node: Node | None
    bindings: Bindings
    satisfied: tuple[Fact, ...] = ()
    blocked_by: tuple[Fact, ...] = ()
    passed: int = 0
    of: int = 0


def why_not(
    facts: FactBase, rules: RuleSet, s: Atom | int | None, p: Atom | int | None, o: Atom | int | None
) -> list[Failure]:
    """Return, for each rule with a head that could be this fact, its first failing condition.

    A term, its id, or None (or a variable) for "any". The rule that came furthest stands first.
    """
    names = (Variable("any_s"), Variable("any_p"), Variable("any_o"))
    fact = tuple(_open(facts, each, name) for each, name in zip((s, p, o), names, strict=True))
    prover = Prover(facts, rules)
    found = []
    for rule in rules:
        for head in rule.heads:
            bound = unified(head, (fact[0], fact[1], fact[2]))
            if bound is not None:
                found.append(_failure(prover, rule, bound))
                break
    return sorted(found, key=lambda failure: -(failure.passed / failure.of if failure.of else 1))


def _open(facts: FactBase, given: Atom | int | None, name: Variable) -> Atom:
    if given is None or isinstance(given, Variable):
        return name
    return facts.term(given) if isinstance(given, int) else given


def _failure(prover: Prover, rule: Rule, bound: Bindings) -> Failure:
    """Add condition after condition, those that touch what is bound first, until nothing is left."""
    conditions = _ordered(_conditions(rule.body), set(bound))
    known: Bindings = dict(bound)
    held: Node = Join(())
    for passed, condition in enumerate(conditions):
        candidate = _added(held, condition)
        solutions = prover.solutions(candidate, bound, 1)
        if not solutions:
            satisfied = next(supports(held, known, prover.solutions), ((), ()))[0]
            return Failure(
                rule, _named(condition, known), condition, known, satisfied, _blockers(prover, condition, known),
                passed, len(conditions),
            )  # fmt: skip
        held, known = candidate, {**bound, **solutions[0]}
    satisfied = next(supports(held, known, prover.solutions), ((), ()))[0]
    return Failure(rule, None, None, known, satisfied, (), len(conditions), len(conditions))


def _conditions(node: Node) -> list[Node]:
    """Return the conjuncts of a body; what is applied to a source stands with an empty one."""
    nothing = Join(())
    match node:
        case Join(parts):
            return [condition for part in parts for condition in _conditions(part)]
        case Filter(source, condition):
            tests = condition.args if isinstance(condition, Call) and condition.name == "&&" else (condition,)
            return [*_conditions(source), *(Filter(nothing, test) for test in tests)]
        case Extend(source, variable, value):
            return [*_conditions(source), Extend(nothing, variable, value)]
        case Semi(source, pattern, negated):
            return [*_conditions(source), Semi(nothing, pattern, negated)]
        case Minus(left, right):
            return [*_conditions(left), Minus(nothing, right)]
        case LeftJoin(left, right, condition):
            return [*_conditions(left), LeftJoin(nothing, right, condition)]
        case _:
            return [node]


def _added(held: Node, condition: Node) -> Node:
    match condition:
        case Filter(_, test):
            return Filter(held, test)
        case Extend(_, variable, value):
            return Extend(held, variable, value)
        case Semi(_, pattern, negated):
            return Semi(held, pattern, negated)
        case Minus(_, right):
            return Minus(held, right)
        case LeftJoin(_, right, test):
            return LeftJoin(held, right, test)
        case _:
            return Join((*held.parts, condition)) if isinstance(held, Join) else Join((held, condition))


def _ordered(conditions: list[Node], bound: set[Variable]) -> list[Node]:
    """Return the conditions so that each pattern touches what is bound and tests come as soon as they can."""
    rest, order = list(conditions), []
    known = set(bound)
    computed = {c.variable for c in conditions if isinstance(c, Extend)}
    while rest:
        chosen = next((c for c in rest if _ready(c, known, rest, computed)), None)
        chosen = chosen or next((c for c in rest if variables(c) & known and not isinstance(c, Filter)), rest[0])
        rest.remove(chosen)
        order.append(chosen)
        known |= variables(chosen)
    return order


def _ready(condition: Node, known: set[Variable], rest: list[Node], computed: set[Variable]) -> bool:
    match condition:
        case Filter(_, test):
            return expression_variables(test) <= known
        case Extend(_, variable, value):
            return expression_variables(value) <= known and variable not in known - computed
        case Semi() | Minus() | LeftJoin():
            return not any(isinstance(other, Triple) for other in rest)
        case _:
            return False


def _named(condition: Node, known: Bindings) -> str:
    match condition:
        case Filter(_, test):
            return said(test)
        case Extend(_, variable, value):
            return f"?{variable} = {said(value)}"
        case Semi(_, pattern, negated):
            return f"{'no ' if negated else ''}{spoken(substituted(pattern, known))}"
        case Minus(_, right):
            return f"no {spoken(substituted(right, known))}"
        case _:
            return spoken(substituted(condition, known))


def _blockers(prover: Prover, condition: Node, known: Bindings) -> tuple[Fact, ...]:
    match condition:
        case Semi(_, pattern, True) | Minus(_, pattern):
            for solution in prover.solutions(pattern, known, 1):
                return next(supports(pattern, {**known, **solution}, prover.solutions), ((), ()))[0]
    return ()
