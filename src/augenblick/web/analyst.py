"""Pages for who looks for relationships: the query workspace with the library beside it."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import PlainTextResponse
from rdflib import OWL, RDF, RDFS, SKOS, URIRef

from augenblick.api import sparql
from augenblick.content import Content
from augenblick.model.errors import BadParameter, NotLoaded, NotPermitted
from augenblick.model.terms import MOMENT, PRODUCT, SIGNAL
from augenblick.policy.audit import query_name
from augenblick.publish.library import LibraryQuery, find_query, load_library
from augenblick.publish.query import PREFIXES, with_parameters
from augenblick.web import failures, words
from augenblick.web.desk import Desk, PageRoute, own_form, seated
from augenblick.web.questions import answer
from augenblick.web.rendering import POLICY
from augenblick.web.result_files import FORMS, written

router = APIRouter(include_in_schema=False, route_class=PageRoute)
asking = APIRouter(include_in_schema=False)
"""What the editor's script asks: it is told of failures as REST tells them, not by a page."""
FORM_HEADER = "Form-Token"
Analyst = Annotated[Desk, Depends(seated("sparql"))]

Exporter = Annotated[Desk, Depends(seated("export"))]
Text = Annotated[str, Form(max_length=100_000)]

EDITOR_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""The editor measures and colours text with styles of its own; scripts stay ours alone."""
_FIRST_QUERY = """SELECT ?label (COUNT(?moment) AS ?moments) WHERE {
  ?moment a aug:Moment ; aug:momentType/rdfs:label ?label .
  FILTER(LANG(?label) = "%s")
}
GROUP BY ?label
ORDER BY DESC(?moments)"""
_HEADER = re.compile(r"\A(?:#.*\n)+")
"""What the library says about a query; on the page it stands beside it."""
_TERM_KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, RDF.Property, RDFS.Class, SKOS.Concept)


@router.get("/queries")
def queries(desk: Analyst) -> Response:
    """Show the query workspace."""
    role = desk.session.role
    library = [q for q in load_library(desk.content.queries).values() if _may_run(q, role)]
    prologue = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items() if name in ("aug", "rdfs"))
    doors = desk.admitted.role.doors
    settings = {
        "role": role,
        "who": desk.session.name,
        "token": desk.session.token,
        "shared": words.say("queries.shared", desk.language),
        "prefixes": PREFIXES,
        "terms": _terms(desk.content),
        "tab": words.say("queries.tab", desk.language),
        "words": words.workspace(desk.language),
        "failures": failures.sentences(desk.language),
        "contents": {MOMENT: "moments", SIGNAL: "signals", PRODUCT: "products"},
        "tells": bool({"offers", "explain"} & doors),
        "explains": "explain" in doors,
        "first": prologue + _FIRST_QUERY % desk.language,
    }
    values: dict[str, Any] = {"library": library, "settings": json.dumps(settings), "empty": _nothing_to_ask(desk)}
    return desk.page("queries.html", policy=EDITOR_POLICY, **values)


@asking.post("/queries/ask")
async def ask(request: Request, desk: Analyst) -> Response:
    """Answer as `/sparql` does who is signed in on the pages: a browser holds no access token."""
    own_form(desk, request.headers.get(FORM_HEADER, ""))
    return await sparql.post(request, desk.admitted)


@router.post("/queries/result")
async def result(desk: Exporter, token: Text, query: Text, kind: Text) -> Response:
    """Return a query's result as a file: what the editor on the page shows, the role's working graphs included."""
    own_form(desk, token)
    if kind not in FORMS:
        raise BadParameter("There is no such kind of file.", hint=f"one of {', '.join(FORMS)}")
    form, media_type = FORMS[kind]
    told = await answer(desk, query_name(query), query, form=form, working=True)
    made = await to_thread.run_sync(written, kind, told)
    headers = {"Content-Disposition": f'attachment; filename="result.{kind}"'}
    return Response(made, media_type=media_type, headers=headers)


@router.get("/queries/{slug}")
def library_query(request: Request, desk: Analyst, slug: str) -> Response:
    """Return a query of the library with the values given, ready to be run."""
    query = find_query(desk.content.queries, slug)
    if not _may_run(query, desk.session.role):
        raise NotPermitted("This query of the library is not for your role.")
    given = {name: value for name, value in request.query_params.items() if value}
    text = _HEADER.sub("", with_parameters(query.text, query.values(given)))
    used = (f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items() if f"{name}:" in text)
    return PlainTextResponse("".join(used) + text)


def _nothing_to_ask(desk: Desk) -> bool:
    try:
        desk.as_of()
    except NotLoaded:
        return True
    return False


def _may_run(query: LibraryQuery, role: str) -> bool:
    return not query.roles or role in query.roles


def _terms(content: Content) -> list[str]:
    """Return the ontology's terms, and the words of others it speaks with, as the editor completes them."""
    named = {p for p in content.graph.predicates() if isinstance(p, URIRef)}
    named |= {s for kind in _TERM_KINDS for s in content.graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}
    named |= {URIRef(thing.iri) for things in (content.moments, content.signals, content.products) for thing in things}
    return sorted(filter(None, (_short(str(term)) for term in named)))


def _short(iri: str) -> str | None:
    for name, start in PREFIXES.items():
        rest = iri.removeprefix(start)
        if rest != iri and rest and "/" not in rest and "#" not in rest:
            return f"{name}:{rest}"
    return None
