"""Which file of the ontology imports which, and the XML catalog, written from what lies in the folder.

The root imports every file, `core.ttl` the shared terms (`core/`, `patterns/`), content imports `core.ttl`, and a
file of shared terms those whose classes and properties it uses: an OWL tool must know of a name whether it is a
class or a property before it can read an axiom. Protégé and the OWL API find an import through the OASIS catalog
beside the root, so nothing is fetched from the network. Whoever adds a file runs

    python -m augenblick.content.manifest [--check] ontology

Source: OWL 2 Structural Specification, section 3.4 (imports); OASIS XML Catalogs 1.1, section 4 (`uri` entries).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyoxigraph as ox

from augenblick.content import canonical_turtle as turtle
from augenblick.model import terms
from augenblick.model.errors import AugenblickError, BadOntology

ROOT = "augenblick.ttl"
CORE = "core.ttl"
CATALOG = "catalog-v001.xml"
ROOT_IRI = terms.AUG.removesuffix("#")
SHARED_FOLDERS = ("core/", "patterns/")

_TYPE = ox.NamedNode(terms.RDF + "type")
_ONTOLOGY = ox.NamedNode(terms.OWL + "Ontology")
_IMPORTS = ox.NamedNode(terms.OWL + "imports")
_AXIOMS = tuple(
    ox.NamedNode(name)
    for name in (
        terms.RDFS + "subClassOf",
        terms.RDFS + "subPropertyOf",
        terms.OWL + "equivalentClass",
        terms.OWL + "disjointWith",
    )
)
_KINDS = tuple(
    ox.NamedNode(terms.OWL + kind) for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
)


@dataclass(frozen=True)
class Member:
    """One file of the ontology: its path below the folder (with slashes), its IRI, its statements."""

    path: str
    iri: str
    titled: bool
    """Whether it states an `owl:Ontology`; else the IRI is the one its path says."""
    triples: tuple[ox.Triple, ...]
    prefixes: tuple[tuple[str, str], ...]

    @property
    def shared(self) -> bool:
        """Whether it declares terms for all others."""
        return self.path.startswith(SHARED_FOLDERS)

    def declares(self) -> set[ox.NamedNode]:
        """Return the classes and properties that the file declares."""
        return {
            triple.subject
            for triple in self.triples
            if triple.predicate == _TYPE and triple.object in _KINDS and isinstance(triple.subject, ox.NamedNode)
        }

    def needs(self, annotations: set[ox.NamedNode]) -> set[ox.NamedNode]:
        """Return the names whose kind a reader must know: its predicates, and what axioms are made of."""
        predicates = {triple.predicate for triple in self.triples}
        parts = {
            triple.object
            for triple in self.triples
            if triple.predicate not in annotations and isinstance(triple.object, ox.NamedNode)
        }
        return predicates | parts

    def relates(self) -> set[ox.NamedNode]:
        """Return the classes and properties that the file relates to each other."""
        ends = {end for t in self.triples if t.predicate in _AXIOMS for end in (t.subject, t.object)}
        return {end for end in ends if isinstance(end, ox.NamedNode)}


def members(folder: Path) -> list[Member]:
    """Return every Turtle file below `folder`, by path.

    Raises BadOntology where two files claim one IRI or one file claims two.
    """
    found = [_member(folder, path) for path in sorted(folder.rglob("*.ttl"))]
    by_iri: dict[str, Member] = {}
    for member in found:
        twin = by_iri.setdefault(member.iri, member)
        if twin is not member:
            raise BadOntology(
                f"{twin.path} has the same ontology IRI <{member.iri}>",
                where=member.path,
                hint="give each file an IRI of its own, best the one its path says",
            )
    return found


def imports(found: Sequence[Member]) -> dict[str, set[str]]:
    """Return the IRIs each file has to import, by the file's path.

    Raises BadOntology if files of shared terms need each other in a circle.
    """
    shared = [member for member in found if member.shared]
    needed = {member.path: _shared_imports(member, shared) for member in shared}
    paths = {member.iri: member.path for member in shared}
    try:
        TopologicalSorter({p: {paths[iri] for iri in iris} for p, iris in needed.items()}).prepare()
    except CycleError as error:
        raise BadOntology(
            f"import each other in a circle: {' → '.join(error.args[1])}",
            where="core",
            hint="move the class or property that both need",
        ) from error
    core = next((member.iri for member in found if member.path == CORE), None)
    for member in found:
        if member.path == ROOT:
            needed[ROOT] = {other.iri for other in found if other.path != ROOT}
        elif member.path == CORE:
            needed[CORE] = {other.iri for other in shared}
        elif not member.shared:
            needed[member.path] = _content_imports(member, found) | ({core} if core else set())
    return needed


def wanted(folder: Path) -> dict[str, str]:
    """Return the text of the catalog and of each file that states an ontology, with its imports up to date."""
    found = members(folder)
    needed = imports(found)
    texts = {member.path: _with_imports(member, needed[member.path]) for member in found if member.titled}
    return texts | {CATALOG: catalog_text(found)}


def catalog_text(found: Iterable[Member]) -> str:
    """Return the catalog that maps each ontology IRI to its file, relative to the catalog."""
    lines = [f"    <uri name={quoteattr(member.iri)} uri={quoteattr(member.path)}/>" for member in found]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
            '<catalog prefer="public" xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">',
            *lines,
            "</catalog>\n",
        ]
    )


def refresh(folder: Path, *, write: bool = True) -> list[Path]:
    """Return which files below `folder` have other imports or entries than they should; mend them if `write`."""
    changed = []
    for relative, text in wanted(folder).items():
        path = folder / relative
        if not path.exists() or turtle.text_of(path) != text:
            changed.append(path)
            if write:
                path.write_text(text, encoding="utf-8", newline="\n")
    return changed


def own_iri(relative: str) -> str:
    """Return the ontology IRI that the path of a file below the ontology folder says."""
    return ROOT_IRI if relative == ROOT else f"{ROOT_IRI}/{relative.removesuffix('.ttl')}"


def _shared_imports(member: Member, shared: Sequence[Member]) -> set[str]:
    annotation = ox.NamedNode(terms.OWL + "AnnotationProperty")
    annotations = {
        triple.subject
        for other in shared
        for triple in other.triples
        if triple.object == annotation and isinstance(triple.subject, ox.NamedNode)
    }
    needs = member.needs(annotations) - member.declares()
    return {other.iri for other in shared if other is not member and other.declares() & needs}


def _content_imports(member: Member, found: Sequence[Member]) -> set[str]:
    """Return the other content whose classes `member` relates to something (an alignment of a life moment)."""
    names = member.relates() - member.declares()
    content = (other for other in found if not other.shared and other.path not in (ROOT, CORE))
    return {other.iri for other in content if other is not member and other.declares() & names}


def _with_imports(member: Member, iris: set[str]) -> str:
    subject = ox.NamedNode(member.iri)
    kept = [triple for triple in member.triples if triple.predicate != _IMPORTS]
    added = [ox.Triple(subject, _IMPORTS, ox.NamedNode(iri)) for iri in iris]
    return turtle.serialise([*kept, *added], dict(member.prefixes))


def _member(folder: Path, path: Path) -> Member:
    relative = path.relative_to(folder).as_posix()
    triples, prefixes = turtle.read_file(path, where=relative)
    stated = {
        triple.subject.value
        for triple in triples
        if triple.predicate == _TYPE and triple.object == _ONTOLOGY and isinstance(triple.subject, ox.NamedNode)
    }
    if len(stated) > 1:
        raise BadOntology("states two ontologies", where=relative, hint="one file, one owl:Ontology")
    return Member(
        path=relative,
        iri=min(stated, default=own_iri(relative)),
        titled=bool(stated),
        triples=tuple(triples),
        prefixes=tuple(sorted(prefixes.items())),
    )


def main(arguments: Sequence[str]) -> int:
    """Bring imports and catalog of the folders named up to date; with --check only say what is not."""
    check = "--check" in arguments
    try:
        changed = [
            path for folder in arguments if folder != "--check" for path in refresh(Path(folder), write=not check)
        ]
    except AugenblickError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{path}\n" for path in changed))
    return 1 if changed and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
