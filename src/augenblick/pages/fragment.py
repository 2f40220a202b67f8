# ruff: noqa: E501 (prose)
"""The page of what the reasoner takes of OWL 2 RL, SPARQL 1.1 and SHACL."""

from __future__ import annotations

from collections.abc import Iterable

from augenblick.pages.markdown import code, sections, table
from augenblick.reason.datatypes import KNOWN
from augenblick.reason.schema import RULES
from augenblick.reason.sparql import AGGREGATES
from augenblick.reason.sparql_expressions import ARGUMENTS, CASTS
from augenblick.validate.components import CORE

OWL_RULES = (
    ("eq-ref", "not written (everything is the same as itself); `entails` knows it"),
    ("eq-sym eq-trans eq-rep-s eq-rep-o", "by cliques (docs/decisions/0005), never one by one"),
    ("eq-rep-p, eq-rep-o of classes", "rules for properties and classes whose sameness the ontology states; found from facts: named in the report"),
    ("eq-diff1", "as a pair of different things that are one"),
    ("eq-diff2 eq-diff3", "a rule per owl:AllDifferent"),
    ("prp-ap cls-thing cls-nothing1 dt-type1", "facts for questions about the schema (`axiomatic`)"),
    ("prp-dom prp-rng prp-symp prp-trp prp-spo1 prp-spo2 prp-eqp1 prp-eqp2 prp-inv1 prp-inv2", "a rule per axiom"),
    ("prp-fp prp-ifp prp-key cls-maxc2 cls-maxqc3 cls-maxqc4", "a rule per axiom; two literals of different value where one may be: a contradiction"),
    ("prp-irp prp-asyp prp-pdw prp-adp prp-npa1 prp-npa2 cls-com cls-nothing2 cls-maxc1 cls-maxqc1 cls-maxqc2 cax-dw cax-adc",
     "a rule per axiom that puts the individual into owl:Nothing, with a proof"),
    ("cls-int1 cls-int2 cls-uni cls-svf1 cls-svf2 cls-avf cls-hv1 cls-hv2 cls-oo cax-sco cax-eqc1 cax-eqc2", "a rule per axiom"),
    ("dt-type2 dt-not-type", "a rule per range or filler that is a datatype; ill-formed numbers by the rule of the schema"),
    ("dt-eq", "not written: where literals join they must be the same term (`1` and `01` are not)"),
    ("dt-diff", "inside the rules that allow one value"),
)  # fmt: skip
"""Each rule of the profile's tables but those of the schema, and how it is applied."""

REFUSED = (
    ("`FROM`, `FROM NAMED`", "a query reads the fact base; `default` names its graphs"),
    ("`SERVICE`, updates", "nothing is fetched from the network, and a rule makes facts by CONSTRUCT alone"),
    ("`BNODE()`, `NOW()`, `RAND()`, `UUID()`, `STRUUID()`", "the same facts must give the same answer"),
    ("`SHA384`, `SHA512`", "DuckDB has no such function"),
    ("inverses in a negated property set", "rdflib's parser loses their predicate"),
)


def page() -> str:
    """Return the page: the three standards, what is taken and what is refused or named."""
    return sections(
        (
            "# Was der Reasoner versteht · What the reasoner takes",
            "Was hier nicht steht, wird beim Laden abgelehnt oder im Bericht genannt (`not_covered`), nie still übergangen.",
            "*What does not stand here is refused at load or named in the report (`not_covered`), never passed over in silence.*",
            "## OWL 2 RL",
            table(("rules", "how"), [(names, how) for names, how in OWL_RULES]),
            "Schema (`schema_rules`, for questions about the ontology itself): " + _listed(RULES) + ".",
            "Datatypes: " + _listed(each.n3().strip("<>").rsplit("#", 1)[-1] for each in KNOWN) + ".",
            "Outside the profile and named: unions, existentials, enumerations and minimum or exact cardinalities as superclass, maximum cardinalities "
            "above one, universal restrictions and complements as subclass, facets of datatypes, restrictions on several properties, top and bottom "
            "properties, reflexive properties (they hold of declared individuals), SWRL, unknown `owl:` terms.",
            "## SPARQL 1.1",
            "CONSTRUCT as rule; SELECT, ASK, CONSTRUCT as query: basic graph patterns, property paths, `OPTIONAL`, `UNION`, `MINUS`, `FILTER`, "
            "`[NOT] EXISTS`, `BIND`, `VALUES`, `GRAPH`, sub-select with `GROUP BY`, `HAVING`, `DISTINCT`, `ORDER BY`, `LIMIT`.",
            "Functions: " + _listed(ARGUMENTS) + "; casts " + _listed(f"xsd:{each}" for each in CASTS)
            + "; aggregates " + _listed(each.upper() for each in AGGREGATES) + ".",
            table(("refused", "why"), REFUSED),
            "## SHACL",
            "Parameters: " + _listed(f"sh:{each}" for each in CORE) + "; SPARQL-based constraints, components and targets.",
            "Rules (`validate.shape_rules`): `sh:SPARQLRule`, `sh:TripleRule` with terms, `sh:this` and `sh:path` as node expressions, `sh:condition`, "
            "`sh:order`, `sh:deactivated`. They run to the fixpoint; an order the strata contradict is refused.",
            "Refused: recursive shapes, blank nodes as values, JavaScript, other node expressions.",
        )
    )  # fmt: skip


def _listed(names: Iterable[str]) -> str:
    return ", ".join(code(each) for each in sorted(names))
