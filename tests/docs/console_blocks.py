"""The `console` blocks of a page, run as they stand: `$ ` begins a command, `> ` goes on with it, the rest is output.

In the shown output a line `…` stands for any lines, `…` within a line for any text.

    python tests/docs/console_blocks.py PAGE…       writes what the commands print now into the pages
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ("ontology", "shapes", "queries")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One command of a page, the line it stands on, and the output shown below it."""

    command: str
    shown: str
    line: int
    span: tuple[int, int]
    """Where the output stands in the page's text."""


def steps(text: str) -> Iterator[Step]:
    """Yield the commands of all console blocks in order."""
    for block in _BLOCK.finditer(text):
        at = block.start(1)
        command, begun, output = "", 0, at
        for line in block[1].splitlines(keepends=True):
            if line.startswith("$ "):
                if command:
                    yield Step(command, text[output:at], begun, (output, at))
                command, begun, output = line[2:], text.count("\n", 0, at) + 1, at + len(line)
            elif line.startswith("> ") and output == at:
                command, output = command + line[2:], at + len(line)
            at += len(line)
        yield Step(command, text[output:at], begun, (output, at))


def workplace(folder: Path) -> dict[str, str]:
    """Prepare a folder as if it were the checkout, with content that may be edited; return the environment."""
    for name in CONTENT:
        shutil.copytree(ROOT / name, folder / name)
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    home = {name: os.environ[name] for name in ("HOME", "PYTHONPATH") if name in os.environ}
    return home | {"PATH": path, "LC_ALL": "C.UTF-8", "AUGENBLICK_LANG": "en", "AUGENBLICK_CONTENT": str(folder)}


def run(step: Step, folder: Path, environment: dict[str, str]) -> str:
    """Return what a command prints to standard output; it must end with 0."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step.command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"line {step.line}: {step.command}{done.stdout}{done.stderr}"
    return _trimmed(done.stdout)


def matches(shown: str, printed: str) -> bool:
    """Whether output is as shown, where `…` stands for anything."""
    parts = [r"(?:.*\n)*?" if line.strip() == "…" else _line(line) for line in _trimmed(shown).splitlines()]
    return re.fullmatch("".join(parts), printed) is not None


def _line(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split("…")) + r"\n"


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def refreshed(text: str) -> str:
    """Return the page with the output its commands print now; output that holds `…` and still fits stays."""
    found = list(steps(text))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = workplace(folder)
        printed = [run(step, folder, environment) for step in found]
    for step, output in reversed(list(zip(found, printed, strict=True))):
        if not matches(step.shown, output):
            text = text[: step.span[0]] + output + text[step.span[1] :]
    return text


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        page = Path(argument)
        page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
