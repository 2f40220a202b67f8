"""What the first questions would wait for, read beside the requests once the service runs."""

from __future__ import annotations

import logging
import threading

from augenblick import pipeline
from augenblick.api import logs
from augenblick.content import Content
from augenblick.model.errors import AugenblickError


def begin(content: Content) -> threading.Thread:
    """Begin to read it and return the thread that does; the service may end before it is done."""
    reading = threading.Thread(target=_warm, args=(content,), name="warming", daemon=True)
    reading.start()
    return reading


def _warm(content: Content) -> None:
    try:
        pipeline.warm(content)
    except (AugenblickError, OSError) as error:  # who asks first is told the same
        logs.say("not warmed", level=logging.ERROR, error=error)
