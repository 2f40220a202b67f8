"""What people said of moments: durable, and read by every run, so that it outlives a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import duckdb

from augenblick.model.errors import Conflict, NotFound
from augenblick.model.marks import shown
from augenblick.model.tables import has_table
from augenblick.policy import note_word

Action = Literal["confirmed", "dismissed", "acted", "reopened", "outcome"]
ALLOWED: dict[Action, frozenset[str]] = {
    "confirmed": frozenset({"tentative", "confirmed"}),
    "dismissed": frozenset({"tentative", "confirmed", "acted"}),
    "acted": frozenset({"tentative", "confirmed", "acted"}),
    "reopened": frozenset({"dismissed", "acted"}),
    "outcome": frozenset({"confirmed", "tentative", "acted", "expired"}),
}
"""From which states each action is taken; `outcome` says how it went and changes no state. What somebody confirmed
may be reopened too."""

TABLE = """
CREATE TABLE IF NOT EXISTS bank.feedback (
    feedback_id BIGINT, moment_id VARCHAR, customer_id VARCHAR, slug VARCHAR, action VARCHAR, reason VARCHAR,
    note VARCHAR, actor VARCHAR, role VARCHAR, given_at TIMESTAMP, patterns VARCHAR[], indications VARCHAR[],
    request VARCHAR
);
ALTER TABLE bank.feedback ADD COLUMN IF NOT EXISTS request VARCHAR;
"""
HEARD = """
CREATE OR REPLACE TABLE moments.heard AS SELECT coalesce(max(feedback_id), 0) AS feedback_id FROM bank.feedback
"""
"""Up to which word the derived tables know what was said."""
_MOMENT = """
SELECT m.customer_id, m.moment_type, m.slug, m.state, m.confidence, t.confirmed_from
FROM moments.moments m JOIN moments.types t USING (moment_type) WHERE m.moment_id = ?
"""

# The last word on each moment counts; what it says of how things went is none on whether they are so.
JUDGED = """
CREATE OR REPLACE TEMP TABLE judged AS
SELECT moment_id, customer_id, action, patterns, indications FROM bank.feedback WHERE action <> 'outcome'
QUALIFY row_number() OVER (PARTITION BY moment_id ORDER BY feedback_id DESC) = 1;
CREATE OR REPLACE TEMP TABLE doubted AS
SELECT customer_id, pattern, count(*) AS times
FROM (SELECT customer_id, moment_id, unnest(patterns) AS pattern FROM judged WHERE action = 'dismissed')
GROUP BY customer_id, pattern;
CREATE OR REPLACE TEMP TABLE settled AS
SELECT DISTINCT unnest(indications) AS indication FROM judged WHERE action = 'dismissed';
"""
"""`judged`: the last word per moment; `doubted`: evidence of dismissed moments, which weighs less for the customer
when it comes again; `settled`: the dismissed moments' own, which keeps its weight, so that they stay what they are."""


Kept = Callable[[str, str, Sequence[str | None]], Sequence[str | None]]


@dataclass(frozen=True)
class Feedback:
    """What was said of a moment, and the state it has now."""

    feedback_id: int
    moment_id: str
    customer_id: str
    moment_type: str
    action: Action
    old_state: str
    new_state: str
    confidence: float


def record(
    connection: duckdb.DuckDBPyConnection,
    moment_id: str,
    action: Action,
    *,
    actor: str,
    role: str,
    at: datetime,
    reason: str | None = None,
    note: str | None = None,
    request: str | None = None,
    kept: Kept = lambda _customer, _moment, said: list(said),
) -> Feedback:
    """Keep what was said of a moment, give it its new state, and return both.

    `kept` says what of reason and note may be stored, given customer and moment type. A `request` that was kept before
    is not kept again. Durable when it returns; `heard` is to be called when everything that shows the state shows it.
    Raises `NotFound` for an unknown moment and `Conflict` where its state does not allow it.
    """
    row = connection.execute(_MOMENT, [moment_id]).fetchone()
    if row is None:
        raise NotFound("There is no such moment.")
    customer, moment_type, slug, state, confidence, confirmed_from = row
    connection.execute(TABLE)
    if (before := _before(connection, request)) is not None:
        return Feedback(before, moment_id, customer, moment_type, action, state, state, confidence)
    if not allowed(action, state, _last_word(connection, moment_id)):
        raise Conflict(f"A moment that is {state} cannot be {action}.", hint="its history says what happened to it")
    connection.execute("BEGIN")
    said = kept(customer, moment_type, (reason, note))
    number = _insert(connection, moment_id, customer, slug, action, *said, actor, role, at, request)
    connection.execute("COMMIT")  # DuckDB commits to one database at a time; the derived one follows from the durable
    new_state = _follow(connection, moment_id, action, state, confidence, confirmed_from)
    return Feedback(number, moment_id, customer, moment_type, action, state, new_state, confidence)


def unheard(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Give moments the states that follow from words that were kept before a process ended; return whose they are.

    `heard` is to be called when everything that shows the states shows them.
    """
    if not has_table(connection, "heard", schema="moments"):
        return []
    words = connection.execute(
        "SELECT moment_id, action FROM bank.feedback WHERE feedback_id > (SELECT feedback_id FROM moments.heard) "
        "ORDER BY feedback_id"
    ).fetchall()
    whose = set()
    for moment_id, action in words:
        if row := connection.execute(_MOMENT, [moment_id]).fetchone():
            _follow(connection, moment_id, action, *row[3:])
            whose.add(row[0])
    return sorted(whose)


def heard(connection: duckdb.DuckDBPyConnection) -> None:
    """Note that everything follows what was said so far."""
    connection.execute(HEARD)


def _follow(
    connection: duckdb.DuckDBPyConnection,
    moment_id: str,
    action: str,
    state: str,
    confidence: float,
    confirmed_from: float,
) -> str:
    """Give a moment the state that follows from what was said of it, and return that."""
    reopened = "confirmed" if confidence >= confirmed_from else "tentative"
    new_state = {"reopened": reopened, "outcome": state}.get(action, action)
    connection.execute("UPDATE moments.moments SET state = ? WHERE moment_id = ?", [new_state, moment_id])
    note_word(connection, moment_id, action, new_state, confirmed_from=confirmed_from)
    return new_state


def _before(connection: duckdb.DuckDBPyConnection, request: str | None) -> int | None:
    row = connection.execute("SELECT min(feedback_id) FROM bank.feedback WHERE request = ?", [request]).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def allowed(action: Action, state: str, last_word: str | None) -> bool:
    """Whether an action is taken of a moment in a state, given what was last said of it (`outcome` apart)."""
    taken_back = action == "reopened" and (state, last_word) == ("confirmed", "confirmed")
    return state in ALLOWED[action] or taken_back


def _insert(connection: duckdb.DuckDBPyConnection, moment_id: str, *values: Any) -> int:
    row = connection.execute(
        "INSERT INTO bank.feedback SELECT (SELECT coalesce(max(feedback_id), 0) + 1 FROM bank.feedback), $1, $2, $3, "
        "$4, $5, $6, $7, $8, $9, coalesce(list(DISTINCT pattern ORDER BY pattern), []), "
        "coalesce(list(DISTINCT indication ORDER BY indication), []), $10 "
        "FROM moments.contributions WHERE moment_id = $1 AND weight > 0 RETURNING feedback_id",
        [moment_id, *values],
    ).fetchone()
    return int(row[0]) if row else 0


def _last_word(connection: duckdb.DuckDBPyConnection, moment_id: str) -> str | None:
    """Return what was last said of a moment, apart from how it went."""
    return last_word(history(connection, moment_id))


def last_word(said: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the last action of a history, apart from how it went."""
    actions = [word["action"] for word in said if word["action"] != "outcome"]
    return actions[-1] if actions else None


def history(connection: duckdb.DuckDBPyConnection, moment_id: str) -> list[dict[str, Any]]:
    """Return what was said of a moment, the earliest first."""
    if not has_table(connection, "feedback", database="bank"):
        return []
    rows = connection.execute(
        "SELECT action, reason, note, actor, role, given_at FROM bank.feedback WHERE moment_id = ? "
        "ORDER BY feedback_id",
        [moment_id],
    ).fetchall()
    names = ("action", "reason", "note", "actor", "role", "at")
    return [dict(zip(names, (*map(shown, row[:5]), row[5].isoformat()), strict=True)) for row in rows]
