"""What stands in a booking's texts in place of what was taken out of them."""

from __future__ import annotations

FORGOTTEN = "[gelöscht]"
"""Of a person who was erased."""
BLACKED = "[geschwärzt"
"""How the mark begins of a text that was blacked out when it was loaded; what may be kept of it follows."""
BLACKED_OUT = f"{BLACKED}]"
"""What anybody is shown of it."""


def shown_sql(text: str) -> str:
    """Return SQL for a text as it may be shown: what a mark keeps would tell what was blacked out."""
    return f"CASE WHEN starts_with({text}, '{BLACKED}') THEN '{BLACKED_OUT}' ELSE {text} END"


def shown(value: object) -> object:
    """Return a value as it may be shown; see `shown_sql`."""
    return BLACKED_OUT if isinstance(value, str) and value.startswith(BLACKED) else value
