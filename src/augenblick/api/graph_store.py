"""SPARQL 1.1 Graph Store HTTP Protocol at `/graph-store`, for reading: one graph as it was published."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from augenblick.api.access import Caller, admitted
from augenblick.api.negotiation import GRAPHS, best
from augenblick.api.sparql import Asked, answered
from augenblick.model.errors import BadParameter, NotAcceptable, NotFound, NotPermitted

router = APIRouter(tags=["SPARQL"])
SparqlCaller = Annotated[Caller, Depends(admitted("sparql"))]
WHOLE = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@router.api_route("/graph-store", methods=["GET", "HEAD"], response_class=Response, include_in_schema=False)
async def graph(
    request: Request,
    caller: SparqlCaller,
    name: Annotated[str | None, Query(alias="graph", max_length=2000)] = None,
    default: Annotated[str | None, Query(max_length=0)] = None,
) -> Response:
    """Return a named graph, or with `default` all the caller may see as one; 404 for one that is not to be seen."""
    if (name is None) == (default is None):
        raise BadParameter("Give either graph or default.", where="query", hint="?graph=IRI or ?default")
    if best(request.headers.get("accept"), GRAPHS) is None:
        raise NotAcceptable("A graph has no such form.", hint="Accept text/turtle")
    graphs = request.app.state.graphs
    allowed = await graphs.allowed(graphs.view(), caller)
    if name is not None and name not in allowed:
        raise NotFound("There is no such graph.", hint="the service description at /sparql lists the graphs")
    return await answered(request, caller, Asked(WHOLE, [name] if name else [], []))


@router.api_route(
    "/graph-store", methods=["PUT", "POST", "DELETE", "PATCH"], response_class=Response, include_in_schema=False
)
async def refused(_: SparqlCaller) -> Response:
    """Refuse to write: what is published follows from the bank's data only."""
    raise NotPermitted("Graphs are read here, not written.", hint="bring rows by POST /v1/deliveries")
