"""One file as an ontology editor saves it, taken apart again into the right small files."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox

from augenblick.content.sources import OWN_NAMESPACES
from augenblick.editing.applying import ROOT, applied
from augenblick.editing.edition import AXIOM, Edition, Field, Value, fields_of
from augenblick.editing.edits import BOOKKEEPING, Edit
from augenblick.model import terms
from augenblick.model.errors import BadOntology, UnknownFormat

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".nt": ox.RdfFormat.N_TRIPLES,
}
_OTHER_SYNTAXES = {
    "OWL/XML": re.compile(
        r"\A\s*(?:<\?xml.*?\?>\s*)?(?:<!DOCTYPE.*?\]>\s*|<!--.*?-->\s*)*<(?:\w+:)?Ontology\s", re.DOTALL
    ),
    "OWL functional syntax": re.compile(r"^\s*(?:Prefix|Ontology)\s*\(", re.MULTILINE),
    "Manchester syntax": re.compile(r"^\s*(?:Prefix|Ontology):\s", re.MULTILINE),
}
"""How files of other syntaxes begin (OWL 2 Structural Specification, XML Serialization, Manchester Syntax)."""
_ONTOLOGY = terms.OWL + "Ontology"
_TYPE = terms.RDF + "type"
_ADDED_BY_EDITORS = {terms.OWL + "NamedIndividual"}
"""Types that an editor declares of everything; they say nothing new."""


def taken_apart(edition: Edition, file: Path) -> Edition:
    """Return the edition with what the file says in place of what its files said.

    The file may be one of the edition's (its ontology IRI says which) or several of them merged. A statement the file
    lacks is removed only about terms the file speaks of, about terms of the file with the same ontology IRI, and, if it
    is the root and speaks of most terms, about all. Raises UnknownFormat for another form than Turtle or RDF/XML,
    BadOntology where it cannot be read.
    """
    triples = _read(file)
    given: dict[Field, dict[str, Value]] = defaultdict(dict)
    for field, value in fields_of(triples):
        given[field][value.text] = value
    scope = _scope(edition, given)
    known = {text for field, values in edition.fields.items() if field.predicate == AXIOM for text in values}
    changed = []
    for field in sorted({f for f in edition.fields.keys() | given.keys() if f.subject in scope}):
        if field.predicate in BOOKKEEPING | {AXIOM}:
            continue
        before, after = edition.fields.get(field, {}), given.get(field, {})
        added = tuple(v for text, v in sorted(after.items()) if text not in before and v.iri not in _ADDED_BY_EDITORS)
        removed = tuple(v for text, v in sorted(before.items()) if text not in after and v.iri not in _ADDED_BY_EDITORS)
        if added or removed:
            changed.append(Edit(field, removed, added))
    lost = [text for field, values in given.items() if field.predicate == AXIOM for text in values if text not in known]
    if lost:
        hint = "put it into the file it belongs to in a copy of the content, and propose the folder"
        raise BadOntology(f"says something new without a name, {lost[0][:80]}", where=str(file), hint=hint)
    return applied(edition, changed)


def _read(file: Path) -> list[ox.Triple]:
    form = FORMATS.get(file.suffix.lower())
    if form is None:
        raise UnknownFormat("is in a form nothing reads here", where=str(file), hint="save as Turtle or RDF/XML")
    _refuse_other_syntax(file)
    try:
        return [quad.triple for quad in ox.parse(file.read_bytes(), format=form)]
    except (SyntaxError, ValueError) as error:
        hint = "save as Turtle (.ttl) or RDF/XML (.rdf, .owl)"
        raise BadOntology(f"cannot be read: {error}", where=str(file), hint=hint) from error


def _refuse_other_syntax(file: Path) -> None:
    """Raise UnknownFormat for the syntaxes of OWL that are no RDF, whatever the file's name ends with."""
    begin = file.read_bytes()[:4000].decode("utf-8", errors="replace")
    for name, sign in _OTHER_SYNTAXES.items():
        if sign.search(begin):
            hint = "in Protégé: File, Save as…, Turtle Syntax (or RDF/XML Syntax)"
            raise UnknownFormat(f"is in {name}, which nothing reads here", where=str(file), hint=hint)


def _scope(edition: Edition, given: dict[Field, dict[str, Value]]) -> set[str]:
    """Return the terms about which the file has the last word; headers of files are none."""
    spoken = {field.subject for field in given}
    headers = {field.subject for field, values in given.items() if any(v.iri == _ONTOLOGY for v in values.values())}
    own = {name for name in edition.places if Field(name, _TYPE) not in edition.fields or not _is_header(edition, name)}
    scope = {name for name in spoken if name in own or name.startswith(OWN_NAMESPACES)}
    for header in headers:
        homes = set(edition.places.get(header, ()))
        scope |= {name for name in own if homes and set(edition.places[name]) <= homes}
    if ROOT in headers and len(scope & own) > len(own) / 2:
        scope |= own
    return {name for name in scope if not _is_header(edition, name)} - headers


def _is_header(edition: Edition, name: str) -> bool:
    return any(value.iri == _ONTOLOGY for value in edition.fields.get(Field(name, _TYPE), {}).values())
