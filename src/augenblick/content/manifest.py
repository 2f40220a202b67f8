"""The root's list of imports and the XML catalog, written from what lies in the ontology folder.

Protégé and the OWL API find an import through the OASIS catalog beside the root, so nothing is fetched from
the network; whoever adds a file runs

    python -m augenblick.content.manifest [--check] ontology

Source: OASIS XML Catalogs 1.1, section 4 (`uri` entries), as Protégé reads them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyoxigraph as ox

from augenblick.content import turtle
from augenblick.model import terms
from augenblick.model.errors import AugenblickError, BadOntology

ROOT = "augenblick.ttl"
CATALOG = "catalog-v001.xml"
ROOT_IRI = terms.AUG.removesuffix("#")

_TYPE = ox.NamedNode(terms.RDF + "type")
_ONTOLOGY = ox.NamedNode(terms.OWL + "Ontology")
_IMPORTS = ox.NamedNode(terms.OWL + "imports")


@dataclass(frozen=True, order=True)
class Member:
    """One file of the ontology: its path below the folder (with slashes), its IRI, whether it states it."""

    path: str
    iri: str
    titled: bool


def members(folder: Path) -> list[Member]:
    """Return every Turtle file below `folder` but the root, by path.

    A file without an `owl:Ontology` of its own gets the IRI that its path says. Raises BadOntology where two
    files claim one IRI or one file claims two.
    """
    found = [_member(folder, path) for path in sorted(folder.rglob("*.ttl")) if path != folder / ROOT]
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


def root_text(folder: Path) -> str:
    """Return the root with its imports brought up to date, as canonical Turtle."""
    root = folder / ROOT
    triples, prefixes = turtle.read(root.read_text(encoding="utf-8"), where=ROOT)
    kept = [triple for triple in triples if triple.predicate != _IMPORTS]
    subject = ox.NamedNode(ROOT_IRI)
    imports = [ox.Triple(subject, _IMPORTS, ox.NamedNode(member.iri)) for member in members(folder)]
    return turtle.serialise([*kept, *imports], prefixes)


def catalog_text(folder: Path) -> str:
    """Return the catalog that maps each ontology IRI to its file, relative to `folder`."""
    entries = [(ROOT_IRI, ROOT), *((member.iri, member.path) for member in members(folder))]
    lines = [f"    <uri name={quoteattr(iri)} uri={quoteattr(path)}/>" for iri, path in entries]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
            '<catalog prefer="public" xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">',
            *lines,
            "</catalog>\n",
        ]
    )


def refresh(folder: Path, *, write: bool = True) -> list[Path]:
    """Return which of root and catalog are out of date; rewrite them unless `write` is false."""
    changed = []
    for path, wanted in ((folder / ROOT, root_text(folder)), (folder / CATALOG, catalog_text(folder))):
        if not path.exists() or path.read_text(encoding="utf-8") != wanted:
            changed.append(path)
            if write:
                path.write_text(wanted, encoding="utf-8")
    return changed


def _member(folder: Path, path: Path) -> Member:
    relative = path.relative_to(folder).as_posix()
    triples, _ = turtle.read(path.read_text(encoding="utf-8"), where=relative)
    stated = {
        triple.subject.value
        for triple in triples
        if triple.predicate == _TYPE and triple.object == _ONTOLOGY and isinstance(triple.subject, ox.NamedNode)
    }
    if len(stated) > 1:
        raise BadOntology("states two ontologies", where=relative, hint="one file, one owl:Ontology")
    titled = bool(stated)
    return Member(relative, stated.pop() if stated else own_iri(relative), titled=titled)


def own_iri(relative: str) -> str:
    """Return the ontology IRI that the path of a file below the ontology folder says."""
    return f"{ROOT_IRI}/{relative.removesuffix('.ttl')}"


def main(arguments: Sequence[str]) -> int:
    """Bring root and catalog of the folders named up to date; with --check only say which are not."""
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
