"""From the tables to one document per customer: all that is known of them at a glance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from augenblick.content.reading import LAYERS

_BATCH = 10_000

# Offers hang on moments, verdicts on offers; all lists are ordered, so equal tables give equal documents.
_DOCUMENTS = """
WITH chosen AS (SELECT * EXCLUDE (_file, _line) FROM bank.customers c WHERE {chosen}),
accounts AS (
    SELECT h.customer_id, list({{'account_id': a.account_id, 'iban': a.iban, 'kind': a.kind, 'role': h.role,
        'currency': a.currency, 'opened_on': a.opened_on, 'closed_on': a.closed_on}} ORDER BY a.account_id) AS items
    FROM bank.account_holders h JOIN bank.accounts a USING (account_id) SEMI JOIN chosen USING (customer_id) GROUP BY 1
), contracts AS (
    SELECT customer_id, list({{'contract_id': contract_id, 'product': product, 'opened_on': opened_on,
        'closed_on': closed_on}} ORDER BY contract_id) AS items
    FROM bank.contracts SEMI JOIN chosen USING (customer_id) GROUP BY 1
), consents AS (
    SELECT customer_id, list({{'purpose': purpose, 'channel': channel, 'status': status, 'valid_from': valid_from,
        'valid_to': valid_to}} ORDER BY purpose, channel, valid_from, status) AS items
    FROM bank.consents SEMI JOIN chosen USING (customer_id) GROUP BY 1
), relations AS (
    SELECT customer_id, list({{'customer_id': other, 'relation': relation, 'of': of, 'valid_from': valid_from,
        'valid_to': valid_to}} ORDER BY other, relation, of) AS items
    FROM (SELECT customer_id, related_customer_id AS other, relation, 'other' AS of, valid_from, valid_to
          FROM bank.relations
          UNION ALL SELECT related_customer_id, customer_id, relation, 'self', valid_from, valid_to
          FROM bank.relations)
    SEMI JOIN chosen USING (customer_id) GROUP BY 1
), layers AS (
    SELECT offer_id, list({{'layer': layer, 'fulfilled': fulfilled, 'reasons_de': reasons_de,
        'reasons_en': reasons_en}} ORDER BY list_position($layers::VARCHAR[], layer)) AS items
    FROM offers.verdicts GROUP BY 1
), mild_layers AS (
    SELECT offer_id, list({{'layer': layer, 'fulfilled': fulfilled, 'reasons_de': reasons_de,
        'reasons_en': reasons_en}} ORDER BY list_position($layers::VARCHAR[], layer)) AS items
    FROM offers.milder_verdicts GROUP BY 1
), guarded AS (
    SELECT g.offer_id, {{'strictness': g.strictness, 'others': coalesce(g.others, [])}} AS guard,
        CASE WHEN m.offer_id IS NOT NULL THEN {{'verdict': m.verdict, 'reasons_de': m.reasons_de,
            'reasons_en': m.reasons_en, 'layers': l.items}} END AS milder
    FROM offers.guards g LEFT JOIN offers.milder m USING (offer_id) LEFT JOIN mild_layers l USING (offer_id)
), offered AS (
    SELECT o.moment_id, list({{'offer_id': o.offer_id, 'product': o.product, 'verdict': o.verdict, 'rank': o.rank,
        'reasons_de': o.reasons_de, 'reasons_en': o.reasons_en, 'layers': l.items, 'guard': g.guard,
        'milder': g.milder}} ORDER BY o.rank, o.product) AS items
    FROM offers.offers o LEFT JOIN layers l USING (offer_id) LEFT JOIN guarded g USING (offer_id)
    SEMI JOIN chosen USING (customer_id) GROUP BY 1
), standings AS (
    SELECT moment_id, {{'strictness': strictness, 'others': others}} AS standing,
           CASE WHEN mild_id IS NOT NULL THEN {{'moment_id': mild_id, 'strictness': mild_strictness,
               'others': mild_others, 'confidence': round(mild_confidence, 4), 'occurred_from': mild_from,
               'occurred_to': mild_to, 'detected_on': mild_detected_on, 'valid_until': mild_valid_until,
               'state': mild_state}} END AS milder
    FROM policy.moments SEMI JOIN chosen USING (customer_id)
), found AS (
    SELECT m.customer_id, list({{'moment_id': m.moment_id, 'moment_type': m.moment_type, 'slug': m.slug,
        'occurred_from': m.occurred_from, 'occurred_to': m.occurred_to, 'detected_on': m.detected_on,
        'valid_until': m.valid_until, 'confidence': round(m.confidence, 4), 'state': m.state,
        'standing': s.standing, 'milder': s.milder, 'offers': o.items}}
        ORDER BY m.confidence DESC, m.moment_id) AS items
    FROM moments.moments m JOIN standings s USING (moment_id) LEFT JOIN offered o USING (moment_id)
    SEMI JOIN chosen USING (customer_id) GROUP BY 1
)
SELECT c.customer_id, c.given_name, c.family_name, c.birth_name,
       to_json({{'customer': c, 'accounts': a.items, 'contracts': k.items, 'consents': n.items, 'relations': r.items,
                 'moments': f.items}})
FROM chosen c LEFT JOIN accounts a USING (customer_id) LEFT JOIN contracts k USING (customer_id)
LEFT JOIN consents n USING (customer_id) LEFT JOIN relations r USING (customer_id) LEFT JOIN found f USING (customer_id)
ORDER BY c.customer_id
"""

Row = tuple[str, str | None, str | None, str | None, str]


def documents(connection: duckdb.DuckDBPyConnection, *, customers: Iterable[str] | None = None) -> Iterator[Row]:
    """Give (customer, given name, family name, birth name, document as JSON) of all customers, or of those named."""
    chosen, values = "TRUE", {"layers": list(LAYERS)}
    if customers is not None:
        chosen = "customer_id IN (SELECT unnest($customers::VARCHAR[]))"
        values["customers"] = list(customers)
    connection.execute(_DOCUMENTS.format(chosen=chosen), values)
    while rows := connection.fetchmany(_BATCH):
        yield from rows


def run_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return date and data base of the run the tables are from."""
    as_of, base = connection.execute("SELECT as_of, base FROM run").fetchone() or (None, None)
    return {"as_of": str(as_of), "base": base}
