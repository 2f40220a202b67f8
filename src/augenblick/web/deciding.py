"""Pages that explain what the gate would decide: for whoever asks, whatever for, whatever a customer has said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from augenblick.content import Words
from augenblick.explain.build import label_of
from augenblick.model.errors import BadParameter
from augenblick.model.terms import AUG
from augenblick.pipeline import today
from augenblick.policy import Access, Consents, Decision, Gate, Policy, Rule
from augenblick.policy.consents import Statement
from augenblick.policy.gate import ADVERTISING
from augenblick.policy.model import ORDINARY, THIRD_PARTY
from augenblick.store import DataDirectory
from augenblick.web.desk import Desk, PageRoute, purposes, seated
from augenblick.web.protection import consent_labels, ranked

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Officer = Annotated[Desk, Depends(seated("audit"))]
Code = Annotated[str, Query(max_length=100)]
Number = Annotated[str, Query(max_length=200)]
Others = Literal["none", "agreed", "silent"]

CUSTOMER, OTHER = "customer", "other"
SAID = "said."
"""What begins the fields that tell what the customer has said: its code follows."""
_ALWAYS = date.min


@dataclass(frozen=True)
class Case:
    """One question to the gate: who asks what for about a fact of which class, and what the persons have said.

    `customer` is the number of somebody real, whose consents count then; `other` of one whose data the fact rests on.
    """

    role: str
    purpose: str
    legal_class: str
    channel: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    others: Others = "none"
    customer: str = ""
    other: str = ""

    @property
    def subject(self) -> str:
        """By which name the gate is asked about the customer."""
        return self.customer or CUSTOMER

    @property
    def rests_on(self) -> frozenset[str]:
        """Whose data the fact rests on besides the customer's."""
        if self.customer:
            return frozenset({self.other} if self.other else ())
        return frozenset({OTHER} if self.others != "none" else ())


@dataclass(frozen=True)
class Condition:
    """What the rule asks for, and whether it is so; `kind` names the words for it."""

    kind: str
    of: tuple[Words, ...]
    met: bool


@router.get("/policy/decision")
def decision(
    desk: Officer,
    request: Request,
    role: Code = "",
    purpose: Code = "",
    legal_class: Annotated[str, Query(alias="class", max_length=100)] = ORDINARY,
    channel: Code = "",
    others: Others = "none",
    customer: Number = "",
    other: Number = "",
) -> Response:
    """Show what the gate decides in a case, and by which rule and conditions."""
    policy = desk.policy
    said = {name.removeprefix(SAID): value for name, value in request.query_params.items() if name.startswith(SAID)}
    case = Case(
        role=_one("role", role, policy.roles),
        purpose=purpose or _first_purpose(policy, role),
        legal_class=_one("class", legal_class, policy.strictness),
        channel=_one("channel", channel, policy.channels) if channel else None,
        said=said,
        others=others,
        customer=customer.strip(),
        other=other.strip(),
    )
    _one("purpose", case.purpose, policy.purposes)
    gate = Gate(policy, _read(desk, case) if case.customer else Consents(_stated(policy, case)))
    return desk.page(
        "_decision.html" if desk.by_script else "decision.html",
        case=case,
        verdict=_decide(gate, case, case.legal_class),
        rule=policy.rules.get((case.role, case.purpose, case.legal_class)),
        conditions=list(_conditions(gate, case)),
        classes={name: label_of(desk.content, AUG + name) for name in ranked(policy)},
        verdicts={name: _decide(gate, case, name) for name in ranked(policy)},
        asked=dict(_asked(policy, case)),
        roles=policy.roles,
        all_purposes=policy.purposes,
        channels=policy.channels,
        own=case.purpose == ADVERTISING and bool(case.channel) and policy.channels[case.channel or ""].own_consent,
    )


def _one(what: str, code: str, known: Mapping[str, object]) -> str:
    """Return the code, the first of those known where none was given."""
    if code and code not in known:
        raise BadParameter(f"There is no {what} of that name.", hint=f"one of {', '.join(known)}")
    return code or next(iter(known))


def _first_purpose(policy: Policy, role: str) -> str:
    """Return the first purpose for which the role (or the first role) may see anything."""
    who = role or next(iter(policy.roles))
    return next(iter(purposes(policy, who) or policy.purposes))


def _decide(gate: Gate, case: Case, legal_class: str, rests_on: frozenset[str] | None = None) -> Decision:
    access = Access(role=case.role, purpose=case.purpose, channel=case.channel, actor_id="", at=today())
    return gate.decide(access, case.subject, legal_class, case.rests_on if rests_on is None else rests_on)


def _asked(policy: Policy, case: Case) -> Iterator[tuple[str, Words]]:
    """Yield the consents a rule of the role and purpose asks of the customer, by their code."""
    rules = [policy.rules.get((case.role, case.purpose, name)) for name in policy.strictness]
    wanted = {code for rule in rules if rule for code in (rule.consents | rule.one_consent | rule.unless_objected)}
    yield from ((code, words) for code, words in consent_labels(policy).items() if code in wanted)


def _stated(policy: Policy, case: Case) -> Iterator[tuple[str, str, Statement]]:
    """Yield what the persons of the case have said, as the bank would have it on file."""
    for code, word in case.said.items():
        if code != "own" and word in ("given", "refused"):
            yield CUSTOMER, code, Statement(None, word == "given", _ALWAYS)
    if case.channel and case.said.get("own") == "given":
        yield CUSTOMER, ADVERTISING, Statement(case.channel, given=True, since=_ALWAYS)
    if case.others == "agreed":
        for code in consent_labels(policy):
            yield OTHER, code, Statement(None, given=True, since=_ALWAYS)


def _read(desk: Desk, case: Case) -> Consents:
    """Return what a real customer has said; that somebody looked is in the audit log before."""
    named = [each for each in (case.customer, case.other) if each]
    for each in named:
        desk.confirm_customer(each)
    desk.note("decision", named)

    def reading(directory: DataDirectory) -> Consents:
        with directory.connect(read_only=True) as connection:
            return Consents.read(connection, named)

    found: Consents = desk.reading(reading)
    return found


def _conditions(gate: Gate, case: Case) -> Iterator[Condition]:
    """Yield what the rule of the case asks for, each with whether the gate finds it so."""
    policy, names = gate.policy, consent_labels(gate.policy)
    rule = policy.rules.get((case.role, case.purpose, case.legal_class))
    if rule is None or not rule.permits:
        return
    at, consents, subject, channel = today(), gate.consents, case.subject, case.channel
    for code in sorted(rule.unless_objected):
        free = not consents.objected(subject, code, at, channel=channel)
        yield Condition("objection", (names[code],), free)
    for code in sorted(rule.consents):
        yield Condition("consent", (names[code],), consents.given(subject, code, at, channel=channel))
    if rule.one_consent:
        one = any(consents.given(subject, code, at, channel=channel) for code in rule.one_consent)
        yield Condition("one_of", tuple(names[code] for code in sorted(rule.one_consent)), one)
    if case.purpose == ADVERTISING and channel and policy.channels[channel].own_consent:
        own = consents.given(subject, ADVERTISING, at, channel=channel, own=True)
        yield Condition("own_channel", (policy.channels[channel].label,), own)
    if case.rests_on:
        alone = _decide(gate, case, case.legal_class, frozenset())
        met = not alone.shown or _decide(gate, case, case.legal_class).outcome is alone.outcome
        yield Condition("others", tuple(names[code] for code in sorted(_of_others(policy, case, rule))), met)


def _of_others(policy: Policy, case: Case, rule: Rule) -> set[str]:
    third = policy.rules.get((case.role, case.purpose, THIRD_PARTY))
    return set(third.consents_of_others) | (set(rule.consents) & policy.consent_kinds.keys()) if third else set()
