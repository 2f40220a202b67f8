"""The order in which moment types are merged: a kin view comes after the moments it looks at."""

from __future__ import annotations

import networkx as nx

from augenblick.content.model import MomentType
from augenblick.model.errors import BadOntology
from augenblick.moments.merge import MomentRules

KIN_KIND = "KinMoment"


def layers(types: tuple[MomentType, ...]) -> list[list[MomentType]]:
    """Return the types in layers; each looks only at moments of the layers before it.

    Raises `BadOntology` naming the types that look at each other in a circle.
    """
    by_iri = {t.iri: t for t in types}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(by_iri)
    for moment_type in types:
        graph.add_edges_from((seen, moment_type.iri) for seen in _looks_at(moment_type) if seen in by_iri)
    try:
        return [
            sorted((by_iri[iri] for iri in layer), key=lambda t: t.iri) for layer in nx.topological_generations(graph)
        ]
    except nx.NetworkXUnfeasible as error:
        circle = " → ".join(by_iri[a].label.en for a, _ in nx.find_cycle(graph))
        raise BadOntology(
            f"These moments look at each other in a circle: {circle}.",
            hint="remove one of their kin patterns",
        ) from error


def _looks_at(moment_type: MomentType) -> list[str]:
    return [str(seen) for p in moment_type.patterns if p.kind == KIN_KIND for seen in p.parameters.get("kinMoment", ())]


def merging_rules(moment_type: MomentType) -> MomentRules:
    """Return what merging needs of the type."""
    return MomentRules(
        moment_type=moment_type.iri,
        slug=moment_type.slug,
        prior=float(moment_type.prior),
        merge_days=moment_type.merge_window.days,
        occurs_once=moment_type.occurs_once,
        valid_days=moment_type.validity.days,
        tentative_from=float(moment_type.tentative_from),
        confirmed_from=float(moment_type.confirmed_from),
        dismissal_share=float(moment_type.dismissal_share),
        dating=tuple((p.iri, p.dates_within.days) for p in moment_type.patterns if p.dates_within is not None),
    )
