"""Whose a thing is: how a node leads to the customer it belongs to."""

from __future__ import annotations

PREMISES = (
    "?node aug:person ?person",
    "?node aug:holder ?person",
    "?x aug:person ?person . ?node aug:ofSeries ?x",
)
"""Of what indications rest on; accounts held in common are no secret between their owners."""
OWNERS = (
    *PREMISES,
    "?node aug:onPerson ?person",
    "?node aug:ownedBy ?person",
    "?node aug:relationSubject ?person",
    "?node aug:presumedOf ?person",
    "?node aug:clueOf ?person",
    "?x aug:person ?person ; aug:booking ?node",
    "?x aug:person ?person ; aug:hasVerdict ?node",
)
"""Of all that is published."""
