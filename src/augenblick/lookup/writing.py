"""Writing the look-up file: whole beside the old one, or some customers of it in one transaction."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from augenblick.lookup.documents import Row, documents, run_of
from augenblick.lookup.names import forms
from augenblick.store import disk

LOOKUP_FILE = "lookup.sqlite"
_VERSION = 3
"""Of the file's form; a file of another one is written anew."""

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE customers (customer_id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL, adviser TEXT);
CREATE TABLE names (name TEXT, customer_id TEXT, PRIMARY KEY (name, customer_id)) WITHOUT ROWID;
CREATE TABLE ibans (iban TEXT, customer_id TEXT, PRIMARY KEY (iban, customer_id)) WITHOUT ROWID;
CREATE TABLE moments (
    moment_id TEXT, occurred_to TEXT, customer_id TEXT, moment_type TEXT, state TEXT, strictness INTEGER, adviser TEXT,
    PRIMARY KEY (moment_id, occurred_to, strictness)
) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX moments_by_type ON moments (moment_type, occurred_to, moment_id);
CREATE INDEX moments_by_time ON moments (occurred_to, moment_id);
CREATE INDEX moments_by_customer ON moments (customer_id);
CREATE INDEX moments_by_adviser ON moments (adviser, occurred_to, moment_id) WHERE adviser IS NOT NULL;
CREATE INDEX customers_by_adviser ON customers (adviser) WHERE adviser IS NOT NULL;
CREATE INDEX names_by_customer ON names (customer_id);
CREATE INDEX ibans_by_customer ON ibans (customer_id);
"""


def write(connection: duckdb.DuckDBPyConnection, folder: Path, *, customers: Iterable[str] | None = None) -> Path:
    """Bring the folder's look-up file up to date with the tables of a connection and return its path.

    With `customers` only those are written, in one transaction readers see whole; else the file is made anew and
    takes the old one's place. A file that is missing or of another form is always made anew.
    """
    path = folder / LOOKUP_FILE
    if customers is not None and current(path):
        _renew(connection, path, sorted(set(customers)))
        return path
    prepare(connection, folder)
    return put_in_place(folder)


def prepare(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make the folder's look-up file anew beside the one that is read, until `put_in_place`."""
    new = _prepared(folder)
    for leftover in (new, new.with_name(new.name + "-journal")):
        leftover.unlink(missing_ok=True)
    _build(connection, new)


def put_in_place(folder: Path) -> Path:
    """Let what was prepared take the place of the folder's look-up file, and return its path."""
    path = folder / LOOKUP_FILE
    for log in ("-wal", "-shm"):
        path.with_name(path.name + log).unlink(missing_ok=True)
    return _prepared(folder).replace(path)


def _prepared(folder: Path) -> Path:
    return (folder / LOOKUP_FILE).with_suffix(".new")


def current(path: Path) -> bool:
    """Say whether there is a look-up file of the form this release reads.

    Raises `CannotWrite` where the disk does not let it be opened: readers of it write beside it.
    """
    if not path.exists():
        return False
    file = sqlite3.connect(path)
    try:
        return int(file.execute("PRAGMA user_version").fetchone()[0]) == _VERSION
    except sqlite3.DatabaseError as error:
        if refused := disk.refused(error):
            raise refused from error
        return False
    finally:
        file.close()


def _build(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    file = sqlite3.connect(path, isolation_level=None)
    try:
        file.executescript(f"PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; {_TABLES}")
        file.execute("BEGIN")
        _put(file, documents(connection), 1)
        _meta(file, connection, 1)
        file.execute("COMMIT")
        file.executescript(f"{_INDEXES} ANALYZE; PRAGMA user_version={_VERSION}; PRAGMA journal_mode=WAL;")
    finally:
        file.close()
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _renew(connection: duckdb.DuckDBPyConnection, path: Path, customers: list[str]) -> None:
    file = sqlite3.connect(path, isolation_level=None)
    try:
        file.execute("BEGIN IMMEDIATE")
        version = int(file.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()[0]) + 1
        for customer in customers:
            for table in ("customers", "names", "ibans", "moments"):
                file.execute(f"DELETE FROM {table} WHERE customer_id = ?", [customer])
        _put(file, documents(connection, customers=customers), version)
        _meta(file, connection, version)
        file.execute("COMMIT")
    finally:
        file.close()


def _put(file: sqlite3.Connection, rows: Iterable[Row], version: int) -> None:
    for customer, given, family, birth, document in rows:
        found = json.loads(document)
        adviser = found["customer"].get("adviser")
        file.execute("INSERT INTO customers VALUES (?, ?, ?, ?)", [customer, version, document, adviser])
        names = [(name, customer) for name in sorted(forms(given, family, birth))]
        file.executemany("INSERT INTO names VALUES (?, ?)", names)
        ibans = {a["iban"] for a in found["accounts"] or () if a["iban"]}
        file.executemany("INSERT INTO ibans VALUES (?, ?)", [(iban, customer) for iban in sorted(ibans)])
        standings = ((*row, adviser) for row in _standings(customer, found))
        file.executemany("INSERT OR IGNORE INTO moments VALUES (?, ?, ?, ?, ?, ?, ?)", standings)


def _standings(customer: str, document: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Give a row for each of the standings of each moment: who may see only the milder one finds it by that."""
    for moment in document["moments"] or ():
        milder = moment["milder"]
        for told, guard in ((moment, moment["standing"]), *([(milder, milder)] if milder else [])):
            told_of = (told["moment_id"], told["occurred_to"], customer, moment["moment_type"])
            yield (*told_of, moment["state"], guard["strictness"])


def _meta(file: sqlite3.Connection, connection: duckdb.DuckDBPyConnection, version: int) -> None:
    values = {**run_of(connection), "version": str(version)}
    file.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))
