"""The files pages are made with, each under a name that changes with what is in it, so browsers keep them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from augenblick.model.errors import NotFound

FOLDER = Path(__file__).parent / "static"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Asset:
    """One file: as it is, packed, and the digest in its address."""

    content: bytes
    packed: bytes
    kind: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """Return all files by their path below `static`, read once."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in _KINDS:
            content = path.read_bytes()
            digest = hashlib.blake2b(content, digest_size=8).hexdigest()
            name = path.relative_to(FOLDER).as_posix()
            found[name] = Asset(content, gzip.compress(content, 6, mtime=0), _KINDS[path.suffix], digest)
    return found


def address(name: str) -> str:
    """Return where a file is found."""
    return f"/static/{assets()[name].digest}/{name}"


@router.get("/static/{digest}/{name:path}")
def static(request: Request, digest: str, name: str) -> Response:
    """Return a file."""
    found = assets().get(name)
    if found is None or found.digest != digest:
        raise NotFound("There is no such file.")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Cache-Control": _FOR_EVER,
        "Vary": "Accept-Encoding",
        **({"Content-Encoding": "gzip"} if packed else {}),
    }
    return Response(found.packed if packed else found.content, headers=headers, media_type=found.kind)
