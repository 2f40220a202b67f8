"""The reasoner: RDF terms as integers in DuckDB; SPARQL and OWL 2 RL rules compiled to SQL; proofs."""

from augenblick.reason.answer import Answer
from augenblick.reason.asked import asked
from augenblick.reason.bulk import PredicateColumn, add_columns
from augenblick.reason.change import ChangeReport, Quad
from augenblick.reason.columns import (
    TermSpec,
    boolean,
    constant,
    date,
    datetime,
    decimal,
    double,
    duration_days,
    duration_months,
    integer,
    iri,
    lang_string,
    literal,
    string,
    term_ids,
)
from augenblick.reason.derivations import Derivations, derivations, lowest
from augenblick.reason.entailment import Entailment, entails
from augenblick.reason.evaluate import Reasoner
from augenblick.reason.factbase import QUADS_ORDER, FactBase, Relation
from augenblick.reason.files import add_file
from augenblick.reason.ir import Origin, Rule, RuleSet
from augenblick.reason.live import TooWide
from augenblick.reason.memory import MemoryFacts
from augenblick.reason.memory_rules import MemoryReasoner
from augenblick.reason.owl import owl_rules
from augenblick.reason.parquet import read_parquet, write_parquet
from augenblick.reason.places import turtle_places
from augenblick.reason.proof import Proof, Prover, prove
from augenblick.reason.rounds import RuleReport, RunReport
from augenblick.reason.schema import axiomatic, schema_rules
from augenblick.reason.sparql import load_rule, load_rules
from augenblick.reason.support import Absence
from augenblick.reason.terms import Kind
from augenblick.reason.whynot import Failure, why_not
from augenblick.reason.written_proof import proof_json, proof_prov

__all__ = [
    "QUADS_ORDER",
    "Absence",
    "Answer",
    "ChangeReport",
    "Derivations",
    "Entailment",
    "FactBase",
    "Failure",
    "Kind",
    "MemoryFacts",
    "MemoryReasoner",
    "Origin",
    "PredicateColumn",
    "Proof",
    "Prover",
    "Quad",
    "Reasoner",
    "Relation",
    "Rule",
    "RuleReport",
    "RuleSet",
    "RunReport",
    "TermSpec",
    "TooWide",
    "add_columns",
    "add_file",
    "asked",
    "axiomatic",
    "boolean",
    "constant",
    "date",
    "datetime",
    "decimal",
    "derivations",
    "double",
    "duration_days",
    "duration_months",
    "entails",
    "integer",
    "iri",
    "lang_string",
    "literal",
    "load_rule",
    "load_rules",
    "lowest",
    "owl_rules",
    "proof_json",
    "proof_prov",
    "prove",
    "read_parquet",
    "schema_rules",
    "string",
    "term_ids",
    "turtle_places",
    "why_not",
    "write_parquet",
]
