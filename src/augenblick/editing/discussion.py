"""What people say of a change set before it is published: one line of JSON each, never changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from augenblick.editing.versions import Versions
from augenblick.model.errors import BadParameter


@dataclass(frozen=True)
class Remark:
    """What one person said of a change set, and when (ISO 8601)."""

    author: str
    at: str
    text: str


def remarks(versions: Versions, change: str) -> list[Remark]:
    """Return what was said of a change set, oldest first; raises NotFound if there is none of that name."""
    file = versions.change_root(change) / "remarks.jsonl"
    if not file.is_file():
        return []
    return [Remark(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def remark(versions: Versions, change: str, *, author: str, text: str, at: datetime) -> Remark:
    """Keep what somebody says of a change set.

    Raises BadParameter where nothing is said, NotFound if there is no such change set.
    """
    if not text.strip():
        raise BadParameter("Nothing is said.", hint="write what you think of the change")
    said = Remark(author, at.isoformat(), text.strip())
    with versions.alone(), (versions.change_root(change) / "remarks.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(said), ensure_ascii=False) + "\n")
    return said
