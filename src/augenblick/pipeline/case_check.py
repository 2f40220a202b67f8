"""Whether the line finds what the cases expect and nothing else: those that an edit can affect, all in one run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
from rdflib import DCTERMS, RDFS, SKOS, BNode
from rdflib.term import Node

from augenblick.content import Content
from augenblick.content.cases import Case, Found, Row, together
from augenblick.content.finding import Finding
from augenblick.content.model import DRAFT, SHADOW
from augenblick.ingest import create_bank_tables
from augenblick.model.progress import Progress, silent
from augenblick.model.shelf import Shelf
from augenblick.model.terms import AUG
from augenblick.pipeline.detection import detect_in
from augenblick.reason import FactBase
from augenblick.store import in_memory, insert_rows

_WHOLE = ("ontology/core", "ontology/patterns", "shapes/data")
"""The folders every word of which what is found in a case may depend on."""
_TOLD = frozenset(
    [AUG + name for name in ("reason", "words", "tone", "mustNotSay", "handOver", "hasDialogue", "hasProduct", "need")]
    + [str(RDFS.label), str(RDFS.comment), str(RDFS.seeAlso)]
)
_TOLD_SPACES = (str(SKOS), str(DCTERMS))
"""Predicates that only people read, or products are offered by."""
_ALONE = 5
"""So many cases that differ among all others are run again by themselves: cases may see when the bank's data begin."""
_FOUND = "SELECT customer_id, slug, occurred_from, occurred_to, state FROM moments.moments"


def findings(
    content: Content, cases: Sequence[Case], *, passed: Shelf, progress: Progress = silent
) -> Iterator[Finding]:
    """Give a finding for each difference between what a case expects and what the line finds in it.

    Drafts and moments in shadow are held against their own cases only. Cases that `passed` remembers to have been run
    with the same content are not run again. Raises what the line raises.
    """
    digest = _digest(content)
    keys = {case.identity: f"run\0{digest}\0{case.identity}\0{case.file.read_bytes()!r}" for case in cases}
    waiting = [case for case in cases if passed.get(keys[case.identity]) is None]
    differences = partial(_differences, content, progress=progress)
    for day in sorted({case.as_of for case in waiting}):
        of_day = [case for case in waiting if case.as_of == day]
        differing = differences(of_day, day)
        if 0 < len(differing) <= _ALONE < len(of_day):
            alone = [case for case in of_day if case.identity in differing]
            differing = {
                name: said for case in alone for name, said in _differences(content, [case], day, progress).items()
            }
        for case in of_day:
            said = differing.get(case.identity, [])
            yield from (Finding(str(case.file), case.identity, "case", each) for each in said)
            if not said:
                passed.put(keys[case.identity], value=True)


def outcomes(content: Content, cases: Sequence[Case], progress: Progress = silent) -> dict[Path, tuple[Found, ...]]:
    """Return by the case's file what each would have to expect to be right with the content; raises as the line does.

    Each runs by itself, as one that fails among others does before it is told.
    """
    told = {}
    for case in cases:
        with line(content, case.tables(), case.as_of, progress) as (connection, _):
            told[case.file] = case.outcome(concerning(case, content, found_in(connection)))
    return told


def _differences(content: Content, cases: list[Case], day: date, progress: Progress) -> dict[str, list[str]]:
    """Return the differences of the cases that have any, by the case's identity."""
    with line(content, together(cases), day, progress) as (connection, _):
        found = found_in(connection)
    told = {case.identity: case.differences(concerning(case, content, found)) for case in cases}
    return {name: differences for name, differences in told.items() if differences}


@contextmanager
def line(
    content: Content, tables: Mapping[str, Sequence[Row]], day: date, progress: Progress = silent
) -> Iterator[tuple[duckdb.DuckDBPyConnection, FactBase]]:
    """Give what the line makes of the rows of cases, drafts and moments in shadow as if they were live."""
    connection = bank(tables)
    try:
        _, facts = detect_in(connection, content.with_live(DRAFT, SHADOW), as_of=day, progress=progress)
        yield connection, facts
    finally:
        connection.close()


def found_in(connection: duckdb.DuckDBPyConnection, *, of: str = "") -> list[Found]:
    """Return the moments found on a connection, customers' ids with `of` before them."""
    rows = connection.execute(_FOUND).fetchall()
    return [Found(f"{of}{customer}", *more) for customer, *more in rows]


def concerning(case: Case, content: Content, found: Iterable[Found]) -> Iterator[Found]:
    """Give what counts for a case: moments that are live, and those of the case's own type in any state."""
    live = {moment.slug for moment in content.live}
    own = case.file.parent.parent.name
    return (each for each in found if each.moment in live or each.moment == own)


def bank(tables: Mapping[str, Sequence[Row]]) -> duckdb.DuckDBPyConnection:
    """Return a connection of the store's shape whose catalog `bank` holds the rows."""
    connection = in_memory()
    create_bank_tables(connection)
    for table, rows in tables.items():
        columns = sorted({name for row in rows for name in row})
        texts = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in columns}
        insert_rows(connection, f"bank.{table}", pa.table({n: pa.array(t, pa.string()) for n, t in texts.items()}))
    return connection


def _digest(content: Content) -> str:
    """Return a digest of all that the outcome of cases depends on, the cases themselves left out."""
    digest = hashlib.sha256()
    files = (file for folder in _WHOLE for file in (content.root / folder).rglob("*") if file.suffix in (".ttl", ".rq"))
    for file in sorted((*files, *content.rules)):
        digest.update(f"\0{file.relative_to(content.root)}\0".encode() + file.read_bytes())
    for triple in sorted(" ".join(map(str, each)) for each in content.graph if _counts(each)):
        digest.update(f"\0{triple}".encode())
    return digest.hexdigest()


def _counts(triple: tuple[Node, ...]) -> bool:
    predicate = str(triple[1])
    nameless = any(isinstance(term, BNode) for term in triple)
    return not (nameless or predicate in _TOLD or predicate.startswith(_TOLD_SPACES))
