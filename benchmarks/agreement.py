"""Whether two ways found the same moments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

_SAME = "moment, customer_id, occurred_from, occurred_to, detected_on, round(confidence, 4) AS confidence, state"
_WHO = "moment, customer_id, state"


def compared(derived: Path, by_hand: Path) -> dict[str, Any]:
    """Return how many moments both have (equal in all columns, or in type, customer and state) and only one has.

    `share` is what is equal in all columns, of all that either found; the rest is counted by type.
    """
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{derived}' AS derived (READ_ONLY)")
    connection.execute(
        "CREATE TEMP VIEW line AS SELECT slug AS moment, * EXCLUDE (slug) FROM derived.moments.moments "
        "WHERE state <> 'voided'"
    )
    connection.execute(f"CREATE TEMP VIEW hand AS SELECT * FROM read_parquet('{by_hand}')")

    def count(sql: str) -> int:
        row = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()
        return int(row[0]) if row else 0

    def both(columns: str, how: str) -> str:
        return f"SELECT {columns} FROM line {how} ALL SELECT {columns} FROM hand"

    def only(first: str, second: str) -> dict[str, int]:
        sql = f"SELECT {_SAME} FROM {first} EXCEPT ALL SELECT {_SAME} FROM {second}"
        return dict(connection.execute(f"SELECT moment, count(*) FROM ({sql}) GROUP BY ALL ORDER BY ALL").fetchall())

    equal, line, hand = count(both(_SAME, "INTERSECT")), count("FROM line"), count("FROM hand")
    return {
        "line": line,
        "by_hand": hand,
        "equal": equal,
        "equal_but_dates": count(both(_WHO, "INTERSECT")) - equal,
        "only_line": only("line", "hand"),
        "only_by_hand": only("hand", "line"),
        "share": round(equal / max(line + hand - equal, 1), 4),
    }
