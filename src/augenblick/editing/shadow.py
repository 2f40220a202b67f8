"""Moment types in shadow: what they would find if they were shown, without anybody seeing it before."""

from __future__ import annotations

from augenblick.content.model import LIVE, SHADOW
from augenblick.editing.edition import Edition
from augenblick.editing.operations import operated
from augenblick.model import terms
from augenblick.model.errors import BadParameter

_STATE = terms.AUG + "contentState"


def in_shadow(edition: Edition) -> list[str]:
    """Return the IRIs of the moment types in shadow."""
    return sorted(
        field.subject
        for field, values in edition.fields.items()
        if field.predicate == _STATE and any(value.lexical == SHADOW for value in values.values())
    )


def shown(edition: Edition) -> Edition:
    """Return the edition with every moment type in shadow live; its impact is what they would find and change.

    Raises BadParameter where none is in shadow.
    """
    found = in_shadow(edition)
    if not found:
        hint = 'propose it with `{"do": "set_state", "term": "moment:…", "state": "shadow"}`'
        raise BadParameter("No moment is in shadow.", hint=hint)
    return operated(edition, [{"do": "set_state", "term": iri, "state": LIVE} for iri in found])
