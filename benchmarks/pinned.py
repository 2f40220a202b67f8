"""The content that `line_by_hand.sql` was written for, out of the repository's history.

The content grows from week to week and the rival is written by hand. Only with the same content do both find the
same moments, and only then does a comparison of their times mean anything.
"""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
_HEADER = re.compile(r"^-- content: ([0-9a-f]{7,40})$", re.MULTILINE)


class HistoryMissing(Exception):
    """The clone is too shallow to hold the commit; `git fetch --unshallow` brings it."""


def commit() -> str:
    """Return the commit whose content the rival follows, as its header names it."""
    found = _HEADER.search((HERE / "line_by_hand.sql").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("line_by_hand.sql does not say `-- content: COMMIT`")
    return found[1]


def pinned_content(folder: Path) -> Path:
    """Write the content of that commit below the folder and return where it lies. Raises `HistoryMissing`."""
    command = ["git", "-C", str(HERE.parent), "archive", commit(), "ontology", "shapes"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise HistoryMissing(done.stderr.decode(errors="replace").strip())
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
