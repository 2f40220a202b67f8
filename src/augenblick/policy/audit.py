"""Who asked what about whom and what was decided: appended line by line, each carrying the digest of the one before.

An entry holds no answer and names a customer by a pseudonym only. A second file, the head, keeps number and digest of
the last entry and where in the log it ends, so that a log cut at its end is noticed as well. The head is written last:
after a crash the log may go on behind it, with whole entries, which count, and with a piece of one, which does not.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from json.encoder import encode_basestring
from pathlib import Path

from augenblick.model.errors import BrokenAudit
from augenblick.policy.access import Access, Decision
from augenblick.policy.pseudonyms import Pseudonyms

LOG, HEAD = "audit.jsonl", "audit.head"
_START = "0" * 64
_HEAD_SIZE = 120
_BLOCK = 1 << 16
"""Bytes read at once from the end of the log."""


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


ADMITTED, REFUSED = "admitted", "not_admitted"
"""What is noted where nothing was decided about one fact: the door was open, or closed."""


def query_name(text: str) -> str:
    """Return what the log calls a query that is none of the library: its digest."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class AuditLog:
    """The audit log of a data directory."""

    def __init__(self, folder: Path) -> None:
        self._log, self._head = folder / LOG, folder / HEAD
        self._pseudonyms = Pseudonyms(folder)
        self._left: tuple[int, _Last] | None = None

    def record(
        self,
        access: Access,
        door: str,
        *,
        subject: str | None,
        question: str,
        decision: Decision | None,
        asked_at: datetime | None = None,
        outcome: str = ADMITTED,
    ) -> None:
        """Append one question and what was decided.

        Without a decision the `outcome` is said: admitted, nothing being decided about one fact, or refused.
        """
        said = self.asked(
            access, door, subject=subject, question=question, decision=decision, at=asked_at, outcome=outcome
        )
        self.append([said])

    def refused(self, access: Access, door: str, *, subject: str | None) -> None:
        """Append that an access was not admitted at a door, and whom it asked about."""
        self.record(access, door, subject=subject, question=door, decision=None, outcome=REFUSED)

    def asked(
        self,
        access: Access,
        door: str,
        *,
        subject: str | None,
        question: str,
        decision: Decision | None,
        at: datetime | None = None,
        outcome: str = ADMITTED,
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
            "outcome": decision.outcome.value if decision else outcome,
            "source": decision.source if decision else "",
        }

    def append(self, asked: Sequence[dict[str, object]]) -> None:
        """Append entries; on disk when it returns, which takes as long for many as for one.

        Raises `OSError` where the disk takes no more; nothing of them is in the log then.
        """
        log = os.open(self._log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            fcntl.flock(log, fcntl.LOCK_EX)
            self._append(log, asked)
        finally:
            os.close(log)

    def _append(self, log: int, asked: Sequence[dict[str, object]]) -> None:
        last = self._mended(log)
        lines: list[bytes] = []
        for said in asked:
            last, line = _following(last, said)
            lines.append(line)
        begin = os.fstat(log)
        content = b"".join(lines)
        last = replace(last, end=begin.st_size + len(content))
        try:
            _write(log, content)
            os.fsync(log)
            self._write_head(last)
        except OSError:
            os.ftruncate(log, begin.st_size)
            raise
        self._left = (begin.st_ino, last)

    def _mended(self, log: int) -> _Last:
        """Return the last entry, and take off the piece of one that a crash left behind it.

        A log that is as long as this process left it is as it left it: others who append make it longer.
        """
        found = os.fstat(log)
        if self._left and (self._left[0], self._left[1].end) == (found.st_ino, found.st_size):
            return self._left[1]
        last, size = self._last(), found.st_size
        if not size and not self._said():
            self._write_head(replace(last, end=0))  # a log without a head is one whose head was taken away
        if last.end is None or last.end >= size:
            return last
        behind = os.pread(log, size - last.end, last.end)
        whole = behind[: behind.rfind(b"\n") + 1]
        os.ftruncate(log, last.end + len(whole))
        for line in whole.splitlines():
            entry = _entry(line)
            if entry is None or not _follows(entry, last):
                return last  # not ours: `verify` tells of it
            last = _Last(entry.number, entry.digest)
        return last

    def _write_head(self, last: _Last) -> None:
        """Write the head in place, always as long: whoever is killed leaves the old one or the new one."""
        said = f"{last.number} {last.digest} {last.end}".ljust(_HEAD_SIZE - 1) + "\n"
        head = os.open(self._head, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.pwrite(head, said.encode(), 0)
        finally:
            os.close(head)

    def entries(self, *, subject: str | None = None) -> Iterator[Entry]:
        """Yield the entries, of one customer if named."""
        wanted = self._pseudonyms.of(subject) if subject is not None else None
        for entry in self._read():
            if wanted is None or entry.subject == wanted:
                yield entry

    def latest(self, *, subject: str | None = None) -> Iterator[Entry]:
        """Yield the entries, the last first, of one customer if named; no more is read than is asked for."""
        wanted = self._pseudonyms.of(subject) if subject is not None else ""
        for line in _backwards(self._log):
            if wanted.encode() in line:
                entry = _entry(line)
                if entry is None:
                    raise BrokenAudit("An entry cannot be read.", where=str(self._log))
                if wanted in ("", entry.subject):
                    yield entry

    def verify(self) -> int:
        """Return the number of entries; raises `BrokenAudit` where one was changed, taken out, put in or cut off."""
        head = self._last()  # read first: what is appended meanwhile stands behind it
        met, last = bool(self._said()) and not head.number, _Last()
        for number, entry in enumerate(self._read(), 1):
            if not _follows(entry, last):
                raise BrokenAudit(f"Entry {number} is not the one that was written.", where=str(self._log))
            last = _Last(entry.number, entry.digest)
            met = met or (last.number, last.digest) == (head.number, head.digest)
        if not met and (last.number or head.number):
            raise BrokenAudit(f"The log ends after entry {last.number}, but more was written.", where=str(self._log))
        return last.number

    def _read(self) -> Iterator[Entry]:
        if not self._log.exists():
            return
        *lines, piece = self._log.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            entry = _entry(line)
            if entry is None:
                raise BrokenAudit(f"Entry {number} cannot be read.", where=str(self._log))
            yield entry
        # A piece at the end is what a crash left, unless it was a whole entry when the head was written.
        if piece and (self._last().end or 0) > self._log.stat().st_size - len(piece):
            raise BrokenAudit(f"Entry {len(lines) + 1} cannot be read.", where=str(self._log))

    def _last(self) -> _Last:
        if not (said := self._said()):
            return _Last()
        number, digest, *end = said
        return _Last(int(number), digest, int(end[0]) if end else None)

    def _said(self) -> list[str]:
        """Return what the head says; nothing where there is none, or a full disk left it empty when it was made."""
        return self._head.read_text(encoding="utf-8").split() if self._head.exists() else []


@dataclass(frozen=True)
class _Last:
    """Number and digest of an entry, and where in the log it ends; what earlier releases wrote does not say that."""

    number: int = 0
    digest: str = _START
    end: int | None = None


def _following(last: _Last, said: dict[str, object]) -> tuple[_Last, bytes]:
    """Return the entry behind the last one, and its line."""
    entry: dict[str, object] = {"number": last.number + 1, **said, "previous": last.digest}
    members = _members(entry)
    digest = _digest(members)
    line = f'{{{", ".join(members.values())}, "digest": "{digest}"}}\n'
    return _Last(last.number + 1, digest), line.encode()


def _follows(entry: Entry, last: _Last) -> bool:
    """Say whether an entry is as it was written behind the last one."""
    said = {name: value for name, value in asdict(entry).items() if name != "digest"}
    return (entry.number, entry.previous, entry.digest) == (last.number + 1, last.digest, _digest(_members(said)))


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _write(file: int, content: bytes) -> None:
    """Write all of it, however many pieces the system takes it in."""
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]


def _backwards(file: Path) -> Iterator[bytes]:
    """Yield the lines of a file, the last first; a piece at its end that no line break ends is what a crash left."""
    if not file.exists():
        return
    with file.open("rb") as found:
        place, rest, ended = found.seek(0, os.SEEK_END), b"", False
        while place > 0:
            place, size = max(place - _BLOCK, 0), min(place, _BLOCK)
            found.seek(place)
            rest, *lines = (found.read(size) + rest).split(b"\n")
            if lines and not ended:
                ended = True
                lines.pop()
            yield from reversed(lines)
    if rest and ended:
        yield rest


def _members(entry: dict[str, object]) -> dict[str, str]:
    """Return the members of an entry as JSON writes them."""
    return {name: f'"{name}": {_value(value)}' for name, value in entry.items()}


def _value(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    return "null" if value is None else str(value)


def _digest(members: dict[str, str]) -> str:
    text = ", ".join(members[name] for name in sorted(members))
    return hashlib.sha256(f"{{{text}}}".encode()).hexdigest()
