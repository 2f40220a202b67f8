"""Rules that only turn a relation round: inverse and symmetric properties, equivalent properties and classes.

What one of a pair made of a fact need not be turned back by the other: that fact is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rdflib import Variable

from augenblick.reason.ir import Atom, Rule, Triple

Said = tuple[Atom | int, Atom | int, Atom | int]
"""A pattern with its variables numbered."""


def mirrors(rules: Sequence[Rule]) -> dict[int, list[Rule]]:
    """Return the rules that turn round what a rule makes, by the identity of the rule; none where there are none."""
    by_shape: dict[tuple[Said, Said], list[Rule]] = defaultdict(list)
    turned: dict[int, tuple[Said, Said]] = {}
    for rule in rules:
        if len(rule.heads) == 1 and isinstance(rule.body, Triple) and _named(rule.heads[0]) == _named(rule.body):
            by_shape[_shape(rule.body, rule.heads[0])].append(rule)
            turned[id(rule)] = _shape(rule.heads[0], rule.body)
    return {number: by_shape[shape] for number, shape in turned.items() if shape in by_shape}


def _named(triple: Triple) -> set[Variable]:
    return {atom for atom in (triple.s, triple.p, triple.o) if isinstance(atom, Variable)}


def _shape(first: Triple, second: Triple) -> tuple[Said, Said]:
    atoms = (first.s, first.p, first.o, second.s, second.p, second.o)
    numbers: Mapping[Atom, int] = {
        atom: number for number, atom in enumerate(dict.fromkeys(a for a in atoms if isinstance(a, Variable)))
    }
    s, p, o, t, q, u = (numbers[atom] if isinstance(atom, Variable) else atom for atom in atoms)
    return (s, p, o), (t, q, u)
