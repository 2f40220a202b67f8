"""One term of the content with typed access to its statements; what is missing or wrong names file, term and mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from rdflib import RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import SKOS
from rdflib.term import Node

from augenblick.content.model import Words
from augenblick.model import terms
from augenblick.model.errors import BadOntology

AUG = Namespace(terms.AUG)


def local(iri: object) -> str:
    """Return what follows the last `#` or `/` of an IRI."""
    return str(iri).replace("#", "/").rsplit("/", 1)[-1]


def nearest(wanted: str, known: Iterable[str]) -> str | None:
    """Return a hint naming the known word most like the wanted one, or nothing."""
    found = get_close_matches(wanted, list(known), n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else None


@dataclass(frozen=True)
class Entry:
    """A subject of the merged graph and the file that states it."""

    graph: Graph
    subject: Node
    file: Path

    @property
    def name(self) -> str:
        """The English label, else the last part of the IRI: what a message calls the term."""
        for label in self.graph.objects(self.subject, RDFS.label):
            if isinstance(label, Literal) and label.language == "en":
                return str(label)
        return local(self.subject)

    def error(self, message: str, hint: str | None = None) -> BadOntology:
        """Return the error that places `message` at this term."""
        return BadOntology(f"“{self.name}” ({local(self.subject)}): {message}", where=str(self.file), hint=hint)

    def values(self, predicate: str) -> list[Node]:
        """Return the objects of an aug: predicate in a stable order."""
        return sorted(self.graph.objects(self.subject, AUG[predicate]), key=str)

    def one(self, predicate: str) -> Node | None:
        """Return the only object of an aug: predicate, or nothing; two are an error."""
        found = self.values(predicate)
        if len(found) > 1:
            raise self.error(f"aug:{predicate} has {len(found)} values", "keep one of them")
        return found[0] if found else None

    def need(self, predicate: str, example: str) -> Node:
        """Return the only object of an aug: predicate; its absence is an error that shows an example."""
        found = self.one(predicate)
        if found is None:
            raise self.error(f"aug:{predicate} is missing", f"add for example `aug:{predicate} {example}`")
        return found

    def words(self, predicate: URIRef) -> Words:
        """Return the German and the English text of a predicate; both must be there, once each."""
        texts: dict[str | None, list[str]] = {}
        for value in self.graph.objects(self.subject, predicate):
            if isinstance(value, Literal):
                texts.setdefault(value.language, []).append(str(value))
        for language, name in (("de", "German"), ("en", "English")):
            if len(texts.get(language, [])) != 1:
                state = "missing" if language not in texts else "given more than once"
                hint = f'give one text with @{language}, for example "…"@{language}'
                raise self.error(f"{local(predicate)} in {name} is {state}", hint)
        return Words(texts["de"][0], texts["en"][0])

    def label(self) -> Words:
        """Return the label in both languages."""
        return self.words(RDFS.label)

    def definition(self) -> Words:
        """Return the definition in both languages."""
        return self.words(SKOS.definition)

    def text(self, predicate: str, example: str) -> str:
        """Return a required plain string or the local name of a required IRI."""
        value = self.need(predicate, example)
        return local(value) if isinstance(value, URIRef) else str(value)

    def texts(self, predicate: str) -> tuple[str, ...]:
        """Return every value of a predicate as text (IRIs in full)."""
        return tuple(str(value) for value in self.values(predicate))

    def decimal(self, predicate: str, example: str | None = None) -> Decimal | None:
        """Return a number; with an example it is required."""
        value = self.one(predicate) if example is None else self.need(predicate, example)
        if value is None:
            return None
        python = value.toPython() if isinstance(value, Literal) else value
        if isinstance(python, bool) or not isinstance(python, int | Decimal):
            raise self.error(f"aug:{predicate} is no decimal number: {value}", f"write it as `{example or '1.0'}`")
        return Decimal(python)

    def span(self, predicate: str, example: str | None = None) -> timedelta | None:
        """Return a span of whole days; with an example it is required."""
        value = self.one(predicate) if example is None else self.need(predicate, example)
        if value is None:
            return None
        python = value.toPython() if isinstance(value, Literal) else value
        if not isinstance(python, timedelta) or python != timedelta(days=python.days):
            hint = f"write it as `{example or chr(34) + 'P30D' + chr(34) + '^^xsd:dayTimeDuration'}`"
            raise self.error(f"aug:{predicate} is no span of whole days: {value}", hint)
        return python

    def flag(self, predicate: str) -> bool:
        """Return a boolean; absent means false."""
        value = self.one(predicate)
        python = value.toPython() if isinstance(value, Literal) else None
        if value is not None and not isinstance(python, bool):
            raise self.error(f"aug:{predicate} is neither true nor false: {value}", "write `true` or `false`")
        return bool(python)
