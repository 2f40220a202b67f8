"""Offers as RDF: candidates before they are judged, verdicts after."""

from __future__ import annotations

from augenblick.model.terms import AUG, LAYER_TERMS
from augenblick.offers.tables import LAYERS, OFFERED
from augenblick.reason import FactBase, PredicateColumn, boolean, iri, lang_string, string

_GRAPH = "offers"
_VERDICT = "offer_id || '/' || layer"


def add_candidates(fact_base: FactBase) -> None:
    """Add a candidate per row of the temporary table `offer_candidates`: its class, person, moment, product."""
    told = (("person", "person"), ("moment", "moment_id"), ("product", "product"))
    fact_base.add_columns(
        "SELECT offer_id, person, moment_id, product FROM offer_candidates",
        name=_GRAPH,
        subject="offer_id",
        subject_spec=iri(),
        columns=[PredicateColumn(AUG + predicate, column, iri()) for predicate, column in told],
        klass=AUG + "OfferCandidate",
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
    layer = " ".join(f"WHEN '{layer}' THEN '{AUG}{LAYER_TERMS[layer]}'" for layer in LAYERS)
    fact_base.add_columns(
        f"SELECT {_VERDICT} AS verdict, CASE layer {layer} END AS layer, fulfilled FROM offers.verdicts",
        name=_GRAPH,
        subject="verdict",
        subject_spec=iri(),
        columns=[
            PredicateColumn(AUG + "inLayer", "layer", iri()),
            PredicateColumn(AUG + "fulfilled", "fulfilled", boolean()),
        ],
        klass=AUG + "Verdict",
    )
    fact_base.add_select(
        f"SELECT offer_id AS s, {_VERDICT} AS o FROM offers.verdicts",
        name=_GRAPH,
        predicate=AUG + "hasVerdict",
        subject=iri(),
        object=iri(),
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
