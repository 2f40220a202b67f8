"""Structured logs: one JSON object a line, with the request's id and without personal data."""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

LOGGER = logging.getLogger("augenblick")
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class JsonLines(logging.Formatter):
    """Writes a record as JSON; of an exception its class and place, never its text, which may quote a row."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.msg if record.name == LOGGER.name else record.getMessage(),
        }
        if found := request_id.get():
            line["request_id"] = found
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            line["exception"] = record.exc_info[0].__name__
            line["at"] = [f"{frame.name}:{frame.lineno}" for frame in frames[-6:]]
        return orjson.dumps(line, default=str).decode()


def say(event: str, *, level: int = logging.INFO, error: BaseException | None = None, **fields: object) -> None:
    """Log an event with its fields."""
    if LOGGER.isEnabledFor(level):  # not by `log`, which looks in the stack for who called
        raised = (type(error), error, error.__traceback__) if error else None
        LOGGER.handle(LOGGER.makeRecord(LOGGER.name, level, "", 0, event, (), raised, extra={"fields": fields}))


def configure(level: str) -> None:
    """Send all logs of the process as JSON lines to standard error."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line tells of them
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("augenblick", "uvicorn.error"):
        logging.getLogger(name).setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").setLevel(logging.CRITICAL)  # its lines hold paths, and so customers
