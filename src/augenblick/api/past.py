"""`/v1/content/versions/{version}/queries`: SPARQL on today's data by the rules of an earlier version.

Who may see what is the policy's of today, and a legal class is the stricter of then and now. An earlier version is
derived beside what is shown, which takes as long as a run of the line, so a question is begun by POST and its answer
fetched, once, from where it says.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from augenblick.api.access import Caller
from augenblick.api.answer import json_answer
from augenblick.api.long_work import LongWork
from augenblick.api.problems import problem
from augenblick.api.settings import limits_of
from augenblick.api.shapes import PROBLEMS
from augenblick.api.sparql import SparqlCaller
from augenblick.editing.past import as_rules
from augenblick.model.errors import NotFound
from augenblick.model.progress import Progress
from augenblick.pipeline.asking import ask
from augenblick.publish.library import LibraryQuery
from augenblick.publish.query import refuse_calls_outside
from augenblick.store import DataDirectory

router = APIRouter(prefix="/v1/content/versions", tags=["content"], responses=PROBLEMS)
PAST = "past"
Version = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-f-]{1,40}$",
        description="A version's name or number, or a day (YYYY-MM-DD): the version in force at its end.",
        examples=["2026-03-31"],
    ),
]
Question = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-f]{16}$", description="As the beginning's `Location` names it.", examples=["0123456789abcdef"]
    ),
]


class Asked(BaseModel):
    """A SELECT or ASK; all graphs that the caller may see are read as one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"query": "SELECT ?m WHERE { ?m a aug:Moment } LIMIT 10"}},
    )

    query: str = Field(min_length=1, max_length=20_000)


@router.post("/{version}/queries", response_model=None, status_code=202)
def begin(request: Request, caller: SparqlCaller, version: Version, question: Asked) -> Response:
    """Begin to answer a query by an earlier version's rules; `Location` says where the answer will be."""
    refuse_calls_outside(question.query)
    state, name = request.app.state, hashlib.sha256(question.query.encode()).hexdigest()[:16]
    query = LibraryQuery(PAST, FilePath(), question.query, {}, {}, (), ())

    def work(progress: Progress) -> Any:
        return state.writer.reading(lambda directory: _answered(directory, version, query, caller, seconds, progress))

    seconds = limits_of(state.settings, caller.access.role).seconds
    works: LongWork = state.long_work
    piece = works.begin(_about(caller, version, name), work)
    answer = json_answer({"state": piece.state}, status=202)
    answer.headers["Location"] = f"/v1/content/versions/{version}/queries/{name}"
    return answer


@router.get("/{version}/queries/{question}", response_model=None)
def look(request: Request, caller: SparqlCaller, version: Version, question: Question) -> Response:
    """Return how far it is, or the answer in SPARQL's JSON; an answer is handed out once."""
    works: LongWork = request.app.state.long_work
    about = _about(caller, version, question)
    if (piece := works.look(about)) is None:
        raise NotFound("It was not begun, or its answer was fetched.", hint="POST the query")
    if piece.going_on:
        return json_answer({"state": piece.state, "stage": piece.stage, "done": piece.done, "total": piece.total})
    works.drop(about)
    if piece.error is not None:
        return problem(409, piece.error.message, code=piece.error.code, hint=piece.error.hint, state=piece.state)
    return json_answer({"state": piece.state, "answer": piece.outcome})


def _answered(
    directory: DataDirectory, version: str, query: LibraryQuery, caller: Caller, seconds: float, progress: Progress
) -> Any:
    beside = as_rules(directory, version, progress)
    answer = ask(beside, query, access=caller.access, given={}, library=False, seconds=seconds)
    return json.loads(answer.content)


def _about(caller: Caller, version: str, question: str) -> tuple[str, ...]:
    """Return what the piece is about; the answer is the caller's and the purpose's own."""
    return (PAST, caller.access.actor_id, caller.whom, version, question)
