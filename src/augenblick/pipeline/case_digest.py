"""What the outcome of cases hangs on, as one digest of the content: an edit beside it has no case run again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from rdflib import DCTERMS, RDFS, SKOS, BNode
from rdflib.term import Node

from augenblick.content import Content
from augenblick.model.terms import AUG, PRODUCT
from augenblick.moments import exchange
from augenblick.pipeline.rules import rules_of
from augenblick.reason.ir import RelationKey, relation_holding, relation_of
from augenblick.reason.sparql import load_query
from augenblick.reason.stratify import reads

_WHOLE = ("ontology/core", "ontology/patterns", "shapes/data")
"""The folders every word of which what is found in a case may depend on."""
_TOLD = frozenset(
    [AUG + name for name in ("reason", "words", "tone", "mustNotSay", "handOver", "hasDialogue", "hasProduct", "need")]
    + [str(RDFS.label), str(RDFS.comment), str(RDFS.seeAlso)]
)
_TOLD_SPACES = (str(SKOS), str(DCTERMS))
"""Predicates that only people read, or products are offered by."""


def digest(content: Content) -> str:
    """Return a digest of all that the outcome of cases depends on, the cases themselves left out."""
    found = hashlib.sha256()
    files = (file for folder in _WHOLE for file in (content.root / folder).rglob("*") if file.suffix in (".ttl", ".rq"))
    for file in sorted((*files, *content.rules)):
        found.update(f"\0{file.relative_to(content.root)}\0".encode() + file.read_bytes())
    counts = _counting(content)
    for triple in sorted(" ".join(map(str, each)) for each in content.graph if counts(each)):
        found.update(f"\0{triple}".encode())
    return found.hexdigest()


def _counting(content: Content) -> Callable[[tuple[Node, ...]], bool]:
    """Return what says of a triple whether a moment may hang on it.

    It does where rules or shapes that moments come about by ask for it, and where it is neither what only people read
    nor a product's.
    """
    asked = _asked(content)
    shaped = set(map(str, content.shapes.objects()))

    def counts(triple: tuple[Node, ...]) -> bool:
        if any(isinstance(term, BNode) for term in triple):
            return False
        subject, predicate, value = triple
        key = relation_holding(predicate, value)  # type: ignore[arg-type]
        if {key.predicate, key.klass} & shaped or any(key.overlaps(each) for each in asked):
            return True
        told = str(predicate) in _TOLD or str(predicate).startswith(_TOLD_SPACES)
        return not (told or str(subject).startswith(PRODUCT))

    return counts


def _asked(content: Content) -> set[RelationKey]:
    """Return the relations that moments are made of, and those that rules make these of, and so on."""
    rules = [
        ({relation_of(head) for head in rule.heads}, {read.key for read in reads(rule.body)})
        for rule in rules_of(content)
    ]
    asked = {read.key for question in exchange.QUESTIONS for read in reads(load_query(question)[0])}
    fresh = asked
    while fresh:
        fresh = {
            key
            for heads, body in rules
            if any(head.overlaps(each) for head in heads for each in fresh)
            for key in body - asked
        }
        asked |= fresh
    return asked
