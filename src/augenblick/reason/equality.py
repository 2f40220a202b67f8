"""The rules of equality (OWL 2 Profiles, table eq-*) as the proofs read them; `same` applies them clique by clique."""

from __future__ import annotations

from functools import cache

from rdflib import OWL, Variable

from augenblick.reason.factbase import FactBase
from augenblick.reason.ir import Join, Origin, RelationKey, Rule, Term, Triple, relation_holding

S, P, O, SAME = Variable("s"), Variable("p"), Variable("o"), Variable("same")  # noqa: E741 (the RDF word)
SYMMETRIC, TRANSITIVE, SUBJECT, OBJECT = "eq-sym", "eq-trans", "eq-rep-s", "eq-rep-o"


@cache
def equality_rules() -> tuple[Rule, ...]:
    """Return the rules of equality, always the same objects."""
    return (
        _rule(SYMMETRIC, Triple(S, OWL.sameAs, O), Triple(O, OWL.sameAs, S)),
        _rule(TRANSITIVE, Triple(S, OWL.sameAs, O), Triple(S, OWL.sameAs, SAME), Triple(SAME, OWL.sameAs, O)),
        _rule(SUBJECT, Triple(S, P, O), Triple(SAME, OWL.sameAs, S), Triple(SAME, P, O)),
        _rule(OBJECT, Triple(S, P, O), Triple(SAME, OWL.sameAs, O), Triple(S, P, SAME)),
    )


def _rule(name: str, head: Triple, *body: Triple) -> Rule:
    return Rule((head,), body[0] if len(body) == 1 else Join(body), Origin("OWL 2 RL", axiom=name), name)


def carried_from(
    facts: FactBase, rule: Rule, fact: tuple[Term, Term, Term], step: int, limit: int
) -> list[tuple[tuple[Term, Term, Term], ...]]:
    """Return the premises from which a rule of equality carried a fact over, before a step, the earliest first.

    A clique of a thousand has a thousand supports for each of its facts, of which one may be older than the fact.
    """
    s, p, o = fact
    if rule.origin.axiom == SYMMETRIC:
        return [((o, p, s),)]
    relation, pairs = facts.relation(relation_holding(p, o)), facts.relation(RelationKey(str(OWL.sameAs)))
    if relation is None or pairs is None:
        return []
    subject, object_ = facts.dictionary.ids([s, o])
    if rule.origin.axiom == SUBJECT:
        middle, on, rest = "r.s", f"q.s = r.s AND q.o = {subject}", "" if relation.key.klass else f"AND r.o = {object_}"
    else:
        middle, on, rest = "r.o", f"q.s = r.o AND q.o = {object_}", f"AND r.s = {subject}"
    rows = facts.connection.execute(
        f"SELECT {middle}, min(greatest(r.step, q.step)) AS late FROM {relation.table} r JOIN {pairs.table} q ON {on} "
        f"WHERE greatest(r.step, q.step) < {step} {rest} GROUP BY 1 ORDER BY late, 1 LIMIT {limit}"
    ).fetchall()
    found = [facts.term(row[0]) for row in rows]
    if rule.origin.axiom == SUBJECT:
        return [((same, OWL.sameAs, s), (same, p, o)) for same in found]
    return [((s, p, same), (same, OWL.sameAs, o)) for same in found]
