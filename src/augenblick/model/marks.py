"""What stands in a booking's texts in place of what was taken out of them."""

from __future__ import annotations

FORGOTTEN = "[gelöscht]"
"""Of a person who was erased."""
BLACKED = "[geschwärzt"
"""How the mark begins of a text that was blacked out when it was loaded; what may be kept of it follows."""
