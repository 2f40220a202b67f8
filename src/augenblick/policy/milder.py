"""What those see who may not see the whole: moments and offers in their milder standing, as things of their own.

A moment may be carried by a milder part of its indications, an offer be judged without what a verdict takes from
stricter classes or from relatives. Both are published beside the whole, in compartments that are open to those only
who do not see the whole: nobody sees two, and nobody can tell a milder one from a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from augenblick.model.terms import AUG, LAYER_TERMS, RDF, XSD
from augenblick.policy.openings import Openings

_ROWS = """
SELECT m.moment_id, m.customer_id, m.strictness, m.others, m.mild_id, m.mild_strictness, m.mild_others,
       o.offer_id, coalesce(g.strictness, 0), coalesce(g.others, []::VARCHAR[]), x.offer_id IS NOT NULL
FROM policy.moments m LEFT JOIN offers.offers o USING (moment_id) LEFT JOIN offers.guards g USING (offer_id)
LEFT JOIN offers.milder x USING (offer_id)
WHERE m.mild_id IS NOT NULL OR x.offer_id IS NOT NULL
"""


def place_milder(connection: duckdb.DuckDBPyConnection, openings: Openings) -> None:
    """Fill `policy.mild` (moment → compartment of its milder standing) and `policy.mild_offers`.

    `policy.mild_offers` has a row per offer that is shown in another standing: whether at the milder moment
    (`of_mild`), whether by the milder verdict (`milder`), and the compartment.
    """
    placing = _Placing(connection, openings)
    moments: dict[str, str] = {}
    offers: list[tuple[str, bool, bool, str]] = []
    for row in connection.execute(_ROWS).fetchall():
        moments |= placing.moment(*row[:7])
        offers += placing.offer(*row)
    _keep(connection, "mild", "moment_id VARCHAR, name VARCHAR", moments.items())
    _keep(connection, "mild_offers", "offer_id VARCHAR, of_mild BOOLEAN, milder BOOLEAN, name VARCHAR", offers)


def _keep(connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE policy.{table} ({columns})")
    kept = list(rows)
    if kept:
        names = {f"c{place}": list(values) for place, values in enumerate(zip(*kept, strict=True))}
        listed = ", ".join(f"unnest(${name})" for name in names)
        connection.execute(f"INSERT INTO policy.{table} SELECT {listed}", names)


class _Placing:
    """Decides for each moment and offer with a milder standing to whom that is open."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, openings: Openings) -> None:
        self._openings = openings
        self._states: dict[str, tuple[list[str], list[str]]] = {
            customer: (given, objected)
            for customer, given, objected in connection.execute("FROM policy.states").fetchall()
        }

    def moment(
        self,
        moment: str,
        customer: str,
        strictness: int,
        others: list[str],
        mild: str | None,
        mild_strictness: int,
        mild_others: list[str],
    ) -> Iterator[tuple[str, str]]:
        """Give the compartment of the milder standing, where anybody sees only that."""
        if mild is not None:
            only = self._seen(customer, mild_strictness, mild_others) - self._seen(customer, strictness, others)
            if only:
                yield moment, self._name(mild_strictness, only)

    def offer(
        self,
        _: str,
        customer: str,
        strictness: int,
        others: list[str],
        mild: str | None,
        mild_strictness: int,
        mild_others: list[str],
        offer: str | None,
        guard: int,
        guarding: list[str],
        has_milder: bool,
    ) -> Iterator[tuple[str, bool, bool, str]]:
        """Give the standings of an offer beside the whole one at the whole moment."""
        if offer is None:
            return
        whole = self._seen(customer, strictness, others)
        at = [(False, strictness, others, whole)]
        if mild is not None:
            at.append((True, mild_strictness, mild_others, self._seen(customer, mild_strictness, mild_others) - whole))
        for of_mild, rank, persons, seen in at:
            by_whole = seen & self._seen(customer, max(rank, guard), sorted({*persons, *guarding}))
            if of_mild and by_whole:
                yield offer, True, False, self._name(max(rank, guard), by_whole)
            if has_milder and seen - by_whole:
                yield offer, of_mild, True, self._name(rank, seen - by_whole)

    def _seen(self, customer: str, strictness: int, others: list[str]) -> frozenset[str]:
        given, objected = self._states.get(customer, ([], []))
        agreed = [set(self._states.get(other, ([], []))[0]) for other in others]
        released = sorted(set.intersection(*agreed)) if agreed else None
        return frozenset(self._openings.shown(given, objected, strictness, released))

    def _name(self, strictness: int, accesses: frozenset[str]) -> str:
        return self._openings.name(strictness, tuple(sorted(accesses)))[0]


def milder_quads(connection: duckdb.DuckDBPyConnection, graphs: str, base: str) -> list[str]:
    """Return SELECTs of g, s, p, o, one or none: milder standings of moments and offers.

    `graphs` is what graphs' IRIs begin with. Offers in another standing and their layers are written out before.
    """
    moments, offers = (
        bool(connection.execute(f"SELECT 1 FROM policy.{table} LIMIT 1").fetchall())
        for table in ("mild", "mild_offers")
    )
    parts = list(_moment_quads(graphs, base)) if moments else []
    if offers:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE milder_offers AS {_offers_sql(base)}")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE milder_layers AS {_layers_sql()}")
        parts += _offer_quads(graphs, base)
    return [" UNION ALL ".join(parts)] if parts else []


def _moment_quads(graphs: str, base: str) -> Iterator[str]:
    sure = "rtrim(rtrim(round(v.mild_confidence, 4)::DECIMAL(5, 4)::VARCHAR, '0'), '.')"
    typed = {
        "mild_from": "occurredFrom",
        "mild_to": "occurredTo",
        "mild_detected_on": "detectedOn",
        "mild_valid_until": "validUntil",
    }
    values = [
        (RDF + "type", f"'<{AUG}Moment>'"),
        (RDF + "type", "'<' || m.moment_type || '>'"),
        (AUG + "momentType", "'<' || m.moment_type || '>'"),
        (AUG + "person", f"'<{base}customer/' || url_encode(m.customer_id) || '>'"),
        (AUG + "state", "'\"' || v.mild_state || '\"'"),
        (AUG + "confidence", f"'\"' || {sure} || '\"^^<{XSD}decimal>'"),
        (AUG + "hasIndication", "'<' || unnest(v.mild_indications) || '>'"),
    ]
    values += [(AUG + name, f"'\"' || v.{column} || '\"^^<{XSD}date>'") for column, name in typed.items()]
    rows = "policy.mild k JOIN policy.moments v USING (moment_id) JOIN moments.moments m USING (moment_id)"
    placed = [("moments", p, o) for p, o in values] + [("inferred", RDF + "type", f"'<{AUG}LifeMoment>'")]
    for stage, predicate, value in placed:
        yield _select(graphs, stage, "v.mild_id", predicate, value, rows)


def _offers_sql(base: str) -> str:
    """Return SELECT of the offers in another standing; at the milder moment they are called after it."""
    head = f"'{base}offer/'"
    rest = f"length('{base}moment/') + 1"
    renamed = (
        f"{head} || substr(v.mild_id, {rest}) || substr(k.offer_id, length({head} || substr(v.moment_id, {rest})) + 1)"
    )
    return (
        f"SELECT k.*, CASE WHEN k.of_mild THEN {renamed} ELSE k.offer_id END AS iri, v.customer_id, o.product, "
        "CASE WHEN k.of_mild THEN v.mild_id ELSE v.moment_id END AS moment, "
        "CASE WHEN k.milder THEN x.verdict ELSE o.verdict END AS verdict, "
        "CASE WHEN k.milder THEN x.reasons_de ELSE o.reasons_de END AS reasons_de, "
        "CASE WHEN k.milder THEN x.reasons_en ELSE o.reasons_en END AS reasons_en "
        "FROM policy.mild_offers k JOIN offers.offers o USING (offer_id) JOIN policy.moments v USING (moment_id) "
        "LEFT JOIN offers.milder x USING (offer_id)"
    )


def _layers_sql() -> str:
    told = "SELECT offer_id, layer, fulfilled, reasons_de, reasons_en, {milder} AS milder FROM offers.{table}"
    both = " UNION ALL ".join(
        told.format(milder=milder, table=table) for milder, table in ((False, "verdicts"), (True, "milder_verdicts"))
    )
    return (
        "SELECT k.name, k.iri AS offer, k.iri || '/' || l.layer AS iri, l.layer, l.fulfilled, l.reasons_de, "
        f"l.reasons_en FROM milder_offers k JOIN ({both}) l USING (offer_id, milder)"
    )


def _offer_quads(graphs: str, base: str) -> Iterator[str]:
    offers = "milder_offers k"
    for predicate, value in (
        (RDF + "type", f"'<{AUG}OfferCandidate>'"),
        (AUG + "person", f"'<{base}customer/' || url_encode(k.customer_id) || '>'"),
        (AUG + "moment", "'<' || k.moment || '>'"),
        (AUG + "product", "'<' || k.product || '>'"),
        (AUG + "verdict", "'\"' || k.verdict || '\"'"),
    ):
        yield _select(graphs, "offers", "k.iri", predicate, value, offers)
    for language in ("de", "en"):
        source = (
            f"(SELECT name, iri, unnest(reasons_{language}) AS reason FROM milder_offers WHERE verdict <> 'offered') k"
        )
        yield _select(graphs, "offers", "k.iri", AUG + "because", _worded("k.reason", language), source)
    yield from _layer_quads(graphs)


def _layer_quads(graphs: str) -> Iterator[str]:
    layers = "milder_layers k"
    term = " ".join(f"WHEN '{layer}' THEN '<{AUG}{name}>'" for layer, name in LAYER_TERMS.items())
    yield _select(graphs, "offers", "k.offer", AUG + "hasVerdict", "'<' || k.iri || '>'", layers)
    yield _select(graphs, "offers", "k.iri", RDF + "type", f"'<{AUG}Verdict>'", layers)
    yield _select(graphs, "offers", "k.iri", AUG + "inLayer", f"CASE k.layer {term} END", layers)
    fulfilled = f"'\"' || k.fulfilled || '\"^^<{XSD}boolean>'"
    yield _select(graphs, "offers", "k.iri", AUG + "fulfilled", fulfilled, layers)
    for language in ("de", "en"):
        source = f"(SELECT name, iri, unnest(reasons_{language}) AS reason FROM milder_layers WHERE NOT fulfilled) k"
        yield _select(graphs, "offers", "k.iri", AUG + "whyNot", _worded("k.reason", language), source)


def _select(graphs: str, stage: str, subject: str, predicate: str, value: str, rows: str) -> str:
    return (
        f"SELECT '<{graphs}{stage}' || k.name || '>' AS g, '<' || {subject} || '>' AS s, '<{predicate}>' AS p, "
        f"{value} AS o FROM {rows}"
    )


def _worded(text: str, language: str) -> str:
    escaped = f"replace(replace({text}, '\\', '\\\\'), '\"', '\\\"')"
    return f"'\"' || {escaped} || '\"@{language}'"
