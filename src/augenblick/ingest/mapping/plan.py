"""A mapping file compiled against the files of a folder: one source of rows per mapped table."""

from __future__ import annotations

from dataclasses import dataclass

from augenblick.ingest import sql
from augenblick.ingest.contract import contract, did_you_mean
from augenblick.ingest.mapping.document import Node
from augenblick.ingest.mapping.expressions import Scope, code_list, condition, expression
from augenblick.ingest.source import Source

ENCODINGS = ("utf-8", "windows-1252", "windows-1250", "iso-8859-1", "iso-8859-2", "iso-8859-15", "utf-16")
_FILE_PARTS = ("path", "delimiter", "encoding")
_ENTRY_PARTS = ("from", "join", "where", "fields")
_JOIN_PARTS = ("file", "as", "on", "where", "keep")


@dataclass(frozen=True)
class MappedFile:
    """A file of a foreign export as the mapping describes it; `path` may hold `*`."""

    alias: str
    path: str
    delimiter: str | None
    encoding: str
    node: Node


@dataclass(frozen=True)
class Mapping:
    """A mapping file, its names checked against the contract; columns are checked when it is compiled."""

    files: dict[str, MappedFile]
    entries: list[tuple[str, Node]]
    codes: dict[str, dict[str, str | None]]

    @property
    def drivers(self) -> dict[str, list[str]]:
        """The tables each file is read row by row for."""
        found: dict[str, list[str]] = {}
        for table, entry in self.entries:
            found.setdefault(entry.parts()["from"].text(), []).append(table)
        return found


@dataclass(frozen=True)
class RawFile:
    """A file's rows as a SELECT of its columns (lower case), `_file` and `_line`."""

    relation: str
    columns: tuple[str, ...]


def parse(root: Node) -> Mapping:
    """Return the mapping a document holds; `BadMapping` names what it cannot mean."""
    parts = root.parts(("title", "version", "files", "codes", "tables"), ("files", "tables"))
    files = {alias: _file(alias, node) for alias, node in parts["files"].parts().items()}
    codes = {name: code_list(node) for name, node in parts["codes"].parts().items()} if "codes" in parts else {}
    entries = []
    for table, node in parts["tables"].parts().items():
        if table not in contract().names:
            raise node.error(f"the contract has no table '{table}'", did_you_mean(table, contract().names))
        entries += [(table, _entry(table, entry, files)) for entry in node.list()]
    return Mapping(files, entries, codes)


def compile_sources(mapping: Mapping, raw: dict[str, RawFile]) -> list[Source]:
    """Return a source per mapped table; `raw` has the rows of every file by its alias."""
    return [_source(mapping, table, entry, raw) for table, entry in mapping.entries]


def _file(alias: str, node: Node) -> MappedFile:
    parts = node.parts(_FILE_PARTS, ("path",))
    path = parts["path"].text()
    if "/" in path or "\\" in path or path.startswith("."):
        raise parts["path"].error("the path is a plain file name in the folder")
    encoding = parts["encoding"].text().lower() if "encoding" in parts else "utf-8"
    if encoding not in ENCODINGS:
        raise parts["encoding"].error(f"unknown encoding '{encoding}'", f"known: {', '.join(ENCODINGS)}")
    delimiter = parts["delimiter"].text() if "delimiter" in parts else None
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\n\r'):
        raise parts["delimiter"].error("the delimiter is one character")
    return MappedFile(alias, path, delimiter, encoding, node)


def _entry(table: str, node: Node, files: dict[str, MappedFile]) -> Node:
    parts = node.parts(_ENTRY_PARTS, ("from", "fields"))
    _known_file(parts["from"], files)
    columns = contract().table(table)
    fields = parts["fields"].parts()
    for name, field in fields.items():
        if name not in columns.columns:
            raise field.error(f"the table {table} has no field '{name}'", did_you_mean(name, columns.columns))
    for wanted in columns.fields:
        if wanted.required and wanted.name not in fields:
            raise parts["fields"].error(f"the required field '{wanted.name}' is missing")
    return node


def _known_file(node: Node, files: dict[str, MappedFile]) -> None:
    if node.text() not in files:
        raise node.error(f"there is no file '{node.text()}'", did_you_mean(node.text(), list(files)))


def _source(mapping: Mapping, table: str, entry: Node, raw: dict[str, RawFile]) -> Source:
    parts = entry.parts()
    driver = parts["from"].text()
    scope = Scope({driver: raw[driver].columns}, mapping.codes)
    joined = [f"FROM ({raw[driver].relation}) {sql.name(driver)}"]
    for node in parts["join"].list() if "join" in parts else []:
        scope, text = _join(node, mapping, raw, scope)
        joined.append(text)
    fields = {name: expression(node, scope) for name, node in parts["fields"].parts().items()}
    selected = ", ".join(f"{value} AS {sql.name(name)}" for name, value in fields.items())
    where = f" WHERE {condition(parts['where'], scope)}" if "where" in parts else ""
    place = f"{sql.name(driver)}._file AS _file, {sql.name(driver)}._line AS _line"
    return Source(table, f"SELECT {selected}, {place} {' '.join(joined)}{where}", dict.fromkeys(fields, "VARCHAR"))


def _join(node: Node, mapping: Mapping, raw: dict[str, RawFile], scope: Scope) -> tuple[Scope, str]:
    """Return the scope with the joined file in it, and the JOIN. `keep: matched` drops rows without a match."""
    parts = node.parts(_JOIN_PARTS, ("file", "on"))
    _known_file(parts["file"], mapping.files)
    file = parts["file"].text()
    alias = parts["as"].text() if "as" in parts else file
    if alias in scope.columns:
        raise node.error(f"the name '{alias}' is taken", "give the joined file another one with `as`")
    wider = Scope({**scope.columns, alias: raw[file].columns}, mapping.codes)
    keep = parts["keep"].text() if "keep" in parts else "all"
    if keep not in ("all", "matched"):
        raise parts["keep"].error(f"'{keep}' means nothing here", "all or matched")
    conditions = []
    for left, right in parts["on"].parts().items():
        here = scope.column(Node(left, right.line, right.file, right.path))
        there = wider.column(Node(f"{alias}.{right.text()}", right.line, right.file, right.path))
        conditions.append(f"CAST({here} AS VARCHAR) = CAST({there} AS VARCHAR)")
    if "where" in parts:
        conditions.append(condition(parts["where"], wider))
    how = "JOIN" if keep == "matched" else "LEFT JOIN"
    return wider, f"{how} ({raw[file].relation}) {sql.name(alias)} ON {' AND '.join(conditions)}"
