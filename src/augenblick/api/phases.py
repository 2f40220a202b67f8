"""`/v1/customers/{id}/phases`: where a customer stands with each need, by the published graph open to the caller."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from augenblick.api.access import Caller
from augenblick.api.answer import Spoken, dossiers, unchanged
from augenblick.api.customers import CustomerId, Reader
from augenblick.api.graphs import Graphs
from augenblick.api.settings import limits_of
from augenblick.api.shapes import PROBLEMS, Standing, shape
from augenblick.api.trail import audited
from augenblick.publish.query import rows_of, with_parameters

router = APIRouter(prefix="/v1/customers", tags=["customers"], responses=PROBLEMS)
_STANDINGS = """
SELECT DISTINCT ?need ?need_label ?phase ?phase_label ?since {
  ?person aug:customerId $customer .
  { ?seen a aug:LatestPhase ; aug:person ?person ; aug:forNeed ?need ; aug:inPhase ?phase ; aug:observedOn ?since .
    OPTIONAL { ?phase rdfs:label ?phase_label FILTER(LANG(?phase_label) = $language) } }
  UNION
  { ?moment aug:person ?person ; aug:momentType ?type ; aug:state ?state . ?type aug:need ?need .
    FILTER(?state IN ("tentative", "confirmed"))
    FILTER NOT EXISTS { ?any a aug:PhaseObservation ; aug:person ?person ; aug:forNeed ?need } }
  OPTIONAL { ?need rdfs:label ?need_label FILTER(LANG(?need_label) = $language) }
}
ORDER BY DESC(?since) ?need ?phase
"""
_NAMES = ("need", "need_label", "phase", "phase_label", "since")


@router.get("/{customer}/phases", response_model=None, responses=shape(list[Standing]))
async def phases(request: Request, caller: Reader, spoken: Spoken, customer: CustomerId) -> Response:
    """Return the moment of truth and the mode a customer was last in with each need; no phase: there was no contact."""
    await audited(
        request, caller, "phases", customer, lambda: dossiers(request).dossier(caller.access, customer, spoken)
    )
    return unchanged(request, await _standings(request, caller, customer, spoken), spoken)


async def _standings(request: Request, caller: Caller, customer: str, language: str) -> list[dict[str, Any]]:
    graphs: Graphs = request.app.state.graphs
    query = with_parameters(_STANDINGS, {"customer": ("string", customer), "language": ("string", language)})
    limits = limits_of(request.app.state.settings, caller.access.role)
    work = await graphs.work(graphs.view(), caller, query, limits, base=str(request.base_url))
    async with graphs.answer(work | {"results": "json", "graphs": None}, seconds=limits.seconds) as answer:
        found = rows_of(b"".join([chunk async for chunk in answer.chunks]))
    return [{name: row.get(name) for name in _NAMES} for row in found]
