"""The verbs, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import Annotated

import typer

from augenblick import __version__
from augenblick.cli import console
from augenblick.explain.words import Language
from augenblick.model.errors import AugenblickError, BadParameter

INTERRUPTED = 130
"""The exit code after Ctrl-C, also returned by typer itself."""

VERBS = {
    "load": ("simulate", "ingest"),
    "moments": ("detect", "explain", "offers"),
    "query": ("query",),
    "rights": ("erase", "expire", "disclose", "audit"),
    "service": ("serve", "token"),
    "operation": ("doctor", "backup", "restore"),
    "evaluation": ("evaluate",),
    "readiness": ("readiness",),
    "reconciliation": ("reconcile",),
    "calibration": ("calibrate",),
    "content": ("check",),
    "editing": ("diff",),
    "impact": ("impact",),
    "versions": ("template", "propose", "publish", "rollback", "versions", "history", "blame"),
    "demo": ("demo",),
}
"""The modules of the verbs, in the order of the help."""


def application(verb: str | None = None) -> typer.Typer:
    """Return the command line: with the verbs of one module where `verb` is one of them, else with all."""
    app = typer.Typer(
        name="augenblick",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=(
            "Life moments of bank customers: inferred from the bank's data, explained down to the booking line.\n\n"
            "A first round: [bold]augenblick simulate export[/] writes made-up families, "
            "[bold]augenblick ingest export[/] loads them, [bold]augenblick detect[/] finds their moments, "
            "[bold]augenblick explain MOMENT[/] says why, [bold]augenblick offers CUSTOMER[/] what fits and "
            "how to say it, [bold]augenblick query[/] asks the graph anything."
        ),
    )
    app.callback()(_root)
    for module in next(([m] for m, verbs in VERBS.items() if verb in verbs), list(VERBS)):
        import_module(f"augenblick.cli.{module}").register(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        console.say(f"augenblick {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take what stands before the verb."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit with 0, 1 (found wrong), 2 (used wrong) or 130 (interrupted)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    failure = partial(console.failure, as_json="--json" in given, language=_language(given))
    try:
        code = application(given[0] if given else None)(given, standalone_mode=False)
    except typer.TyperException as error:
        if message := error.format_message():  # empty when the help was printed in its place
            failure(BadParameter(message, hint=_help_for(error)))
        sys.exit(2)
    except AugenblickError as error:
        failure(error)
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        sys.exit(0)
    if code == INTERRUPTED:
        console.note("Interrupted; nothing half-done was kept.")
    sys.exit(code if isinstance(code, int) else 0)


def _language(given: Sequence[str]) -> Language:
    """Return the language asked for by `--lang`, whatever is wrong with the rest; else that of the environment."""
    told = [*(following for option, following in pairwise(given) if option == "--lang")]
    told += [option.removeprefix("--lang=") for option in given if option.startswith("--lang=")]
    return next((language for language in ("de", "en") if language in told), console.preferred_language())


def _help_for(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path if context else 'augenblick'} --help` shows how"
