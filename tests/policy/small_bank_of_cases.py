"""One customer for each class of moment and each state of consent that the policy tells apart."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kin_bank import write_table

import small_bank
from augenblick import pipeline
from augenblick.content import Content
from augenblick.store import DataDirectory

AS_OF = date(2026, 5, 31)
_REFUSED = {"advice": "refused", "advertising": "refused", "analysis": "refused"}
CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "ord-none": ("childbirth", "Ordinary", {}),
    "ord-ads": ("childbirth", "Ordinary", {"advertising": "given"}),
    "ord-obj": ("childbirth", "Ordinary", _REFUSED),
    "spec-none": ("pregnancy", "SpecialCategory", {}),
    "spec-exp": ("pregnancy", "SpecialCategory", {"special": "given", "advertising": "given"}),
    "spec-all": ("pregnancy", "SpecialCategory", {"special": "given", "analysis": "given"}),
    "spec-obj": ("pregnancy", "SpecialCategory", {"special": "given", "advice": "refused"}),
    "crim-own": ("imprisonment", "Criminal", {"criminal": "given", "advertising": "given"}),
    "crim-obj": ("imprisonment", "Criminal", {"criminal": "given", "advice": "refused"}),
    "kin-none": ("", "ThirdParty", {}),
    "kin-rel": ("", "ThirdParty", {"other": "given"}),
    "kin-ads": ("", "ThirdParty", {"other": "given", "advertising": "given"}),
    "kin-obj": ("", "ThirdParty", {"other": "given", **_REFUSED}),
    **{f"kin-{name}-kid": ("childbirth", "Ordinary", {}) for name in ("none", "rel", "ads", "obj")},
}
"""Customer → moment declared (none: seen from the daughter's), its class, and what was said of what; see the oracle."""
_CODES = {"special": "special_category", "criminal": "criminal_data", "other": "disclosure"}


def detected(folder: Path, content: Content) -> DataDirectory:
    """Return the bank, loaded and detected; `crim-none` declared an imprisonment, agreed to service and advice only."""
    export = folder / "export"
    people = [*CASES, "crim-none"]
    born = {
        name: "1992-03-04" if not name.startswith("kin") or name.endswith("kid") else "1960-02-01" for name in people
    }
    small_bank.write(export, "customers", [(name, born[name], "Ada", "female") for name in people])
    mothers = [name for name, (moment, _, _) in CASES.items() if not moment]
    small_bank.write(export, "relations", [(name, f"{name}-kid", "child") for name in mothers])
    small_bank.write(export, "accounts", [(f"a-{name}", "giro", "EUR", "2015-01-01") for name in people])
    small_bank.write(export, "account_holders", [(f"a-{name}", name, "owner") for name in people])
    small_bank.write(
        export, "transactions", [row for n in people for row in small_bank.groceries(f"a-{n}", date(2024, 5, 1), 24)]
    )
    declared = [(name, moment) for name, (moment, _, _) in CASES.items() if moment] + [("crim-none", "imprisonment")]
    rows = [(name, moment, "2026-04-20", "customer", "confirmed", "") for name, moment in declared]
    write_table(export, "declared_moments", "customer_id,moment,occurred_on,source,state,note", rows)
    said = [
        (f"{name}-kid" if what == "other" else name, _CODES.get(what, what), status, "2025-01-01")
        for name, (_, _, all_said) in CASES.items()
        for what, status in all_said.items()
    ] + [("crim-none", purpose, "given", "2025-01-01") for purpose in ("service", "advice")]
    write_table(export, "consents", "customer_id,purpose,status,valid_from", said)
    directory = DataDirectory(folder / "data")
    assert pipeline.load(directory, export).rejected == 0
    pipeline.detect(directory, as_of=AS_OF, content=content)
    return directory
