"""What people say of a moment: confirmed, dismissed, acted on, reopened, how it went; and what was said before."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from augenblick import pipeline
from augenblick.api.access import Caller, admitted
from augenblick.api.answer import Spoken, dossiers, json_answer
from augenblick.api.idempotency import Key, once, request_name
from augenblick.api.journal import Change, Journal
from augenblick.api.moments import MomentId
from augenblick.api.shapes import PROBLEMS, Moment, Said, shape
from augenblick.api.writer import PATIENCE_SECONDS
from augenblick.moments import feedback
from augenblick.pipeline.blacking_out import BlackingOut
from augenblick.pipeline.clock import ZONE, today
from augenblick.store import DataDirectory

router = APIRouter(prefix="/v1/moments", tags=["feedback"], responses=PROBLEMS)
Adviser = Annotated[Caller, Depends(admitted("offers"))]


class Word(BaseModel):
    """What is said of a moment."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"action": "dismissed", "reason": "The money was for a niece."}}
    )

    action: Literal["confirmed", "dismissed", "acted", "reopened", "outcome"]
    reason: str | None = Field(None, max_length=500, description="Why; a dismissal needs it.")
    note: str | None = Field(None, max_length=2000, description="How it went, of an outcome.")

    @model_validator(mode="after")
    def _reasoned(self) -> Word:
        """A dismissal weakens evidence of its kind for the customer: nobody could review one without a reason."""
        if self.action == "dismissed" and not (self.reason or "").strip():
            raise ValueError("a dismissal needs a reason")
        return self


@router.post("/{moment:path}/feedback", response_model=None, responses=shape(Moment))
def say(request: Request, caller: Adviser, spoken: Spoken, moment: MomentId, word: Word, key: Key = None) -> Response:
    """Say that a moment is so, is not so (with a reason), was acted on, is open again, or how it went.

    Kept before the answer comes; the state of later runs is the last one said.
    """
    state = request.app.state

    def work() -> tuple[int, Any]:
        kept = dossiers(request).judged(caller.access, moment)
        with state.writer.alone(patience=PATIENCE_SECONDS) as directory, state.consents.heeded(directory):
            _keep(directory, state, caller, kept, word, request_name(caller, key))
        return 200, dossiers(request).moment(caller.access, moment, spoken)

    status, answer = once(state.journal, caller, key, {"moment": moment, **word.model_dump()}, work)
    return json_answer(answer, status=status, language=spoken)


@router.get("/{moment:path}/history", response_model=None, responses=shape(list[Said]))
def history(request: Request, caller: Adviser, moment: MomentId) -> Response:
    """Return what was said of a moment, the earliest first."""
    return json_answer(said_of(request, caller, moment))


def said_of(request: Request, caller: Caller, moment: str) -> list[dict[str, Any]]:
    """Return what was said of a moment the caller sees, the earliest first. Raises `NotFound`."""
    kept = dossiers(request).judged(caller.access, moment)

    def read(directory: DataDirectory) -> list[dict[str, Any]]:
        with directory.connect(read_only=True) as connection:
            return feedback.history(connection, kept)

    return request.app.state.writer.reading(read)  # type: ignore[no-any-return]


def _keep(directory: DataDirectory, state: Any, caller: Caller, moment: str, word: Word, request: str | None) -> None:
    journal: Journal = state.journal
    connection = directory.connect()
    blackening = BlackingOut(directory, lambda: state.content, at=today())
    try:
        said = feedback.record(
            connection,
            moment,
            word.action,
            actor=caller.access.actor_id,
            role=caller.access.role,
            at=datetime.now(ZONE),
            reason=word.reason,
            note=word.note,
            request=request,
            kept=partial(blackening.words, connection),
        )
        pipeline.show_words(directory, connection, [said.customer_id])
    finally:
        connection.close()
    if said.old_state != said.new_state:
        states = (said.old_state, said.new_state, said.confidence, said.confidence)
        journal.note([Change("changed", moment, said.customer_id, said.moment_type, *states, cause=said.action)])
        journal.follow(said.action, customer=said.customer_id)  # what became of it to those who see its milder face
        state.metrics.changes.labels("changed").inc()
