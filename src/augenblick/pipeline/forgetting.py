"""What files beside the databases say of an erased person: the service's own, and what people wrote of edits."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from augenblick.model.marks import FORGOTTEN
from augenblick.store import DataDirectory

_WRITTEN = ("reason", "text", "changelog")
"""The fields of a record of the content's history in which people write what they like."""
_RECORDS = ("changes/*/change.json", "changes/*/remarks.jsonl", "versions/*/version.json", "log.jsonl")
_PROVENANCE = "version.ttl"
"""The same in RDF, beside a version's record."""


def forget_beside(directory: DataDirectory, speaks: re.Pattern[str]) -> dict[str, int]:
    """Take who is spoken of out of these files; return how many rows of each went or were blacked out.

    Rows of the service's files that speak of the person are deleted, and the files written anew; in what people wrote
    of edits the words are blacked out.
    """
    removed = _rows(directory, speaks)
    if words := sum(_words(file, speaks) for pattern in _RECORDS for file in sorted(directory.content.glob(pattern))):
        removed["words on edits"] = words
    return removed


def _rows(directory: DataDirectory, speaks: re.Pattern[str]) -> dict[str, int]:
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


def _words(file: Path, speaks: re.Pattern[str]) -> int:
    """Black out the person in the records of a file, one in all of it or one a line; return in how many."""
    text = file.read_text(encoding="utf-8")
    one = file.suffix == ".json"
    records: list[dict[str, Any]] = [json.loads(each) for each in ([text] if one else text.splitlines())]
    spoken = [(record, name) for record in records for name in _WRITTEN if speaks.search(str(record.get(name)))]
    if not spoken:
        return 0
    provenance = file.with_name(_PROVENANCE)
    told = provenance.read_text(encoding="utf-8") if provenance.is_file() else ""
    for record, name in spoken:
        blacked = _blacked(record[name], speaks)
        told, record[name] = told.replace(record[name], blacked), blacked
    _write(file, "".join(json.dumps(each, ensure_ascii=False, indent=2 if one else None) + "\n" for each in records))
    if told:
        _write(provenance, told)
    return len(spoken)


def _blacked(text: str, speaks: re.Pattern[str]) -> str:
    while speaks.search(text):  # what parts two words is part of both finds
        text = speaks.sub(lambda found: f"{found[1]}{FORGOTTEN}{found[found.re.groups]}", text)
    return text


def _write(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
