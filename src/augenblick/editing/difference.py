"""What changed between two editions, told by term and label instead of by triple.

Patterns, needs and dialogues are told under the moment they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

from augenblick.content.model import Words
from augenblick.content.sources import short
from augenblick.editing.edition import AXIOM, LINKS, Edition, Field, Value
from augenblick.editing.edits import Edit, FileEdit, edits, file_edits
from augenblick.model import terms

Status = Literal["added", "removed", "changed"]

_LABEL, _TYPE = terms.RDFS + "label", terms.RDF + "type"
_KINDS = {
    terms.AUG + "MomentType": "moment",
    terms.AUG + "Signal": "signal",
    terms.AUG + "Product": "product",
    terms.SH + "NodeShape": "shape",
    terms.OWL + "Ontology": "file",
    terms.OWL + "Class": "class",
}
_NAMES = {
    AXIOM: Words("Axiom", "axiom"),
    _TYPE: Words("Art", "kind"),
    _LABEL: Words("Name", "name"),
    terms.RDFS + "comment": Words("Bemerkung", "comment"),
    terms.RDFS + "subClassOf": Words("ist eine Art von", "is a kind of"),
    terms.SKOS + "definition": Words("Definition", "definition"),
    terms.SKOS + "example": Words("Beispiel", "example"),
    terms.SKOS + "editorialNote": Words("Anmerkung der Redaktion", "editorial note"),
    "http://purl.org/dc/terms/source": Words("Quelle", "source"),
    "http://purl.org/dc/terms/title": Words("Titel", "title"),
    terms.SH + "message": Words("Meldung", "message"),
}
"""Names of predicates that are not the ontology's own."""


@dataclass(frozen=True)
class Shown(Words):
    """A value as people read it, with its IRI if it is a term."""

    iri: str = ""


@dataclass(frozen=True)
class FieldChange:
    """A field of a term: what it is called, what went and what came, and why the value is as it is now."""

    predicate: str
    name: Words
    language: str
    removed: tuple[Shown, ...]
    added: tuple[Shown, ...]
    reason: Words | None = None


@dataclass(frozen=True)
class TermChange:
    """A term that was added, removed or changed; `owner` is the moment it belongs to, else itself."""

    iri: str
    kind: str
    label: Words
    status: Status
    owner: str
    owner_label: Words
    files: tuple[str, ...]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Difference:
    """All changed terms, grouped by owner, and all changed rules, cases and queries."""

    terms: tuple[TermChange, ...]
    files: tuple[FileEdit, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing changed that means anything."""
        return not (self.terms or self.files)

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        return asdict(self)


def difference(old: Edition, new: Edition) -> Difference:
    """Return what changed from `old` to `new`."""
    return told(edits(old, new), file_edits(old, new), old, new)


def told(changed: Iterable[Edit], files: Iterable[FileEdit], old: Edition, new: Edition) -> Difference:
    """Return edits between the two editions as changes of terms."""
    by_term = groupby(changed, key=lambda edit: edit.field.subject)
    found = [_Telling(subject, old, new).change(list(own)) for subject, own in by_term]
    shown = [term for term in found if term is not None]
    gone_or_new = {term.iri for term in shown if term.status != "changed"}
    kept = [term for term in (_without_links(term, gone_or_new) for term in shown) if term.fields]
    return Difference(tuple(sorted(kept, key=_order)), tuple(files))


def _order(term: TermChange) -> tuple[str, bool, str]:
    return term.owner, term.iri != term.owner, term.iri


def _without_links(term: TermChange, told_elsewhere: set[str]) -> TermChange:
    """Leave out that a moment has a pattern where the pattern itself is told as new or gone."""
    if term.status != "changed":
        return term
    kept = []
    for field in term.fields:
        removed, added = (
            tuple(w for w in side if not (field.predicate in LINKS and w.iri in told_elsewhere))
            for side in (field.removed, field.added)
        )
        if removed or added:
            kept.append(FieldChange(field.predicate, field.name, field.language, removed, added, field.reason))
    return TermChange(**{**vars(term), "fields": tuple(kept)})


class _Telling:
    """One term on its way from edits to words."""

    def __init__(self, subject: str, old: Edition, new: Edition) -> None:
        self.subject, self.old, self.new = subject, old, new
        self.status: Status = "changed"
        if subject not in old.of_subject:
            self.status = "added"
        elif subject not in new.of_subject:
            self.status = "removed"
        self.there = old if self.status == "removed" else new

    def change(self, own: list[Edit]) -> TermChange | None:
        """Return the change, None for the header of a file that came or went with its terms."""
        kind = self.kind
        if kind == "file" and self.status != "changed":
            return None
        owner = self.owner[0]
        return TermChange(
            iri=self.subject,
            kind=kind,
            label=self._label(self.subject),
            status=self.status,
            owner=owner,
            owner_label=self._label(owner),
            files=tuple(self.there.places.get(self.subject, ())),
            fields=tuple(self._field(edit) for edit in own),
        )

    @cached_property
    def owner(self) -> tuple[str, str]:
        """The term it belongs to and as what; itself and nothing if it stands alone."""
        for edition in (self.new, self.old):
            if found := edition.owners.get(self.subject):
                return found
        return self.subject, ""

    @property
    def kind(self) -> str:
        """What the term is: moment, pattern, need, dialogue, signal, product, shape, file, class, property or term."""
        if self.owner[1]:
            return self.owner[1]
        types = self.there.values(self.subject, _TYPE)
        known = next((kind for iri, kind in _KINDS.items() if iri in types), None)
        return known or ("property" if any(iri.endswith("Property") for iri in types) else "term")

    def _label(self, iri: str) -> Words:
        return label_of(iri, self.there)

    def _field(self, edit: Edit) -> FieldChange:
        field = edit.field
        removed = tuple(_shown(value, self.old) for value in edit.removed)
        added = tuple(_shown(value, self.new) for value in edit.added)
        reason = self._reason() if field.predicate == terms.AUG + "weight" and self.status == "changed" else None
        return FieldChange(
            field.predicate, name_of(field.predicate, self.there), field.language, removed, added, reason
        )

    def _reason(self) -> Words | None:
        texts = [self.there.values(self.subject, terms.AUG + "reason", language) for language in ("de", "en")]
        return Words(texts[0][0], texts[1][0]) if all(texts) else None


def label_of(iri: str, edition: Edition) -> Words:
    """Return what a term is called in both languages, its short name where it has no label."""
    return Words(*(edition.label(iri, language) or short(iri) for language in ("de", "en")))


def name_of(predicate: str, edition: Edition) -> Words:
    """Return what a field is called in both languages."""
    return _NAMES.get(predicate) or label_of(predicate, edition)


def place_of(field: Field, edition: Edition) -> Words:
    """Return a field in words: its name, the term's label, the language."""
    name, label = name_of(field.predicate, edition), label_of(field.subject, edition)
    language = f" ({field.language})" if field.language else ""
    return Words(f"{name.de}{language} von „{label.de}“", f"{name.en}{language} of “{label.en}”")


def _shown(value: Value, edition: Edition) -> Shown:
    if value.iri:
        words = label_of(value.iri, edition)
        return Shown(words.de, words.en, value.iri)
    return Shown(value.lexical, value.lexical)
