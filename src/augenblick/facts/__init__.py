"""Rows to triples and back: `bank.*` and `evidence.*` as facts, and from a fact to its rows."""

from augenblick.facts.loading import GRAPHS, add_occurrences, load, mappings
from augenblick.facts.mapping import Form, Mapping, Property
from augenblick.facts.needed import needed_signals
from augenblick.facts.origin import SourceRow, source
from augenblick.facts.published import left_out_sql

__all__ = [
    "GRAPHS",
    "Form",
    "Mapping",
    "Property",
    "SourceRow",
    "add_occurrences",
    "left_out_sql",
    "load",
    "mappings",
    "needed_signals",
    "source",
]
