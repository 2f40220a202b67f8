"""Who asked what about whom and what was decided: appended line by line, each carrying the digest of the one before.

An entry holds no answer and names a customer by a pseudonym only. A second file keeps number and digest of the last
entry, so that a log cut at its end is noticed as well.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from augenblick.model.errors import BrokenAudit
from augenblick.policy.access import Access, Decision
from augenblick.policy.pseudonyms import Pseudonyms

LOG, HEAD = "audit.jsonl", "audit.head"
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One question: `subject` is a customer's pseudonym (None: nobody single), `question` a name or digest."""

    number: int
    asked_at: str
    actor: str
    role: str
    purpose: str
    channel: str | None
    door: str
    subject: str | None
    question: str
    outcome: str
    source: str
    previous: str
    digest: str


def query_name(text: str) -> str:
    """Return what the log calls a query that is none of the library: its digest."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class AuditLog:
    """The audit log of a data directory."""

    def __init__(self, folder: Path) -> None:
        self._log, self._head = folder / LOG, folder / HEAD
        self._pseudonyms = Pseudonyms(folder)

    def record(
        self,
        access: Access,
        door: str,
        *,
        subject: str | None,
        question: str,
        decision: Decision | None,
        asked_at: datetime | None = None,
    ) -> None:
        """Append one question and what was decided (no decision: admitted, nothing to decide about one fact)."""
        self.append([self.asked(access, door, subject=subject, question=question, decision=decision, at=asked_at)])

    def asked(
        self,
        access: Access,
        door: str,
        *,
        subject: str | None,
        question: str,
        decision: Decision | None,
        at: datetime | None = None,
    ) -> dict[str, object]:
        """Return what an entry says, to be appended, alone or with others."""
        return {
            "asked_at": (at or datetime.now(UTC)).isoformat(timespec="seconds"),
            "actor": access.actor_id,
            "role": access.role,
            "purpose": access.purpose,
            "channel": access.channel,
            "door": door,
            "subject": self._pseudonyms.of(subject) if subject is not None else None,
            "question": question,
            "outcome": decision.outcome.value if decision else "admitted",
            "source": decision.source if decision else "",
        }

    def append(self, asked: Sequence[dict[str, object]]) -> None:
        """Append entries; on disk when it returns, which takes as long for many as for one."""
        with self._log.open("a", encoding="utf-8") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            number, previous = self._last()
            for number, said in enumerate(asked, number + 1):  # noqa: B020 - counts on from the last one
                entry: dict[str, object] = {"number": number, **said, "previous": previous}
                entry["digest"] = previous = _digest(entry)
                log.write(json.dumps(entry, ensure_ascii=False) + "\n")
            log.flush()
            os.fsync(log.fileno())
            self._head.write_text(f"{number} {previous}\n", encoding="utf-8")

    def entries(self, *, subject: str | None = None) -> Iterator[Entry]:
        """Yield the entries, of one customer if named."""
        wanted = self._pseudonyms.of(subject) if subject is not None else None
        for entry in self._read():
            if wanted is None or entry.subject == wanted:
                yield entry

    def verify(self) -> int:
        """Return the number of entries; raises `BrokenAudit` where one was changed, taken out, put in or cut off."""
        number, previous = 0, _START
        for number, entry in enumerate(self._read(), 1):
            said = {name: value for name, value in asdict(entry).items() if name != "digest"}
            if (entry.number, entry.previous, entry.digest) != (number, previous, _digest(said)):
                raise BrokenAudit(f"Entry {number} is not the one that was written.", where=str(self._log))
            previous = entry.digest
        if (number, previous) != self._last():
            raise BrokenAudit(f"The log ends after entry {number}, but more was written.", where=str(self._log))
        return number

    def _read(self) -> Iterator[Entry]:
        if not self._log.exists():
            return
        for number, line in enumerate(self._log.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield Entry(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise BrokenAudit(f"Entry {number} cannot be read.", where=str(self._log)) from error

    def _last(self) -> tuple[int, str]:
        if not self._head.exists():
            return 0, _START
        number, digest = self._head.read_text(encoding="utf-8").split()
        return int(number), digest


def _digest(entry: dict[str, object]) -> str:
    text = json.dumps({name: entry[name] for name in sorted(entry)}, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
