"""Which texts of bookings are blacked out when they are loaded, and what of them is kept: as the ontology states it."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import RDF, URIRef

from augenblick.content import reading
from augenblick.content.entry import AUG, Entry, local
from augenblick.content.model import Content, Signal
from augenblick.model.errors import BadOntology, BadPolicy


@dataclass(frozen=True)
class Redaction:
    """Texts that carry signals of the `classes`, or one of `texts`, are blacked out.

    They stay with a consent to one of `text_kept_with`; that a signal was there is kept unless one of
    `signal_kept_unless` was objected to. Consents are codes.
    """

    classes: frozenset[str]
    text_kept_with: frozenset[str]
    signal_kept_unless: frozenset[str]
    texts: tuple[Signal, ...]


def read_redaction(content: Content) -> Redaction | None:
    """Return what the ontology states, None where it has no `aug:TextRedaction`.

    Raises `BadPolicy` for more than one, or one without a class.
    """
    graph, folder = content.graph, content.root / "ontology" / "policy"

    def entries(klass: str) -> list[Entry]:
        found = sorted(graph.subjects(RDF.type, AUG[klass]), key=str)
        return [Entry(graph, subject, folder) for subject in found if isinstance(subject, URIRef)]

    try:
        stated = entries("TextRedaction")
        if not stated:
            return None
        if len(stated) > 1:
            raise stated[1].error("is a second aug:TextRedaction", "state all in one")
        (rule,) = stated
        classes = frozenset(local(value) for value in rule.values("onLegalClass"))
        if not classes:
            raise rule.error("aug:onLegalClass is missing", "say which class of texts is blacked out")
        return Redaction(
            classes,
            _codes(rule, "textKeptWith"),
            _codes(rule, "signalKeptUnlessObjected"),
            tuple(reading.signal(entry) for entry in entries("RevealingText")),
        )
    except BadOntology as error:
        raise BadPolicy(error.message, where=error.where, hint=error.hint) from error


def _codes(entry: Entry, name: str) -> frozenset[str]:
    known = [Entry(entry.graph, value, entry.file) for value in entry.values(name) if isinstance(value, URIRef)]
    return frozenset(each.text("code", '"code"') for each in known)
