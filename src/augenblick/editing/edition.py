"""One edition of the content: all its files, and what they say about each term, field by field.

A field is a term, a predicate and, for texts, a language; its values are compared by what they say, so anonymous
nodes are compared by their whole content. Statements about a term may stand in several files.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from augenblick.content import canonical_turtle as turtle
from augenblick.content.sources import short
from augenblick.model import terms
from augenblick.model.errors import BadOntology

FOLDERS = ("ontology", "shapes", "queries")
SUFFIXES = (".ttl", ".rq", ".yaml", ".xml")
GENERATED = ("ontology/catalog-v001.xml",)
"""Files that are written from the others."""
AXIOM = terms.OWL + "Axiom"
"""The predicate under which a file's nameless statements (pairwise disjoint classes, say) are its ontology's."""
LINKS = {terms.AUG + "hasPattern": "pattern", terms.AUG + "need": "need", terms.AUG + "hasDialogue": "dialogue"}
"""How a moment names what belongs to it."""

_TYPE = ox.NamedNode(terms.RDF + "type")
_ONTOLOGY = ox.NamedNode(terms.OWL + "Ontology")
_FIRST = ox.NamedNode(terms.RDF + "first")
_REST = ox.NamedNode(terms.RDF + "rest")
_MOST_DEPTH = 60

Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Inside = Mapping[Object, list[ox.Triple]]


class Field(NamedTuple):
    """Where a value stands: the term, the predicate, and the language of a text (else empty)."""

    subject: str
    predicate: str
    language: str = ""


@dataclass(frozen=True, order=True)
class Value:
    """A value by what it says; `inner` are the statements of an anonymous node."""

    text: str
    term: Object = field(compare=False)
    inner: tuple[ox.Triple, ...] = field(compare=False, default=())

    @property
    def iri(self) -> str:
        """The IRI if the value is a term, else nothing."""
        return self.term.value if isinstance(self.term, ox.NamedNode) else ""

    @property
    def lexical(self) -> str:
        """The value without its datatype and language; a term by its short name."""
        if isinstance(self.term, ox.Literal):
            return self.term.value
        return short(self.term.value) if isinstance(self.term, ox.NamedNode) else self.text


@dataclass(frozen=True)
class Edition:
    """The texts of all files, by path below the content's root, and what the Turtle among them says."""

    texts: Mapping[str, str]

    @staticmethod
    def read(root: Path) -> Edition:
        """Return the edition in the folder that holds `ontology`, `shapes` and `queries`.

        Raises BadOntology where there is no ontology or a file is not in UTF-8.
        """
        if not (root / "ontology").is_dir():
            hint = "name the folder that holds `ontology`, `shapes` and `queries`"
            raise BadOntology("holds no folder `ontology`", where=str(root), hint=hint)
        paths = [path for name in FOLDERS for path in sorted((root / name).rglob("*")) if path.suffix in SUFFIXES]
        names = {path: path.relative_to(root).as_posix() for path in paths if path.is_file()}
        return Edition({name: turtle.text_of(path, where=name) for path, name in names.items()})

    def write(self, root: Path) -> None:
        """Write every file below a folder."""
        for path, text in self.texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8", newline="")

    @cached_property
    def triples(self) -> dict[str, tuple[list[ox.Triple], dict[str, str]]]:
        """Triples and prefixes of each Turtle file; raises BadOntology if one is no Turtle."""
        return {path: turtle.read(text, where=path) for path, text in self.texts.items() if path.endswith(".ttl")}

    @cached_property
    def fields(self) -> dict[Field, dict[str, Value]]:
        """All fields of all terms, each with its values by what they say."""
        found: dict[Field, dict[str, Value]] = defaultdict(dict)
        for triples, _ in self.triples.values():
            for where, value in fields_of(triples):
                found[where][value.text] = value
        return dict(found)

    @cached_property
    def places(self) -> dict[str, list[str]]:
        """The files that speak of each term."""
        found: dict[str, list[str]] = defaultdict(list)
        for path, (triples, _) in self.triples.items():
            for subject in {t.subject.value for t in triples if isinstance(t.subject, ox.NamedNode)}:
                found[subject].append(path)
        return dict(found)

    @cached_property
    def of_subject(self) -> dict[str, list[Field]]:
        """The fields of each term."""
        found: dict[str, list[Field]] = defaultdict(list)
        for where in self.fields:
            found[where.subject].append(where)
        return dict(found)

    @cached_property
    def owners(self) -> dict[str, tuple[str, str]]:
        """Patterns, needs and dialogues with the moment that names them, and as what."""
        found: dict[str, tuple[str, str]] = {}
        for where, values in self.fields.items():
            if kind := LINKS.get(where.predicate):
                found |= {value.iri: (where.subject, kind) for value in values.values()}
        return found

    def values(self, subject: str, predicate: str, language: str = "") -> list[str]:
        """Return a field's values as `lexical` has them, terms by their IRIs, in order."""
        return sorted(v.iri or v.lexical for v in self.fields.get(Field(subject, predicate, language), {}).values())

    def label(self, iri: str, language: str) -> str | None:
        """Return what the edition calls a term in a language."""
        return next(iter(self.values(iri, terms.RDFS + "label", language)), None)


@lru_cache(maxsize=32)
def edition_of(root: Path) -> Edition:
    """Return the edition of a version's or a change set's folder, read once: such a folder is never written again.

    Raises what `Edition.read` raises.
    """
    return Edition.read(root)


def fields_of(triples: list[ox.Triple]) -> Iterator[tuple[Field, Value]]:
    """Give every statement about a named term of one file as field and value; nameless ones as axioms of the file."""
    inside: dict[Object, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        inside[triple.subject].append(triple)
    used = {t.object for t in triples if isinstance(t.object, ox.BlankNode)}
    header = next((t.subject for t in triples if (t.predicate, t.object) == (_TYPE, _ONTOLOGY)), None)
    for subject, stated in inside.items():
        if isinstance(subject, ox.BlankNode) and subject not in used:
            yield Field(header.value if isinstance(header, ox.NamedNode) else "", AXIOM), value_of(subject, inside)
        if not isinstance(subject, ox.NamedNode):
            continue
        for triple in stated:
            language = triple.object.language or "" if isinstance(triple.object, ox.Literal) else ""
            yield Field(subject.value, triple.predicate.value, language), value_of(triple.object, inside)


def value_of(term: Object, inside: Inside) -> Value:
    """Return the value a term stands for, an anonymous one with everything that hangs on it."""
    if not isinstance(term, ox.BlankNode):
        return Value(str(term), term)
    inner: list[ox.Triple] = []
    text = _nested(term, inside, inner, 0)
    return Value(text, term, tuple(inner))


def _nested(term: Object, inside: Inside, inner: list[ox.Triple], depth: int) -> str:
    if not isinstance(term, ox.BlankNode):
        return short(term.value) if isinstance(term, ox.NamedNode) else str(term)
    if depth > _MOST_DEPTH:
        raise BadOntology("anonymous nodes are nested too deeply or in a circle", hint="give the inner nodes names")
    stated = inside.get(term, [])
    inner.extend(stated)
    if {t.predicate for t in stated} == {_FIRST, _REST} and len(stated) == 2:
        return _listed(stated, inside, inner, depth)
    parts = [f"{short(t.predicate.value)} {_nested(t.object, inside, inner, depth + 1)}" for t in stated]
    return f"[ {' ; '.join(sorted(parts))} ]"


def _listed(cell: list[ox.Triple], inside: Inside, inner: list[ox.Triple], depth: int) -> str:
    members: list[str] = []
    seen = 0
    while {t.predicate for t in cell} == {_FIRST, _REST}:
        by_predicate = {t.predicate: t.object for t in cell}
        members.append(_nested(by_predicate[_FIRST], inside, inner, depth + 1))
        cell = inside.get(by_predicate[_REST], []) if isinstance(by_predicate[_REST], ox.BlankNode) else []
        inner.extend(cell)
        seen += 1
        if seen > len(inside):
            raise BadOntology("a list runs in a circle", hint="end it with rdf:nil")
    return f"( {' '.join(members)} )"


@contextmanager
def laid_out(edition: Edition) -> Iterator[Path]:
    """Give a temporary folder with the files of the edition."""
    with tempfile.TemporaryDirectory(prefix="augenblick-content-") as name:
        edition.write(Path(name))
        yield Path(name)
