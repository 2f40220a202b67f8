"""`python -m augenblick.pages [--check] docs`: write the reference pages, or say which are not current."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from augenblick.pages.book import differing, write


def main(arguments: Sequence[str]) -> int:
    """Write the pages below the folders named; with --check only name those that differ and return 1."""
    check = "--check" in arguments
    folders = [Path(argument) for argument in arguments if argument != "--check"]
    changed = [path for folder in folders for path in (differing(folder) if check else write(folder))]
    sys.stdout.write("".join(f"{path}\n" for path in changed))
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
