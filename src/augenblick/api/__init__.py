"""The service: REST and SPARQL over HTTP. FastAPI is known here and in the pages only."""

from augenblick.api.app import create_app
from augenblick.api.server import serve, server
from augenblick.api.settings import Settings, read_settings

__all__ = ["Settings", "create_app", "read_settings", "serve", "server"]
