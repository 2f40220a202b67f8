"""Every role × purpose × legal class × consent × door, held against a table written by hand."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import product

import pytest

from augenblick.content import Content
from augenblick.model.errors import BadParameter, NotPermitted
from augenblick.policy import Access, Consents, Gate, Outcome, Policy, read_policy
from augenblick.policy.consents import Statement

TODAY = date(2026, 11, 26)
CLASSES = ("Ordinary", "ThirdParty", "SpecialCategory", "Criminal")
# What must be there, for each class: `-` never; `+` always; else consents, `!x` no objection to x,
# `other` the release by the person the fact rests on. Written from the law, not from the ontology.
ORACLE = """
crm               service          +             other                      special            -
crm               advertising      advertising   advertising,other          -                  -
adviser           service          +             other                      special            criminal
adviser           advice           !advice       !advice,other              !advice,special    !advice,criminal
adviser           advertising      advertising   advertising,other          -                  -
analyst           analysis         !analysis     !analysis,other            analysis,special   -
aggregate_analyst analysis         !analysis     !analysis,other            analysis,special   -
data_protection   data_protection  +             +                          +                  +
operator          operation        +             +                          -                  -
"""
DOORS = {
    "crm": {"explain", "offers", "events", "delivery"},
    "adviser": {"explain", "offers", "query"},
    "analyst": {"explain", "query", "sparql", "export"},
    "aggregate_analyst": {"query"},
    "expert": set(),
    "approver": set(),
    "data_protection": {"explain", "offers", "query", "sparql", "export", "disclosure", "audit"},
    "operator": {"explain", "offers", "query", "sparql", "delivery"},
}
PURPOSES = ("service", "advice", "advertising", "analysis", "data_protection", "operation")
ALL_DOORS = ("explain", "offers", "query", "sparql", "export", "events", "disclosure", "audit", "delivery")
SAID = ("given", "refused", None)


@cache
def oracle() -> dict[tuple[str, str, str], str]:
    rows = [line.split() for line in ORACLE.strip().splitlines()]
    return {(row[0], row[1], name): need for row in rows for name, need in zip(CLASSES, row[2:], strict=True)}


@pytest.fixture(scope="module")
def policy(shipped: Content) -> Policy:
    return read_policy(shipped)


def _consents(**said: str | None) -> Consents:
    names = {"special": "special_category", "criminal": "criminal_data", "other": "disclosure"}
    return Consents(
        ("b" if code == "other" else "a", names.get(code, code), Statement(None, status == "given", date(2025, 1, 1)))
        for code, status in said.items()
        if status
    )


def expected(need: str, said: dict[str, str | None]) -> bool:
    if need in "+-":
        return need == "+"
    conditions = need.split(",")
    return all(
        said.get(condition[1:]) != "refused"
        if condition.startswith("!")
        else "given" in [said.get(name) for name in condition.split("|")]
        for condition in conditions
    )


def test_matrix_of_policy_and_oracle_has_the_same_roles_purposes_and_doors(policy: Policy) -> None:
    assert {role: set(found.doors) for role, found in policy.roles.items()} == DOORS
    assert set(policy.purposes) == set(PURPOSES)
    assert set(policy.strictness) == set(CLASSES)


@pytest.mark.parametrize("role", DOORS)
def test_decision_of_every_combination_is_the_oracles(policy: Policy, role: str) -> None:
    table = oracle()
    for advice, advertising, analysis in product(SAID, SAID, SAID):
        for special, criminal, other, service in product(("given", None), repeat=4):
            said = {"advice": advice, "advertising": advertising, "analysis": analysis}
            said |= {"special": special, "criminal": criminal, "other": other, "service": service}
            gate = Gate(policy, _consents(**said))
            for purpose, name in product(PURPOSES, CLASSES):
                access = Access(role=role, purpose=purpose, actor_id="t", at=TODAY)
                rests_on = frozenset({"b"}) if name == "ThirdParty" else frozenset()
                decision = gate.decide(access, "a", name, rests_on)
                wanted = expected(table.get((role, purpose, name), "-"), said)
                assert decision.shown == wanted, (role, purpose, name, said, decision)
                assert decision.reason.de
                assert decision.reason.en
                assert decision.source


@pytest.mark.parametrize("role", DOORS)
@pytest.mark.parametrize("door", ALL_DOORS)
def test_door_is_open_to_the_oracles_roles_only(policy: Policy, role: str, door: str) -> None:
    gate = Gate(policy, Consents())
    own = {purpose for (r, purpose, _), need in oracle().items() if r == role and need != "-"}
    for purpose in PURPOSES:
        access = Access(role=role, purpose=purpose, actor_id="t", at=TODAY)
        if purpose in own and door in DOORS[role]:
            assert gate.admit(access, door).code == role
        else:
            with pytest.raises(NotPermitted):
                gate.admit(access, door)


def test_fact_that_only_rests_in_part_on_others_is_redacted_until_they_release_it(policy: Policy) -> None:
    access = Access(role="adviser", purpose="advice", actor_id="t", at=TODAY)
    others = frozenset({"b"})
    assert Gate(policy, Consents()).decide(access, "a", "Ordinary", others).outcome is Outcome.REDACTED
    assert Gate(policy, Consents()).decide(access, "a", "Ordinary", others, betrays=True).outcome is Outcome.WITHHELD
    released = Gate(policy, _consents(other="given"))
    assert released.decide(access, "a", "Ordinary", others).outcome is Outcome.PERMITTED
    assert released.decide(access, "a", "Ordinary", others | {"c"}).outcome is Outcome.REDACTED


def test_special_category_of_another_person_needs_that_persons_explicit_consent_too(policy: Policy) -> None:
    access = Access(role="adviser", purpose="service", actor_id="t", at=TODAY)
    given = [("a", "special_category"), ("b", "disclosure")]
    said = [(who, what, Statement(None, True, date(2025, 1, 1))) for who, what in given]
    both = [*said, ("b", "special_category", Statement(None, True, date(2025, 1, 1)))]
    for statements, shown in ((said, False), (both, True)):
        decision = Gate(policy, Consents(statements)).decide(
            access, "a", "SpecialCategory", frozenset({"b"}), betrays=True
        )
        assert decision.shown is shown


@pytest.mark.parametrize("channel", ["phone", "email", "sms", "app"])
def test_advertising_by_a_channel_of_section_7_uwg_needs_consent_for_that_channel(policy: Policy, channel: str) -> None:
    access = Access(role="crm", purpose="advertising", actor_id="t", at=TODAY, channel=channel)
    general = ("a", "advertising", Statement(None, True, date(2025, 1, 1)))
    own = ("a", "advertising", Statement(channel, True, date(2025, 1, 1)))
    later = ("a", "advertising", Statement(None, False, date(2025, 6, 1)))
    assert not Gate(policy, Consents([general])).decide(access, "a").shown
    assert Gate(policy, Consents([own])).decide(access, "a").shown
    assert not Gate(policy, Consents([own, later])).decide(access, "a").shown


@pytest.mark.parametrize(("name", "value"), [("role", "advisor"), ("purpose", "advertizing"), ("channel", "fax")])
def test_unknown_role_purpose_or_channel_is_refused_with_a_hint(policy: Policy, name: str, value: str) -> None:
    given = {"role": "adviser", "purpose": "advice", "actor_id": "t", "at": TODAY} | {name: value}
    with pytest.raises(BadParameter) as raised:
        Gate(policy, Consents()).admit(Access(**given), "explain")  # type: ignore[arg-type]
    assert raised.value.hint
    assert not Gate(policy, Consents()).decide(Access(**given), "a").shown or name == "channel"  # type: ignore[arg-type]
