"""Mothers and their grown daughters: the mother's moment rests on the daughter's childbirth, with consents that differ.

`sec`: nobody said anything. `rel`: the daughter has released the bank from secrecy. `dec`: the mother declared the
birth herself. `obj`: mother and daughter are nothing special, and the daughter objects to analysis, as `dec`'s does.

`two-eva` declared a childbirth; her partner `two-max`, who objects to analysis and advice, may hold a contract of what
suits it. `hurt`, who agreed to nothing, may have had an accident. What may be there or not are `SECRETS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path

import small_bank
from augenblick import pipeline
from augenblick.content import Content
from augenblick.store import DataDirectory

MOMENTS = ("grandchild-birth", "childbirth", "accident", "pregnancy", "imprisonment")
"""The kinds of moment these families show, may show, or must not."""
AS_OF = date(2026, 5, 31)
FAMILIES = ("sec", "rel", "dec", "obj")
OBJECTING = ("dec", "obj")
CHILDREN = tuple(f"{name}-kid" for name in OBJECTING)
SECRETS = frozenset({*CHILDREN, "contract", "accident", "payment"})
"""What nobody but the officer may be told: children of daughters who object, and what `two-max` and `hurt` did."""
OTHERS = [("two-eva", "1994-05-06", "Eva", "female"), ("two-max", "1991-07-08", "Max", "male"), ("hurt", "1985-09-10")]
CONSENTS = [("rel-kid", "disclosure", "", "given", "2025-01-01", "")] + [
    (name, purpose, "", "withdrawn", "2025-01-01", "")
    for name in (*CHILDREN, "two-max")
    for purpose in ("advice", "analysis")
]
DECLARED = [
    ("dec-mum", "grandchild-birth", "2026-04-20", "customer", "confirmed", ""),
    ("two-eva", "childbirth", "2026-04-02", "customer", "confirmed", ""),
]


def write_table(folder: Path, table: str, header: str, rows: Iterable[Sequence[str]]) -> None:
    """Write a table of the contract that `small_bank` does not know."""
    lines = [header, *(",".join(row) for row in rows)]
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def export(folder: Path, secrets: AbstractSet[str] = SECRETS) -> None:
    """Write the bank with these of the secrets."""
    people = [(name, kind) for name in FAMILIES for kind in ("mum", "kid")]
    names = {"mum": ("1960-02-01", "Uta", "female"), "kid": ("1992-03-04", "Ada", "female")}
    small_bank.write(folder, "customers", [*((f"{name}-{kind}", *names[kind]) for name, kind in people), *OTHERS])
    related = [(f"{name}-mum", f"{name}-kid", "child") for name in FAMILIES]
    small_bank.write(folder, "relations", [*related, ("two-eva", "two-max", "partner")])
    owners = [*(f"{name}-{kind}" for name, kind in people), *(row[0] for row in OTHERS)]
    small_bank.write(folder, "accounts", [(f"a-{owner}", "giro", "EUR", "2015-01-01") for owner in owners])
    small_bank.write(folder, "account_holders", [(f"a-{owner}", owner, "owner") for owner in owners])
    months = [row for owner in owners for row in small_bank.groceries(f"a-{owner}", date(2024, 5, 1), 24)]
    born = [name for name in FAMILIES if name not in OBJECTING or f"{name}-kid" in secrets]
    benefits = [small_bank.benefit(f"kg-{name}", f"a-{name}-kid", date(2026, 4, 14)) for name in born]
    sick = [("krank", "a-hurt", date(2026, 3, 20), "812.40", "EUR", "AOK Bayern", "Krankengeld 0426")]
    small_bank.write(folder, "transactions", [*months, *benefits, *(sick if "payment" in secrets else [])])
    write_table(folder, "consents", "customer_id,purpose,channel,status,valid_from,valid_to", CONSENTS)
    write_table(folder, "declared_moments", "customer_id,moment,occurred_on,source,state,note", DECLARED)
    contract = [("k1", "two-max", "child_savings", "2024-02-01")] if "contract" in secrets else []
    write_table(folder, "contracts", "contract_id,customer_id,product,opened_on", contract)
    claim = [("i1", "hurt", "2026-04-10T10:00:00", "phone", "claim", "Unfall")] if "accident" in secrets else []
    write_table(folder, "interactions", "interaction_id,customer_id,occurred_at,channel,kind,topic", claim)


def families(folder: Path, content: Content, secrets: AbstractSet[str] = SECRETS) -> DataDirectory:
    """Return the bank with these of the secrets, loaded and detected."""
    export(folder / "export", secrets)
    directory = DataDirectory(folder / "data")
    assert pipeline.load(directory, folder / "export").rejected == 0
    pipeline.detect(directory, as_of=AS_OF, content=content)
    return directory
