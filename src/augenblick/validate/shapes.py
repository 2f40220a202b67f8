"""Shape files of a folder, read and compiled together, each error naming its file."""

from __future__ import annotations

from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.term import Node

from augenblick.model.errors import BadShape
from augenblick.validate.compiled import CompiledShape
from augenblick.validate.compiler import compile_shapes


def read_shapes(folder: Path, *, ontology: Graph | None = None) -> list[CompiledShape]:
    """Return the compiled shapes of every Turtle file below the folder, sorted by IRI.

    `ontology` supplies the subclasses of classes that shapes name. Raises `BadShape` naming the file.
    """
    graph, files = shapes_graph(folder)
    return compile_shapes(graph, ontology=ontology, files=files)


def shapes_graph(folder: Path) -> tuple[Graph, dict[Node, str]]:
    """Return the merged graph of the folder's Turtle files and the file each named subject stands in."""
    graph = Graph()
    files: dict[Node, str] = {}
    for path in sorted(folder.rglob("*.ttl")):
        part = Graph()
        name = path.relative_to(folder.parent).as_posix()
        try:
            part.parse(path, format="turtle")
        except Exception as error:
            raise BadShape(f"This is no Turtle: {error}", where=name) from error
        files.update({subject: name for subject in part.subjects() if isinstance(subject, URIRef)})
        graph += part
    return graph, files
