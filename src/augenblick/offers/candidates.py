"""Offer candidates: every live moment with every product of its type."""

from __future__ import annotations

from datetime import date

import duckdb

from augenblick.content.model import Content

_CANDIDATES = """
CREATE OR REPLACE TEMP TABLE offer_candidates AS
SELECT CASE WHEN starts_with(m.moment_id, $base || 'moment/')
            THEN $base || 'offer/' || substr(m.moment_id, length($base) + length('moment/') + 1)
            ELSE m.moment_id || '/offer' END || '/' || x.product_slug AS offer_id,
       m.customer_id, $base || 'customer/' || url_encode(m.customer_id) AS person,
       m.moment_id, m.confidence, x.product, x.product_order
FROM moments.moments m JOIN offer_matches x USING (moment_type)
WHERE m.state IN ('tentative', 'confirmed') AND (m.valid_until IS NULL OR m.valid_until >= $as_of)
"""


def find_candidates(connection: duckdb.DuckDBPyConnection, content: Content, *, as_of: date, data_base: str) -> int:
    """Fill the temporary table `offer_candidates` and return its number of rows.

    Columns: offer_id, person, moment_id, product (IRIs), customer_id, confidence, product_order (from 0).
    """
    matches = [
        (moment.iri, product.iri, product.slug, order)
        for moment in content.moments
        for order, iri in enumerate(moment.products)
        if (product := content.product(iri)) is not None
    ]
    if matches:
        columns = [list(column) for column in zip(*matches, strict=True)]
        connection.execute("INSERT INTO offer_matches SELECT unnest(?), unnest(?), unnest(?), unnest(?)", columns)
    connection.execute(_CANDIDATES, {"base": data_base, "as_of": as_of})
    return int(connection.execute("SELECT count(*) FROM offer_candidates").fetchall()[0][0])
