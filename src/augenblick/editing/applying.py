"""Edits put into the files of an edition; nothing else in them changes, and every file written is canonical."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox

from augenblick.content import canonical_turtle as turtle
from augenblick.editing.edition import AXIOM, Edition, Field, Value, fields_of
from augenblick.editing.edits import Edit, FileEdit
from augenblick.model import terms
from augenblick.model.errors import BadOntology

ROOT = "https://w3id.org/augenblick/ontology"
LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
_FOLDERS = {terms.SIGNAL: "signals", terms.PRODUCT: "products"}
_TYPE = ox.NamedNode(terms.RDF + "type")
_DCTERMS = "http://purl.org/dc/terms/"


def applied(edition: Edition, edits: Iterable[Edit], files: Iterable[FileEdit] = ()) -> Edition:
    """Return the edition with the edits made.

    A new value goes into the file that types its term; a new term into the file of what names it, or, a signal,
    product or moment, into a file of its own. Raises BadOntology where a new term belongs nowhere.
    """
    by_file: dict[str, list[Edit]] = defaultdict(list)
    new: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        for path in edition.places.get(edit.field.subject, ()):
            by_file[path].append(edit)
        if edit.field.subject not in edition.places:
            new[edit.field.subject].append(edit)
    texts = dict(edition.texts)
    for subject, own in new.items():
        by_file[_home(subject, edition, new)] += own
    for path, own in by_file.items():
        texts[path] = _written(path, own, edition)
    for change in files:
        texts.pop(change.path, None)
        if change.new is not None:
            texts[change.path] = change.new
    return Edition({path: text for path, text in texts.items() if text})


def _written(path: str, edits: list[Edit], edition: Edition) -> str:
    """Return a file's text with the edits made, nothing if no term is left in it."""
    triples, prefixes = edition.triples.get(path) or _headed(path, edits)
    gone = {(edit.field, value.text) for edit in edits for value in edit.removed}
    dropped = {value for value in _located(triples) if value in gone}
    kept = _remaining(triples, dropped)
    for edit in edits:
        if _receives(path, edit, edition):
            kept += [
                triple for value in edit.added for triple in _stated(edit.field.subject, edit.field.predicate, value)
            ]
    subjects = {t.subject for t in kept if isinstance(t.subject, ox.NamedNode)}
    return turtle.serialise(kept, prefixes) if len(subjects) > 1 or path not in edition.texts or not dropped else ""


def _located(triples: list[ox.Triple]) -> set[tuple[Field, str]]:
    return {(field, value.text) for field, value in fields_of(triples)}


def _remaining(triples: list[ox.Triple], dropped: set[tuple[Field, str]]) -> list[ox.Triple]:
    """Return the triples without the values dropped and without what hung on these alone."""
    tops: list[ox.Triple] = []
    for field, value in fields_of(triples):
        if (field, value.text) not in dropped:
            tops += _plain(field.subject, field.predicate, value)
    return tops


def _plain(subject: str, predicate: str, value: Value) -> list[ox.Triple]:
    if predicate == AXIOM:
        return list(value.inner)
    return [ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value.term), *value.inner]


def _stated(subject: str, predicate: str, value: Value) -> list[ox.Triple]:
    """Return the triples of a value from another file, its anonymous nodes given fresh names."""
    fresh: dict[object, ox.BlankNode] = defaultdict(ox.BlankNode)

    def renamed(triple: ox.Triple) -> ox.Triple:
        s, o = (fresh[term] if isinstance(term, ox.BlankNode) else term for term in (triple.subject, triple.object))
        return ox.Triple(s, triple.predicate, o)  # type: ignore[arg-type]

    return [renamed(triple) for triple in _plain(subject, predicate, value)]


def _receives(path: str, edit: Edit, edition: Edition) -> bool:
    """Whether the file is the one of the term's files that new values go to: the first that types it."""
    if edit.field.subject not in edition.places:
        return True
    places = edition.places[edit.field.subject]
    subject = ox.NamedNode(edit.field.subject)
    typed = [p for p in places if any(t.subject == subject and t.predicate == _TYPE for t in edition.triples[p][0])]
    return path == (typed or places)[0]


def _home(subject: str, edition: Edition, new: dict[str, list[Edit]]) -> str:
    """Return the file a new term belongs to."""
    base = subject.partition("#")[0]
    for space, folder in _FOLDERS.items():
        if base.startswith(space):
            return f"ontology/{folder}/{base.removeprefix(space)}.ttl"
    if base.startswith(terms.MOMENT):
        return f"ontology/moments/{base.removeprefix(terms.MOMENT)}/moment.ttl"
    naming = [f.subject for f, values in edition.fields.items() if any(v.iri == subject for v in values.values())]
    naming += [name for name, own in new.items() if any(v.iri == subject for e in own for v in e.added)]
    places = [place for name in naming for place in edition.places.get(name, ())]
    if places:
        return places[0]
    hint = "give it an IRI in the space of a moment, signal or product, or add it to a file in a copy of the content"
    raise BadOntology(f"<{subject}> is new, and no file is its place", hint=hint)


def _headed(path: str, edits: list[Edit]) -> tuple[list[ox.Triple], dict[str, str]]:
    """Return what a new file begins with."""
    header = ox.NamedNode(f"{ROOT}/{path.removeprefix('ontology/').removesuffix('.ttl')}")
    labels = [v.term for e in edits if e.field.predicate == terms.RDFS + "label" for v in e.added]
    stated = [
        ox.Triple(header, _TYPE, ox.NamedNode(terms.OWL + "Ontology")),
        ox.Triple(header, ox.NamedNode(_DCTERMS + "license"), ox.NamedNode(LICENCE)),
        ox.Triple(header, ox.NamedNode(terms.OWL + "imports"), ox.NamedNode(f"{ROOT}/core")),
        *(ox.Triple(header, ox.NamedNode(_DCTERMS + "title"), label) for label in labels),
    ]
    return stated, {}
