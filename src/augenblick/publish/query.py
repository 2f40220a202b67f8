"""SPARQL as text: prefixes, parameters put in as terms, and what a query may not do."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping

import pyoxigraph

from augenblick.model.errors import BadParameter, BadRule
from augenblick.model.terms import AUG, MOMENT, OWL, PRODUCT, PROV, RDF, RDFS, SIGNAL, SKOS, XSD
from augenblick.publish.worker import GRAPHS, RESULTS

PREFIXES = {
    "aug": AUG,
    "moment": MOMENT,
    "signal": SIGNAL,
    "product": PRODUCT,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "prov": PROV,
}
FORMATS = (*RESULTS, *GRAPHS)
LEXEMES = r"<[^<>\"{}|^`\\\s]*>|\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*|\\[^\suU]"
"""The pattern of an IRI, a string, a comment or an escaped sign of a name; `.` is any sign in it."""
_LEXEMES = re.compile(LEXEMES, re.DOTALL)
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_VARIABLE = re.compile(r"[?$]\w+")
_REACHING_OUT = re.compile(
    r"SERVICE\s*(?:SILENT\s*)?(?:<[^>]*>|\?|[\w.-]*:[\w.:%-]*)\s*\{|(?<![\w?:.-])LOAD(?:SILENT|\b(?![:-]))",
    re.IGNORECASE,
)
"""A call may follow what stands before it without a blank (`?o.SERVICE`), and its name may follow it so."""
_LEXEMES_AND_PARAMETERS = re.compile(LEXEMES + r"|\$(\w+)", re.DOTALL)


def refuse_calls_outside(sparql: str) -> None:
    """Raise `BadRule` when a query or update reaches out of this host: by SERVICE or LOAD.

    Words inside strings, IRIs and comments do not count; escaped letters do, since some parsers unescape first.
    """
    for text in {sparql, unescaped(sparql)}:
        words = _VARIABLE.sub("?", without_lexemes(text, keep_iris=True))
        if found := _REACHING_OUT.search(words):
            word = "SERVICE" if "{" in found[0] else "LOAD"
            raise BadRule(f"{word} is not allowed: nothing asked here leaves this host.", hint="load the data instead")


def without_lexemes(sparql: str, *, keep_iris: bool = False) -> str:
    """Return the query with blanks in place of strings, comments and (unless kept) IRIs."""
    return _LEXEMES.sub(lambda match: match[0] if keep_iris and match[0][0] == "<" else " ", sparql)


def unescaped(sparql: str) -> str:
    """Return a query or update with its escaped letters as the parser reads them."""
    return _ESCAPED.sub(_letter, sparql)


def _letter(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= sys.maxunicode else match[0]


def rows_of(results: bytes) -> list[dict[str, str]]:
    """Return the rows of a SELECT answered as SPARQL JSON: of each bound variable the text of its value."""
    return [
        {name: str(term["value"]) for name, term in row.items()} for row in json.loads(results)["results"]["bindings"]
    ]


def parameters_in(sparql: str) -> set[str]:
    """Return the names that stand as `$name` in a query, outside strings, IRIs and comments."""
    return {match[1] for match in _LEXEMES_AND_PARAMETERS.finditer(sparql) if match[1]}


def with_parameters(sparql: str, parameters: Mapping[str, tuple[str, str]]) -> str:
    """Return the query with each value, as a complete escaped term, where `$name` stands outside strings and IRIs.

    Raises `BadParameter` for a value that is not of its kind.
    """
    terms = {name: str(_term(kind, value)) for name, (kind, value) in parameters.items()}

    def term(match: re.Match[str]) -> str:
        return terms.get(match[1] or "", match[0])

    return _LEXEMES_AND_PARAMETERS.sub(term, sparql)


def _term(kind: str, value: str) -> pyoxigraph.NamedNode | pyoxigraph.Literal:
    try:
        if kind == "iri":
            return pyoxigraph.NamedNode(value)
        if kind == "string":
            return pyoxigraph.Literal(value)
        return pyoxigraph.Literal(value, datatype=pyoxigraph.NamedNode(XSD + kind))
    except ValueError as error:
        raise BadParameter(f"The value is no {kind}: {error}") from error
