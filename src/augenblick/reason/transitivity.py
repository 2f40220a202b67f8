"""Transitive relations: closed by walking on over what others say of them, not over what the closing itself made.

`p(x, y), p(y, z) → p(x, z)` read as it stands joins the closure with itself, which on a dense relation costs the cube
of its nodes. It is enough that one of the two is a fact the rule did not make: every other is a walk of such facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import RDF, URIRef, Variable

from augenblick.reason.compiled import Body
from augenblick.reason.factbase import FactBase, Relation
from augenblick.reason.ir import Join, RelationKey, Rule, Triple, relation_of
from augenblick.reason.scalar import Column, column_name


@dataclass(frozen=True)
class Transitivity:
    """A rule that says its relation is transitive, and the pattern of its second step."""

    key: RelationKey
    onward: Triple


def transitivity(rule: Rule) -> Transitivity | None:
    """Return what makes a rule a statement of transitivity; None where it says something else."""
    body = rule.body
    if len(rule.heads) != 1 or not isinstance(body, Join) or len(body.parts) != 2:
        return None
    head = rule.heads[0]
    for first, onward in (body.parts, body.parts[::-1]):
        if not isinstance(first, Triple) or not isinstance(onward, Triple):
            return None
        if (first.s, first.o, onward.o) == (head.s, onward.s, head.o) and _of_one(head, first, onward):
            return Transitivity(relation_of(head), onward)
    return None


def _of_one(head: Triple, first: Triple, onward: Triple) -> bool:
    places = {head.s, head.o, first.o}
    named = isinstance(head.p, URIRef) and head.p != RDF.type and head.p == first.p == onward.p
    return named and len(places) == 3 and all(isinstance(place, Variable) for place in places)


def closed(head: Triple, relation: Relation, number: int) -> Body:
    """Return what a rule of transitivity derives in the end: all walks over the facts it (its number) did not make."""
    others = f"SELECT DISTINCT s, o FROM {relation.table} WHERE rule <> {number}"
    start, end = ((atom, column_name(atom)) for atom in (head.s, head.o) if isinstance(atom, Variable))
    sql = (
        f"WITH RECURSIVE step AS MATERIALIZED ({others}), walk AS (SELECT s, o FROM step UNION "
        f"SELECT walk.s, step.o FROM walk JOIN step ON walk.o = step.s) SELECT s AS {start[1]}, o AS {end[1]} FROM walk"
    )
    return Body(sql, {start[0]: Column(relation.s_kinds), end[0]: Column(relation.o_kinds)}, distinct=True)


def shortest_walk(
    facts: FactBase, relation: Relation, ends: tuple[int, int], *, without: int, before: int
) -> list[tuple[int, int]]:
    """Return the fewest facts (s, o) that lead from one end to the other; none where nothing does.

    `without` is the number of the rule whose facts do not count, `before` the step they must be older than.
    """
    start, goal = ends
    came_from: dict[int, int] = {}
    border = [start]
    while border and goal not in came_from:
        rows = facts.connection.execute(
            f"SELECT o, s FROM {relation.table} WHERE s IN ({', '.join(map(str, border))}) "
            f"AND rule <> {without} AND (rule = 0 OR step < {before})"
        ).fetchall()
        reached = {there: here for there, here in sorted(rows, reverse=True) if there not in came_from}
        border = sorted(reached)
        came_from |= reached
    return _back(came_from, start, goal)


def _back(came_from: dict[int, int], start: int, goal: int) -> list[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    here = goal
    while here in came_from and (here != start or not steps):
        steps.append((came_from[here], here))
        here = came_from[here]
    return steps[::-1]
