"""The rules of a content, compiled."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from augenblick.content import Content
from augenblick.reason import RuleSet, load_rules, owl_rules, turtle_places

ONTOLOGY = "ontology"
_READING = Lock()
"""Rules take seconds to read the first time on a machine: whoever comes meanwhile waits for them."""


def rules_of(content: Content) -> RuleSet:
    """Return every rule in force: the axioms of the core, and SPARQL rules of core, patterns, live moments."""
    with _READING:
        return _rules(content)


@lru_cache(maxsize=4)
def _rules(content: Content) -> RuleSet:
    return axioms_of(content) + load_rules(content.rules_in_force, relative_to=content.root)


def axioms_of(content: Content) -> RuleSet:
    """Return the rules of the axioms; those without a rule are named with file and line."""
    rules = owl_rules(content.graph, origin=ONTOLOGY)
    if not rules.not_covered:
        return rules
    files = (content.root / "ontology").rglob("*.ttl")
    return owl_rules(content.graph, origin=ONTOLOGY, places=turtle_places(files, relative_to=content.root))
