"""How much a statement file may ask of this machine before it counts as hostile."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a reader takes from one file.

    The defaults let a 4 GiB statement through (readers hold one entry at a time) and stop what no
    bank sends. Sizes are bytes unless they say otherwise.
    """

    file_bytes: int = 4 << 30
    """A larger file is refused before it is opened."""
    entry_bytes: int = 64 * MIB
    """One camt entry (a batch of some ten thousand payments) or one MT940 field."""
    line_bytes: int = 1 * MIB
    """One line of an MT940 file; the standard allows 65 characters."""
    prolog_bytes: int = 64 * 1024
    """What may stand in XML before the document's first element."""
    rejects: int = 100_000
    """More rejects than this mean that the file is not what it claims to be."""
