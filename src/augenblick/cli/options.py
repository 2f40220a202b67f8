"""The options several commands share, each defined once."""

from __future__ import annotations

import getpass
import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from augenblick import pipeline
from augenblick.cli import console
from augenblick.explain.words import Language
from augenblick.model.errors import BadParameter
from augenblick.policy import Access
from augenblick.publish.remote import attach


def _with_its_store(data: Path) -> Path:
    """Have the directory published to the remote store that the service's settings name for it, if any."""
    names = ("AUGENBLICK_CONFIG", "AUGENBLICK_REMOTE_STORE")
    if any(variable.upper().startswith(names) for variable in os.environ):
        from augenblick.api.settings import read_settings  # takes a third of a second

        settings = read_settings()
        if settings.data.resolve() == data.resolve():
            attach(data, settings.remote_store)
    return data


Data = Annotated[
    Path,
    typer.Option(
        "--data", envvar="AUGENBLICK_DATA", help="The data directory.", file_okay=False, callback=_with_its_store
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
Lang = Annotated[
    str | None,
    typer.Option(
        "--lang", envvar="AUGENBLICK_LANG", help="Language of the output, de or en (default: the terminal's)."
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Compute everything as of this day, YYYY-MM-DD (default: today in Berlin)."
    ),
]
RoleName = Annotated[
    str,
    typer.Option(
        "--role",
        envvar="AUGENBLICK_ROLE",
        help="In which role you ask: crm, adviser, analyst, aggregate_analyst, data_protection or operator.",
    ),
]
PurposeName = Annotated[
    str,
    typer.Option(
        "--purpose",
        envvar="AUGENBLICK_PURPOSE",
        help="What you ask for: service, advice, advertising, analysis, data_protection or operation.",
    ),
]
ChannelName = Annotated[
    str | None,
    typer.Option("--channel", help="By which channel the customer is to be addressed, e.g. phone; for advertising."),
]
DEFAULT_ROLE = "operator"
DEFAULT_PURPOSE = "operation"
"""Who works at the data directory by the command line: sees no special categories and no criminal data."""
DEFAULT_DATA = Path("augenblick-data")


def parsed_date(text: str, option: str) -> date:
    """Return the date an option gives.

    Raises `BadParameter` when it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(
            f"'{text}' is no date.", where=option, hint="write it as YYYY-MM-DD, e.g. 2026-06-30"
        ) from error


def language_of(lang: str | None) -> Language:
    """Return the language asked for, else the environment's.

    Raises `BadParameter` for another than German or English.
    """
    if lang is None:
        return console.preferred_language()
    if lang.lower()[:2] not in ("de", "en"):
        raise BadParameter(f"There are no texts in '{lang}'.", where="--lang", hint="de or en")
    return "de" if lang.lower().startswith("de") else "en"


def access_of(role: str, purpose: str, channel: str | None = None) -> Access:
    """Return who asks, as of today: the person signed in on this machine unless AUGENBLICK_ACTOR names another."""
    actor = os.environ.get("AUGENBLICK_ACTOR") or getpass.getuser()
    return Access(role=role, purpose=purpose, actor_id=actor, at=pipeline.today(), channel=channel)
