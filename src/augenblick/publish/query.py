"""SPARQL on a snapshot, in a process of its own that is killed at its deadline.

Oxigraph has no query timeout, and results touched from another thread abort the process: the worker
opens the snapshot, runs the query, serializes the result itself and sends the bytes.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph

from augenblick.model.errors import BadParameter, BadRule
from augenblick.model.terms import AUG, MOMENT, OWL, PRODUCT, PROV, RDF, RDFS, SIGNAL, SKOS, XSD
from augenblick.publish.pool import WorkerPool
from augenblick.publish.snapshots import STORE
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
MEMORY_MEGABYTES = 8192
_LEXEMES = re.compile(
    r"<[^<>\"{}|^`\\\s]*>|\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*", re.DOTALL
)
_REACHING_OUT = re.compile(r"(?<![\w?$:.-])(?:SERVICE|LOAD)\b(?![:-])", re.IGNORECASE)
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
        "results": result_format if result_format in RESULTS else None,
        "graphs": result_format if result_format in GRAPHS else "turtle",
    }
    return asyncio.run(_answer(request, seconds))


async def _answer(request: dict[str, Any], seconds: float) -> QueryAnswer:
    pool = WorkerPool(1, memory_megabytes=MEMORY_MEGABYTES)
    try:
        async with pool.answer(request, seconds=seconds) as answer:
            content = b"".join([chunk async for chunk in answer.chunks])
            return QueryAnswer(answer.kind, content)
    finally:
        await pool.close()


def refuse_calls_outside(sparql: str) -> None:
    """Raise `BadRule` when a query or update reaches out of this host: by SERVICE or LOAD.

    Words inside strings, IRIs and comments do not count; escaped letters do, since some parsers unescape first.
    """
    unescaped = re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", _letter, sparql)
    for text in {sparql, unescaped}:
        if found := _REACHING_OUT.search(without_lexemes(text)):
            word = found[0].upper()
            raise BadRule(f"{word} is not allowed: nothing asked here leaves this host.", hint="load the data instead")


def without_lexemes(sparql: str, *, keep_iris: bool = False) -> str:
    """Return the query with blanks in place of strings, comments and (unless kept) IRIs."""
    return _LEXEMES.sub(lambda match: match[0] if keep_iris and match[0][0] == "<" else " ", sparql)


def _letter(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= sys.maxunicode else match[0]


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
