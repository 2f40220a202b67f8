"""A person's right to be forgotten (GDPR 17): out of the bank's tables, and of all that was derived and published."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from augenblick.content import Content
from augenblick.ingest.forgetting import forget, returned
from augenblick.lookup import LOOKUP_FILE
from augenblick.model.errors import NotLoaded
from augenblick.pipeline.detection import detect
from augenblick.pipeline.reading import last_run, no_customer
from augenblick.policy.pseudonyms import Pseudonyms
from augenblick.store import DataDirectory

CERTIFICATES = "certificates"


@dataclass(frozen=True)
class Certificate:
    """What was erased when, without saying of whom: rows per table, quads published before and after."""

    reference: str
    erased_on: date
    removed: dict[str, int]
    quads_before: int
    quads_after: int


def erase(directory: DataDirectory, customer: str, *, on: date, content: Content | None = None) -> Certificate:
    """Erase a customer with all that was derived from them, also at relatives; return and keep the certificate.

    Databases are written anew, snapshots are dropped, and everything is derived again without the person as of the
    last run's day. Raises `NotFound` when there is no such customer.
    """
    names = Pseudonyms(directory.path)
    connection = directory.connect()
    try:
        if not _known(connection, customer):
            raise no_customer()
        forgotten = forget(connection, customer, names.of)
    finally:
        connection.close()
    before = _quads(directory)
    run = _run(directory)
    drop_derived(directory)
    directory.compact()
    removed = forgotten.removed | _forget_beside(directory, forgotten.speaks())
    if run is not None:
        detect(directory, as_of=run[0], base=run[1], content=content)
    certificate = Certificate(str(uuid.uuid4()), on, removed, before, _quads(directory))
    _keep(directory.path / CERTIFICATES, certificate)
    return certificate


def keep_out_erased(directory: DataDirectory, connection: duckdb.DuckDBPyConnection) -> bool:
    """Take out again who was erased and came back with a load; return whether anybody did (then `compact`)."""
    names = Pseudonyms(directory.path)
    back = returned(connection, names.of)
    for customer in back:
        forget(connection, customer, names.of)
    return bool(back)


def drop_derived(directory: DataDirectory) -> None:
    """Delete everything that can be computed anew: derived database, live store, snapshots, what loads left over."""
    for folder in (directory.live_store, directory.snapshots, directory.path / "staging"):
        shutil.rmtree(folder, ignore_errors=True)
    for pattern in ("derived*.duckdb*", f"{Path(LOOKUP_FILE).stem}.*"):
        for file in directory.path.glob(pattern):
            file.unlink()


def _forget_beside(directory: DataDirectory, speaks: re.Pattern[str]) -> dict[str, int]:
    """Delete the rows that speak of the person from the files the service keeps, and write those anew."""
    removed: dict[str, int] = {}
    for path in sorted(directory.path.glob("*.sqlite")):
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as file:
            file.create_function("speaks", 1, lambda said: bool(speaks.search(str(said))), deterministic=True)
            for (table,) in file.execute("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE TABLE%'").fetchall():
                columns = [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]
                spoken = " OR ".join(f'speaks("{column}")' for column in columns)
                if count := file.execute(f'DELETE FROM "{table}" WHERE {spoken}').rowcount:
                    removed[f"{path.stem} {table}"] = count
            file.execute("VACUUM")
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return removed


def _known(connection: duckdb.DuckDBPyConnection, customer: str) -> bool:
    try:
        found = connection.execute("SELECT 1 FROM bank.customers WHERE customer_id = ?", [customer]).fetchone()
    except duckdb.CatalogException:
        return False
    return found is not None


def _run(directory: DataDirectory) -> tuple[date, str] | None:
    try:
        with last_run(directory) as run:
            return run.as_of, run.base
    except NotLoaded:
        return None


def _quads(directory: DataDirectory) -> int:
    graph = directory.live_store / "graph.nq"
    if not graph.exists():
        return 0
    with graph.open("rb") as lines:
        return sum(1 for _ in lines)


def _keep(folder: Path, certificate: Certificate) -> None:
    folder.mkdir(exist_ok=True)
    text = json.dumps(asdict(certificate), ensure_ascii=False, indent=2, default=str)
    (folder / f"erasure-{certificate.reference}.json").write_text(text + "\n", encoding="utf-8")
