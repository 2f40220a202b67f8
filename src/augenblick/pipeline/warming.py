"""What is read of a content once and takes long: better before somebody asks than while they wait."""

from __future__ import annotations

from augenblick.content import Content
from augenblick.pipeline.rules import rules_of
from augenblick.readiness import shown_moments


def warm(content: Content) -> None:
    """Read what explanations and readiness need of the content; raises what reading its rules raises."""
    rules_of(content)
    shown_moments(content)
