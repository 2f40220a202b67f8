"""What the change feed has told of each moment, held against what the look-up file says now.

A moment may be seen whole, or only as what it is by the milder part of its evidence: these are two faces of it, and
who sees the one is told what became of that. With a change the faces before and after it are kept (legal class, and
on whom else each rests), so that it is told to those, and only to those, who saw the one and see the other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from augenblick.api.positions import Positions

TABLES = """
CREATE TABLE IF NOT EXISTS told_faces (
    moment_id TEXT, milder INTEGER, customer_id TEXT, moment_type TEXT, state TEXT, confidence REAL, standing TEXT,
    unless TEXT, PRIMARY KEY (moment_id, milder)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handed (one INTEGER PRIMARY KEY, seq INTEGER);
"""
_FACES = "moment_id, milder, customer_id, moment_type, state, confidence, standing, unless"
# `unless` is the standing of the whole: who sees that is told of it, and not of the milder face.
_NOW = """
CREATE TEMP TABLE now AS
WITH moments AS (
    SELECT c.customer_id, m.value AS whole, json_extract(m.value, '$.milder') AS mild
    FROM seen.customers c, json_each(c.document, '$.moments') m
    WHERE m.type = 'object' AND (:customer IS NULL OR c.customer_id = :customer)
)
SELECT json_extract(whole, '$.moment_id') AS moment_id, 0 AS milder, customer_id,
       json_extract(whole, '$.moment_type') AS moment_type, json_extract(whole, '$.state') AS state,
       json_extract(whole, '$.confidence') AS confidence, json_extract(whole, '$.standing') AS standing, NULL AS unless
FROM moments
UNION ALL
SELECT json_extract(mild, '$.moment_id'), 1, customer_id, json_extract(whole, '$.moment_type'),
       CASE json_extract(whole, '$.state') WHEN 'voided' THEN 'voided' ELSE json_extract(mild, '$.state') END,
       json_extract(mild, '$.confidence'),
       json_object('strictness', json_extract(mild, '$.strictness'), 'others', json(json_extract(mild, '$.others'))),
       json_extract(whole, '$.standing')
FROM moments WHERE mild IS NOT NULL
"""
_MEANT = "(:customer IS NULL OR customer_id = :customer)"
_OTHERWISE = f"""
SELECT DISTINCT moment_id FROM (
    SELECT * FROM (SELECT {_FACES} FROM temp.now EXCEPT SELECT {_FACES} FROM told_faces)
    UNION ALL
    SELECT * FROM (SELECT {_FACES} FROM told_faces WHERE {_MEANT} EXCEPT SELECT {_FACES} FROM temp.now)
) ORDER BY moment_id
"""
_FOUND = f"SELECT {_FACES} FROM {{table}} WHERE moment_id = ? AND state <> 'voided' ORDER BY milder"
_CHANGE = """
INSERT INTO changes (seq, at, kind, moment_id, customer_id, moment_type, old_state, new_state, old_confidence,
                     new_confidence, cause, standing)
VALUES (position(?1), ?2, ?3, ?1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
"""
_LAST = "SELECT max(coalesce((SELECT max(seq) FROM changes), 0), coalesce((SELECT max(seq) FROM handed), 0))"
"""Behind what was told, and behind every cursor that was handed out: a clock may be set back."""
_BEGUN = "SELECT EXISTS (SELECT 1 FROM told_faces) OR EXISTS (SELECT 1 FROM changes)"


@dataclass(frozen=True)
class _Face:
    """What a moment is to who sees it so."""

    moment_id: str
    milder: int
    customer_id: str
    moment_type: str
    state: str
    confidence: float
    standing: str | None
    unless: str | None

    @property
    def guard(self) -> list[Any]:
        """Whose this face is: a standing, and that of the face whose seers do not see this one."""
        return [json.loads(each) if each else None for each in (self.standing, self.unless)]


def follow(file: sqlite3.Connection, seen: Path, cause: str, *, customer: str | None = None) -> int:
    """Write the changes of moments (of one customer, if named) since they were told last; return how many.

    In one transaction.
    """
    file.execute("ATTACH ? AS seen", [f"file:{seen}?mode=ro"])
    try:
        file.execute("BEGIN IMMEDIATE")
        count = _followed(file, cause, customer)
        file.execute("COMMIT")
        return count
    except BaseException:
        file.execute("ROLLBACK")
        raise
    finally:
        file.execute("DETACH seen")


def numbered(file: sqlite3.Connection, now: datetime) -> None:
    """Let SQL say `position(moment_id)`: the number of a change that is told now."""
    (last,) = file.execute(_LAST).fetchone()
    file.create_function("position", 1, Positions(int(now.timestamp() * 1000), last).of)


def _followed(file: sqlite3.Connection, cause: str, customer: str | None) -> int:
    meant = {"customer": customer}
    file.execute(_NOW, meant)
    count = 0
    if file.execute(_BEGUN).fetchone()[0]:
        now = datetime.now(UTC)
        numbered(file, now)
        at = now.isoformat(timespec="milliseconds")
        for (moment,) in file.execute(_OTHERWISE, meant).fetchall():
            rows = [_row(pair, at, cause, *faces) for faces in [_faces(file, moment)] for pair in _pairs(*faces)]
            file.executemany(_CHANGE, rows)
            count += len(rows)
    file.execute(f"DELETE FROM told_faces WHERE {_MEANT}", meant)
    file.execute(f"INSERT OR REPLACE INTO told_faces SELECT {_FACES} FROM temp.now")
    file.execute("DROP TABLE temp.now")
    return count


def _faces(file: sqlite3.Connection, moment: str) -> tuple[list[_Face], list[_Face]]:
    """Return the faces a moment had and has."""
    old, new = (file.execute(_FOUND.format(table=t), [moment]).fetchall() for t in ("told_faces", "temp.now"))
    return [_Face(*row) for row in old], [_Face(*row) for row in new]


def _pairs(old: Sequence[_Face], new: Sequence[_Face]) -> Iterator[tuple[_Face | None, _Face | None]]:
    """Yield what somebody may have seen and see: where both say the same there is nothing to tell."""
    for before in old:
        for now in new:
            if before.state != now.state or abs(before.confidence - now.confidence) >= 0.00005:
                yield before, now
    yield from ((before, None) for before in old if all(before.guard != now.guard for now in new))
    yield from ((None, now) for now in new if all(before.guard != now.guard for before in old))


def _row(
    pair: tuple[_Face | None, _Face | None], at: str, cause: str, old: Sequence[_Face], new: Sequence[_Face]
) -> tuple[Any, ...]:
    before, now = pair
    face = now or before
    assert face is not None  # noqa: S101 - a pair has a side
    kind = "appeared" if before is None else "vanished" if now is None else "changed"
    standing = {
        "old": [each.guard for each in old],
        "new": [each.guard for each in new],
        "from": old.index(before) if before else None,
        "to": new.index(now) if now else None,
    }
    states = (before.state if before else None, now.state if now else None)
    sure = (before.confidence if before else None, now.confidence if now else None)
    about = (face.moment_id, at, kind, face.customer_id, face.moment_type)
    return (*about, *states, *sure, cause, json.dumps(standing, ensure_ascii=False))
