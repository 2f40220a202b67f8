"""From a moment to its explanation: the waterfall, and each indication's proof down to the bank's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
from rdflib import RDF, RDFS, XSD, Literal, URIRef
from rdflib.term import Node

from augenblick import facts as fact_mappings
from augenblick.content.model import Content, Words
from augenblick.explain import words
from augenblick.explain.model import Contribution, Explanation, Premise, Source
from augenblick.explain.words import Language
from augenblick.model.errors import NotFound
from augenblick.model.terms import AUG
from augenblick.policy import Milder
from augenblick.reason import FactBase, Proof, Prover, RuleSet

STEPS = {AUG + name for name in ("Candidate", "Indication", "Displaced", "Excluded")}
"""Classes of the reasoning itself: a proof passes through them, a reader does not want them."""
LINKS = {AUG + name for name in ("person", "account", "booking", "ofSeries", "firstOccurrence", "lastOccurrence")}
"""Predicates that only tie individuals together."""
RUN = AUG + "thisRun"
MOMENTS = "moments"
ONTOLOGY = "ontology"
LANGUAGES: tuple[Language, Language] = ("de", "en")
NESTING = 4
"""How many moments of relatives an explanation follows one below another."""

_MOMENT = """
SELECT customer_id, moment_type, slug, occurred_from, occurred_to, detected_on, valid_until, confidence, state
FROM moments.moments WHERE moment_id = ?
"""
_CONTRIBUTIONS = """
SELECT pattern, indication, weight, observed_on, counted FROM moments.contributions
WHERE moment_id = ? ORDER BY counted DESC, weight DESC, observed_on, indication
"""


@dataclass
class Explainer:
    """Explains the moments of one run."""

    connection: duckdb.DuckDBPyConnection
    facts: FactBase
    rules: RuleSet
    content: Content
    as_of: date
    base: str
    _mappings: list[fact_mappings.Mapping] = field(init=False)
    _prover: Prover = field(init=False)
    _known_sources: dict[tuple[str, str, str], tuple[Source, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._prover = Prover(self.facts, self.rules)
        self._mappings = fact_mappings.mappings(data_base=self.base, as_of=self.as_of)

    def moment(self, moment_id: str, *, nesting: int = NESTING, milder: Milder | None = None) -> Explanation:
        """Return why a moment is believed; with `milder`, only by the indications of its milder standing.

        Raises `NotFound` when there is no such moment.
        """
        row = self.connection.execute(_MOMENT, [moment_id]).fetchone()
        found = self.content.moment(row[1]) if row else None
        if row is None or found is None:
            raise NotFound(
                "There is no such moment.", where=moment_id, hint="`augenblick query new-moments` lists what was found"
            )
        customer, _, slug, occurred_from, occurred_to, detected_on, valid_until, confidence, state = row
        if milder is not None:
            occurred_from, occurred_to = milder.occurred_from, milder.occurred_to
            detected_on, valid_until = milder.detected_on, milder.valid_until
            confidence, state = milder.confidence, milder.state
        return Explanation(
            moment_id=milder.moment_id if milder else moment_id,
            customer_id=customer,
            slug=slug,
            label=found.label,
            occurred_from=occurred_from,
            occurred_to=occurred_to,
            detected_on=detected_on,
            valid_until=valid_until,
            confidence=confidence,
            state=state,
            prior=float(found.prior),
            version=self.content.version,
            contributions=tuple(self._contributions(moment_id, nesting, milder)),
        )

    def _contributions(self, moment_id: str, nesting: int, milder: Milder | None) -> Iterator[Contribution]:
        patterns = {pattern.iri: pattern for pattern in self.content.patterns}
        rows = self.connection.execute(_CONTRIBUTIONS, [moment_id]).fetchall()
        for iri, indication, weight, observed_on, counted in rows if milder is None else _recounted(rows, milder):
            pattern = patterns[iri]
            premises = tuple(self._premises(indication, nesting)) if counted else ()
            yield Contribution(iri, pattern.label, pattern.reason, weight, observed_on, counted, premises)

    def _premises(self, indication: str, nesting: int) -> Iterator[Premise]:
        proof = self._prover.prove(URIRef(indication), RDF.type, URIRef(AUG + "Indication"))
        grouped: dict[str, list[Proof]] = {}
        for node in _below(proof):
            if node.graph == ONTOLOGY or str(node.s) == RUN:
                continue
            if self._is_relation(node):
                yield self._relation(node)
            else:
                grouped.setdefault(str(node.s), []).append(node)
        for subject, nodes in grouped.items():
            if any(node.graph == MOMENTS for node in nodes):
                if nesting:
                    yield Premise(_same(subject), moment=self.moment(subject, nesting=nesting - 1))
            else:
                yield self._individual(subject, nodes)

    def _is_relation(self, node: Proof) -> bool:
        people = self.base + "customer/"
        return str(node.s).startswith(people) and str(node.o).startswith(people)

    def _relation(self, node: Proof) -> Premise:
        rules = tuple(dict.fromkeys(_rule_names(node)))
        leaves = [leaf for leaf in node.leaves() if leaf.graph != ONTOLOGY]
        sources = _distinct(source for leaf in leaves for source in self._sources(leaf))
        subject, object_ = self._name(node.s), self._name(node.o)
        predicate = self._label(str(node.p))
        fact = Words(f"{subject} {predicate.de} {object_}", f"{subject} {predicate.en} {object_}")
        return Premise(fact, sources, rules)

    def _individual(self, subject: str, nodes: list[Proof]) -> Premise:
        """Describe a series, booking, account, customer … by what the proof says of it, with the rows behind it."""
        classes = [str(node.o) for node in nodes if node.p == RDF.type]
        kind = self._label(classes[0]) if classes else self._kind(subject)
        said = [node for node in nodes if node.p != RDF.type and str(node.p) not in LINKS]
        de, en = (
            f"{kind.in_language(language)}: {'; '.join(dict.fromkeys(self._said(node, language) for node in said))}"
            for language in LANGUAGES
        )
        fact = Words(de.removesuffix(": "), en.removesuffix(": "))
        sources = _distinct(source for node in self._stating(said) for source in self._sources(node))
        return Premise(fact, sources or _distinct(source for node in nodes for source in self._sources(node)))

    def _stating(self, said: list[Proof]) -> list[Proof]:
        """Return what to ask for its rows: of all that the individual's own row says one, else each by itself."""
        apart = {AUG + p.predicate for mapping in self._mappings if not mapping.klass for p in mapping.properties}
        own = next((node for node in said if str(node.p) not in apart), None)
        return [node for node in said if node is own or str(node.p) in apart]

    def _kind(self, subject: str) -> Words:
        """Return what the individual is, by the mapping that makes such IRIs; its name where none does."""
        for mapping in self._mappings:
            if mapping.klass and mapping.prefix and subject.startswith(self.base + mapping.prefix):
                return self._label(AUG + mapping.klass)
        return _same(self._name(URIRef(subject)))

    def _said(self, node: Proof, language: Language) -> str:
        if isinstance(node.o, URIRef):
            value = self._label(str(node.o)).in_language(language)
        elif isinstance(node.o, Literal) and node.o.datatype == XSD.date:
            value = words.day(date.fromisoformat(str(node.o)), language)
        else:
            value = str(node.o)
        return f"{self._label(str(node.p)).in_language(language)} {value}"

    def _sources(self, leaf: Proof) -> tuple[Source, ...]:
        fact = str(leaf.s), str(leaf.p), str(leaf.o)
        if fact not in self._known_sources:
            rows = fact_mappings.source(self.connection, self._mappings, *fact, data_base=self.base)
            self._known_sources[fact] = tuple(_as_source(row) for row in rows)
        return self._known_sources[fact]

    def _name(self, term: Node) -> str:
        return str(term).removeprefix(self.base + "customer/").removeprefix(self.base)

    def _label(self, iri: str) -> Words:
        return label_of(self.content, iri, self._name(URIRef(iri)))


def label_of(content: Content, iri: str, name: str | None = None) -> Words:
    """Return what the ontology calls a term; `name` (else the IRI) where it has no label."""
    labels = {
        label.language: str(label)
        for label in content.graph.objects(URIRef(iri), RDFS.label)
        if isinstance(label, Literal)
    }
    return Words(labels.get("de", name or iri), labels.get("en", name or iri))


def _recounted(rows: list[tuple[Any, ...]], milder: Milder) -> list[tuple[Any, ...]]:
    """Return the contributions of the milder standing, the strongest of each pattern counted."""
    seen: set[str] = set()
    found = []
    kept = [row for row in rows if row[1] in milder.indications]
    for iri, indication, weight, observed_on, _ in sorted(kept, key=lambda row: (-abs(row[2]), row[3], row[1])):
        found.append((iri, indication, weight, observed_on, iri not in seen))
        seen.add(iri)
    return sorted(found, key=lambda row: (not row[4], -row[2], row[3], row[1]))


def _below(proof: Proof) -> Iterator[Proof]:
    """Yield the facts a reader wants to see: what the steps of reasoning rest on, the ontology's left out."""
    for premise in proof.premises:
        if (premise.p == RDF.type and str(premise.o) in STEPS) or _of_step(premise):
            yield from _below(premise)
        else:
            yield premise


def _of_step(node: Proof) -> bool:
    return node.rule is not None and "/indication/" in str(node.s)


def _as_source(row: fact_mappings.SourceRow) -> Source:
    values = {name: value for name, value in row.row.items() if not name.startswith("_")}
    return Source(row.table, row.file or "", row.line or 0, values)


def _rule_names(node: Proof) -> Iterator[str]:
    if node.rule is not None:
        yield str(node.rule.origin)
    for premise in node.premises:
        yield from _rule_names(premise)


def _distinct(sources: Iterable[Source]) -> tuple[Source, ...]:
    found: dict[tuple[Any, ...], Source] = {}
    for source in sources:
        found.setdefault((source.table, source.file, source.line), source)
    return tuple(found.values())


def _same(text: str) -> Words:
    return Words(text, text)
