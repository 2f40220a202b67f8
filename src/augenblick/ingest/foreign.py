"""The files of a foreign export, read as its mapping file says."""

from __future__ import annotations

import fnmatch
import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from augenblick.ingest.contract import did_you_mean
from augenblick.ingest.delimited import read_header, stage
from augenblick.ingest.folder import BankFile, confirm_plain_file
from augenblick.ingest.mapping import MappedFile, Mapping, RawFile, compile_sources, parse, read_document
from augenblick.ingest.reading import FileToLoad, KnownFile, only_orphans, scan_file
from augenblick.ingest.scan import to_utf8
from augenblick.ingest.source import Source, UnreadableRow, parquet_columns, staged_relation


@dataclass
class ForeignExport:
    """The files a mapping reads, with their numbers; `known` were loaded before with this mapping."""

    mapping: Mapping
    members: dict[str, list[FileToLoad]]
    known: list[FileToLoad] = field(default_factory=list)

    @property
    def to_load(self) -> list[FileToLoad]:
        """The files read row by row that are new or tried again, each once."""
        return [item for alias in self.mapping.drivers for item in self.members[alias] if item not in self.known]


def open_export(folder: Path, mapping: Path, work: Path, known: dict[str, KnownFile], free: int) -> ForeignExport:
    """Return the files of a foreign export; numbers from `free` on go to new files.

    A file's identity includes the mapping and all other files, since joins may change what its rows say.
    Raises `BadMapping`, `UnreadableFile`, `HostileFile`.
    """
    parsed = parse(read_document(mapping))
    found = {alias: _members(folder, file, parsed, work) for alias, file in parsed.files.items()}
    scanned = {alias: [(file, *scan_file(file)) for file in files] for alias, files in found.items()}
    everything = sorted(sha for items in scanned.values() for _, sha, _ in items)
    salt = hashlib.sha256(mapping.read_bytes() + "".join(everything).encode()).hexdigest()
    export = ForeignExport(parsed, {})
    for alias, items in scanned.items():
        export.members[alias] = []
        for file, sha, scan in items:
            identity = hashlib.sha256(f"{alias} {file.name} {sha} {salt}".encode()).hexdigest()
            before = known.get(identity)
            item = FileToLoad(file, before.file_id if before else free, identity, scan, before)
            free += before is None
            export.members[alias].append(item)
            if before and not before.orphans:
                export.known.append(item)
    return export


def foreign_sources(connection: duckdb.DuckDBPyConnection, export: ForeignExport, work: Path) -> list[Source]:
    """Return the rows a foreign export gives for each mapped table; raises `BadMapping`, `UnreadableFile`."""
    to_load = export.to_load
    if not to_load:
        return []
    unreadable: dict[str, list[tuple[int, UnreadableRow]]] = {}
    raw = {alias: _raw_file(connection, alias, export, work, unreadable) for alias in export.members}
    sources = []
    for (_, entry), source in zip(export.mapping.entries, compile_sources(export.mapping, raw), strict=True):
        alias = entry.parts()["from"].text()
        wanted = ", ".join(str(item.file_id) for item in export.members[alias] if item in to_load)
        if not wanted:
            continue
        narrowed = replace(
            source,
            relation=f"SELECT * FROM ({source.relation}) WHERE _file IN ({wanted})",
            unreadable=unreadable.pop(alias, []),
            raw=(raw[alias].relation, raw[alias].columns),
        )
        for item in export.members[alias]:
            narrowed = only_orphans(narrowed, item)
        sources.append(narrowed)
    return sources


def _members(folder: Path, file: MappedFile, mapping: Mapping, work: Path) -> list[BankFile]:
    names = sorted(path.name for path in folder.iterdir())
    matching = fnmatch.filter(names, file.path)
    if not matching:
        raise file.node.error(f"there is no file '{file.path}' in the folder", did_you_mean(file.path, names))
    tables = ", ".join(mapping.drivers.get(file.alias, []))
    members = []
    for name in matching:
        path = folder / name
        confirm_plain_file(path, folder)
        kind = "parquet" if path.suffix.lower() == ".parquet" else "csv"
        if file.encoding != "utf-8":
            path = to_utf8(path, name, file.encoding, work / f"{file.alias}-{name}")
        members.append(BankFile(name, path, kind, tables, file.delimiter))
    return members


def _raw_file(
    connection: duckdb.DuckDBPyConnection,
    alias: str,
    export: ForeignExport,
    work: Path,
    unreadable: dict[str, list[tuple[int, UnreadableRow]]],
) -> RawFile:
    relations, columns = [], None
    for item in export.members[alias]:
        relation, found, broken = _staged(connection, item, work)
        unreadable.setdefault(alias, []).extend((item.file_id, row) for row in broken)
        relations.append(relation)
        if columns is not None and found != columns:
            raise export.mapping.files[alias].node.error(f"{item.file.name} has other columns than the files before it")
        columns = found
    return RawFile(" UNION ALL ".join(relations), columns or ())


def _staged(
    connection: duckdb.DuckDBPyConnection, item: FileToLoad, work: Path
) -> tuple[str, tuple[str, ...], list[UnreadableRow]]:
    file = item.file
    if item.scan is None:
        given = list(parquet_columns(connection, file.path, file.name))
        relation = staged_relation(file.path, given, item.file_id, "file_row_number + 1")
        return relation, tuple(given), []
    header = read_header(file.path, file.name, file.delimiter)
    staged = stage(connection, file.path, file.name, header, item.scan, work / f"{item.file_id}.parquet")
    relation = staged_relation(staged.parquet, header.columns, item.file_id, staged.line)
    return relation, tuple(header.columns), staged.unreadable
