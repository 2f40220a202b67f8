"""Who edits the content and who looks at others' changes: the policy names the roles, their work is here."""

from __future__ import annotations

DATA_PROTECTION = "data_protection"
EDITS = frozenset({"expert"})
"""The roles that edit the content."""
APPROVES = frozenset({"approver", DATA_PROTECTION, *EDITS})
"""The roles that look at change sets and approve those of others."""
