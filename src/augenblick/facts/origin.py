"""From a triple back to the rows of the bank's files it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import duckdb

from augenblick.facts.mapping import Form, Mapping
from augenblick.model.marks import shown
from augenblick.model.terms import AUG, DATA_BASE, RDF

_TYPE = RDF + "type"
_DAYS = re.compile(r"(-?)P(\d+)D")
_CASTS = {Form.STRING: "VARCHAR", Form.IRI: "VARCHAR", Form.DATE: "DATE", Form.INTEGER: "BIGINT", Form.DAYS: "BIGINT"}


@dataclass(frozen=True)
class SourceRow:
    """A row of a bank table (`bank.…`), the file and line it came from (None if it came from none), its values."""

    table: str
    file: str | None
    line: int | None
    row: dict[str, Any]


def source(
    connection: duckdb.DuckDBPyConnection,
    mappings: Iterable[Mapping],
    s: str,
    p: str,
    o: str,
    *,
    data_base: str = DATA_BASE,
) -> list[SourceRow]:
    """Return the bank's rows a fact was made of, ordered by file and line; empty for what is no such fact.

    `s`, `p` are IRIs, `o` an IRI or the lexical form of a literal (rdflib's terms are such strings). Provenance
    is not stored: the mappings that could have made the fact are run again for its subject and object. A series
    leads to all its bookings, an occurrence or step to its booking.
    """
    rows: dict[tuple[object, ...], SourceRow] = {}
    for mapping in mappings:
        key = _key(mapping, str(s), data_base)
        if key is None:
            continue
        for condition, value in _conditions(mapping, str(p), str(o)):
            for row in _rows(connection, mapping, key, condition, value):
                rows.setdefault((row.table, row.file, row.line, str(row.row)), row)
    return sorted(rows.values(), key=lambda row: (row.file or "", row.line or 0, str(row.row)))


def _key(mapping: Mapping, subject: str, base: str) -> str | None:
    """Return the key of the individual, None when its IRI is none of this mapping."""
    head = f"{base}{mapping.prefix}" if mapping.prefix else ""
    if not subject.startswith(head):
        return None
    tail = subject[len(head) :]
    if not mapping.prefix or mapping.encoded:
        return tail
    return None if "/" in tail else unquote(tail)


def _conditions(mapping: Mapping, predicate: str, value: str) -> Iterator[tuple[str, object]]:
    """Yield the SQL conditions (with their `$value`) under which rows of the mapping state the fact."""
    if predicate == _TYPE and mapping.klass and value == AUG + mapping.klass:
        yield "$value = $value", ""
    for property_ in mapping.properties:
        if predicate == AUG + property_.predicate:
            cast = _CASTS.get(property_.form, "DECIMAL(18, 5)")
            parsed = _days(value) if property_.form is Form.DAYS else value
            yield f"TRY_CAST($value AS {cast}) = ({property_.value})", parsed


def _rows(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, key: str, condition: str, value: object
) -> Iterator[SourceRow]:
    bound = {"key": key, "value": value}
    stated = f"SELECT 1 FROM ({mapping.rows}) WHERE {mapping.key} = $key AND {condition} LIMIT 1"
    if connection.execute(stated, bound).fetchone() is None:
        return
    # Where many rows of one key state different objects, only those that state this one are its source.
    wanted, bound = (mapping.origin, {"key": key})
    if mapping.klass is None:
        wanted, bound = (f"SELECT * FROM ({mapping.origin}) WHERE {condition}", {"key": key, "value": value})
    cursor = connection.execute(
        f"SELECT r.*, f.path FROM ({wanted}) r LEFT JOIN bank.files f ON f.file_id = r._file", bound
    )
    names = [column[0] for column in cursor.description or ()]
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        file, line = row.pop("path"), row.pop("_line")
        said = {n: shown(v) for n, v in row.items() if v is not None and n not in ("_file", "key_")}
        yield SourceRow(mapping.table, file, line, said)


def _days(lexical: str) -> int | None:
    match = _DAYS.fullmatch(lexical)
    if match is None:
        return 0 if lexical in ("PT0S", "P0D") else None
    return int(match[1] + match[2])
