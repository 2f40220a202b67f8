"""What a filter need not wait for: a variable is made (BIND) after the tests that do not look at it.

A rule's filters stand at the end of its group, so they would see rows for which names were put together and hashed.
"""

from __future__ import annotations

from collections.abc import Callable

from rdflib import Variable

from augenblick.reason.correlation import free
from augenblick.reason.ir import Extend, Filter, Node, Semi, expression_variables


def late(node: Node) -> Node:
    """Return a filter or an EXISTS below the variables made in its source that it does not look at."""
    match node:
        case Filter(source, test):
            return _below(node, source, lambda inner: Filter(inner, test), expression_variables(test))
        case Semi(source, pattern, negated):
            return _below(node, source, lambda inner: Semi(inner, pattern, negated), free(pattern))
        case _:
            return node


def _below(node: Node, source: Node, tested: Callable[[Node], Node], seen: frozenset[Variable]) -> Node:
    source = late(source)
    if isinstance(source, Extend) and source.variable not in seen:
        return Extend(late(tested(source.source)), source.variable, source.value)
    return node
