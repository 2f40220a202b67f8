"""One file as an ontology editor saves it, taken apart again into the right small files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from augenblick.content.owl_api import as_rdf_xml
from augenblick.content.sources import OWN_NAMESPACES, short
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
_EMPTY = "[  ]"
"""An anonymous node of which nothing is said: all that OWL keeps of a list of RDF, which it does not have."""
_ADDED_BY_EDITORS = {terms.OWL + "NamedIndividual"}
"""Types that an editor declares of everything; they say nothing new."""


def taken_apart(edition: Edition, file: Path) -> Edition:
    """Return the edition with what the file says in place of what its files said.

    The file may be one of the edition's (its ontology IRI says which) or several of them merged. A statement the file
    lacks is removed where the file of the same ontology IRI made it; else about terms the file speaks of, and, if it
    is the root and speaks of most terms, about all. Turtle and RDF/XML are read here; OWL/XML, functional and
    Manchester syntax by the OWL API, known by how the file begins. Raises UnknownFormat for another form, BadOntology
    where it cannot be read.
    """
    triples, lossy = _read(file)
    given: dict[Field, dict[str, Value]] = defaultdict(dict)
    for field, value in fields_of(triples):
        given[field][value.text] = value
    scope = _scope(edition, given)
    known_fields = _last_word(edition, given)
    changed = []
    for field in sorted({f for f in known_fields.keys() | given.keys() if f.subject in scope}):
        if field.predicate in BOOKKEEPING | {AXIOM}:
            continue
        before, after = known_fields.get(field, {}), given.get(field, {})
        cut = any(_EMPTY in text for text in after if text not in before)
        if (lossy or cut) and _poorer(after.values(), before.values()):
            continue
        if cut and before:
            hint = "edit it in its file with a text editor: what OWL has no lists for, ontology editors cannot keep"
            message = f"{short(field.subject)} {short(field.predicate)} was edited and has lost a list"
            raise BadOntology(message, where=str(file), hint=hint)
        there = edition.fields.get(field, {})
        added = tuple(v for text, v in sorted(after.items()) if text not in there and v.iri not in _ADDED_BY_EDITORS)
        removed = tuple(v for text, v in sorted(before.items()) if text not in after and v.iri not in _ADDED_BY_EDITORS)
        if added or removed:
            changed.append(Edit(field, removed, added))
    lost = _new_without_a_name(edition, given)
    if lost:
        hint = "put it into the file it belongs to in a copy of the content, and propose the folder"
        raise BadOntology(f"says something new without a name, {lost[0][:80]}", where=str(file), hint=hint)
    return applied(edition, changed)


def _new_without_a_name(edition: Edition, given: Mapping[Field, Mapping[str, Value]]) -> list[str]:
    """Return what anonymous nodes that hang on nothing say and the edition does not.

    What hung on a file's header or in a list, which OWL does not keep, hangs on nothing in a saved file.
    """
    loose = {text: v for field, values in given.items() if field.predicate == AXIOM for text, v in values.items()}
    known = {text for field, values in edition.fields.items() if field.predicate == AXIOM for text in values}
    unknown = [value for text, value in loose.items() if text not in known]
    said = _plainly(v for values in edition.fields.values() for v in values.values()) if unknown else set()
    return [value.text for value in unknown if not _plainly([value]) or not _plainly([value]) <= said]


def _poorer(after: Iterable[Value], before: Iterable[Value]) -> bool:
    """Whether anonymous nodes say only a part of what they said: lists and shapes that the OWL API could not keep."""
    said, kept = _plainly(before), _plainly(after)
    return bool(said) and kept < said


def _plainly(values: Iterable[Value]) -> set[tuple[str, str]]:
    inner = (triple for value in values for triple in value.inner)
    return {(t.predicate.value, str(t.object)) for t in inner if not isinstance(t.object, ox.BlankNode)}


def _read(file: Path) -> tuple[list[ox.Triple], bool]:
    """Return the file's statements, and whether they went through OWL, which has no lists and shapes."""
    text, form = file.read_bytes(), FORMATS.get(file.suffix.lower())
    lossy = _other_syntax(text)
    if lossy:
        text, form = as_rdf_xml(file), ox.RdfFormat.RDF_XML
    elif form is None:
        hint = "save as Turtle, RDF/XML, OWL/XML or functional syntax"
        raise UnknownFormat("is in a form nothing reads here", where=str(file), hint=hint)
    try:
        return [quad.triple for quad in ox.parse(text, format=form)], lossy
    except (SyntaxError, ValueError) as error:
        hint = "save as Turtle (.ttl) or RDF/XML (.rdf, .owl)"
        raise BadOntology(f"cannot be read: {error}", where=str(file), hint=hint) from error


def _other_syntax(text: bytes) -> bool:
    """Whether a file is in a syntax of OWL that is no RDF, whatever its name ends with."""
    begin = text[:4000].decode("utf-8", errors="replace")
    return any(sign.search(begin) for sign in _OTHER_SYNTAXES.values())


def _scope(edition: Edition, given: dict[Field, dict[str, Value]]) -> set[str]:
    """Return the terms about which the file has the last word; headers of files are none."""
    spoken = {field.subject for field in given if field.predicate != _TYPE or field.subject not in edition.places}
    headers = {field.subject for field, values in given.items() if any(v.iri == _ONTOLOGY for v in values.values())}
    own = {name for name in edition.places if Field(name, _TYPE) not in edition.fields or not _is_header(edition, name)}
    scope = {name for name in spoken if name in own or name.startswith(OWN_NAMESPACES)}
    for header in headers:
        homes = set(edition.places.get(header, ()))
        scope |= {name for name in own if homes and set(edition.places[name]) <= homes}
    if ROOT in headers and len(scope & own) > len(own) / 2:
        scope |= own
    return {name for name in scope if not _is_header(edition, name)} - headers


def _last_word(edition: Edition, given: dict[Field, dict[str, Value]]) -> Mapping[Field, Mapping[str, Value]]:
    """Return what of the edition the file may take away: what its own file says, or all where it has none or is whole.

    Other files may speak of the same terms: alignments, topics.
    """
    headers = {field.subject for field, values in given.items() if any(v.iri == _ONTOLOGY for v in values.values())}
    homes = {path for header in headers for path in edition.places.get(header, ())}
    if not homes or (ROOT in headers and _speaks_of_most(edition, given)):
        return edition.fields
    found: dict[Field, dict[str, Value]] = defaultdict(dict)
    for path in homes:
        for field, value in fields_of(edition.triples[path][0]):
            found[field][value.text] = value
    return found


def _speaks_of_most(edition: Edition, given: dict[Field, dict[str, Value]]) -> bool:
    own = {name for name in edition.places if not _is_header(edition, name)}
    return len(own & {field.subject for field in given}) > len(own) / 2


def _is_header(edition: Edition, name: str) -> bool:
    return any(value.iri == _ONTOLOGY for value in edition.fields.get(Field(name, _TYPE), {}).values())
