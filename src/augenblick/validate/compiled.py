"""Compiled shapes: SPARQL with all that is needed to report what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import URIRef
from rdflib.term import Node


@dataclass(frozen=True)
class KeepsOut:
    """What a violation keeps out of reasoning (aug:keepsOut)."""

    focus: bool = False
    """Everything said of the focus node and about it."""
    steps: tuple[tuple[URIRef, bool], ...] = ()
    """The facts between focus node and value by these predicates; true: the predicate runs backwards.
    Without a value, all facts of the focus node by them."""


@dataclass(frozen=True)
class CompiledConstraint:
    """One constraint of a shape as a SELECT whose rows are its violations."""

    component: URIRef
    shape: Node
    """The shape the constraint stands in: the property shape, where there is one."""
    path: Node | None
    path_text: str | None
    severity: URIRef
    messages: Mapping[str, str]
    """Language tag ("" for none) → message."""
    name: Mapping[str, str]
    parameter: Node | None
    """The sh:sparql node, for SPARQL-based constraints."""
    value_is_focus: bool
    columns: tuple[str, ...]
    """Variables of the SELECT: focus first, then value and path if there are any, then the rest."""
    extra: tuple[tuple[str, str], ...]
    """Names in message templates and their columns."""
    select: str
    keeps_out: KeepsOut


@dataclass(frozen=True)
class CompiledShape:
    """A shape with targets: all constraints reached from it."""

    shape: Node
    name: Mapping[str, str]
    file: str | None
    constraints: tuple[CompiledConstraint, ...]
