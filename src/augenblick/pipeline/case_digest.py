"""What the outcome of cases hangs on, as digests of the content: an edit beside it has no case run again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rdflib import DCTERMS, RDFS, SKOS, BNode
from rdflib.term import Node

from augenblick.content import Content
from augenblick.content.model import WEIGHING
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
_FINDING = frozenset(
    AUG + name
    for name in ("textPattern", "exceptPattern", "exceptList", "counterpartyPattern", "topicPattern", "keyPattern",
                 "creditorId", "gvc", "purposeCode", "btc", "mcc", "counterpartyAccountKind", "interactionKind",
                 "direction", "minimumAmount", "maximumAmount", "allKeys", "unlessCarries")
)  # fmt: skip
"""Predicates by which a signal's bookings and interactions are found: cases hang on what is found only."""
_TOLD_SPACES = (str(SKOS), str(DCTERMS))
"""Predicates that only people read, or products are offered by."""


@dataclass(frozen=True)
class Digests:
    """Digests of what the outcome of cases hangs on; the cases are left out."""

    derived: str
    """Of what decides which indications follow from a case's evidence."""
    finding: str
    """Of what decides which evidence a case has."""
    weighed: Mapping[str, str]
    """Per moment type (its IRI) of how its indications are weighed: where there is none, that says nothing."""


def digests(content: Content) -> Digests:
    """Return the digests of a content."""
    asked, shaped = _asked(content), set(map(str, content.shapes.objects()))
    looked_at = {key.predicate for key in asked} | shaped
    owners = {p.iri: t.iri for t in content.moments for p in t.patterns} | {t.iri: t.iri for t in content.moments}
    signals = {signal.iri for signal in content.signals}
    weighed: dict[str, list[str]] = {iri: [] for iri in owners.values()}
    derived, finding = hashlib.sha256(), hashlib.sha256()
    files = (file for folder in _WHOLE for file in (content.root / folder).rglob("*") if file.suffix in (".ttl", ".rq"))
    for file in sorted((*files, *content.rules)):
        derived.update(f"\0{file.relative_to(content.root)}\0".encode() + file.read_bytes())
    counts = _counting(asked, shaped)
    for each in sorted(filter(counts, content.graph), key=lambda triple: " ".join(map(str, triple))):
        subject, predicate, value = map(str, each)
        if predicate in looked_at:
            derived.update(f"\0{subject} {predicate} {value}".encode())
        elif subject in owners and predicate in WEIGHING:
            weighed[owners[subject]].append(f"{subject} {predicate} {value}")
        else:
            found = finding if subject in signals and predicate in _FINDING else derived
            found.update(f"\0{subject} {predicate} {value}".encode())
    return Digests(
        derived.hexdigest(), finding.hexdigest(),
        {iri: hashlib.sha256("\0".join(said).encode()).hexdigest() for iri, said in weighed.items()},
    )  # fmt: skip


def _counting(asked: set[RelationKey], shaped: set[str]) -> Callable[[tuple[Node, ...]], bool]:
    """Return what says of a triple whether a moment may hang on it.

    It does where rules that moments come about by (`asked`) or shapes ask for it, and where it is neither what only
    people read nor a product's.
    """

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
