"""Names of namespaces, as plain strings."""

AUG = "https://w3id.org/augenblick/ontology#"
MOMENT = "https://w3id.org/augenblick/moment/"
SIGNAL = "https://w3id.org/augenblick/signal/"
PRODUCT = "https://w3id.org/augenblick/product/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SH = "http://www.w3.org/ns/shacl#"
PROV = "http://www.w3.org/ns/prov#"

VERSIONS = "https://w3id.org/augenblick/ontology/version/"
"""Where the names of published versions of the content continue."""
DATA_BASE = "https://bank.example/id/"
"""Default base of data IRIs; a bank sets its own."""

ACCESS_GRAPH = "access"
"""Name of the graph that says to which accesses (role/purpose) each other graph is open."""
OPEN_TO = AUG + "openTo"
"""The predicate it says so by."""

LAYER_TERMS = {
    "eligible": "Eligibility",
    "applicable": "Applicability",
    "suitable": "Suitability",
    "contact": "ContactPolicy",
}
"""Each layer's individual in the ontology, as local name."""
