"""`/v1/deliveries`: bookings, master data, interactions, consents come in; what follows is there with the answer."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from fastapi import APIRouter, BackgroundTasks, Body, Depends, File, Header, Path, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from augenblick.api.access import Caller, admitted
from augenblick.api.answer import json_answer
from augenblick.api.deliveries import Bring, Deliveries, told
from augenblick.api.idempotency import Key, once
from augenblick.api.problems import problem
from augenblick.api.shapes import PROBLEMS, Delivery, DeliveryProblem, shape
from augenblick.ingest import contract
from augenblick.model.errors import BadParameter, NotFound, OffContract, Overloaded
from augenblick.pipeline import Updater

T = TypeVar("T")
Value = str | int | float | None
Row = dict[str, Value]
router = APIRouter(prefix="/v1", tags=["deliveries"], responses=PROBLEMS)
Deliverer = Annotated[Caller, Depends(admitted("delivery"))]
Wish = Annotated[
    str | None,
    Header(alias="Prefer", description="respond-async: answer (202) when the rows are durable; the rest follows."),
]
MOST_ROWS = 50_000
WAITING = 32
"""Deliveries that may wait for their turn; further ones are answered with 503."""
UPLOADS = "upload-"
ANSWERS = {
    **shape(Delivery),
    202: {"model": Delivery, "description": "The rows are durable; what follows from them is derived later."},
    422: {"model": DeliveryProblem, "description": "No row could be taken."},
}
_BOOKING: JsonDict = {
    "transaction_id": "t-2026-10-28-1", "account_id": "a-kid", "booking_date": "2026-04-28", "amount": "-34.90",
    "currency": "EUR", "counterparty_name": "Gemüse Kraut", "purpose": "Einkauf",
}  # fmt: skip


class Rows(BaseModel):
    """Rows of the input contract's tables; dates in ISO form, amounts as numbers or text with a point."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"rows": {"transactions": [_BOOKING]}}})

    rows: dict[str, list[Row]] = Field(default_factory=dict, description="New or changed rows by table.")
    removed: dict[str, list[Row]] = Field(
        default_factory=dict, description="Keys of rows to be taken out before; a booking is corrected so."
    )


@router.post("/deliveries", response_model=None, responses=ANSWERS)
async def deliver(
    request: Request, caller: Deliverer, work: BackgroundTasks, delivery: Rows, wish: Wish = None, key: Key = None
) -> Response:
    """Take rows of several tables in, one transaction; rejected rows are told one by one, the rest counts."""
    confirm_size(delivery.rows, delivery.removed)
    bring = bringing(delivery.rows, delivery.removed)
    return await answered(request, caller, work, bring, wish, key, delivery.model_dump())


@router.post("/tables/{table}/rows", response_model=None, responses=ANSWERS)
async def one_table(
    request: Request,
    caller: Deliverer,
    work: BackgroundTasks,
    table: Annotated[str, Path(max_length=60, description="A table of the contract.", examples=["transactions"])],
    rows: Annotated[Row | list[Row], Body(examples=[_BOOKING])],
    wish: Wish = None,
    key: Key = None,
) -> Response:
    """Take one row, or a list of rows, of one table in."""
    if table not in contract().names:
        raise NotFound(f"There is no table '{table[:60]}'.", hint=f"one of {', '.join(contract().names)}")
    given = {table: rows if isinstance(rows, list) else [rows]}
    confirm_size(given)
    return await answered(request, caller, work, bringing(given), wish, key, given)


@router.post("/deliveries/files", response_model=None, responses=ANSWERS)
async def files(
    request: Request,
    caller: Deliverer,
    work: BackgroundTasks,
    files: Annotated[
        list[UploadFile], File(description="Tables (transactions.csv, …parquet) or statements (camt, MT940).")
    ],
    wish: Wish = None,
) -> Response:
    """Take files of a bank's export in, all of them or nothing; a file known by its digest changes nothing."""

    def bring(updater: Updater) -> Any:
        with tempfile.TemporaryDirectory(prefix=UPLOADS, dir=request.app.state.settings.data) as folder:
            for number, file in enumerate(files):
                save(file, FilePath(folder), number)
            return updater.take_folder(FilePath(folder))

    return await answered(request, caller, work, bring, wish, None, None)


@router.get(
    "/deliveries/{delivery}",
    response_model=None,
    responses=shape(Delivery),
    dependencies=[Depends(admitted("delivery"))],
)
async def one(
    request: Request,
    delivery: Annotated[
        int, Path(ge=1, le=2**31 - 1, description="The number a delivery was answered with.", examples=[2])
    ],
) -> Response:
    """Return what became of a delivery: `taken` while what follows from it is still to be derived."""
    found = request.app.state.journal.delivery(delivery)
    if found is None:
        raise NotFound("There is no such delivery.")
    return json_answer(found)


def confirm_size(*given: dict[str, list[Row]]) -> None:
    """Raise `BadParameter` for an empty delivery and for one with too many rows."""
    count = sum(len(rows) for tables in given for rows in tables.values())
    if not 0 < count <= MOST_ROWS:
        raise BadParameter(
            f"A delivery has 1 to {MOST_ROWS} rows, not {count}.", where="body", hint="send larger ones as files"
        )


async def waited(request: Request, work: Callable[[], T]) -> T:
    """Return what the work gives, done in a thread where it may wait for its turn.

    Raises `Overloaded` where too many wait.
    """
    turns = request.app.state.turns
    if turns.statistics().tasks_waiting >= WAITING:
        raise Overloaded("Too many deliveries wait for their turn.", hint="send several rows at once")
    return await to_thread.run_sync(work, limiter=turns)


def follow_up(deliveries: Deliveries, bring: Bring, *, wait: bool) -> tuple[int, dict[str, Any]]:
    """Take a delivery in and return status and answer; with `wait` when all that follows is visible."""
    taken = deliveries.take(bring)
    load_id = taken.load.load_id
    step = deliveries.bring_into_step(load_id) if wait and taken.changed and load_id is not None else None
    answer = told(taken, step)
    if load_id is not None:
        deliveries.note(load_id, answer)
    if taken.load.rejected and not taken.changed and not taken.load.unchanged:
        return 422, answer
    return 200 if answer["state"] == "visible" else 202, answer


async def answered(
    request: Request,
    caller: Caller,
    background: BackgroundTasks,
    bring: Bring,
    wish: str | None,
    key: str | None,
    said: Any,
) -> Response:
    """Return the answer to a delivery that `bring` takes in; `said` is what the key stands for."""
    deliveries: Deliveries = request.app.state.deliveries
    wait = "respond-async" not in (wish or "").lower()

    def work() -> tuple[int, Any]:
        return once(request.app.state.journal, caller, key, said, lambda: follow_up(deliveries, bring, wait=wait))

    status, answer = await waited(request, work)
    if status == 202:
        background.add_task(waited, request, lambda: deliveries.bring_into_step(answer["delivery"]))
    if status == 422:
        return problem(422, "No row could be taken.", code=OffContract.code, **answer)
    response = json_answer(answer, status=status)
    if answer["delivery"]:
        response.headers["Location"] = f"/v1/deliveries/{answer['delivery']}"
    response.background = background
    return response


def bringing(rows: dict[str, list[Row]], removed: dict[str, list[Row]] | None = None) -> Bring:
    """Return what takes rows in and others out, under a name of its own for their source."""
    source = f"rest-{secrets.token_hex(6)}"
    return lambda updater: updater.take(rows, removed=removed, source=source)


def save(file: UploadFile, folder: FilePath, number: int) -> None:
    """Write an uploaded file into a folder under its own name; raises `BadParameter` for a name that is none."""
    name = FilePath(file.filename or "").name
    if not name or name.startswith(".") or "\x00" in name or len(name.encode()) > 200:
        raise BadParameter("A file has no usable name.", where=f"files[{number}]", hint="e.g. transactions.csv")
    if (folder / name).exists():
        raise BadParameter("Two files have the same name.", where=f"files[{number}]")
    with (folder / name).open("wb") as target:
        shutil.copyfileobj(file.file, target)
