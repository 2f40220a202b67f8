"""Who asks in the tests, as of the simulated bank's last day."""

from __future__ import annotations

from datetime import date

from augenblick.policy import Access

END = date(2026, 10, 31)
OPERATOR = Access(role="operator", purpose="operation", actor_id="test", at=END)
DATA_PROTECTION = Access(role="data_protection", purpose="data_protection", actor_id="test", at=END)
ADVISER = Access(role="adviser", purpose="advice", actor_id="test", at=END)
ANALYST = Access(role="analyst", purpose="analysis", actor_id="test", at=END)
