"""Pages for data protection: who may see what for which purpose, and why, as the gate reads it; who asked what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile, islice
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response

from augenblick.content import Words
from augenblick.explain.build import label_of
from augenblick.model.errors import BrokenAudit
from augenblick.model.terms import AUG
from augenblick.pipeline import today
from augenblick.policy import Access, AuditLog, Consents, Entry, Gate, Outcome, Policy, Role, Rule
from augenblick.policy.audit import ADMITTED, REFUSED
from augenblick.policy.consents import Statement
from augenblick.web.desk import Desk, PageRoute, purposes, seated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
ENTRIES = 100
"""Entries of the audit log on one page."""
Officer = Annotated[Desk, Depends(seated("audit"))]
Reader = Annotated[Desk, Depends(seated())]
Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Cell:
    """What a role may see of a class for a purpose. `without_others` is the outcome where others have not agreed."""

    legal_class: str
    rule: Rule | None
    without_others: Outcome | None = None

    @property
    def outcome(self) -> str:
        """Return permitted, bound (permitted under conditions) or withheld."""
        if self.rule is None or not self.rule.permits:
            return "withheld"
        rule = self.rule
        bound = rule.consents or rule.one_consent or rule.consents_of_others or rule.unless_objected
        return "bound" if bound else "permitted"


@dataclass(frozen=True)
class Line:
    """What one role may see for one purpose, a cell for each legal class."""

    code: str
    purpose: Words
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Search:
    """Which entries of the audit log are looked for; what is empty does not matter."""

    number: str = ""
    who: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None

    def finds(self, entry: Entry) -> bool:
        """Whether the entry is one of them (the customer's number is the log's own affair)."""
        day = entry.asked_at[:10]
        return (
            self.who.casefold() in entry.actor.casefold()
            and self.outcome in ("", entry.outcome)
            and (self.since is None or self.since.isoformat() <= day)
            and (self.until is None or day <= self.until.isoformat())
        )

    def link(self, **more: object) -> str:
        """Return the address of the same search, with more."""
        given = {name: value for name, value in {**vars(self), **more}.items() if value}
        return "/audit" + (f"?{urlencode(given)}" if given else "")


@router.get("/policy")
def policy(desk: Reader) -> Response:
    """Show the policy as a table, with reasons and sources of law."""
    found = desk.policy
    classes, gate = ranked(found), _agreeing(found)
    return desk.page(
        "policy.html",
        classes=[label_of(desk.content, AUG + name) for name in classes],
        roles=[(each, list(_lines(gate, each, classes))) for each in found.roles.values()],
        consents=consent_labels(found),
    )


@router.get("/audit")
def audit(
    desk: Officer,
    number: Text = "",
    who: Text = "",
    outcome: Text = "",
    since: Text = "",
    until: Text = "",
    before: Annotated[int, Query(ge=0, le=2**53)] = 0,
    verify: bool = False,
) -> Response:
    """Show who asked what, the latest first, a page at a time; on request, whether the log is whole."""
    log = AuditLog(Path(desk.request.app.state.settings.data))
    search = Search(number.strip(), who.strip(), outcome, _day(since), _day(until))
    broken, total = None, None
    try:
        total = log.verify() if verify else None
        found = _latest(log, search, before)
    except BrokenAudit as error:
        broken, found = error, []
    return desk.page(
        "audit.html",
        entries=found[:ENTRIES],
        older=search.link(before=found[ENTRIES - 1].number) if len(found) > ENTRIES else None,
        newest=search.link() if before else None,
        checked=search.link(verify=1),
        total=total,
        broken=broken,
        search=search,
        outcomes=[ADMITTED, REFUSED, *Outcome],
        roles=desk.policy.roles,
        purposes_of=desk.policy.purposes,
    )


def _latest(log: AuditLog, search: Search, before: int) -> list[Entry]:
    """Return the latest entries looked for, written before the one of that number (0: all), one more than a page."""
    entries = log.latest(subject=search.number or None)
    earlier = dropwhile(lambda entry: before and entry.number >= before, entries)
    return list(islice(filter(search.finds, earlier), ENTRIES + 1))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _lines(gate: Gate, role: Role, classes: list[str]) -> Iterator[Line]:
    for code, label in purposes(gate.policy, role.code).items():
        yield Line(code, label, tuple(_cell(gate, role.code, code, name) for name in classes))


def _cell(gate: Gate, role: str, purpose: str, legal_class: str) -> Cell:
    rule = gate.policy.rules.get((role, purpose, legal_class))
    if rule is None or not rule.permits:
        return Cell(legal_class, rule)
    access = Access(role=role, purpose=purpose, actor_id="", at=today())
    decided = gate.decide(access, "one", legal_class, frozenset({"another"}))
    return Cell(legal_class, rule, None if decided.outcome is Outcome.PERMITTED else decided.outcome)


def _agreeing(policy: Policy) -> Gate:
    """Return the gate for a customer, called one, who agrees to everything; nobody else has said anything."""
    agreed = Statement(None, given=True, since=date.min)
    return Gate(policy, Consents(("one", code, agreed) for code in consent_labels(policy)))


def ranked(policy: Policy) -> list[str]:
    """Return the legal classes, the mildest first."""
    return sorted(policy.strictness, key=lambda name: policy.strictness[name])


def consent_labels(policy: Policy) -> dict[str, Words]:
    """Return what consents and objections are called, by their code."""
    return {**policy.purposes, **policy.consent_kinds}
