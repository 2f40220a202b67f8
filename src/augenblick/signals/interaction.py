"""Interactions that carry a signal: a search, a call, a claim."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from augenblick.content.model import Signal
from augenblick.model.marks import BLACKED, digest
from augenblick.signals.condition import matches_sql, quoted
from augenblick.signals.few_texts import few_texts
from augenblick.signals.marker import digests_sql
from augenblick.signals.text import folded_sql, with_plain_sql

_KEPT = f"starts_with(coalesce(topic, ''), '{BLACKED}')"


def add_interactions(
    connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str, *, among: str = "true"
) -> int:
    """Append an occurrence for every interaction up to `as_of` (SQL date) that carries a signal; return how many.

    Where a signal gives both kinds and topics, an interaction must fit both. One whose topic was blacked out carries
    what its marker says. `among` is an SQL condition on the interactions looked at.
    """
    if not _keyed(signals) or not connection.execute("SELECT 1 FROM bank.interactions LIMIT 1").fetchall():
        return 0
    said = f"SELECT * FROM bank.interactions WHERE occurred_at::DATE <= {as_of} AND {among}"
    signals = _possible(connection, said, signals)
    row = connection.execute(
        f"""INSERT INTO evidence.occurrences BY NAME
SELECT md5(signal || ' interaction ' || interaction_id) AS occurrence_id, interaction_id, signal, customer_id,
  occurred_at::DATE AS occurred_on
FROM (SELECT *, unnest(carried) AS signal FROM ({carried_sql(said, signals)}))"""
    ).fetchone()
    return int(row[0]) if row else 0


def _possible(connection: duckdb.DuckDBPyConnection, said: str, signals: Sequence[Signal]) -> Sequence[Signal]:
    """Return the signals that the interactions of a subquery may carry; all where they are many, or blacked out."""
    texts = few_texts(connection, said, "topic")
    if texts is None or connection.execute(f"SELECT 1 FROM ({said}) WHERE {_KEPT} LIMIT 1").fetchone():
        return signals
    return [s for s in signals if not s.topic_patterns or texts.may_match(s.topic_patterns)]


def carried_sql(interactions: str, signals: Sequence[Signal]) -> str:
    """Return SQL for the interactions of a subquery with `carried`: the IRIs of the signals each carries."""
    cases = [
        f"CASE WHEN {_condition(signal)} OR {_kept(signal)} THEN {quoted(signal.iri)} END" for signal in _keyed(signals)
    ]
    topic = f"CASE WHEN {_KEPT} THEN '' ELSE coalesce(topic, '') END"
    kept = f"SELECT *, CASE WHEN {_KEPT} THEN {digests_sql('topic')} ELSE []::VARCHAR[] END AS kept"
    topics = with_plain_sql(f"{kept} FROM ({interactions})", topic, "topic_text")
    carried = f"list_filter([{', '.join(['NULL::VARCHAR', *cases])}], lambda s: s IS NOT NULL)"
    folded = f"SELECT *, {folded_sql('topic_text')} AS topic_text_folded FROM ({topics})"
    return f"SELECT *, {carried} AS carried FROM ({folded})"


def _keyed(signals: Sequence[Signal]) -> list[Signal]:
    return [signal for signal in signals if signal.interaction_kinds or signal.topic_patterns]


def _kept(signal: Signal) -> str:
    return f"list_contains(kept, '{digest(signal.iri)}')"


def _condition(signal: Signal) -> str:
    kinds = ", ".join(quoted(kind) for kind in signal.interaction_kinds)
    parts = [f"kind IN ({kinds})"] if kinds else []
    if signal.topic_patterns:
        parts.append(matches_sql("topic_text", signal.topic_patterns))
    if signal.exceptions:
        parts.append(f"NOT {matches_sql('topic_text', signal.exceptions)}")
    return f"({' AND '.join(parts)})"
