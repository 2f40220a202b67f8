"""The files of a load: which are new, which are known, and the sources of rows they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from augenblick.ingest.bookings import StagedStatements, stage_statement, staged_writer, statement_source
from augenblick.ingest.contract import contract
from augenblick.ingest.folder import BankFile, Listing
from augenblick.ingest.foreign import foreign_sources, open_export
from augenblick.ingest.reading import (
    FileToLoad,
    KnownFile,
    free_number,
    known_files,
    only_orphans,
    scan_file,
    table_source,
)
from augenblick.ingest.report import FileReport, LoadWarning
from augenblick.ingest.source import Source
from augenblick.model.errors import InputError

STATEMENT_KINDS = ("camt", "mt940")
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


@dataclass
class Intake:
    """The files of a load by their number, the rows they give per table, and those known before."""

    connection: duckdb.DuckDBPyConnection
    work: Path
    progress: Progress
    files: dict[int, FileToLoad] = field(default_factory=dict)
    sources: dict[str, list[Source]] = field(default_factory=dict)
    known: list[FileReport] = field(default_factory=list)
    warnings: list[LoadWarning] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)
    mapped: frozenset[str] = frozenset()

    def take(self, listing: Listing) -> None:
        """Read the files of a listing; raises the first `InputError`, naming all files that have one."""
        self.warnings += [warning for warning in listing.warnings if warning.file not in self.mapped]
        numbered = self._numbered([file for file in listing.files if file.name not in self.mapped])
        tables = [item for item in numbered if item.file.kind not in STATEMENT_KINDS]
        for done, item in enumerate(tables):
            self.progress(f"reading {item.file.name}", done, len(tables))
            with self._collecting_errors():
                self._take_table(item)
        self._raise_errors()
        self._take_statements()

    def take_foreign(self, folder: Path, mapping: Path) -> None:
        """Read a foreign export through its mapping file; raises `BadMapping` besides what `take` raises."""
        known = known_files(self.connection)
        export = open_export(folder, mapping, self.work, known, free_number(self.connection))
        self.known += [FileReport(i.file.name, i.file.kind, i.file.table, known=True) for i in export.known]
        self.files |= {item.file_id: item for item in export.to_load}
        for source in foreign_sources(self.connection, export, self.work):
            self.sources.setdefault(source.table, []).append(source)
        self.mapped = frozenset(item.file.name for items in export.members.values() for item in items)

    def _take_statements(self) -> None:
        items = [item for item in self.files.values() if item.file.kind in STATEMENT_KINDS]
        if not items:
            return
        parquet, staged = self.work / "statements.parquet", StagedStatements()
        with staged_writer(parquet) as writer:
            for done, item in enumerate(items):
                self.progress(f"reading {item.file.name}", done, len(items))
                with self._collecting_errors():
                    stage_statement(item, writer, staged)
        self._raise_errors()
        self.warnings += staged.warnings
        source = statement_source(parquet, contract().table("transactions"), staged)
        for item in items:
            source = only_orphans(source, item)
        self.sources.setdefault(source.table, []).append(source)

    def _numbered(self, files: list[BankFile]) -> list[FileToLoad]:
        """Give each file that is to be read its number; the others are reported as known."""
        known, numbered = known_files(self.connection), []
        free = max((free_number(self.connection), *(number + 1 for number in self.files)))
        for file in files:
            with self._collecting_errors():
                sha256, scan = scan_file(file)
                before = known.get(sha256)
                if before and not before.orphans:
                    self.known.append(FileReport(file.name, file.kind, file.table, known=True))
                    continue
                item = FileToLoad(file, before.file_id if before else free, sha256, scan, before)
                known[sha256] = KnownFile(item.file_id, 0, file.name, 0)
                free += before is None
                self.files[item.file_id] = item
                numbered.append(item)
        return numbered

    def _take_table(self, item: FileToLoad) -> None:
        source, warnings = table_source(self.connection, item, self.work)
        self.warnings += warnings
        self.sources.setdefault(source.table, []).append(source)

    @contextmanager
    def _collecting_errors(self) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            self.errors.append(error)

    def _raise_errors(self) -> None:
        if not self.errors:
            return
        first, *others = self.errors
        if others:
            listed = "; ".join(str(error) for error in others[:20])
            first.hint = f"{first.hint or 'nothing was loaded'}. Also: {listed}"
        raise first
