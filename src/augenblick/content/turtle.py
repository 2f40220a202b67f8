"""The Turtle files of a folder, brought into their one canonical form (see `canonical_turtle`).

python -m augenblick.content.turtle [--check] PATH…
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from augenblick.content.canonical_turtle import HOUSE_PREFIXES, canonical, read, serialise, text_of
from augenblick.model.errors import AugenblickError

__all__ = ["HOUSE_PREFIXES", "canonical", "files", "main", "read", "reformat", "serialise"]


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """Every Turtle file among `paths` (files or folders, searched through), in a stable order."""
    for path in paths:
        yield from sorted(path.rglob("*.ttl")) if path.is_dir() else [path]


def reformat(paths: Iterable[Path], *, write: bool = True) -> list[Path]:
    """Return the Turtle files among `paths` that are not canonical, rewritten in place unless `write` is false."""
    changed = []
    for path in files(paths):
        text = text_of(path)
        wanted = canonical(text, where=str(path))
        if wanted != text:
            changed.append(path)
            if write:
                path.write_text(wanted, encoding="utf-8", newline="\n")
    return changed


def main(arguments: Sequence[str]) -> int:
    """Rewrite the Turtle files named (or below the folders named); with --check only say which would change."""
    paths = [Path(argument) for argument in arguments if argument != "--check"]
    try:
        changed = reformat(paths, write="--check" not in arguments)
    except AugenblickError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path in changed:
        sys.stdout.write(f"{path}\n")
    return 1 if changed and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
