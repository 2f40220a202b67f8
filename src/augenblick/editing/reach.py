"""What an edit can touch, read off the fields it changes: how little must be derived anew to know what it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from augenblick.content import Content, Words
from augenblick.content.model import WEIGHING
from augenblick.content.sources import short
from augenblick.editing.edition import AXIOM, Edition
from augenblick.editing.edits import Edit, FileEdit
from augenblick.model import terms
from augenblick.pipeline.rerun import Reach

_TOLD = frozenset(
    [terms.AUG + name for name in ("reason", "words", "tone", "need", "hasDialogue", "legalClass")]
    + [terms.RDFS + name for name in ("label", "comment", "seeAlso")]
)
"""Predicates that only people read; the legal class says who may read."""
_TOLD_SPACES = (terms.SKOS, "http://purl.org/dc/terms/")
_ASKED_ONLY = ("queries/", "shapes/ontology/", "ontology/questions/")
"""Folders of queries that people and checks ask; nothing is derived by them."""
_OFFERING = {terms.AUG + "hasProduct"}
_STATE = terms.AUG + "contentState"


def reach(
    edits: Iterable[Edit], files: Iterable[FileEdit], editions: tuple[Edition, Edition], old: Content, new: Content
) -> Reach:
    """Return what edits from one edition to the other can touch; `old` and `new` are their contents."""
    finding = _Finding(editions, old, new)
    for edit in edits:
        finding.edit(edit)
    for change in files:
        finding.file(change)
    return Reach(frozenset(finding.weighed), frozenset(finding.derived), finding.offers, finding.whole)


@dataclass
class _Finding:
    editions: tuple[Edition, Edition]
    old: Content
    new: Content
    weighed: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    offers: bool = False
    whole: Words | None = None

    def __post_init__(self) -> None:
        types = [t for content in (self.old, self.new) for t in content.moments]
        self._owners = {p.iri: t.iri for t in types for p in t.patterns} | {t.iri: t.iri for t in types}
        self._told = {n.iri for t in types for n in t.needs} | {d.iri for t in types for d in t.dialogues}
        self._products = {p.iri for content in (self.old, self.new) for p in content.products}
        self._types = {t.iri for t in types}
        self._ruled = {t.iri for t in types if t.rules}

    def edit(self, edit: Edit) -> None:
        """Take note of one field."""
        subject, predicate = edit.field.subject, edit.field.predicate
        if predicate in _TOLD or predicate.startswith(_TOLD_SPACES) or subject in self._told:
            self.offers = self.offers or predicate == terms.AUG + "legalClass"
        elif subject in self._owners:
            self._of_moment(self._owners[subject], predicate)
        elif subject in self._products or self._only_in("ontology/products/", subject):
            self.offers = self.offers or predicate != AXIOM
        elif not (predicate == terms.RDF + "type" and self._is_file(edit)):
            self.whole = self.whole or self._apart(subject)

    def file(self, change: FileEdit) -> None:
        """Take note of one rule, case or query."""
        if change.path.startswith(("ontology/patterns/", "ontology/moments/")) and change.path.endswith(".rq"):
            self.derived |= self._types
        elif change.path.endswith(".rq") and not change.path.startswith(_ASKED_ONLY):
            why = f"Die Regel {change.path} ist geändert.", f"The rule {change.path} changed."
            self.whole = self.whole or Words(*why)

    def _apart(self, subject: str) -> Words:
        """Return in words that many moments may hang on a term."""
        name = short(subject)
        de, en = (next(filter(None, (e.label(subject, lang) for e in self.editions)), name) for lang in ("de", "en"))
        return Words(
            f"An „{de}“ ({name}) können mehrere Lebensmomente hängen.", f"Several moments may hang on “{en}” ({name})."
        )

    def _of_moment(self, iri: str, predicate: str) -> None:
        if predicate in WEIGHING:
            self.weighed.add(iri)
        elif predicate in _OFFERING:
            self.offers = True
        else:
            self.derived |= self._types if predicate == _STATE and iri in self._ruled else {iri}

    def _only_in(self, folder: str, subject: str) -> bool:
        places = [place for edition in self.editions for place in edition.places.get(subject, ())]
        return bool(places) and all(place.startswith(folder) for place in places)

    @staticmethod
    def _is_file(edit: Edit) -> bool:
        return any(value.iri == terms.OWL + "Ontology" for value in (*edit.removed, *edit.added))
