"""A content of four small files, to be edited in tests."""

from __future__ import annotations

from augenblick.editing import Edition

PREFIXES = """@prefix aug: <https://w3id.org/augenblick/ontology#> .
@prefix moment: <https://w3id.org/augenblick/moment/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix product: <https://w3id.org/augenblick/product/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix signal: <https://w3id.org/augenblick/signal/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
CORE = """
<urn:core> a owl:Ontology .
aug:weight a owl:DatatypeProperty ; rdfs:label "Gewicht"@de, "weight"@en .
aug:textPattern a owl:DatatypeProperty ; rdfs:label "Textmuster"@de, "text pattern"@en .
aug:hasProduct a owl:ObjectProperty ; rdfs:label "hat Produkt"@de, "has product"@en .
"""
MOMENT = """
<urn:party> a owl:Ontology .
moment:party a owl:Class, aug:MomentType ; rdfs:label "Fest"@de, "party"@en ;
  aug:hasPattern <urn:cake>, <urn:song> ; aug:hasProduct product:loan .
<urn:cake> a aug:SignalOccurs ; rdfs:label "Torte"@de, "cake"@en ; aug:weight 3.2 ;
  aug:reason "Torten gibt es bei Festen."@de, "Cakes are for parties."@en .
<urn:song> a aug:SignalOccurs ; rdfs:label "Lied"@de, "song"@en ; aug:weight 1.0 .
"""
SIGNAL = """
<urn:bakery> a owl:Ontology .
signal:bakery a aug:Signal ; rdfs:label "Bäcker"@de, "bakery"@en ; aug:textPattern "CAKE", "TORTE" .
"""
PRODUCT = """
<urn:loan> a owl:Ontology .
product:loan a aug:Product ; rdfs:label "Kredit"@de, "loan"@en ;
  aug:eligibleIf [ a sh:NodeShape ; sh:property [ sh:path aug:age ; sh:minCount 1 ] ] .
"""
PARTY, BAKERY, LOAN, RULE = (
    "ontology/moments/party/moment.ttl",
    "ontology/signals/bakery.ttl",
    "ontology/products/loan.ttl",
    "ontology/patterns/signal-occurs.rq",
)
TEXTS = {
    "ontology/core/core.ttl": PREFIXES + CORE,
    PARTY: PREFIXES + MOMENT,
    BAKERY: PREFIXES + SIGNAL,
    LOAN: PREFIXES + PRODUCT,
    RULE: "CONSTRUCT { ?a a ?b }\nWHERE { ?a a ?b }\n",
}
CONTENT = Edition(TEXTS)


def edited(*steps: str) -> Edition:
    """Give the content with passages replaced: `edited(path, old, new, path, old, new, …)`."""
    texts = dict(TEXTS)
    for path, old, new in zip(steps[::3], steps[1::3], steps[2::3], strict=True):
        assert old in texts[path], f"{path} does not say: {old}"
        texts[path] = texts[path].replace(old, new, 1)
    return Edition(texts)
