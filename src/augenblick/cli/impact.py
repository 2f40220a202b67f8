"""`augenblick impact`: who would gain and lose by an edit of the content, before it goes live."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from augenblick.cli import console
from augenblick.cli.options import (
    DEFAULT_DATA,
    DEFAULT_PURPOSE,
    DEFAULT_ROLE,
    Data,
    Json,
    Lang,
    PurposeName,
    RoleName,
    access_of,
    language_of,
)
from augenblick.editing import Edition, publication
from augenblick.editing.impact import impact as impact_of
from augenblick.editing.impact_text import markdown
from augenblick.editing.shadow import shown
from augenblick.editing.sources import edited
from augenblick.editing.versions import Versions
from augenblick.model.errors import BadParameter
from augenblick.store import DataDirectory


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="impact")(impact)


def impact(
    change: Annotated[str | None, typer.Argument(help="The change set's number.")] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", exists=True, help="In its place: what `propose --from` takes; nothing is kept of it."),
    ] = None,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="In its place: what the moments in shadow would find if they were live."),
    ] = False,
    truth: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="The labelled export that was loaded: say how accuracy changes."
        ),
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="Examples per moment and way of changing.")] = 1,
    role: RoleName = DEFAULT_ROLE,
    purpose: PurposeName = DEFAULT_PURPOSE,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say what an edit would change for the bank's customers: who gains and loses which moment and offer, and why.

    The new content runs beside the last run, on a temporary copy; only what the edit can touch is derived anew. Ctrl-C
    stops it, and nothing is left behind. Examples are told with their proofs, as far as role and purpose may know.
    """
    language = language_of(lang)
    directory = DataDirectory(data)
    store = Versions(directory)
    if [change is not None, source is not None, shadow].count(True) != 1:
        hint = "`augenblick versions` lists change sets"
        raise BadParameter("Name a change set, or give --from or --shadow.", hint=hint)
    make: Callable[[Edition], Edition]
    if shadow:
        make = shown
    elif source is not None:
        make = partial(edited, source)
    else:
        make = partial(publication.outcome, store, store.change(change or ""))
    with _stoppable(), console.progress() as progress:
        found = impact_of(
            directory, make, access=access_of(role, purpose), most=examples, truth=truth, progress=progress
        )
    if as_json:
        console.machine(found.to_dict())
    else:
        console.say(markdown(found, language))


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let the signal that asks to end do what Ctrl-C does, so that temporary copies are removed."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
