"""`/v1/content`: what became of the content, who said what of it, and back to an earlier version."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from augenblick.api.answer import json_answer
from augenblick.api.editing import Reviewer
from augenblick.api.editors import DATA_PROTECTION
from augenblick.api.shapes import PROBLEMS
from augenblick.editing import provenance, publication
from augenblick.editing.history import blame

router = APIRouter(prefix="/v1/content", tags=["content"], responses=PROBLEMS)


class Return(BaseModel):
    """Why a version is taken back, and to which (default: the one before)."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000)
    to: str | None = Field(None, max_length=60)


@router.get("/history", response_model=None)
def history(reviewer: Reviewer) -> Response:
    """Return every publication and rollback, the latest first; as PROV-O with every statement where Turtle is asked."""
    if "text/turtle" in reviewer.request.headers.get("accept", ""):
        return Response(provenance.history(reviewer.versions), media_type="text/turtle")
    return json_answer([asdict(entry) for entry in reviewer.versions.log()[::-1]])


@router.get("/blame", response_model=None)
def blamed(
    reviewer: Reviewer,
    term: Annotated[
        str,
        Query(
            max_length=300, description="An IRI, or a name with the house's prefix.", examples=["signal:child-benefit"]
        ),
    ],
) -> Response:
    """Return every statement about a term with the version that brought it: who, when and why."""
    return json_answer([asdict(each) for each in blame(reviewer.versions, term)])


@router.post("/rollback", response_model=None)
def rollback(reviewer: Reviewer, wish: Return) -> Response:
    """Make an earlier version the content again; where protection was looser then, data protection does it."""
    version = publication.rollback(
        reviewer.versions,
        by=reviewer.name,
        reason=wish.reason,
        at=datetime.now(UTC),
        to=wish.to,
        data_protection=reviewer.name if reviewer.role == DATA_PROTECTION else None,
    )
    return json_answer(asdict(version))
