"""`augenblick serve` and `augenblick token`: the service, and a way to call it while developing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from augenblick.cli import console


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(name="serve")(serve)
    app.command(name="token")(token)


def serve(
    config: Annotated[
        Path | None, typer.Option(help="The TOML file with the settings.", envvar="AUGENBLICK_CONFIG", dir_okay=False)
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="The data directory.", file_okay=False)] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on (default: 8765).")] = None,
) -> None:
    """Serve the pages at /, SPARQL at /sparql and REST below /v1, until stopped.

    Without an identity provider's keys (setting `token_keys`) it listens on loopback only. All settings stand in
    `docs/reference/settings.md`; each can be given in the file or as an environment variable.
    """
    # The web framework takes a third of a second to import; the other verbs do without it.
    from augenblick import api, web

    given = {name: value for name, value in (("data", data), ("host", host), ("port", port)) if value is not None}
    api.serve(api.read_settings(config, **given), more=web.routers())


def token(
    roles: Annotated[list[str], typer.Argument(help="The roles the token carries, e.g. adviser.")],
    purpose: Annotated[
        list[str] | None, typer.Option(help="A purpose the token is bound to; may be repeated (default: any).")
    ] = None,
    subject: Annotated[str, typer.Option(help="Who it stands for.")] = "developer",
    keys: Annotated[Path, typer.Option(help="The folder of the development keys.", file_okay=False)] = Path("keys"),
    minutes: Annotated[int, typer.Option(min=1, max=7 * 24 * 60, help="How long it is valid.")] = 60,
    config: Annotated[
        Path | None, typer.Option(help="The service's TOML file: audience and issuer.", dir_okay=False)
    ] = None,
) -> None:
    """Print an access token for development, signed with a key of this machine.

    The keys are made in the folder where there are none; start the service with AUGENBLICK_TOKEN_KEYS=keys/keys.json
    to accept the tokens. In production tokens come from the bank's identity provider.
    """
    from augenblick import api
    from augenblick.api import development

    settings = api.read_settings(config)
    console.say(
        development.token(
            keys,
            subject=subject,
            roles=roles,
            purposes=purpose or [],
            audience=settings.token_audience,
            issuer=settings.token_issuer,
            seconds=minutes * 60,
        )
    )
