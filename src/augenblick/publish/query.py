"""SPARQL on a snapshot, in a process of its own that is killed at its deadline.

Oxigraph has no query timeout, and results touched from another thread abort the process: the worker
opens the snapshot, runs the query, serializes the result itself and sends the bytes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph

from augenblick.model.errors import BadParameter, BadRule, QueryTimeout
from augenblick.model.terms import AUG, MOMENT, OWL, PRODUCT, PROV, RDF, RDFS, SIGNAL, SKOS, XSD
from augenblick.publish.snapshots import STORE

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
FORMATS = ("json", "csv", "tsv", "xml", "turtle", "ntriples")
_LEXEMES = re.compile(
    r"<[^<>\"{}|^`\\\s]*>|\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*", re.DOTALL
)
_LEXEMES_AND_PARAMETERS = re.compile(_LEXEMES.pattern + r"|\$(\w+)", re.DOTALL)


@dataclass(frozen=True)
class QueryAnswer:
    """A query's serialized result; `kind` is SELECT, ASK or GRAPH."""

    kind: str
    content: bytes


def run_query(
    snapshot: Path,
    sparql: str,
    *,
    parameters: Mapping[str, tuple[str, str]] | None = None,
    result_format: str = "json",
    seconds: float = 60.0,
) -> QueryAnswer:
    """Return the answer of a read-only SPARQL query on a snapshot's union graph.

    `parameters` maps a name to (kind, text); `$name` in the query stands for that value. Raises `BadRule` for a
    query that cannot be parsed or that calls out (`SERVICE`), `QueryTimeout` at the deadline.
    """
    refuse_calls_outside(sparql)
    if result_format not in FORMATS:
        raise BadParameter(f"There is no format '{result_format}'.", hint=f"one of: {', '.join(FORMATS)}")
    request = {
        "store": str(snapshot / STORE),
        "query": with_parameters(sparql, parameters or {}),
        "prefixes": PREFIXES,
        "format": result_format,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "augenblick.publish.worker"],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise QueryTimeout(
            f"The query did not end within {seconds:g} seconds and was stopped.",
            hint="bind more of it, add LIMIT, or raise the limit with --timeout",
        ) from error
    return _answer(done)


def refuse_calls_outside(sparql: str) -> None:
    """Raise `BadRule` when the query uses SERVICE (words inside strings, IRIs and comments do not count)."""
    if re.search(r"\bSERVICE\b", _LEXEMES.sub(" ", sparql), re.IGNORECASE):
        raise BadRule("SERVICE is not allowed: no query leaves this host.", hint="load the data instead")


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


def _answer(done: subprocess.CompletedProcess[bytes]) -> QueryAnswer:
    head, _, content = done.stdout.partition(b"\n")
    if not head:
        raise QueryTimeout(
            f"The query's worker ended without an answer (exit code {done.returncode}).",
            hint="it may have run out of memory: add LIMIT or bind more of the query",
        )
    header = json.loads(head)
    if "error" in header:
        raise BadRule(f"The query cannot be run: {header['error']}", hint=header.get("hint"))
    return QueryAnswer(header["kind"], content)
