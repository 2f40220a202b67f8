"""Verdicts: failures of conditions gathered per layer, the offers decided and ranked."""

from __future__ import annotations

import duckdb

from augenblick.model.tables import filled
from augenblick.model.terms import AUG
from augenblick.reason import FactBase

# Reasons stand in the order of their words: any other would tell how many customers each condition refused before.
_VERDICTS = """
INSERT INTO {verdicts}
WITH failed AS (
    SELECT c.offer_id, k.layer,
           list(DISTINCT {{'de': f.reason_de, 'en': f.reason_en}}) AS reasons
    FROM {candidates} c
    JOIN offer_conditions k USING (product)
    JOIN {failures} f ON f.offer_id = c.offer_id AND f.shape = k.shape
    GROUP BY c.offer_id, k.layer
)
SELECT c.offer_id, l.layer, f.offer_id IS NULL,
       CASE WHEN f.offer_id IS NULL THEN [l.met_de] ELSE list_transform(list_sort(f.reasons), lambda r: r.de) END,
       CASE WHEN f.offer_id IS NULL THEN [l.met_en] ELSE list_transform(list_sort(f.reasons), lambda r: r.en) END
FROM {candidates} c JOIN offer_layers l USING (product)
LEFT JOIN failed f ON f.offer_id = c.offer_id AND f.layer = l.layer
ORDER BY c.offer_id, l.layer_order
"""

# A reason of an offer that is made are those of all its layers; of one that is not, those of all failing layers.
_JUDGED = """
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
    FROM {verdicts} v JOIN offer_candidates c USING (offer_id)
    JOIN offer_layers l ON l.product = c.product AND l.layer = v.layer
    GROUP BY v.offer_id
)
SELECT c.*, j.*, list_distinct_in_order(flatten(CASE WHEN j.made THEN j.met_de ELSE j.failed_de END)) AS reasons_de,
       list_distinct_in_order(flatten(CASE WHEN j.made THEN j.met_en ELSE j.failed_en END)) AS reasons_en,
       CASE WHEN j.made THEN 'offered' ELSE 'not ' || j.first_failing END AS verdict
FROM offer_candidates c JOIN judged j USING (offer_id)
"""
_OFFERS = """
INSERT INTO offers.offers
SELECT offer_id, customer_id, moment_id, product, eligible, applicable, suitable, contact, reasons_de, reasons_en,
       verdict,
       row_number() OVER (
           PARTITION BY customer_id
           ORDER BY made DESC, passed DESC, confidence DESC, moment_id, product_order, offer_id)
FROM ({judged}) ORDER BY customer_id, offer_id
"""

# Where it would be made but for what is stricter, there is no milder verdict: what must not be said protects, still.
# Nor is there one of a product that tells something itself, whatever its verdict.
_MILDER = """
INSERT INTO offers.milder
SELECT offer_id, verdict, reasons_de, reasons_en, passed FROM ({judged}) JOIN offers.guards g USING (offer_id)
ANTI JOIN offer_classes USING (product) WHERE NOT (made AND g.strictness > 0) ORDER BY offer_id
"""
_GUARDS = """
INSERT INTO offers.guards
SELECT f.offer_id, max(f.strictness), list_sort(list_distinct(list(k.other) FILTER (k.other IS NOT NULL)))
FROM (SELECT offer_id, strictness, unnest(coalesce(kinships, [NULL])) AS kinship FROM offer_failures
      WHERE strictness > 0 OR kinships IS NOT NULL
      UNION ALL SELECT offer_id, strictness, NULL FROM offer_candidates JOIN offer_classes USING (product)) f
JOIN offer_candidates c USING (offer_id)
LEFT JOIN offer_kin k ON k.customer_id = c.customer_id AND k.kinship = f.kinship
GROUP BY f.offer_id ORDER BY f.offer_id
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
    verdicts = "offers.verdicts"
    connection.execute(_VERDICTS.format(verdicts=verdicts, candidates="offer_candidates", failures="offer_failures"))
    connection.execute(_OFFERS.format(judged=_JUDGED.format(verdicts=verdicts)))


def judge_milder(connection: duckdb.DuckDBPyConnection, fact_base: FactBase) -> None:
    """Fill `offers.guards`, `offers.milder` and `offers.milder_verdicts`, after `judge`.

    A guard says what an offer's product and failures rest on: the rank of the strictest class, and the relatives
    looked at. The milder verdict is the one without these failures; an offer that only what is stricter refuses has
    none, nor has one of a product that is stricter itself.
    """
    _relatives(connection, fact_base)
    if not filled(connection, _GUARDS):
        return
    verdicts = "offers.milder_verdicts"
    guarded = "(SELECT * FROM offer_candidates SEMI JOIN offers.guards USING (offer_id))"
    free = "(FROM offer_failures WHERE strictness = 0 AND kinships IS NULL)"
    connection.execute(_VERDICTS.format(verdicts=verdicts, candidates=guarded, failures=free))
    connection.execute(_MILDER.format(judged=_JUDGED.format(verdicts=verdicts)))


def _relatives(connection: duckdb.DuckDBPyConnection, fact_base: FactBase) -> None:
    """Fill `offer_kin`: whom the kinships lead to that some failure went over."""
    connection.execute("CREATE OR REPLACE TEMP TABLE offer_kin (customer_id VARCHAR, kinship VARCHAR, other VARCHAR)")
    used = connection.execute("SELECT DISTINCT unnest(kinships) FROM offer_failures ORDER BY 1").fetchall()
    ids = f"<{AUG}customerId>"
    for (kinship,) in used:
        found = fact_base.select_sql(f"SELECT ?one ?other {{ ?a <{kinship}> ?b . ?a {ids} ?one . ?b {ids} ?other }}")
        named = fact_base.texts_sql(found, "one", "other")
        connection.execute(f"INSERT INTO offer_kin SELECT one, ?, other FROM ({named})", [kinship])
