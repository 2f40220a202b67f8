"""`/v1/content`: propose, check, diff, impact, publish and roll back, by those whose roles edit or approve.

No customer is seen here, so no purpose is needed; who names one in which the role may see customers gets examples with
an impact. What takes long is begun by POST, looked at by GET on the same address, and stopped by DELETE.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Header, Path, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from augenblick.api.access import ACTING, PURPOSE, actor_of
from augenblick.api.answer import json_answer
from augenblick.api.change_work import ChangeWork
from augenblick.api.editors import APPROVES, EDITS
from augenblick.api.long_work import LongWork, Piece
from augenblick.api.pieces import looked_at, told
from augenblick.api.shapes import PROBLEMS
from augenblick.content.model import SHADOW
from augenblick.editing import Edition, difference, publication
from augenblick.editing.operations import operated
from augenblick.editing.sources import edited
from augenblick.editing.versions import ChangeSet, Versions
from augenblick.model.errors import AugenblickError, BadParameter, NotFound, NotPermitted
from augenblick.model.progress import Progress
from augenblick.store import DataDirectory

router = APIRouter(prefix="/v1/content", tags=["content"], responses=PROBLEMS)
Kind = Literal["check", "impact", "publication"]
EXAMPLES = 3
MOST_BYTES = 20_000_000
Number = Annotated[str, Path(pattern=r"^\d{1,9}$", description="The change set's number.", examples=["1"])]


@dataclass(frozen=True)
class Editor:
    """Who edits or approves: name, role, and the purpose for which customers may be shown, if one was named."""

    name: str
    role: str
    purpose: str | None
    request: Request

    @property
    def directory(self) -> DataDirectory:
        """The bank's data directory."""
        return DataDirectory(self.request.app.state.settings.data)

    @property
    def versions(self) -> Versions:
        """The versions of the content and what was proposed."""
        return Versions(self.directory)


def working(roles: frozenset[str]) -> Callable[..., Editor]:
    """Return a dependency that gives who edits, in one of the roles."""

    def dependency(
        request: Request,
        acting: Annotated[str | None, Header(alias=ACTING, description="The role acted in, of several.")] = None,
        purpose: Annotated[str | None, Header(alias=PURPOSE, description="For examples of an impact.")] = None,
        person: Annotated[
            str, Header(alias="From", max_length=200, description="Who it is, where no sign-in is configured.")
        ] = "",
    ) -> Editor:
        actor = actor_of(request, person)
        request.app.state.pace.count(actor.subject)
        mine = [role for role in actor.roles if role in roles and acting in (None, role)]
        if not mine:
            raise NotPermitted("The role may not do this with the content.", hint=f"one of {', '.join(sorted(roles))}")
        return Editor(actor.subject, mine[0], purpose, request)

    return dependency


Author = Annotated[Editor, Depends(working(EDITS))]
Reviewer = Annotated[Editor, Depends(working(APPROVES))]


class Proposal(BaseModel):
    """Edits as operations, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "reason": "Clubs are called that as well.",
                "operations": [{"do": "add_exclusion", "term": "signal:child-benefit", "pattern": "KASSENVEREIN"}],
            }
        },
    )

    reason: str = Field(min_length=1, max_length=2000)
    operations: list[dict[str, Any]] = Field(min_length=1, max_length=1000)


@router.get("", response_model=None)
def standing(reviewer: Reviewer) -> Response:
    """Return which version is served and which is published, all versions, and the change sets."""
    versions, state = reviewer.versions, reviewer.request.app.state
    return json_answer(
        {
            **asdict(state.switch.standing()),
            "versions": [asdict(version) for version in versions.all()],
            "changes": [asdict(change) for change in versions.changes()],
        }
    )


@router.post("/changes", response_model=None, status_code=201)
def propose(author: Author, proposal: Proposal) -> Response:
    """Keep edits as a change set and say what it changes; nothing goes live by it."""
    return _proposed(author, lambda base: operated(base, proposal.operations), proposal.reason)


@router.post("/changes/files", response_model=None, status_code=201)
def propose_file(
    author: Author,
    file: Annotated[UploadFile, File(description="Saved by an ontology editor, or a sheet (.csv, .xlsx).")],
    reason: Annotated[str, Form(min_length=1, max_length=2000)],
) -> Response:
    """Keep what a saved file or sheet says as a change set and say what it changes."""
    text = file.file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise BadParameter(f"The file is larger than {MOST_BYTES // 1_000_000} MB.", where="file")
    with tempfile.TemporaryDirectory(prefix="augenblick-proposal-") as folder:
        given = FilePath(folder) / f"proposal{FilePath(file.filename or '').suffix.lower()}"
        given.write_bytes(text)
        try:
            return _proposed(author, partial(edited, given), reason)
        except AugenblickError as error:
            error.where = (error.where or "").replace(str(given), file.filename or "file") or None
            raise


@router.get("/changes/{number}", response_model=None)
def one(reviewer: Reviewer, number: Number) -> Response:
    """Return a change set with what it changes, by term and label, and where protection would loosen."""
    versions = reviewer.versions
    change = versions.change(number)
    before, after = Edition.read(versions.root(change.base)), Edition.read(versions.change_root(number))
    loosened = [asdict(found) for found in publication.loosenings(before, after)]
    return json_answer(asdict(change) | {"difference": difference(before, after).to_dict(), "loosened": loosened})


@router.post("/changes/{number}/{kind}", response_model=None, status_code=202)
def begin(reviewer: Reviewer, number: Number, kind: Kind) -> Response:
    """Begin a check, an impact or the publication of a change set (approved by the caller, who is not its author)."""
    change = reviewer.versions.change(number)
    if kind == "publication":
        publication.confirm_approver(change, reviewer.name)
    works: LongWork = reviewer.request.app.state.long_work
    piece = works.begin(_about(reviewer, number, kind), partial(_KINDS[kind], _work(reviewer), change))
    return json_answer(told(piece), status=202)


@router.get("/changes/{number}/{kind}", response_model=None)
def look(reviewer: Reviewer, number: Number, kind: Kind) -> Response:
    """Return how far it is, and its outcome once it is done."""
    return looked_at(_piece(reviewer, number, kind))


@router.delete("/changes/{number}/{kind}", response_model=None)
def stop(reviewer: Reviewer, number: Number, kind: Kind) -> Response:
    """Stop a check or an impact at its next step; nothing is left behind. A publication cannot be stopped."""
    if kind == "publication":
        raise NotPermitted("A publication cannot be stopped.", hint="roll it back")
    piece = _piece(reviewer, number, kind)
    piece.stop()
    return json_answer(told(piece))


@router.post("/shadow", response_model=None, status_code=202)
def begin_shadow(reviewer: Reviewer) -> Response:
    """Begin to work out whom the moments in shadow would find if they were live."""
    works: LongWork = reviewer.request.app.state.long_work
    work = _work(reviewer)
    piece = works.begin(_about(reviewer, SHADOW, "impact"), lambda progress: _shadow(work, progress))
    return json_answer(told(piece), status=202)


@router.get("/shadow", response_model=None)
def look_at_shadow(reviewer: Reviewer) -> Response:
    """Return how far that is, and its outcome once it is done."""
    return looked_at(_piece(reviewer, SHADOW, "impact"))


@router.delete("/shadow", response_model=None)
def stop_shadow(reviewer: Reviewer) -> Response:
    """Stop it at its next step; nothing is left behind."""
    piece = _piece(reviewer, SHADOW, "impact")
    piece.stop()
    return json_answer(told(piece))


def _proposed(author: Editor, make: Callable[[Edition], Edition], reason: str) -> Response:
    versions = author.versions
    change = publication.propose(versions, make, author=author.name, reason=reason, at=datetime.now(UTC))
    before, after = Edition.read(versions.root(change.base)), Edition.read(versions.change_root(change.name))
    answer = json_answer(asdict(change) | {"difference": difference(before, after).to_dict()}, status=201)
    answer.headers["Location"] = f"/v1/content/changes/{change.name}"
    return answer


def _work(editor: Editor) -> ChangeWork:
    state, whose = editor.request.app.state, (editor.name, editor.role, editor.purpose or "")
    return ChangeWork(*whose, editor.directory, state.writer, state.long_work, state.policy)


def _checked(work: ChangeWork, change: ChangeSet, progress: Progress) -> dict[str, Any]:
    return work.checked(change, progress).to_dict()


def _impact(work: ChangeWork, change: ChangeSet, progress: Progress) -> dict[str, Any]:
    return work.told(work.impact(change, progress, most=EXAMPLES)).to_dict()


def _shadow(work: ChangeWork, progress: Progress) -> dict[str, Any]:
    return work.told(work.shadow(progress, most=EXAMPLES)).to_dict()


def _published(work: ChangeWork, change: ChangeSet, progress: Progress) -> dict[str, Any]:
    return asdict(work.published(change, progress))


_KINDS: dict[str, Callable[[ChangeWork, ChangeSet, Progress], dict[str, Any]]] = {
    "check": _checked,
    "impact": _impact,
    "publication": _published,
}


def _about(editor: Editor, number: str, kind: str) -> tuple[str, ...]:
    return ("rest", number, kind, editor.name, editor.role, editor.purpose or "")


def _piece(editor: Editor, number: str, kind: str) -> Piece:
    works: LongWork = editor.request.app.state.long_work
    if (piece := works.look(_about(editor, number, kind))) is None:
        raise NotFound("It was not begun.", hint="POST begins it")
    return piece
