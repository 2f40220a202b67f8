"""Names and values as SQL text: the only way anything from outside gets into a statement."""

from __future__ import annotations

from pathlib import Path


def name(text: str) -> str:
    """Return an identifier, quoted."""
    return '"' + text.replace('"', '""') + '"'


def text(value: str | None) -> str:
    """Return a string literal, or NULL."""
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'"


def mapping(entries: dict[str, str]) -> str:
    """Return a MAP literal of strings to strings."""
    keys, values = (", ".join(map(text, side)) for side in (entries.keys(), entries.values()))
    return f"MAP([{keys}], [{values}])"


def path(file: Path) -> str:
    """Return a file's path as string literal for DuckDB's readers, which would take `*?[` as patterns."""
    return text("".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(file.absolute())))


def names(columns: tuple[str, ...] | list[str], prefix: str = "") -> str:
    """Return quoted identifiers, separated by commas, each behind the prefix (`t.`)."""
    return ", ".join(prefix + name(column) for column in columns)


def same(columns: tuple[str, ...] | list[str], left: str, right: str) -> str:
    """Return the condition that two rows agree in these columns; empty equals empty."""
    return " AND ".join(f"{left}.{name(c)} IS NOT DISTINCT FROM {right}.{name(c)}" for c in columns)
