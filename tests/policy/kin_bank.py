"""Mothers and their grown daughters: the mother's moment rests on the daughter's childbirth, with consents that differ.

`sec`: nobody said anything. `rel`: the daughter has released the bank from secrecy. `dec`: the mother declared the
birth herself. `obj`: mother and daughter are nothing special, and the daughter objects to analysis, as `dec`'s does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import small_bank
from augenblick import pipeline
from augenblick.content import Content
from augenblick.store import DataDirectory

AS_OF = date(2026, 5, 31)
FAMILIES = ("sec", "rel", "dec", "obj")
OBJECTING = ("dec", "obj")
CONSENTS = [("rel-kid", "disclosure", "", "given", "2025-01-01", "")] + [
    (f"{name}-kid", "analysis", "", "withdrawn", "2025-01-01", "") for name in OBJECTING
]
DECLARED = [("dec-mum", "grandchild-birth", "2026-04-20", "customer", "confirmed", "")]


def write_table(folder: Path, table: str, header: str, rows: Iterable[Sequence[str]]) -> None:
    """Write a table of the contract that `small_bank` does not know."""
    lines = [header, *(",".join(row) for row in rows)]
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def export(folder: Path, *, childless: Sequence[str] = ()) -> None:
    """Write the families; the daughters of `childless` receive no child benefit."""
    people = [(name, kind) for name in FAMILIES for kind in ("mum", "kid")]
    names = {"mum": ("1960-02-01", "Uta", "female"), "kid": ("1992-03-04", "Ada", "female")}
    small_bank.write(folder, "customers", [(f"{name}-{kind}", *names[kind]) for name, kind in people])
    small_bank.write(folder, "relations", [(f"{name}-mum", f"{name}-kid", "child") for name in FAMILIES])
    small_bank.write(folder, "accounts", [(f"a-{n}-{kind}", "giro", "EUR", "2015-01-01") for n, kind in people])
    small_bank.write(folder, "account_holders", [(f"a-{n}-{kind}", f"{n}-{kind}", "owner") for n, kind in people])
    months = [row for n, kind in people for row in small_bank.groceries(f"a-{n}-{kind}", date(2024, 5, 1), 24)]
    born = [small_bank.benefit(f"kg-{n}", f"a-{n}-kid", date(2026, 4, 14)) for n in FAMILIES if n not in childless]
    small_bank.write(folder, "transactions", [*months, *born])
    write_table(folder, "consents", "customer_id,purpose,channel,status,valid_from,valid_to", CONSENTS)
    write_table(folder, "declared_moments", "customer_id,moment,occurred_on,source,state,note", DECLARED)


def families(folder: Path, content: Content, *, childless: Sequence[str] = ()) -> DataDirectory:
    """Return the families' bank, loaded and detected."""
    export(folder / "export", childless=childless)
    directory = DataDirectory(folder / "data")
    assert pipeline.load(directory, folder / "export").rejected == 0
    pipeline.detect(directory, as_of=AS_OF, content=content)
    return directory
