"""What stands in a booking's texts in place of what was taken out of them."""

from __future__ import annotations

import hashlib

FORGOTTEN = "[gelöscht]"
"""Of a person who was erased."""
BLACKED = "[geschwärzt"
"""How the mark begins of a text that was blacked out when it was loaded; what may be kept of it follows."""
BLACKED_OUT = f"{BLACKED}]"
"""What anybody is shown of it."""
_LENGTH = 8


def shown_sql(text: str) -> str:
    """Return SQL for a text as it may be shown: what a mark keeps would tell what was blacked out."""
    return f"CASE WHEN starts_with({text}, '{BLACKED}') THEN '{BLACKED_OUT}' ELSE {text} END"


def shown(value: object) -> object:
    """Return a value as it may be shown; see `shown_sql`."""
    return BLACKED_OUT if isinstance(value, str) and value.startswith(BLACKED) else value


def digest(identifier: str) -> str:
    """Return what stands in a mark for a signal (its IRI)."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:_LENGTH]


def whose(customer: str) -> str:
    """Return what stands in a mark for the owner of the account whom the text named."""
    return f"@{digest(customer)}"


def whose_sql(customer: str) -> str:
    """Return SQL of the same, of an SQL expression."""
    return f"'@' || left(sha256({customer}), {_LENGTH})"


def named_sql(text: str) -> str:
    """Return SQL for what stands in a mark for the owner whom the text named; NULL where nothing does."""
    return f"nullif(regexp_extract({text}, '@[0-9a-f]{{{_LENGTH}}}'), '')"
