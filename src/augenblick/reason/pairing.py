"""What keeps joins from pairing everything with everything: which patterns belong together, and through what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rdflib import Variable

from augenblick.reason.ir import (
    Extend,
    Filter,
    Join,
    LeftJoin,
    Node,
    Semi,
    Triple,
    Union,
    expression_variables,
    variables,
)


def stars(parts: Sequence[Node]) -> list[list[Node]]:
    """Return the parts of a join with the triple patterns of one subject together, in the order they first occur.

    What is said of one subject joins one to one and stays small; pattern by pattern, DuckDB's search for an order
    gives up at a dozen tables and joins, say, everybody's statements with everybody's by person first.
    """
    found: dict[object, list[Node]] = {}
    for place, part in enumerate(parts):
        key = part.s if isinstance(part, Triple) and isinstance(part.s, Variable) else place
        found.setdefault(key, []).append(part)
    return list(found.values())


def certain(node: Node) -> frozenset[Variable]:
    """Return variables that have a value in each solution of a node."""
    match node:
        case Join(parts):
            return frozenset().union(*(certain(part) for part in parts))
        case Union(parts):
            return frozenset.intersection(*(certain(part) for part in parts))
        case Filter(source, _) | Semi(source, _, _) | Extend(source, _, _) | LeftJoin(source, _, _):
            return certain(source)
        case Triple():
            return variables(node)
        case _:
            return frozenset()


def pairs(parts: Sequence[Node], outside: frozenset[Variable]) -> bool:
    """Tell whether a join pairs things of which only what is outside, or nothing, says that they belong together.

    Two persons' payments that one payer ties are as many as the square of the payer's customers.
    """
    about: dict[object, frozenset[Variable]] = {}
    for place, part in enumerate(parts):
        key = _subject(part) or place
        about[key] = about.get(key, frozenset()) | variables(part)
    held = list(about.values())
    anchored = [each & outside for each in held if each & outside]
    return len(_tied(held)) > 1 or len(_tied(anchored)) > 1


def spread(parts: Sequence[Node]) -> list[Node] | None:
    """Return what a join is the union of, where a UNION in it must meet the rest branch by branch; None elsewhere.

    By itself a branch would pair what only the rest ties; and a variable that not all branches bind could not be
    joined by.
    """
    for place, part in enumerate(parts):
        if isinstance(part, Union):
            rest = [*parts[:place], *parts[place + 1 :]]
            outside = frozenset().union(*(variables(each) for each in rest))
            bound = [variables(branch) for branch in part.parts]
            uneven = frozenset().union(*bound) - frozenset.intersection(*bound)
            if uneven & outside or any(pairs(_joined(branch), outside) for branch in part.parts):
                return [_met(rest, branch) for branch in part.parts]
    return None


def _subject(part: Node) -> Variable | None:
    """Return the one variable that all triple patterns of a part are said of."""
    match part:
        case Triple(s, _, _):
            return s if isinstance(s, Variable) else None
        case Join(parts) | Union(parts):
            subjects = {_subject(each) for each in parts}
            return subjects.pop() if len(subjects) == 1 else None
        case _:
            return None


def _met(rest: Sequence[Node], branch: Node) -> Node:
    """Return the join of some parts with a branch; its filters see no more of the parts than they did."""
    match branch:
        case Filter(source, test) if expression_variables(test) <= certain(source):
            return Filter(_met(rest, source), test)
        case Join(parts):
            return Join((*rest, *parts))
        case _:
            return Join((*rest, branch))


def _joined(branch: Node) -> tuple[Node, ...]:
    """Return the parts of a join below filters."""
    match branch:
        case Join(parts):
            return parts
        case Filter(source, _):
            return _joined(source)
        case _:
            return (branch,)


def _tied(groups: Iterable[frozenset[Variable]]) -> list[frozenset[Variable]]:
    """Return groups of variables, those with one in common as one."""
    found: list[frozenset[Variable]] = []
    for group in groups:
        near = [each for each in found if each & group]
        found = [each for each in found if not each & group] + [group.union(*near)]
    return found
