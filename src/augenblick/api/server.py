"""The process: settings checked, logs in order, uvicorn with limits."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import uvicorn
from fastapi import APIRouter

from augenblick.api import logs
from augenblick.api.app import create_app
from augenblick.api.settings import Settings, refuse_open_doors
from augenblick.content import Content
from augenblick.store.disk import confirm_writable

GRACE_SECONDS = 20
"""How long running requests may go on after the signal to end."""
IDLE_SECONDS = 75


def server(settings: Settings, *, content: Content | None = None, more: Sequence[APIRouter] = ()) -> uvicorn.Server:
    """Return the server, not yet started.

    Raises `BadParameter` for settings under which anybody could call, `CannotWrite` where nothing can be written down.
    """
    refuse_open_doors(settings)
    confirm_writable(settings.data)
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings, content=content, more=more),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            limit_concurrency=settings.connections,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
    )


def serve(settings: Settings, *, more: Sequence[APIRouter] = ()) -> None:
    """Serve until the process is told to end."""
    logs.configure(settings.log_level)
    made = server(settings, more=more)
    if settings.open:
        logs.say("open", level=logging.WARNING, reason="no sign-in is configured; loopback only")
    elif not settings.loopback and settings.tls_certificate is None:
        logs.say("plain", level=logging.WARNING, reason="no TLS here; end it in front of the service")
    made.run()
