"""The rules of a content, compiled."""

from __future__ import annotations

from augenblick.content import Content
from augenblick.reason import RuleSet, load_rules, owl_rules

ONTOLOGY = "ontology"


def rules_of(content: Content) -> RuleSet:
    """Return every rule: the axioms of the core and the SPARQL rules of core, patterns, conditions and moments."""
    return owl_rules(content.graph, origin=ONTOLOGY) + load_rules(content.rules, relative_to=content.root)
