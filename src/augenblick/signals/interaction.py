"""Interactions that carry a signal: a search, a call, a claim."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from augenblick.content.model import Signal
from augenblick.signals.condition import matches_sql, quoted
from augenblick.signals.text import folded_sql, with_plain_sql


def add_interactions(connection: duckdb.DuckDBPyConnection, signals: Sequence[Signal], as_of: str) -> int:
    """Append an occurrence for every interaction up to `as_of` (SQL date) that carries a signal; return how many.

    Where a signal gives both kinds and topics, an interaction must fit both.
    """
    keyed = [signal for signal in signals if signal.interaction_kinds or signal.topic_patterns]
    if not keyed:
        return 0
    carried = ", ".join(f"CASE WHEN {_condition(signal)} THEN {quoted(signal.iri)} END" for signal in keyed)
    said = f"SELECT * FROM bank.interactions WHERE occurred_at::DATE <= {as_of}"
    topics = with_plain_sql(said, "coalesce(topic, '')", "topic_text")
    row = connection.execute(
        f"""INSERT INTO evidence.occurrences BY NAME
SELECT md5(signal || ' interaction ' || interaction_id) AS occurrence_id, interaction_id, signal, customer_id,
  occurred_at::DATE AS occurred_on
FROM (SELECT *, unnest(list_filter([{carried}], lambda s: s IS NOT NULL)) AS signal
  FROM (SELECT *, {folded_sql("topic_text")} AS topic_text_folded
    FROM ({topics})))"""
    ).fetchone()
    return int(row[0]) if row else 0


def _condition(signal: Signal) -> str:
    kinds = ", ".join(quoted(kind) for kind in signal.interaction_kinds)
    parts = [f"kind IN ({kinds})"] if kinds else []
    if signal.topic_patterns:
        parts.append(matches_sql("topic_text", signal.topic_patterns))
    if signal.except_patterns:
        parts.append(f"NOT {matches_sql('topic_text', signal.except_patterns)}")
    return " AND ".join(parts)
