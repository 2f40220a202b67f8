"""Proofs written down: as JSON, and in the terms of PROV-O."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from rdflib import PROV, RDF, RDFS, BNode, Graph, Literal, URIRef

from augenblick.reason.ir import Term
from augenblick.reason.proof import Proof


def proof_json(proof: Proof) -> dict[str, Any]:
    """Return a proof as what JSON can hold.

    Terms are as in SPARQL's JSON results. A stated fact has no `rule`; `cut` says that the proof goes on below.
    """
    found: dict[str, Any] = {
        "subject": _term(proof.s), "predicate": _term(proof.p), "object": _term(proof.o), "graph": proof.graph,
    }  # fmt: skip
    if proof.rule is not None:
        found |= {
            "rule": proof.rule.name,
            "height": proof.height,
            "premises": [proof_json(premise) for premise in proof.premises],
            "absences": [absence.text for absence in proof.absences],
            "cut": proof.cut,
        }
    return found


def _term(term: Term) -> dict[str, str]:
    if isinstance(term, URIRef):
        return {"type": "uri", "value": str(term)}
    if isinstance(term, BNode):
        return {"type": "bnode", "value": str(term)}
    found = {"type": "literal", "value": str(term)}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype:
        found["datatype"] = str(term.datatype)
    return found


def proof_prov(proof: Proof, *, base: str) -> Graph:
    """Return a proof as PROV-O, IRIs made below `base`: facts are statements, each derived by an activity.

    An activity uses its premises and its rule (a plan) and says what had to be absent; a stated fact is a member of
    its graph (a collection).
    """
    graph = Graph()
    graph.bind("prov", PROV)
    _fact(graph, proof, base)
    return graph


def _fact(graph: Graph, proof: Proof, base: str) -> URIRef:
    said = f"{proof.s.n3()} {proof.p.n3()} {proof.o.n3()}"
    fact = URIRef(f"{base}fact/{hashlib.sha256(said.encode()).hexdigest()[:24]}")
    if (fact, RDF.type, PROV.Entity) in graph:
        return fact
    graph.add((fact, RDF.type, PROV.Entity))
    graph.add((fact, RDF.type, RDF.Statement))
    for predicate, term in ((RDF.subject, proof.s), (RDF.predicate, proof.p), (RDF.object, proof.o)):
        graph.add((fact, predicate, term))
    if proof.rule is None:
        collection = _named(graph, f"{base}graph/", proof.graph, PROV.Collection)
        graph.add((collection, PROV.hadMember, fact))
        return fact
    activity = URIRef(f"{fact}/derivation")
    graph.add((fact, PROV.wasGeneratedBy, activity))
    graph.add((activity, RDF.type, PROV.Activity))
    graph.add((activity, PROV.used, _named(graph, f"{base}rule/", proof.rule.name, PROV.Plan)))
    for absence in proof.absences:
        graph.add((activity, RDFS.comment, Literal(absence.text)))
    for premise in proof.premises:
        below = _fact(graph, premise, base)
        graph.add((activity, PROV.used, below))
        graph.add((fact, PROV.wasDerivedFrom, below))
    return fact


def _named(graph: Graph, place: str, name: str, kind: URIRef) -> URIRef:
    thing = URIRef(place + quote(name, safe=""))
    graph.add((thing, RDF.type, kind))
    graph.add((thing, RDFS.label, Literal(name)))
    return thing
