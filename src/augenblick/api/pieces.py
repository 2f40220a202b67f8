"""What REST says of a piece of long work: how far it is, and its outcome or error."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from augenblick.api.answer import json_answer, plain
from augenblick.api.long_work import Piece
from augenblick.api.problems import problem


def looked_at(piece: Piece, **more: str) -> Response:
    """Return how far it is with its outcome, a problem (409) where it failed."""
    if piece.error is not None:
        error = piece.error
        return problem(409, error.message, code=error.code, hint=error.hint, state=piece.state)
    return json_answer(more | told(piece))


def told(piece: Piece) -> dict[str, Any]:
    """Return state, stage, seconds and outcome of a piece as plain data."""
    return {
        "state": piece.state,
        "stage": piece.stage,
        "done": piece.done,
        "total": piece.total,
        "seconds": round(piece.seconds, 3),
        "outcome": plain(piece.outcome),
    }
