"""Two runs side by side in numbers: moments and offers that come, go or change, and what people said of them.

The connection has the new run as its own tables and the last one as the catalog `published` (`DataDirectory.aside`).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

LEAST = 0.0005
"""Confidences that differ by less are told as the same."""


@dataclass(frozen=True)
class Count:
    """A moment type or product: its rows before and after, and how many customers gain, lose or are surer or less sure.

    Of products the rows are offers that are made; for them nobody is surer or less sure.
    """

    iri: str
    before: int
    after: int
    gain: int
    lose: int
    surer: int = 0
    less_sure: int = 0
    confirmed: int = 0
    """Customers with a moment that is confirmed now and was not before."""
    unconfirmed: int = 0

    @property
    def moves(self) -> bool:
        """Whether anybody is affected."""
        return bool(self.gain or self.lose or self.surer or self.less_sure or self.confirmed or self.unconfirmed)


@dataclass(frozen=True)
class Moved:
    """One moment that came, went or changed."""

    moment_id: str
    customer_id: str
    moment_type: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Judged:
    """Moments that people confirmed or dismissed, by their last word: how many of them a run finds."""

    confirmed: int
    dismissed: int
    confirmed_found: int
    dismissed_found: int

    @property
    def precision(self) -> float | None:
        """Share of the found and judged that people confirmed."""
        judged = self.confirmed_found + self.dismissed_found
        return self.confirmed_found / judged if judged else None

    @property
    def recall(self) -> float | None:
        """Share of the confirmed that are found."""
        return self.confirmed_found / self.confirmed if self.confirmed else None


_SIDES = """
CREATE OR REPLACE TEMP TABLE moved AS
WITH before AS (FROM published.moments.moments WHERE state NOT IN ('voided', 'dismissed')),
     after AS (FROM moments.moments WHERE state NOT IN ('voided', 'dismissed'))
SELECT coalesce(b.moment_id, a.moment_id) AS moment_id, coalesce(b.customer_id, a.customer_id) AS customer_id,
       coalesce(b.moment_type, a.moment_type) AS moment_type, b.confidence AS was, a.confidence AS is_now,
       b.state AS old_state, a.state AS new_state
FROM before b FULL JOIN after a USING (moment_id)
"""
_MOMENTS = f"""
SELECT moment_type, count(was), count(is_now),
       count(DISTINCT customer_id) FILTER (was IS NULL), count(DISTINCT customer_id) FILTER (is_now IS NULL),
       count(DISTINCT customer_id) FILTER (is_now - was >= {LEAST}),
       count(DISTINCT customer_id) FILTER (was - is_now >= {LEAST}),
       count(DISTINCT customer_id) FILTER (new_state = 'confirmed' AND old_state <> 'confirmed'),
       count(DISTINCT customer_id) FILTER (old_state = 'confirmed' AND new_state <> 'confirmed')
FROM moved GROUP BY moment_type ORDER BY moment_type
"""
_PRODUCTS = """
WITH before AS (SELECT offer_id, customer_id, product FROM published.offers.offers WHERE verdict = 'offered'),
     after AS (SELECT offer_id, customer_id, product FROM offers.offers WHERE verdict = 'offered'),
     people AS (SELECT coalesce(b.product, a.product) AS product, coalesce(b.customer_id, a.customer_id) AS customer_id,
                       count(b.offer_id) AS was, count(a.offer_id) AS is_now
                FROM before b FULL JOIN after a USING (offer_id) GROUP BY ALL)
SELECT product, sum(was), sum(is_now), count(*) FILTER (was = 0), count(*) FILTER (is_now = 0)
FROM people GROUP BY product ORDER BY product
"""
_EXAMPLES = f"""
SELECT moment_id, customer_id, moment_type, was, is_now FROM (
    SELECT *, CASE WHEN was IS NULL THEN 'gain' WHEN is_now IS NULL THEN 'lose' ELSE 'change' END AS kind FROM moved
    WHERE was IS NULL OR is_now IS NULL OR abs(was - is_now) >= {LEAST})
QUALIFY row_number() OVER (PARTITION BY moment_type, kind
    ORDER BY abs(coalesce(is_now, 0) - coalesce(was, 0)) DESC, moment_id) <= $most
ORDER BY moment_type, kind, moment_id
"""
_SAID = """
WITH last_word AS (
    SELECT moment_id, action <> 'dismissed' AS true_one FROM bank.feedback
    WHERE action IN ('confirmed', 'acted', 'dismissed')
    QUALIFY row_number() OVER (PARTITION BY moment_id ORDER BY feedback_id DESC) = 1
)
SELECT count(*) FILTER (true_one), count(*) FILTER (NOT true_one),
       count(*) FILTER (true_one AND m.moment_id IS NOT NULL),
       count(*) FILTER (NOT true_one AND m.moment_id IS NOT NULL)
FROM last_word LEFT JOIN (SELECT moment_id FROM {moments} WHERE cluster_id IS NOT NULL) m USING (moment_id)
"""


def moments_compared(connection: duckdb.DuckDBPyConnection) -> tuple[Count, ...]:
    """Return per moment type that either run found what changed; what was dismissed or voided counts as not found."""
    connection.execute(_SIDES)
    return tuple(Count(*row) for row in connection.execute(_MOMENTS).fetchall())


def products_compared(connection: duckdb.DuckDBPyConnection) -> tuple[Count, ...]:
    """Return per product that either run offers who is offered it now and who no longer is."""
    return tuple(Count(row[0], *map(int, row[1:])) for row in connection.execute(_PRODUCTS).fetchall())


def examples(connection: duckdb.DuckDBPyConnection, *, most: int) -> tuple[Moved, ...]:
    """Return per moment type and way of changing up to `most` moments, those that change most; after the comparison."""
    return tuple(Moved(*row) for row in connection.execute(_EXAMPLES, {"most": most}).fetchall())


def said(connection: duckdb.DuckDBPyConnection) -> tuple[Judged, Judged]:
    """Return what people said of moments, held against the last run and against the new one."""
    sides = ("published.moments.moments", "moments.moments")
    before, after = (connection.execute(_SAID.format(moments=table)).fetchall()[0] for table in sides)
    return Judged(*before), Judged(*after)
