"""How REST answers: JSON in the caller's language, with an ETag, once if it is unchanged."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Request, Response

from augenblick.explain.words import Language
from augenblick.model.errors import NotFound
from augenblick.pipeline.dossier import Dossiers
from augenblick.policy import Access

_VARY = "Accept-Language, Authorization, Purpose-Of-Use, Acting-Role"


async def language(
    accept: Annotated[str | None, Header(alias="Accept-Language", description="de or en; German if neither.")] = None,
) -> Language:
    """Return the language the caller prefers, German where none is named."""
    wished: dict[Language, float] = {"de": 0.0, "en": 0.0}
    for part in (accept or "").lower().split(","):
        name, _, weight = part.strip().partition(";q=")
        for known in wished:
            if name.partition("-")[0] == known:
                wished[known] = float(weight) if weight.replace(".", "", 1).isdigit() else 1.0
    return "en" if wished["en"] > wished["de"] else "de"


Spoken = Annotated[Language, Depends(language)]


def dossiers(request: Request) -> Dossiers:
    """Return the application's reading of customers."""
    return request.app.state.dossiers  # type: ignore[no-any-return]


def confirm_customer(request: Request, access: Access, customer: str) -> None:
    """Raise `NotFound` for a number that no customer has."""
    if not dossiers(request).search(access, customer=customer, most=1):
        raise NotFound("There is no customer of that number.", hint="a number must be complete")


def json_answer(content: Any, *, status: int = 200, language: Language | None = None, **headers: str) -> Response:
    """Return content as JSON."""
    headers = {"Vary": _VARY, **({"Content-Language": language} if language else {}), **headers}
    return Response(orjson.dumps(content), status, headers=headers, media_type="application/json")


def plain(content: Any) -> Any:
    """Return content as JSON takes it: dates, numbers and the like as text or numbers."""
    return orjson.loads(orjson.dumps(content, default=str))


def etag(body: bytes) -> str:
    """Return the tag of an answer: of what it says, for what it was made from holds what the caller may not see."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def unchanged(request: Request, content: Any, language: Language | None) -> Response:
    """Return content as JSON with its ETag, 304 where the caller has it already."""
    body = orjson.dumps(content)
    tag = etag(body)
    headers = {"ETag": tag, "Vary": _VARY, "Cache-Control": "private, no-cache"}
    if language:
        headers["Content-Language"] = language
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
