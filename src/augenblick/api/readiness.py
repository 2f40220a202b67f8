"""`/v1/readiness`: what each moment needs of the bank's data and what of it is there; counts only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from augenblick import pipeline
from augenblick.api.access import Caller, admitted
from augenblick.api.answer import plain, unchanged
from augenblick.api.shapes import PROBLEMS

router = APIRouter(prefix="/v1", tags=["operation"], responses=PROBLEMS)


@router.get("/readiness", response_model=None)
def readiness(request: Request, caller: Annotated[Caller, Depends(admitted("query"))]) -> Response:
    """Return per moment which inputs it needs, for how many customers it can work, and what would add most.

    Figures go in steps of ten customers (of a role's smallest group, if that is larger): none tells of one person.
    """
    state, smallest = request.app.state, max(pipeline.SMALLEST_GROUP, caller.role.smallest_group)
    report = state.writer.reading(
        lambda directory: pipeline.readiness(directory, content=state.content, smallest=smallest)
    )
    return unchanged(request, plain(report.to_dict()), None)
