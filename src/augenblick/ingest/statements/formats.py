"""Which statement format a file has, and reading it whole or in a stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from augenblick.model.errors import UnknownFormat

from . import camt, mt940
from .columns import to_batch
from .encoding import check_size, head
from .limits import Limits
from .message_xml import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from augenblick.model.statement import Booking, Statement

_MT_FIELD = re.compile(r"^:(?:20|25P?|28C?|60[FM]):", re.MULTILINE)
_FIRST_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]{1,80})[\s/>]")
_NAMESPACE = re.compile(r"xmlns(?::[\w.-]+)?\s*=\s*[\"'](urn:iso:std:iso:20022:[^\"']{1,80})[\"']")
_BATCH = 10_000


def sniff(path: Path, *, limits: Limits | None = None) -> Literal["camt", "mt940", "other"]:
    """What the file is by its content: a camt.05x message, an MT94x file, or something else.

    Raises UnreadableFile when it cannot be opened or is empty, HostileFile when it is too large.
    """
    check_size(path, limits or Limits())
    start = head(path)
    if start.lstrip().startswith("<"):
        return "camt" if camt.VERSION.search(start) else "other"
    return "mt940" if _MT_FIELD.search(start.replace("\r", "\n")) else "other"


def stream_statement(path: Path, *, limits: Limits | None = None) -> tuple[Statement, Iterator[Booking]]:
    """The statement and its bookings one by one, in memory that does not grow with the file.

    The statement's balances, rejects and warnings are complete when the last booking was drawn; its
    `entries` stay empty. Raises UnknownFormat, UnreadableFile, HostileFile (the last two also while drawing).
    """
    bounds = limits or Limits()
    kind = sniff(path, limits=bounds)
    if kind == "mt940":
        return mt940.bookings(path, bounds)
    if kind == "other":
        raise _unknown(path, bounds)
    return camt.bookings(path, bounds)


def read_statement(path: Path, *, limits: Limits | None = None) -> Statement:
    """The whole statement file: bookings, balances, rejects, warnings.

    Raises UnknownFormat (neither camt.05x nor MT94x), UnreadableFile (empty, cut off, not well-formed) or
    HostileFile (entities, nesting, size); single entries that cannot be read are in `rejects`.
    """
    statement, found = stream_statement(path, limits=limits)
    statement.entries = list(found)
    return statement


def stream_batches(
    path: Path, *, limits: Limits | None = None, rows: int = _BATCH
) -> tuple[Statement, Iterator[pa.RecordBatch]]:
    """As `stream_statement`, with the bookings in Arrow record batches of at most `rows` rows in `SCHEMA`."""
    statement, found = stream_statement(path, limits=limits)
    return statement, _batches(found, rows)


def _batches(found: Iterator[Booking], rows: int) -> Iterator[pa.RecordBatch]:
    waiting: list[Booking] = []
    for booking in found:
        waiting.append(booking)
        if len(waiting) >= rows:
            yield to_batch(waiting)
            waiting = []
    if waiting:
        yield to_batch(waiting)


def _unknown(path: Path, limits: Limits) -> UnknownFormat:
    if not head(path).lstrip().startswith("<"):
        return UnknownFormat(
            "no fields :20:, :25:, :60F: and no XML", where=path.name, hint="statements are camt.05x or MT940/942"
        )
    text = Source(path, limits).prolog()
    namespace = _NAMESPACE.search(text)
    element = _FIRST_ELEMENT.search(text)
    what = namespace[1].rpartition(":")[2] if namespace else f"XML <{element[1] if element else '?'}>"
    return UnknownFormat(f"this is {what}", where=path.name, hint="statements are camt.052, camt.053 or camt.054")
