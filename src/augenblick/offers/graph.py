"""Offers as RDF: candidates before they are judged, verdicts after."""

from __future__ import annotations

from augenblick.model.terms import AUG, LAYER_TERMS
from augenblick.offers.tables import LAYERS, OFFERED
from augenblick.reason import FactBase, boolean, iri, lang_string, string

_GRAPH = "offers"
_VERDICT = "offer_id || '/' || layer"


def add_candidates(fact_base: FactBase) -> None:
    """Add a candidate per row of the temporary table `offer_candidates`: its class, person, moment, product."""
    source = "SELECT offer_id AS s, {column} AS o FROM offer_candidates"
    fact_base.add_select(
        "SELECT offer_id AS s FROM offer_candidates", name=_GRAPH, klass=AUG + "OfferCandidate", subject=iri()
    )
    for predicate, column in (("person", "person"), ("moment", "moment_id"), ("product", "product")):
        fact_base.add_select(
            source.format(column=column), name=_GRAPH, predicate=AUG + predicate, subject=iri(), object=iri()
        )


def add_verdicts(fact_base: FactBase) -> None:
    """Add what was decided: the verdict of each candidate, the same per layer, and why not."""
    fact_base.add_select(
        "SELECT offer_id AS s, verdict AS o FROM offers.offers",
        name=_GRAPH,
        predicate=AUG + "verdict",
        subject=iri(),
        object=string(),
    )
    _add_layers(fact_base)
    for language in ("de", "en"):
        _add_reasons(fact_base, language)


def _add_layers(fact_base: FactBase) -> None:
    verdicts = f"SELECT offer_id, {_VERDICT} AS verdict, layer, fulfilled FROM offers.verdicts"
    fact_base.add_select(f"SELECT verdict AS s FROM ({verdicts})", name=_GRAPH, klass=AUG + "Verdict", subject=iri())
    layer = " ".join(f"WHEN '{layer}' THEN '{AUG}{LAYER_TERMS[layer]}'" for layer in LAYERS)
    for predicate, subject, value, spec in (
        ("hasVerdict", "offer_id", "verdict", iri()),
        ("inLayer", "verdict", f"CASE layer {layer} END", iri()),
        ("fulfilled", "verdict", "fulfilled", boolean()),
    ):
        fact_base.add_select(
            f"SELECT {subject} AS s, {value} AS o FROM ({verdicts})",
            name=_GRAPH,
            predicate=AUG + predicate,
            subject=iri(),
            object=spec,
        )


def _add_reasons(fact_base: FactBase, language: str) -> None:
    reasons = f"unnest(reasons_{language}) AS o"
    for predicate, source in (
        ("because", f"SELECT offer_id AS s, {reasons} FROM offers.offers WHERE verdict <> '{OFFERED}'"),
        ("whyNot", f"SELECT {_VERDICT} AS s, {reasons} FROM offers.verdicts WHERE NOT fulfilled"),
    ):
        fact_base.add_select(
            source, name=_GRAPH, predicate=AUG + predicate, subject=iri(), object=lang_string(language)
        )
