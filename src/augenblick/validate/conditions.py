"""Tests on bound variables as trees, written so that EXISTS never stands below another operator.

Set-based engines evaluate `FILTER EXISTS` and `FILTER NOT EXISTS` as semi- and anti-joins but not an EXISTS
inside `||`. So negation is pushed inwards, a conjunction becomes several filters, and a disjunction with
EXISTS in it becomes the NOT EXISTS of its negated parts. That needs plain tests never to raise an error,
which the components see to.
"""

from __future__ import annotations

from dataclasses import dataclass

TRUE, FALSE = "true", "false"


@dataclass(frozen=True)
class Exists:
    """A pattern has a solution for which the test holds."""

    pattern: str
    test: Test = TRUE


@dataclass(frozen=True)
class Not:
    """The test does not hold."""

    test: Test


@dataclass(frozen=True)
class AllOf:
    """Every test holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one test holds."""

    tests: tuple[Test, ...]


Test = str | Exists | Not | AllOf | AnyOf
"""A string is a SPARQL expression without EXISTS."""


def all_of(*tests: Test) -> Test:
    """Return the conjunction, simplified."""
    kept = tuple(test for test in tests if test != TRUE)
    if FALSE in kept:
        return FALSE
    return kept[0] if len(kept) == 1 else AllOf(kept) if kept else TRUE


def any_of(*tests: Test) -> Test:
    """Return the disjunction, simplified."""
    kept = tuple(test for test in tests if test != FALSE)
    if TRUE in kept:
        return TRUE
    return kept[0] if len(kept) == 1 else AnyOf(kept) if kept else FALSE


def negated(test: Test) -> Test:
    """Return the test that holds where this one does not, negation pushed inwards to the leaves."""
    match test:
        case Not(inner):
            return inner
        case AllOf(parts):
            return any_of(*(negated(part) for part in parts))
        case AnyOf(parts):
            return all_of(*(negated(part) for part in parts))
        case Exists():
            return Not(test)
    return {TRUE: FALSE, FALSE: TRUE}.get(test, f"!({test})")


def filters(test: Test) -> str:
    """Return the test as SPARQL filters, nothing where it always holds."""
    match test:
        case Exists(pattern, inner):
            return f"FILTER EXISTS {{ {pattern} {filters(inner)} }}"
        case Not(Exists(pattern, inner)):
            return f"FILTER NOT EXISTS {{ {pattern} {filters(inner)} }}"
        case Not(inner):
            return filters(negated(inner))
        case AllOf(parts):
            return " ".join(filters(part) for part in parts)
        case AnyOf(parts):
            return _any_filter(parts)
    return "" if test == TRUE else f"FILTER({test})"


def _any_filter(parts: tuple[Test, ...]) -> str:
    plain = [part for part in parts if isinstance(part, str)]
    others = [part for part in parts if not isinstance(part, str)]
    either = " || ".join(f"({part})" for part in plain)
    if not others:
        return f"FILTER({either})"
    neither = [filters(negated(part)) for part in ([either] if plain else []) + others]
    return f"FILTER NOT EXISTS {{ {' '.join(neither)} }}"
