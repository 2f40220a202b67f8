"""Whether every term says in both languages what it is called and what it means, and every file who wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from augenblick.content.finding import Finding
from augenblick.content.sources import OWN_NAMESPACES, Sources, short
from augenblick.model import terms

LANGUAGES = ("de", "en")

_AUG_KINDS_DEFINED = tuple(URIRef(terms.AUG + name) for name in ("Signal", "Product"))
_AUG_KINDS_LABELLED = tuple(URIRef(terms.AUG + name) for name in ("EvidencePattern", "Need"))
_OWL_ENTITIES = (
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.NamedIndividual,
    RDFS.Datatype,
)


def findings(sources: Sources) -> Iterator[Finding]:
    """Give a finding for each missing label, definition or statement of the file's header."""
    for term in sorted(_defined(sources)):
        yield from _words_missing(sources, term, RDFS.label, "label")
        yield from _words_missing(sources, term, SKOS.definition, "definition")
    for term in sorted(_instances(sources.union, _AUG_KINDS_LABELLED)):
        yield from _words_missing(sources, term, RDFS.label, "label")
    for path, graph in sources.files.items():
        yield from _header_faults(path, graph)


def _defined(sources: Sources) -> set[URIRef]:
    """Return what needs a definition: what OWL declares, what core names, and signals and products."""
    graph = sources.union
    entities = {s for kind in _OWL_ENTITIES for s in graph.subjects(RDF.type, kind)}
    entities |= {s for s in graph.subjects(RDF.type, None) if str(s).startswith(terms.AUG)}
    own = {s for s in entities if isinstance(s, URIRef) and str(s).startswith(OWN_NAMESPACES)}
    patterns_only = {s for s in own if not str(s).startswith(terms.AUG) and not _declared_entity(graph, s)}
    return (own - patterns_only) | _instances(graph, _AUG_KINDS_DEFINED)


def _declared_entity(graph: Graph, term: URIRef) -> bool:
    return any((term, RDF.type, kind) in graph for kind in _OWL_ENTITIES if kind != OWL.NamedIndividual)


def _instances(graph: Graph, kinds: tuple[URIRef, ...]) -> set[URIRef]:
    classes: set[Node | None] = set(kinds)
    for kind in kinds:
        classes.update(graph.transitive_subjects(RDFS.subClassOf, kind))
    return {s for kind in classes for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}


def _words_missing(sources: Sources, term: URIRef, predicate: URIRef, kind: str) -> Iterator[Finding]:
    said = [v for v in sources.union.objects(term, predicate) if isinstance(v, Literal) and str(v).strip()]
    for language in LANGUAGES:
        texts = [value for value in said if value.language == language]
        if len(texts) == 1:
            continue
        message = f"has {'no' if not texts else 'more than one'} {kind} in “{language}”"
        hint = f"say {short(str(predicate))} once with @{language}"
        yield Finding(sources.where(term), short(str(term)), kind, message, hint)


def _header_faults(path: str, graph: Graph) -> Iterator[Finding]:
    headers = list(graph.subjects(RDF.type, OWL.Ontology))
    if len(headers) != 1:
        yield Finding(path, "owl:Ontology", "header", f"is stated {len(headers)} times", "state it once")
        return
    header = headers[0]
    for language in LANGUAGES:
        titles = [v for v in graph.objects(header, DCTERMS.title) if getattr(v, "language", None) == language]
        if not titles:
            yield Finding(path, "dcterms:title", "header", f"is missing in “{language}”", "title the file")
    if (header, DCTERMS.license, None) not in graph:
        yield Finding(path, "dcterms:license", "header", "is missing", "name the licence")
