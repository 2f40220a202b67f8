"""What a command prints, and where: results to standard output, everything else to standard error.

Colours and progress bars appear on a terminal only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from augenblick.cli.error_words import told
from augenblick.explain.words import Language
from augenblick.model.errors import AugenblickError
from augenblick.model.progress import Progress as Report
from augenblick.model.progress import silent

WIDE = 2_000
"""Columns a table may take where no terminal bounds them: what is piped on is not folded."""
out = Console(highlight=False, soft_wrap=True, emoji=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def preferred_language() -> Language:
    """Return the language of the environment: AUGENBLICK_LANG, else LC_ALL, LC_MESSAGES or LANG; English if neither."""
    names = ("AUGENBLICK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    first = next((os.environ[name] for name in names if os.environ.get(name)), "en")
    return "de" if first.lower().startswith("de") else "en"


def say(text: str = "") -> None:
    """Print a line of the result as it is: square brackets in data are no markup."""
    out.print(text, markup=False)


def note(text: str) -> None:
    """Print a remark beside the result."""
    err.print(text, style="dim", markup=False)


def heading(text: str) -> None:
    """Print a heading of the result."""
    out.print(text, style="bold", markup=False)


def good(text: str) -> None:
    """Print a result that is as wished, in green."""
    out.print(text, style="green", markup=False)


def bad(text: str) -> None:
    """Print a result that asks for work, in red."""
    out.print(text, style="bold red", markup=False)


def machine(data: Any) -> None:
    """Print the result as JSON for machines."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a table."""
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*[_plain(cell) for cell in row])
    out.print(shown, soft_wrap=False)


def _plain(cell: str) -> str:
    return cell.replace("[", "\\[")


def failure(error: AugenblickError, *, as_json: bool, language: Language = "en") -> None:
    """Print an error with its code, place and hint; for machines always in English."""
    if as_json:
        detail = {"code": error.code, "message": error.message, "where": error.where, "hint": error.hint}
        sys.stderr.write(json.dumps({"error": detail}, ensure_ascii=False) + "\n")
        return
    err.print(f"[bold red]{error.code}[/] ", end="")
    said = told(error, language)
    err.print(said.message, markup=False)
    if said.where:
        err.print(f"      {said.where}", markup=False)
    if said.hint:
        err.print(f"      → {said.hint}", style="cyan", markup=False)


@contextmanager
def progress() -> Iterator[Report]:
    """Give a progress report that draws bars on a terminal and is silent elsewhere."""
    if not err.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=max(total, 1), step="")
            step = f"{done:,}/{total:,}" if total > 1 else ""
            bars.update(tasks[stage], completed=done, total=max(total, 1), step=step)

        yield report
