"""The options several commands share, each defined once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from augenblick.model.errors import BadParameter

Data = Annotated[
    Path,
    typer.Option("--data", envvar="AUGENBLICK_DATA", help="The data directory.", file_okay=False),
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
