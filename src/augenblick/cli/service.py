"""`augenblick serve`: the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="serve")(serve)


def serve(
    config: Annotated[
        Path | None, typer.Option(help="The TOML file with the settings.", envvar="AUGENBLICK_CONFIG", dir_okay=False)
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="The data directory.", file_okay=False)] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on (default: 8765).")] = None,
) -> None:
    """Serve SPARQL at /sparql and REST below /v1, until stopped.

    Without an identity provider's keys (setting `token_keys`) it listens on loopback only. All settings stand in
    `docs/reference/settings.md`; each can be given in the file or as an environment variable.
    """
    # The web framework takes a third of a second to import; the other verbs do without it.
    from augenblick import api

    given = {name: value for name, value in (("data", data), ("host", host), ("port", port)) if value is not None}
    api.serve(api.read_settings(config, **given))
