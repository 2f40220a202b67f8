"""Verdicts: failures of conditions gathered per layer, the offers decided and ranked."""

from __future__ import annotations

import duckdb

_VERDICTS = """
INSERT INTO offers.verdicts
WITH failed AS (
    SELECT c.offer_id, k.layer,
           list(DISTINCT {'position': f.reason_order, 'de': f.reason_de, 'en': f.reason_en}) AS reasons
    FROM offer_candidates c
    JOIN offer_conditions k USING (product)
    JOIN offer_failures f ON f.offer_id = c.offer_id AND f.shape = k.shape
    GROUP BY c.offer_id, k.layer
)
SELECT c.offer_id, l.layer, f.offer_id IS NULL,
       CASE WHEN f.offer_id IS NULL THEN [l.met_de] ELSE list_transform(list_sort(f.reasons), lambda r: r.de) END,
       CASE WHEN f.offer_id IS NULL THEN [l.met_en] ELSE list_transform(list_sort(f.reasons), lambda r: r.en) END
FROM offer_candidates c JOIN offer_layers l USING (product)
LEFT JOIN failed f ON f.offer_id = c.offer_id AND f.layer = l.layer
ORDER BY c.offer_id, l.layer_order
"""

# A reason of an offer that is made are those of all its layers; of one that is not, those of all failing layers.
_OFFERS = """
INSERT INTO offers.offers
WITH judged AS (
    SELECT v.offer_id,
           bool_and(v.fulfilled) FILTER (v.layer = 'eligible') AS eligible,
           bool_and(v.fulfilled) FILTER (v.layer = 'applicable') AS applicable,
           bool_and(v.fulfilled) FILTER (v.layer = 'suitable') AS suitable,
           bool_and(v.fulfilled) FILTER (v.layer = 'contact') AS contact,
           bool_and(v.fulfilled) AS made,
           count(*) FILTER (v.fulfilled) AS passed,
           arg_min(v.layer, l.layer_order) FILTER (NOT v.fulfilled) AS first_failing,
           list(v.reasons_de ORDER BY l.layer_order) FILTER (v.fulfilled) AS met_de,
           list(v.reasons_en ORDER BY l.layer_order) FILTER (v.fulfilled) AS met_en,
           list(v.reasons_de ORDER BY l.layer_order) FILTER (NOT v.fulfilled) AS failed_de,
           list(v.reasons_en ORDER BY l.layer_order) FILTER (NOT v.fulfilled) AS failed_en
    FROM offers.verdicts v JOIN offer_candidates c USING (offer_id)
    JOIN offer_layers l ON l.product = c.product AND l.layer = v.layer
    GROUP BY v.offer_id
)
SELECT c.offer_id, c.customer_id, c.moment_id, c.product, j.eligible, j.applicable, j.suitable, j.contact,
       list_distinct_in_order(flatten(CASE WHEN j.made THEN j.met_de ELSE j.failed_de END)),
       list_distinct_in_order(flatten(CASE WHEN j.made THEN j.met_en ELSE j.failed_en END)),
       CASE WHEN j.made THEN 'offered' ELSE 'not ' || j.first_failing END,
       row_number() OVER (
           PARTITION BY c.customer_id
           ORDER BY j.made DESC, j.passed DESC, c.confidence DESC, c.moment_id, c.product_order, c.offer_id)
FROM offer_candidates c JOIN judged j USING (offer_id)
ORDER BY c.customer_id, c.offer_id
"""

_IN_ORDER = """
CREATE OR REPLACE TEMP MACRO list_distinct_in_order(items) AS
    list_filter(items, lambda item, i: list_position(items, item) = i)
"""


def judge(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `offers.verdicts` (one row per offer and layer) and `offers.offers` (one per offer).

    Reads the temporary tables of candidates, conditions, layers and failures. `verdict` is "offered" or
    "not " and the first failing layer; `rank` counts from 1 within a customer: made offers first, then by
    layers passed, confidence of the moment, and the order of products in the moment type.
    """
    connection.execute(_IN_ORDER)
    connection.execute(_VERDICTS)
    connection.execute(_OFFERS)
