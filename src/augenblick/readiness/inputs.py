"""What a pattern needs of a bank's data, derived from its kind's rule, its parameters and its signals' keys.

Needs are in conjunctive form: of each group one input is enough, and every group must be met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from rdflib import RDFS, URIRef

from augenblick.content.model import Content, Pattern, Signal
from augenblick.facts.bank import HOLDING, bank_mappings
from augenblick.model.terms import AUG
from augenblick.readiness.rule_text import terms_asked

BOOKINGS = "transactions"
_KEYS = {
    "creditor_ids": ("creditor_id",), "gvc": ("gvc",), "purpose_codes": ("purpose_code",), "btc": ("btc",),
    "mcc": ("mcc",), "counterparty_patterns": ("counterparty_name", "ultimate_party"),
    "text_patterns": ("purpose", "counterparty_name", "ultimate_party"),
    "counterparty_account_kinds": ("counterparty_iban",),
}  # fmt: skip
"""Keys of a signal and the fields of a booking any of which can show them."""
_CODES = frozenset(("gvc", "purpose_codes", "btc", "mcc", "counterparty_account_kinds"))
"""Keys that count as one kind where a signal demands all."""
_VALUES = {
    "attribute": ("customer_changes", "attribute"), "accountKind": ("accounts", "kind"),
    "contractProduct": ("contracts", "product"), "interactionKind": ("interactions", "kind"),
    "onlyIfPurpose": ("consents", "purpose"),
}  # fmt: skip
"""Parameters that ask for rows with a certain value, and where those stand."""
_EVIDENCE = frozenset(("Occurrence", "Series", "AmountStep"))


@dataclass(frozen=True, order=True)
class Input:
    """One thing a bank can deliver.

    A field of a table; with `value` rows with that value in it; with `days` bookings that reach back so far.
    `kin` (a property's IRI): the same of a relative by that property; alone, that such a relative is known.
    """

    table: str
    column: str = ""
    value: str = ""
    days: int = 0
    kin: str = ""

    @property
    def name(self) -> str:
        """How it is written: `transactions.purpose`, `customer_changes.attribute=street`, `hasChild: …`."""
        own = self.table + (f".{self.column}" if self.column else "")
        own += f"={self.value}" if self.value else ""
        own += f" over {self.days} days" if self.days else ""
        kin = self.kin.rsplit("#", 1)[-1]
        return own if not kin else f"{kin}: {own}" if self.table != "relations" else f"relations ({kin})"


Needs = tuple[frozenset[Input], ...]


def needs(pattern: Pattern, content: Content) -> Needs:
    """Return the groups of inputs a pattern needs; of each group one is enough."""
    terms = terms_asked(pattern.kind, (*content.pattern_rules, *content.moment_rules), pattern.parameters)
    own = [*_bookings(pattern, content), *_rows(pattern, terms), *_master_data(pattern, terms)]
    kin = [str(value) for value in pattern.parameters.get("kinProperty", ())]
    if kin and pattern.kind.startswith("Kin"):
        own = [frozenset(replace(i, kin=p) for i in group for p in kin) for group in own]
    groups = [*own, *_kin(kin, pattern, terms, content), *_age(pattern)]
    return tuple(dict.fromkeys(group for group in groups if group))


def _bookings(pattern: Pattern, content: Content) -> Iterator[frozenset[Input]]:
    for name in ("signal", "replacedBySignal", "onlyIfSignal"):
        signals = [content.signal(str(iri)) for iri in pattern.parameters.get(name, ())]
        yield from _any_of([_keys(signal) for signal in signals if signal])
    if "signal" not in pattern.parameters:
        return
    least, settled = (_days(pattern, name) for name in ("minimumHistory", "settledHistory"))
    if settled and settled < least:
        yield frozenset((Input(BOOKINGS, days=least), Input("accounts", "opened_on")))
    if least:
        yield frozenset((Input(BOOKINGS, days=min(least, settled or least)),))


def _keys(signal: Signal) -> list[frozenset[Input]]:
    """Return what shows a signal; an interaction's kind stands beside the fields of bookings."""
    if signal.interaction_kinds and not any(getattr(signal, key) for key in _KEYS):
        return [frozenset(Input("interactions", "kind", kind) for kind in signal.interaction_kinds)]
    given = {
        key: frozenset(Input(BOOKINGS, f) for f in fields) for key, fields in _KEYS.items() if getattr(signal, key)
    }
    codes = frozenset().union(*(group for key, group in given.items() if key in _CODES))
    if signal.all_keys:
        return [group for group in (codes, *(g for key, g in given.items() if key not in _CODES)) if group]
    return [frozenset().union(*given.values())] if given else [frozenset((Input(BOOKINGS, "amount"),))]


def _any_of(alternatives: list[list[frozenset[Input]]]) -> list[frozenset[Input]]:
    """Return groups that are met exactly if those of one alternative are."""
    groups: list[frozenset[Input]] = [frozenset()]
    for alternative in alternatives:
        groups = [group | other for group in groups for other in alternative]
    return [group for group in groups if group]


def _rows(pattern: Pattern, terms: frozenset[str]) -> Iterator[frozenset[Input]]:
    named = {name: _VALUES[name] for name in _VALUES if name in pattern.parameters}
    for name, (table, column) in named.items():
        yield frozenset(Input(table, column, str(value)) for value in pattern.parameters[name])
    covered = {table for table, _ in named.values()}
    for klass, table in sorted(_tables().items()):
        if klass in terms and table not in covered and table not in ("customers", "relations", BOOKINGS):
            yield frozenset((Input(table),))
    roles = {str(value).rsplit("#", 1)[-1] for value in pattern.parameters.get("holderRole", ())}
    yield frozenset(Input("account_holders", "role", role) for role, term in HOLDING.items() if term in roles)


def _master_data(pattern: Pattern, terms: frozenset[str]) -> Iterator[frozenset[Input]]:
    dates = {str(value).rsplit("#", 1)[-1] for value in pattern.parameters.get("dateProperty", ())}
    columns = _columns()
    if dates:
        yield frozenset(Input("customers", columns[name]) for name in dates if name in columns)
    else:
        yield frozenset(Input("customers", columns[name]) for name in terms if name in columns)


def _kin(kin: list[str], pattern: Pattern, terms: frozenset[str], content: Content) -> Iterator[frozenset[Input]]:
    named = kin or [AUG + name for name in terms if (AUG + name) in _kinship(content)]
    yield frozenset(Input("relations", kin=name) for name in named)
    yield frozenset(Input("relations", kin=str(name)) for name in pattern.parameters.get("onlyIfKin", ()))
    for moment in pattern.parameters.get("kinMoment", ()):
        yield frozenset(Input("moments", value=str(moment), kin=name) for name in named)


def _age(pattern: Pattern) -> Iterator[frozenset[Input]]:
    unknown = any(pattern.parameters.get("ageUnknown", ()))
    if not unknown and ("minimumAge" in pattern.parameters or "maximumAge" in pattern.parameters):
        yield frozenset((Input("customers", "birth_date"),))
    if "minimumKinAge" in pattern.parameters or "maximumKinAge" in pattern.parameters:
        kin = pattern.parameters.get("onlyIfKin") or pattern.parameters.get("kinProperty", ())
        yield frozenset(Input("customers", "birth_date", kin=str(name)) for name in kin)


def _days(pattern: Pattern, name: str) -> int:
    return max((v.days for v in pattern.parameters.get(name, ()) if isinstance(v, timedelta)), default=0)


@cache
def _tables() -> dict[str, str]:
    """Return the classes of the bank's facts and the tables their rows stand in."""
    found = {m.klass: m.table.removeprefix("bank.") for m in bank_mappings("", "") if m.klass}
    return found | dict.fromkeys(_EVIDENCE, BOOKINGS)


@cache
def _columns() -> dict[str, str]:
    """Return the properties of a customer that are a plain column of the contract."""
    customers = next(m for m in bank_mappings("", "") if m.klass == "Customer")
    plain = {
        p.predicate: p.value for p in customers.properties if p.value.isidentifier() and p.predicate != "customerId"
    }
    return plain | {"deathDate": "death_date"}


def _kinship(content: Content) -> frozenset[str]:
    """Return the IRIs of the properties between relatives."""
    return frozenset(str(p) for p in content.graph.subjects(RDFS.subPropertyOf, URIRef(AUG + "isKinOf")))
