"""`/v1`: a customer's rights, by data protection's own systems: disclosure (GDPR 15) and erasure (GDPR 17).

An erasure is begun by POST and takes as long as a whole run: GET on its address says how far it is and, once it is
done, returns the certificate, which names nobody. What is begun and cut off by a crash is done at the next start.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from augenblick import pipeline
from augenblick.api import forgetting
from augenblick.api.access import Caller, admitted
from augenblick.api.answer import confirm_customer, json_answer, plain
from augenblick.api.pieces import looked_at, told
from augenblick.api.shapes import PROBLEMS
from augenblick.api.trail import audited
from augenblick.model.errors import NotFound
from augenblick.pipeline import Disclosure
from augenblick.pipeline.erasing import certificate_of, certificates
from augenblick.store import DataDirectory

_EXAMPLE = "5f0c2f6e-7d1b-4c5a-9a0e-2b3c4d5e6f70"
router = APIRouter(prefix="/v1", tags=["rights"], responses=PROBLEMS)
Officer = Annotated[Caller, Depends(admitted("disclosure"))]
Onlooker = Annotated[Caller, Depends(admitted("disclosure", heeding=False))]
CustomerId = Annotated[str, Path(max_length=200, description="The customer's id.", examples=["kid"])]
Reference = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", description="The certificate's name.", examples=[_EXAMPLE])]


class Erasure(BaseModel):
    """Whom to erase."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"customer_id": "C00000001"}})

    customer_id: str = Field(min_length=1, max_length=200)


@router.get("/customers/{customer}/disclosure", response_model=None)
async def disclose(
    request: Request,
    caller: Officer,
    customer: CustomerId,
    form: Annotated[Literal["json", "html"], Query(alias="format", description="For machines or the person.")] = "json",
) -> Response:
    """Return what is known of a customer, what was inferred, why and what for; others' secrets are left out."""
    state = request.app.state

    def read() -> Disclosure:
        found: Disclosure = state.writer.reading(
            lambda directory: pipeline.disclose(directory, customer, access=caller.access)
        )
        return found

    found = await run_in_threadpool(read)
    if form == "html":
        return Response(found.html(), media_type="text/html")
    return json_answer(plain(found.to_dict()))


@router.post("/erasures", response_model=None, status_code=202)
async def erase(request: Request, caller: Officer, erasure: Erasure) -> Response:
    """Begin to erase a customer with all that was derived from them; it cannot be undone."""
    customer = erasure.customer_id
    await audited(
        request, caller, forgetting.ERASURE, customer, lambda: confirm_customer(request, caller.access, customer)
    )
    reference, piece = forgetting.begin(request.app.state, customer, who=caller.access.actor_id)
    return json_answer({"reference": reference, **told(piece)}, status=202, Location=f"/v1/erasures/{reference}")


@router.get("/erasures", response_model=None)
def erased(request: Request, _: Onlooker) -> Response:
    """Return the certificates of all erasures, the latest first."""
    return json_answer(list(certificates(_directory(request))))


@router.get("/erasures/{reference}", response_model=None)
def erasure(request: Request, caller: Onlooker, reference: Reference) -> Response:
    """Return how far an erasure is, with its certificate as the outcome once it is done."""
    piece = forgetting.look(request.app.state, reference, who=caller.access.actor_id)
    if piece is not None:
        return looked_at(piece, reference=reference)
    if (kept := certificate_of(_directory(request), reference)) is None:
        raise NotFound("There is no such erasure.", hint="POST /v1/erasures begins one")
    return json_answer({"reference": reference, "state": "done", "outcome": kept})


def _directory(request: Request) -> DataDirectory:
    return DataDirectory(request.app.state.settings.data)
