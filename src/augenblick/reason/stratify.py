"""Strata: which rules must be done before which, and which run together until nothing new comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
from rdflib import OWL

from augenblick.model.errors import NotStratified
from augenblick.reason.ir import (
    Closure,
    Everything,
    Extend,
    Filter,
    Group,
    In,
    Join,
    LeftJoin,
    Mark,
    Minus,
    Node,
    Project,
    RelationKey,
    Rule,
    Semi,
    Triple,
    Union,
    children,
    relation_of,
)

SAMENESS = RelationKey(str(OWL.sameAs))
"""The relation of what is the same."""


@dataclass(frozen=True)
class Read:
    """One place where a body reads a relation; `settled`: it must be complete before the rule may run."""

    key: RelationKey
    settled: bool


@dataclass(frozen=True)
class Stratum:
    """Rules that depend on each other (recursive), or one rule that stands alone."""

    rules: tuple[Rule, ...]
    recursive: bool


def reads(node: Node, *, settled: bool = False) -> Iterator[Read]:
    """Yield what a body reads; below negation, OPTIONAL's right, MINUS and aggregates it must be settled."""
    match node:
        case Triple():
            yield Read(relation_of(node), settled)
        case Everything():
            yield Read(RelationKey(None), settled)
        case Semi(source, pattern, negated):
            yield from reads(source, settled=settled)
            yield from reads(pattern, settled=settled or negated)
        case Mark(source, pattern, _):
            yield from reads(source, settled=settled)
            yield from reads(pattern, settled=True)
        case LeftJoin(left, right, _) | Minus(left, right):
            yield from reads(left, settled=settled)
            yield from reads(right, settled=True)
        case Group(source):
            yield from reads(source, settled=True)
        case Project() if node.limit is not None or node.offset:
            yield from reads(node.source, settled=True)
        case _:
            for child in children(node):
                yield from reads(child, settled=settled)


def strata(rules: Sequence[Rule], *, equality: bool = False) -> list[Stratum]:
    """Return the rules in strata, in the order to run them. Raises `NotStratified` for a cycle through negation.

    With `equality`, whatever makes owl:sameAs may change every relation.
    """
    graph = dependencies(rules, equality=equality)
    components = list(nx.strongly_connected_components(graph))
    _check(rules, graph, components)
    condensed = nx.condensation(graph, components)
    found: dict[int, Stratum] = {}
    for component, members in condensed.nodes(data="members"):
        first, *more = sorted(members)
        recursive = bool(more) or graph.has_edge(first, first)
        found[component] = Stratum(tuple(rules[member] for member in (first, *more)), recursive)
    places = {component: min(condensed.nodes[component]["members"]) for component in found}
    return [found[component] for component in _in_order(condensed, found, places)]


def _in_order(graph: nx.DiGraph, found: Mapping[int, Stratum], places: Mapping[int, int]) -> Iterator[int]:
    """Yield strata after those they depend on; rules that stand alone and make one relation follow each other.

    What makes a relation waits for as long as something else can go on, so that most of what makes it is ready.
    """
    makes: dict[int, RelationKey | int] = {each: _alone(stratum) or each for each, stratum in found.items()}
    missing = dict(graph.in_degree())
    unmade = Counter(makes.values())
    ready = {each for each, number in missing.items() if not number}
    while ready:
        unready = unmade - Counter(makes[each] for each in ready)
        first = min(ready, key=lambda each: (unready[makes[each]], places[each]))
        turn = sorted((each for each in ready if makes[each] == makes[first]), key=places.__getitem__)
        unmade[makes[first]] -= len(turn)
        ready.difference_update(turn)
        yield from turn
        for after in (after for each in turn for after in graph.successors(each)):
            missing[after] -= 1
            if not missing[after]:
                ready.add(after)


def _alone(stratum: Stratum) -> RelationKey | None:
    """Return the relation that a stratum of one rule makes facts of; None for any other."""
    rule = stratum.rules[0]
    return None if stratum.recursive or len(rule.heads) > 1 else relation_of(rule.heads[0])


def dependencies(rules: Sequence[Rule], *, equality: bool = False) -> nx.DiGraph:
    """Return the graph from rule (its position) to the rules that read what it makes; `settled` marks negation.

    With `equality`, every rule reads what makes owl:sameAs.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(rules)))
    makers: dict[RelationKey, set[int]] = {}
    for position, rule in enumerate(rules):
        for head in rule.heads:
            makers.setdefault(relation_of(head), set()).add(position)
    identity = _makers_of(SAMENESS, makers) if equality else set()
    for position, rule in enumerate(rules):
        for read in set(reads(rule.body)):
            for maker in _makers_of(read.key, makers) | identity:
                settled = read.settled or (graph.has_edge(maker, position) and graph[maker][position]["settled"])
                graph.add_edge(maker, position, settled=settled)
    return graph


def _makers_of(key: RelationKey, makers: dict[RelationKey, set[int]]) -> set[int]:
    found: set[int] = set()
    for made, positions in makers.items():
        if made.overlaps(key):
            found |= positions
    return found


def _check(rules: Sequence[Rule], graph: nx.DiGraph, components: list[set[int]]) -> None:
    place = {member: number for number, component in enumerate(components) for member in component}
    for maker, reader, settled in graph.edges(data="settled"):
        if settled and place[maker] == place[reader]:
            cycle = nx.shortest_path(graph.subgraph(components[place[maker]]), reader, maker)
            names = " → ".join(rules[member].name for member in [*cycle, reader])
            raise NotStratified(
                f"These rules form a cycle through negation, OPTIONAL, MINUS or an aggregate: {names}.",
                where=rules[reader].name,
                hint="a rule must not need the absence of what it helps to derive",
            )


def recursive_triples(node: Node, made: set[RelationKey]) -> tuple[list[Triple], bool]:
    """Return the triple patterns through which new facts can enter a body one by one; and whether there are others."""
    inside: list[Triple] = []
    elsewhere = False
    match node:
        case Triple():
            if any(key.overlaps(relation_of(node)) for key in made):
                inside.append(node)
        case Join() | Filter() | Extend() | Union() | Project():
            for child in children(node):
                some, others = recursive_triples(child, made)
                inside += some
                elsewhere = elsewhere or others
        case Semi() | Mark() | LeftJoin() | Minus():
            first, *rest = children(node)
            inside, elsewhere = recursive_triples(first, made)
            elsewhere = elsewhere or any(_touches(part, made) for part in rest)
        case Closure() | Everything() | Group() | In():
            elsewhere = _touches(node, made)
        case _:
            pass
    return inside, elsewhere


def _touches(node: Node, made: set[RelationKey]) -> bool:
    return any(key.overlaps(read.key) for read in reads(node) for key in made)


def only_branch(node: Node, triple: Triple) -> Node:
    """Return the body with those parts of unions cut away that do not hold a triple pattern."""
    match node:
        case Union(parts):
            return next(only_branch(part, triple) for part in parts if _holds(part, triple))
        case Join(parts):
            return Join(tuple(only_branch(part, triple) if _holds(part, triple) else part for part in parts))
        case Filter(source, condition):
            return Filter(only_branch(source, triple), condition)
        case Extend(source, variable, value):
            return Extend(only_branch(source, triple), variable, value)
        case Semi(source, pattern, negated):
            return Semi(only_branch(source, triple), pattern, negated)
        case Mark(source, pattern, variable):
            return Mark(only_branch(source, triple), pattern, variable)
        case LeftJoin(left, right, condition):
            return LeftJoin(only_branch(left, triple), right, condition)
        case Minus(left, right):
            return Minus(only_branch(left, triple), right)
        case Project(source, names, distinct):
            return Project(only_branch(source, triple), names, distinct)
        case _:
            return node


def _holds(node: Node, triple: Triple) -> bool:
    return node is triple or any(_holds(child, triple) for child in children(node))
