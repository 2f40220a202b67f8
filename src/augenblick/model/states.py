"""What people call the states of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STATE_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "tentative": {"de": "vorläufig", "en": "tentative"},
        "confirmed": {"de": "bestätigt", "en": "confirmed"},
        "acted": {"de": "bearbeitet", "en": "acted"},
        "dismissed": {"de": "verworfen", "en": "dismissed"},
        "voided": {"de": "zurückgenommen", "en": "voided"},
        "expired": {"de": "abgelaufen", "en": "expired"},
    }
)
"""By state and language."""
