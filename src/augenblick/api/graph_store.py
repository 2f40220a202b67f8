"""SPARQL 1.1 Graph Store HTTP Protocol at `/graph-store`: graphs as they were published, and working graphs.

A graph is named by `?graph=IRI`, or is the request's own address below `/graph-store/`; `?default` is all the caller
may see as one, and for writing the first of the working graphs.
"""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from augenblick.api.access import Caller, admitted
from augenblick.api.negotiation import GRAPHS, best
from augenblick.api.sparql import Asked, answered, content_type, text_of
from augenblick.api.updates import working_of, written
from augenblick.model.errors import BadParameter, NotAcceptable, NotFound, NotPermitted, UnsupportedMediaType
from augenblick.publish.compartments import stage_of

router = APIRouter(tags=["SPARQL"])
SparqlCaller = Annotated[Caller, Depends(admitted("sparql"))]
Named = Annotated[str | None, Query(alias="graph", max_length=2000)]
Default = Annotated[str | None, Query(max_length=0)]
WHOLE = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
PATH = "/graph-store"
_FORMS = {name: form for form, (name, *_) in GRAPHS.items() if form != "trig"}


@router.api_route(PATH, methods=["GET", "HEAD"], response_class=Response, include_in_schema=False)
@router.api_route(PATH + "/{_:path}", methods=["GET", "HEAD"], response_class=Response, include_in_schema=False)
async def graph(request: Request, caller: SparqlCaller, graph: Named = None, default: Default = None) -> Response:
    """Return a graph; 404 for one that is not to be seen."""
    name = _name(request, graph, default)
    if best(request.headers.get("accept"), GRAPHS) is None:
        raise NotAcceptable("A graph has no such form.", hint="Accept text/turtle")
    graphs = request.app.state.graphs
    view = await graphs.view_of(caller)
    stages = {stage_of(each) for each in await graphs.allowed(view, caller)}
    if name is not None and name not in (*stages, *view.own):
        raise NotFound("There is no such graph.", hint="the service description at /sparql lists the graphs")
    return await answered(request, caller, Asked(WHOLE, [name] if name else [], []))


@router.put(PATH, response_class=Response, include_in_schema=False)
@router.put(PATH + "/{_:path}", response_class=Response, include_in_schema=False)
async def put(request: Request, caller: SparqlCaller, graph: Named = None, default: Default = None) -> Response:
    """Put what is sent in a working graph's place: 201 where there was none, else 204."""
    name, there = _written(request, caller, _name(request, graph, default))
    await written(request, caller, {"put": await _bodies(request, name), "clear": [name]})
    return Response(status_code=204 if there else 201)


@router.post(PATH, response_class=Response, include_in_schema=False)
@router.post(PATH + "/{_:path}", response_class=Response, include_in_schema=False)
async def post(request: Request, caller: SparqlCaller, graph: Named = None, default: Default = None) -> Response:
    """Add what is sent to a working graph; sent to `/graph-store` itself, it becomes a new one, told by `Location`."""
    new = graph is None and default is None and request.url.path == PATH
    wanted = f"{_address(request)}/{secrets.token_hex(8)}" if new else _name(request, graph, default)
    name, there = _written(request, caller, wanted)
    await written(request, caller, {"put": await _bodies(request, name)})
    return Response(status_code=204 if there else 201, headers={"Location": name} if new else {})


@router.delete(PATH, response_class=Response, include_in_schema=False)
@router.delete(PATH + "/{_:path}", response_class=Response, include_in_schema=False)
async def delete(request: Request, caller: SparqlCaller, graph: Named = None, default: Default = None) -> Response:
    """Delete a working graph."""
    name, there = _written(request, caller, _name(request, graph, default))
    if not there:
        raise NotFound("There is no such graph.")
    await written(request, caller, {"clear": [name]})
    return Response(status_code=204)


def _address(request: Request) -> str:
    """Return the request's address as callers know it."""
    url = str(request.url.replace(query=""))
    public = request.app.state.settings.public_url
    return f"{public}{request.url.path}" if public else url


def _name(request: Request, graph: str | None, default: str | None) -> str | None:
    """Return the graph a request is for; None for the default graph."""
    if request.url.path != PATH:
        if graph is not None or default is not None:
            raise BadParameter("The address names the graph already.", where="query")
        return _address(request)
    if (graph is None) == (default is None):
        raise BadParameter("Give either graph or default.", where="query", hint="?graph=IRI or ?default")
    return graph


def _written(request: Request, caller: Caller, name: str | None) -> tuple[str, bool]:
    """Return the working graph that is to be written and whether there is such a one.

    Raises `NotPermitted` where it is none of the role's.
    """
    working = working_of(request, caller)
    graph = working.default if name is None else name
    if not working.holds(graph):
        raise NotPermitted("This graph is not written here.", hint="`working_graphs` says which the role may write")
    return graph, graph in request.app.state.graphs.working.graphs(caller.whom)


async def _bodies(request: Request, graph: str) -> list[tuple[str, str, str, str]]:
    """Return what was sent, part by part: the graph, the form, the text, what relative names are relative to.

    Raises `UnsupportedMediaType`.
    """
    if content_type(request) != "multipart/form-data":
        return [(graph, _form(content_type(request)), text_of(await request.body()), graph)]
    async with request.form() as form:
        files = [file for file in form.values() if not isinstance(file, str)]
        return [
            (graph, _form((file.content_type or "").partition(";")[0]), text_of(await file.read()), graph)
            for file in files
        ]


def _form(media: str) -> str:
    if media not in _FORMS:
        raise UnsupportedMediaType("A graph is not read in this form.", hint=f"one of {', '.join(_FORMS)}")
    return _FORMS[media]
