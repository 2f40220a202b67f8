"""What the change feed has told of each moment, held against what the look-up file says now.

With a moment its standing is kept (legal class, and on whom else it rests): who may be told that it vanished is decided
by what it was.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from augenblick.api.positions import Positions

_NOW = """
CREATE TEMP TABLE now AS
SELECT json_extract(m.value, '$.moment_id') AS moment_id, c.customer_id,
       json_extract(m.value, '$.moment_type') AS moment_type, json_extract(m.value, '$.state') AS state,
       json_extract(m.value, '$.confidence') AS confidence, json_extract(m.value, '$.standing') AS standing
FROM seen.customers c, json_each(c.document, '$.moments') m WHERE m.type = 'object'
"""
# A moment that was published and lost its evidence stays on record as voided: it has vanished.
_CHANGES = """
INSERT INTO changes (seq, at, kind, moment_id, customer_id, moment_type, old_state, new_state, old_confidence,
                     new_confidence, cause, standing)
WITH pairs AS (
    SELECT n.moment_id, n.customer_id, n.moment_type, t.state AS old_state, n.state AS new_state,
           t.confidence AS old_confidence, n.confidence AS new_confidence,
           coalesce(t.state, 'voided') <> 'voided' AS was, n.state <> 'voided' AS still,
           coalesce(t.standing, n.standing) AS standing
    FROM temp.now n LEFT JOIN told t USING (moment_id)
    UNION ALL
    SELECT t.moment_id, t.customer_id, t.moment_type, t.state, NULL, t.confidence, NULL, t.state <> 'voided', FALSE,
           t.standing
    FROM told t WHERE t.moment_id NOT IN (SELECT moment_id FROM temp.now)
)
SELECT position(moment_id), :at,
       CASE WHEN was AND still THEN 'changed' WHEN was THEN 'vanished' ELSE 'appeared' END,
       moment_id, customer_id, moment_type, old_state, new_state, old_confidence, new_confidence, :cause, standing
FROM pairs WHERE (was OR still) AND
    NOT (was AND still AND old_state = new_state AND abs(old_confidence - new_confidence) < 0.00005)
ORDER BY customer_id, moment_id
"""
_LAST = "SELECT coalesce(max(seq), 0) FROM changes"
_BEGUN = "SELECT EXISTS (SELECT 1 FROM told) OR EXISTS (SELECT 1 FROM changes)"


def follow(file: sqlite3.Connection, seen: Path, cause: str) -> int:
    """Write the changes of moments since they were told last, in one transaction; return how many."""
    file.execute("ATTACH ? AS seen", [f"file:{seen}?mode=ro"])
    try:
        file.execute("BEGIN IMMEDIATE")
        count = _followed(file, cause)
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


def _followed(file: sqlite3.Connection, cause: str) -> int:
    file.execute(_NOW)
    count = 0
    if file.execute(_BEGUN).fetchone()[0]:
        now = datetime.now(UTC)
        numbered(file, now)
        at = now.isoformat(timespec="milliseconds")
        count = file.execute(_CHANGES, {"at": at, "cause": cause}).rowcount
    file.execute("DELETE FROM told")
    file.execute("INSERT INTO told SELECT * FROM temp.now")
    file.execute("DROP TABLE temp.now")
    return count
