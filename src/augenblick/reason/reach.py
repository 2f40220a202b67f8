"""Which rules have to run again when facts of some relations have come, and what they must derive anew."""

from __future__ import annotations

from collections.abc import Collection

import networkx as nx
from rdflib import RDF

from augenblick.reason.ir import RelationKey, RuleSet, relation_of
from augenblick.reason.stratify import dependencies, reads


def affected(rules: RuleSet, names: Collection[str]) -> tuple[set[int], set[RelationKey]]:
    """Return the places of the rules to run again after predicates and classes of these names gained facts.

    Beside them the relations that may have to shrink, through negation or an aggregate: to be cleared before.
    """
    changed = [RelationKey(name) for name in names] + [RelationKey(str(RDF.type), name) for name in names]
    graph = dependencies(rules.rules, equality=rules.equality is not None)
    direct: dict[int, bool] = {}
    for position, rule in enumerate(rules):
        for read in reads(rule.body):
            if any(key.overlaps(read.key) for key in changed):
                direct[position] = direct.get(position, False) or read.settled
    reached = _with_below(set(direct), graph)
    shaky = {position for position, settled in direct.items() if settled}
    shaky |= {v for u, v, settled in graph.edges(data="settled") if settled and u in reached}
    again, cleared = _made_by(rules, _with_below(shaky, graph), graph)
    return reached | again, cleared


def _with_below(positions: set[int], graph: nx.DiGraph) -> set[int]:
    return positions.union(*(nx.descendants(graph, position) for position in positions)) if positions else set()


def _made_by(rules: RuleSet, shaky: set[int], graph: nx.DiGraph) -> tuple[set[int], set[RelationKey]]:
    """Return all rules that make, or hang on, relations the given rules make; and what these make together."""
    heads = {relation_of(head) for position in shaky for head in rules.rules[position].heads}
    while True:
        makers = {
            i for i, rule in enumerate(rules) if any(relation_of(h).overlaps(k) for h in rule.heads for k in heads)
        }
        below = _with_below(makers, graph)
        grown = heads | {relation_of(head) for i in below for head in rules.rules[i].heads}
        if grown == heads:
            return below, heads
        heads = grown
