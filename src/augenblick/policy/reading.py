"""From the ontology's statements to the policy; whatever is unknown or contradicts itself keeps the gate shut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from rdflib import DCTERMS, RDF, RDFS, SKOS, Literal, URIRef
from rdflib.term import Node

from augenblick.content.entry import AUG, Entry, local, nearest
from augenblick.content.model import Content, Words
from augenblick.model.errors import BadOntology, BadPolicy
from augenblick.policy.model import Cell, Channel, Policy, Role, Rule

T = TypeVar("T")

_WHO = {"grantedTo": "Role", "forPurpose": "Purpose", "onLegalClass": "LegalClass"}
_NEEDS = {
    "needsConsent": "consents",
    "needsOneConsent": "one_consent",
    "needsConsentOfOthers": "consents_of_others",
    "unlessObjected": "unless_objected",
}
_KNOWN = {
    "AccessRule": frozenset({*_WHO, *_NEEDS, "reason"}),
    "Role": frozenset({"code", "usesDoor", "smallestGroup"}),
    "Channel": frozenset({"code", "needsChannelConsent"}),
}
_SAID = (RDF.type, RDFS.label, RDFS.comment, SKOS.definition, SKOS.editorialNote, DCTERMS.source)


@lru_cache(maxsize=4)
def read_policy(content: Content) -> Policy:
    """Return the policy the ontology states, read once per content.

    Raises `BadPolicy` for an unknown term, a missing part, or two rules for one combination of role, purpose and
    legal class: without a policy that is whole nothing is permitted.
    """
    try:
        return _Reading(content).policy()
    except BadOntology as error:
        raise BadPolicy(error.message, where=error.where, hint=error.hint) from error


class _Reading:
    """The policy's entries of one content."""

    def __init__(self, content: Content) -> None:
        self._graph = content.graph
        self._file = content.root / "ontology" / "policy"

    def policy(self) -> Policy:
        strictness = {local(e.subject): self._number(e, "strictness") for e in self._of("LegalClass")}
        return Policy(
            roles=self._by_code("Role", self._role),
            purposes=self._by_code("Purpose", Entry.label),
            channels=self._by_code("Channel", self._channel),
            consent_kinds=self._by_code("ConsentKind", Entry.label),
            strictness=MappingProxyType(strictness),
            rules=MappingProxyType(self._rules()),
        )

    def _of(self, *classes: str) -> list[Entry]:
        found = {s for name in classes for s in self._graph.subjects(RDF.type, AUG[name])}
        return [Entry(self._graph, s, self._file) for s in sorted(found, key=str) if isinstance(s, URIRef)]

    def _by_code(self, klass: str, read: Callable[[Entry], T]) -> Mapping[str, T]:
        found: dict[str, T] = {}
        for entry in self._of(klass):
            self._confirm_known(entry, klass)
            code = entry.text("code", '"code"')
            if code in found:
                raise entry.error(f"aug:code “{code}” stands for something else as well", "give each a code of its own")
            found[code] = read(entry)
        return MappingProxyType(found)

    def _confirm_known(self, entry: Entry, klass: str) -> None:
        """Refuse statements the gate would not look at: a mistyped condition must not be a missing one."""
        known = _KNOWN.get(klass)
        if known is None:
            return
        for predicate in set(entry.graph.predicates(entry.subject)) - {*_SAID}:
            if str(predicate).startswith(str(AUG)) and local(predicate) not in known:
                hint = nearest(local(predicate), known) or f"known are: {', '.join(sorted(known))}"
                raise entry.error(f"aug:{local(predicate)} is no term of the policy", hint)

    def _number(self, entry: Entry, name: str) -> int:
        return int(entry.decimal(name, "10") or 0)

    def _role(self, entry: Entry) -> Role:
        doors = frozenset(self._codes(entry, "usesDoor", ("Door",)))
        group = entry.decimal("smallestGroup")
        return Role(entry.text("code", '"code"'), entry.label(), doors, int(group or 0))

    def _channel(self, entry: Entry) -> Channel:
        return Channel(entry.text("code", '"code"'), entry.label(), entry.flag("needsChannelConsent"))

    def _codes(self, entry: Entry, name: str, classes: Iterable[str]) -> Iterator[str]:
        for value in entry.values(name):
            yield Entry(self._graph, self._one_of(entry, name, value, classes), self._file).text("code", '"code"')

    def _one_of(self, entry: Entry, name: str, value: Node, classes: Iterable[str]) -> Node:
        if not any((value, RDF.type, AUG[klass]) in self._graph for klass in classes):
            known = {local(s) for klass in classes for s in self._graph.subjects(RDF.type, AUG[klass])}
            hint = nearest(local(value), known) or f"known are: {', '.join(sorted(known))}"
            raise entry.error(f"aug:{name} names {local(value)}, which the policy does not know", hint)
        return value

    def _rules(self) -> dict[Cell, Rule]:
        found: dict[Cell, Rule] = {}
        kinds = {local(k) for k in self._graph.transitive_subjects(RDFS.subClassOf, AUG.AccessRule) if k is not None}
        for entry in self._of(*kinds):
            rule = self._rule(entry)
            for cell in self._cells(entry):
                if cell in found and found[cell] != rule:
                    named = " / ".join(cell)
                    raise entry.error(f"contradicts {found[cell].name} on {named}", "leave one rule for each")
                found[cell] = rule
        return found

    def _rule(self, entry: Entry) -> Rule:
        self._confirm_known(entry, "AccessRule")
        permits = (entry.subject, RDF.type, AUG.Permission) in self._graph
        if permits == ((entry.subject, RDF.type, AUG.Prohibition) in self._graph):
            raise entry.error("is not one of aug:Permission and aug:Prohibition", "say which")
        needs = {
            field: frozenset(self._codes(entry, name, ("Purpose", "ConsentKind"))) for name, field in _NEEDS.items()
        }
        if not permits and any(needs.values()):
            raise entry.error("forbids and names a condition", "a prohibition has none; make it a permission")
        return Rule(
            name=local(entry.subject),
            label=entry.label(),
            permits=permits,
            reason=_reason(entry),
            source=_source(entry),
            **needs,
        )

    def _cells(self, entry: Entry) -> Iterator[Cell]:
        for name in _WHO:
            if not entry.values(name):
                raise entry.error(f"aug:{name} is missing", "say for what the rule holds")
        roles = list(self._codes(entry, "grantedTo", ("Role",)))
        purposes = list(self._codes(entry, "forPurpose", ("Purpose",)))
        classes = [local(self._one_of(entry, "onLegalClass", v, ("LegalClass",))) for v in entry.values("onLegalClass")]
        yield from ((role, purpose, name) for role in roles for purpose in purposes for name in classes)


def _reason(entry: Entry) -> Words:
    return entry.words(AUG.reason)


def _source(entry: Entry) -> str:
    found = sorted(str(v) for v in entry.graph.objects(entry.subject, DCTERMS.source) if isinstance(v, Literal))
    if not found:
        raise entry.error("dcterms:source is missing", "name the article of law it stands on")
    return "; ".join(found)
