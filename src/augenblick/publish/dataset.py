"""Which graphs a query may look at: those the published graph says are open, cut to those asked for.

The published graphs are compartments of stages (facts, moments, …). Which compartment a thing lies in depends on
classes and consents the caller may not know of: a query names stages only, in FROM, and `GRAPH` sees none of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from augenblick.model.terms import AUG
from augenblick.publish.compartments import is_compartment, stage_of
from augenblick.publish.pool import WorkerPool
from augenblick.publish.query import PREFIXES, rows_of, without_lexemes
from augenblick.publish.snapshots import STORE

_OPEN = """
SELECT DISTINCT ?g WHERE {
  { GRAPH ?access { ?g aug:openTo $WHOM } FILTER STRENDS(STR(?access), "/graph/access") }
  UNION { GRAPH ?g { ?ontology a owl:Ontology } FILTER STRENDS(STR(?g), "/graph/ontology") }
}
"""
_SECONDS = 30.0
_FROM = re.compile(r"(?<![\w?$:.-])FROM\s+(NAMED\s+)?(?:<([^>]*)>|([\w.-]*):([\w.-]*))", re.IGNORECASE)
_PREFIX = re.compile(r"(?<![\w?$:.-])PREFIX\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE)


@dataclass(frozen=True)
class Dataset:
    """The graphs that are the default graph together, and those `GRAPH` may name."""

    default: tuple[str, ...]
    named: tuple[str, ...]


async def open_graphs(pool: WorkerPool, snapshot: Path, whom: str) -> tuple[str, ...]:
    """Return the graphs of a snapshot that are open to `whom` (role/purpose), and the ontology's, sorted.

    A snapshot that says of no graph to whom it is open opens none but the ontology.
    """
    request = {
        "store": str(snapshot / STORE),
        "query": _OPEN.replace("$WHOM", json.dumps(whom)),
        "prefixes": {**PREFIXES, "aug": AUG},
        "results": "json",
        "graphs": None,
    }
    async with pool.answer(request, seconds=_SECONDS) as answer:
        found = rows_of(b"".join([chunk async for chunk in answer.chunks]))
    return tuple(sorted(row["g"] for row in found))


def dataset(
    sparql: str,
    allowed: Sequence[str],
    *,
    default: Sequence[str] = (),
    named: Sequence[str] = (),
    own: Sequence[str] = (),
) -> Dataset:
    """Return what a query may look at of the graphs allowed.

    `default` and `named` are the protocol's; where neither is given the query's own FROM counts, and where that is
    missing, too, all allowed graphs. A stage's name stands for all its graphs that are allowed. A graph that is not
    allowed looks as one that does not exist, and so does a compartment by its own name. `own` are the caller's own
    graphs, each under its name.
    """
    if not default and not named:
        default, named = from_clauses(sparql)
    free = {name for name in allowed if not is_compartment(name)} | {*own}
    if not default and not named:
        return Dataset((*allowed, *own), tuple(sorted(free)))
    wanted = set(default)
    open_to_all = tuple(g for g in allowed if stage_of(g) in wanted)
    return Dataset((*open_to_all, *(g for g in own if g in wanted)), tuple(g for g in named if g in free))


def from_clauses(sparql: str) -> tuple[list[str], list[str]]:
    """Return the graphs a query names in FROM and in FROM NAMED."""
    text = without_lexemes(sparql, keep_iris=True)
    if not _FROM.search(text):
        return [], []
    prefixes = PREFIXES | {match[1]: match[2] for match in _PREFIX.finditer(text)}
    default: list[str] = []
    named: list[str] = []
    for match in _FROM.finditer(text):
        iri = match[2] if match[2] is not None else prefixes.get(match[3], "") + match[4]
        (named if match[1] else default).append(iri)
    return default, named
