"""An explanation as PROV-O: what was derived from what, by which rule, down to rows of files."""

from __future__ import annotations

import hashlib

from rdflib import PROV, RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef

from augenblick.explain.model import Explanation, Premise, Source
from augenblick.model.terms import AUG, VERSIONS

_AUG = Namespace(AUG)


def to_prov(explanation: Explanation, *, base: str) -> str:
    """Return the explanation as Turtle in the terms of PROV-O; rows are `aug:SourceRow`s with file and line."""
    graph = Graph()
    graph.bind("prov", PROV)
    graph.bind("aug", _AUG)
    _moment(graph, explanation, base)
    return graph.serialize(format="turtle").strip()


def _moment(graph: Graph, explanation: Explanation, base: str) -> URIRef:
    moment = URIRef(explanation.moment_id)
    if (moment, RDF.type, PROV.Entity) in graph:
        return moment
    graph.add((moment, RDF.type, PROV.Entity))
    graph.add((moment, _AUG.confidence, Literal(round(explanation.confidence, 4), datatype=XSD.decimal)))
    _say(graph, moment, explanation.label.de, explanation.label.en)
    activity = URIRef(f"{explanation.moment_id}/derivation")
    graph.add((moment, PROV.wasGeneratedBy, activity))
    graph.add((activity, RDF.type, PROV.Activity))
    graph.add((activity, RDF.type, _AUG.Derivation))
    if explanation.version:
        graph.add((activity, PROV.used, URIRef(f"{VERSIONS}{explanation.version}")))
    for contribution in explanation.contributions:
        if not contribution.counted:
            continue
        graph.add((activity, PROV.used, URIRef(contribution.pattern)))
        for premise in contribution.premises:
            used = _premise(graph, premise, base)
            graph.add((activity, PROV.used, used))
            graph.add((moment, PROV.wasDerivedFrom, used))
    return moment


def _premise(graph: Graph, premise: Premise, base: str) -> URIRef:
    if premise.moment is not None:
        return _moment(graph, premise.moment, base)
    entity = URIRef(f"{base}premise/{_key(premise.fact.en, *map(_place, premise.sources))}")
    graph.add((entity, RDF.type, PROV.Entity))
    _say(graph, entity, premise.fact.de, premise.fact.en)
    if premise.rules:
        derivation = URIRef(f"{entity}/derivation")
        graph.add((entity, PROV.wasGeneratedBy, derivation))
        graph.add((derivation, RDF.type, _AUG.Derivation))
        for name in premise.rules:
            graph.add((derivation, _AUG.derivedBy, _rule(graph, name, base)))
    for source in premise.sources:
        row = _source(graph, source, base)
        graph.add((entity, PROV.wasDerivedFrom, row))
        graph.add((row, _AUG.rowOf, entity))
    return entity


def _rule(graph: Graph, name: str, base: str) -> URIRef:
    rule = URIRef(f"{base}rule/{_key(name)}")
    graph.add((rule, RDF.type, _AUG.Rule))
    graph.add((rule, RDFS.label, Literal(name)))
    return rule


def _source(graph: Graph, source: Source, base: str) -> URIRef:
    row = URIRef(f"{base}row/{_key(_place(source))}")
    graph.add((row, RDF.type, PROV.Entity))
    graph.add((row, RDF.type, _AUG.SourceRow))
    graph.add((row, _AUG.fromFile, Literal(source.file)))
    graph.add((row, _AUG.fromLine, Literal(source.line)))
    graph.add((row, RDFS.label, Literal(_place(source))))
    return row


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _place(source: Source) -> str:
    return f"{source.table} {source.file} {source.line}"


def _say(graph: Graph, subject: URIRef, de: str, en: str) -> None:
    graph.add((subject, RDFS.label, Literal(de, lang="de")))
    graph.add((subject, RDFS.label, Literal(en, lang="en")))
