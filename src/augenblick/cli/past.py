"""`--as-rules`: a question to the bank's data by the rules of an earlier version of the content."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from augenblick.cli import console
from augenblick.store import DataDirectory

AsRules = Annotated[
    str | None,
    typer.Option(
        "--as-rules",
        metavar="VERSION|DATE",
        help="Answer by the rules of an earlier version, or of the one in force on a day; over the data loaded now. "
        "Who may see what stays as it is now.",
    ),
]


def asked(data: Path, as_rules: str | None) -> DataDirectory:
    """Return the data directory to ask: that of the last run, or of an earlier version's rules, derived if need be."""
    directory = DataDirectory(data)
    if as_rules is None:
        return directory
    from augenblick.editing.past import as_rules as ruled

    with console.progress() as progress:
        return ruled(directory, as_rules, progress)
