"""What day it is."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")


def today() -> date:
    """Return the civil date in Germany."""
    return datetime.now(ZONE).date()
