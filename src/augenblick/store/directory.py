"""Where everything lies on disk, and the one way to connect to it."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from augenblick.model.errors import Busy
from augenblick.store import disk
from augenblick.store.parsed import parsed, plain

_WRITTEN_BY_RUNS = ("moment_identities", "feedback", "loads")
"""Durable tables that a run makes sure of before it reads them; small."""
_QUIET = "SET enable_progress_bar = false"  # DuckDB draws its bar into standard output, terminal or not
PATIENCE_SECONDS = 2.0
"""How long one waits for the directory: a running service looks into it for a moment now and then."""
_PAUSE_SECONDS = 0.05
_HELD = (duckdb.IOException, duckdb.BinderException, duckdb.ConnectionException, duckdb.ResourceInUseException)
"""What DuckDB raises where another process, or another connection of this one, has the file."""


_KEPT: dict[Path, duckdb.DuckDBPyConnection] = {}
"""By folder the connections that keep a directory's databases open in this process (see `keep_open`)."""
_BESIDE: dict[Path, Any] = {}
"""By folder what is kept open beside them."""
_KEEPING = threading.Lock()
T = TypeVar("T")


class DataDirectory:
    """A bank's data directory: what came from outside (durable) and what was derived (rebuildable)."""

    def __init__(self, path: Path, *, home: Path | None = None) -> None:
        self.path = path
        self.home = home or path
        """Where the durable database and the audit log lie: elsewhere for what is kept beside the last run."""

    @property
    def bank_file(self) -> Path:
        """The durable database: bank tables, consents, declared moments, feedback."""
        return self.home / "bank.duckdb"

    @property
    def derived_file(self) -> Path:
        """The rebuildable database: evidence, graph, moments, offers."""
        return self.path / "derived.duckdb"

    @property
    def live_store(self) -> Path:
        """The Oxigraph store only the publisher writes to."""
        return self.path / "live"

    @property
    def snapshots(self) -> Path:
        """The folder of immutable Oxigraph snapshots that queries read."""
        return self.path / "snapshots"

    @property
    def content(self) -> Path:
        """The folder of the bank's own content: versions, change sets, which version is published."""
        return self.path / "content"

    @property
    def published_version(self) -> str | None:
        """The name of the published version of the content; None where the shipped one is used."""
        file = self.content / "current"
        return file.read_text(encoding="utf-8").strip() if file.is_file() else None

    @property
    def published_content(self) -> Path | None:
        """The folder of the published version; None where the shipped content is used."""
        return self.content_root(self.published_version)

    def content_root(self, version: str | None) -> Path | None:
        """Return the folder of a version's ontology, shapes and queries; None where it is not one of the bank's."""
        folder = self.content / "versions" / version if version else None
        return folder if folder is not None and folder.is_dir() else None

    def beside(self, name: str) -> DataDirectory:
        """Return a data directory within this one, of the same bank, for what other rules derive."""
        return DataDirectory(self.aside_folder / name, home=self.home)

    @property
    def aside_folder(self) -> Path:
        """The folder of what other rules derived; can be removed at any time."""
        return self.path / "as-rules"

    @contextmanager
    def rebuild(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection whose derived database is new and empty; it takes the old one's place at the end.

        After an error the old one stays as it was. Raises `Busy` when another process holds the directory.
        """
        self.let_go()
        self.connect().close()  # refuses while another process writes
        new = self.derived_file.with_name("derived.new.duckdb")
        for leftover in (new, new.with_suffix(".duckdb.wal")):
            leftover.unlink(missing_ok=True)
        connection = self._open(new, read_only=False)
        try:
            # Nothing of a rebuild outlives a crash before its end, so only the end waits for the disk.
            connection.execute("SET fsync_mode = 'NONE'")
            yield connection
            connection.execute("SET fsync_mode = 'STANDARD'")
        except BaseException:
            connection.close()
            new.unlink(missing_ok=True)
            raise
        connection.execute("CHECKPOINT")
        connection.close()
        self.derived_file.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        new.replace(self.derived_file)

    @contextmanager
    def aside(self, *, fresh: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection on a temporary copy of the derived database, or on an empty one; it is gone at the end.

        The durable tables stand in `bank`, as they are; what was derived last is the catalog `published`. Neither can
        be written. Raises `Busy` when another process writes to the directory.
        """
        self.let_go()
        with tempfile.TemporaryDirectory(prefix="augenblick-aside-") as folder:
            copy = Path(folder) / "derived.duckdb"
            held = self.connect(read_only=True)
            try:
                if not fresh:
                    shutil.copyfile(self.derived_file, copy)
            finally:
                held.close()
            connection = duckdb.connect(copy)
            try:
                connection.execute(_QUIET)
                connection.execute("SET fsync_mode = 'NONE'")
                self._attach_for_reading(connection)
                yield connection
            finally:
                connection.close()

    def _attach_for_reading(self, connection: duckdb.DuckDBPyConnection) -> None:
        try:
            for name, file in (("durable", self.bank_file), ("published", self.derived_file)):
                connection.execute(f"ATTACH '{_quoted(file)}' AS {name} (READ_ONLY)")
        except _HELD as error:
            raise Busy("The data directory cannot be opened.", where=str(self.path), hint="try again soon") from error
        connection.execute("ATTACH ':memory:' AS bank")
        tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'durable'").fetchall()
        for (table,) in tables:
            kind = "TABLE" if table in _WRITTEN_BY_RUNS else "VIEW"
            connection.execute(f'CREATE {kind} bank."{table}" AS FROM durable."{table}"')

    def compact(self) -> None:
        """Write the durable database anew, so that nothing of deleted rows is left in its file.

        Raises `Busy` when another process holds it.
        """
        self.let_go()
        new = self.bank_file.with_name("bank.new.duckdb")
        new.unlink(missing_ok=True)
        try:
            with duckdb.connect() as connection:
                connection.execute(f"ATTACH '{_quoted(self.bank_file)}' AS old")
                connection.execute(f"ATTACH '{_quoted(new)}' AS new")
                connection.execute("COPY FROM DATABASE old TO new")
        except duckdb.IOException as error:
            raise Busy("The data directory cannot be opened.", where=str(self.path)) from error
        self.bank_file.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        new.replace(self.bank_file)

    def connect(self, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        """Return a connection whose main database is the derived one, the durable one attached as `bank`.

        Raises `Busy` when another process holds the directory for writing.
        """
        with _KEEPING:
            kept = _KEPT.get(self.path.resolve())
            if kept is not None:
                connection = kept.cursor()
                connection.execute(_QUIET)
                return connection
        return self._open(self.derived_file, read_only=read_only)

    def keep_open(self) -> None:
        """Keep the databases open in this process from one connection to the next, until `let_go` is called.

        To open and close them takes as long as much that is done in between. Meanwhile no other process gets at them.
        Raises `Busy` when another process holds the directory.
        """
        place = self.path.resolve()
        if not self.kept_open:
            opened = self._open(self.derived_file, read_only=False)
            with _KEEPING:
                _KEPT[place] = opened

    @property
    def kept_open(self) -> bool:
        """Whether `keep_open` keeps the databases open."""
        return self.path.resolve() in _KEPT

    def kept_beside(self, open_: Callable[[], T]) -> T:
        """Return what a function opens, kept from one call to the next as long as the databases are.

        For what only who writes to the directory opens.
        """
        place = self.path.resolve()
        with _KEEPING:
            if place not in _KEPT:
                return open_()
            if place not in _BESIDE:
                _BESIDE[place] = open_()
            kept: T = _BESIDE[place]
            return kept

    def close_beside(self) -> None:
        """Close what is kept open beside the databases."""
        with _KEEPING:
            _BESIDE.pop(self.path.resolve(), None)

    def let_go(self) -> None:
        """Let others have the databases once nobody here is connected to them any more."""
        with _KEEPING:
            _BESIDE.pop(self.path.resolve(), None)
            kept = _KEPT.pop(self.path.resolve(), None)
        if kept is not None:
            kept.close()

    def _open(self, derived: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        self.path.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._opened(derived, read_only=read_only)
            except _HELD as error:
                if refused := disk.refused(error):
                    raise refused from error
                if time.monotonic() > until:
                    raise Busy(
                        "The data directory cannot be opened.",
                        where=str(self.path),
                        hint=f"is another augenblick process writing to it? DuckDB says: {str(error).splitlines()[0]}",
                    ) from error
            time.sleep(_PAUSE_SECONDS)

    def _opened(self, derived: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(derived, read_only=read_only)
        try:
            mode = " (READ_ONLY)" if read_only else ""
            # Readers of one process share one database, in which it may be attached already.
            known = "IF NOT EXISTS " if read_only else ""
            connection.execute(f"ATTACH {known}'{_quoted(self.bank_file)}' AS bank{mode}")
            connection.execute(_QUIET)
        except BaseException:
            connection.close()
            raise
        return connection


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Put the rows of an Arrow table into a table, column by name."""
    if rows.num_rows:  # DuckDB finds `rows` by its name: to register it would take as long again
        (statement,) = parsed(f"INSERT INTO {table} BY NAME FROM rows")
        plain(connection).execute(statement)


def in_memory() -> duckdb.DuckDBPyConnection:
    """Return a connection of the same shape as `DataDirectory.connect` that leaves nothing on disk."""
    connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS bank")
    connection.execute(_QUIET)
    return connection


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
