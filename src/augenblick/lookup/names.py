"""Names in the form they are looked up by: upper case, no accents, umlauts as two letters."""

from __future__ import annotations

import re
import unicodedata

_UMLAUTS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "ẞ": "SS"})


def plain(name: str) -> str:
    """Return a name as it is looked up: `Jörg Groß` → `JOERG GROSS`."""
    upper = unicodedata.normalize("NFC", name).upper().translate(_UMLAUTS)
    bare = "".join(c for c in unicodedata.normalize("NFD", upper) if not unicodedata.combining(c))
    return re.sub(r"[^A-Z0-9]+", " ", bare).strip()


def forms(given: str | None, family: str | None, birth: str | None) -> set[str]:
    """Return the forms a person is found by: family or birth name first, and given name first."""
    first = plain(given or "")
    found = set()
    for last in {plain(family or ""), plain(birth or "")} - {""}:
        found |= {f"{last} {first}".strip(), f"{first} {last}".strip()}
    return found or ({first} if first else set())
