"""A question put to the gate, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from augenblick.content.model import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who asks, in which role, what for, and as of which day consents count.

    `role`, `purpose` and `channel` are codes of the policy; `actor_id` is whoever answers for the question in the
    audit log. `channel` is how the customer is to be addressed, None where nobody is.
    """

    role: str
    purpose: str
    actor_id: str
    at: date
    channel: str | None = None


class Outcome(StrEnum):
    """What the gate says."""

    PERMITTED = "permitted"
    REDACTED = "redacted"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer, its reason in words without personal data, and where in law that stands.

    Redacted means: the fact may be shown, but nothing of what it takes from other persons' data.
    """

    outcome: Outcome
    reason: Words
    source: str

    @property
    def shown(self) -> bool:
        """Whether the fact itself may be shown."""
        return self.outcome is not Outcome.WITHHELD
