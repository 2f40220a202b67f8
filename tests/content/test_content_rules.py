"""Each kind of pattern and each condition by itself, on a few facts; and the compiled reasoner against Oxigraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from content_plain_line import PREFIX, reason
from rdflib import Variable
from sqlglot import exp

from augenblick.content import Content
from augenblick.content.reading import REQUIRED
from augenblick.pipeline.rules import rules_of
from augenblick.reason import load_rules
from augenblick.reason.compiler import Compiler
from augenblick.reason.fragment import table_of
from augenblick.reason.ir import Node, RelationKey, Triple, Union, children
from augenblick.reason.plan import Source

TTL = """@prefix aug: <https://w3id.org/augenblick/ontology#> . @prefix x: <https://bank.example/id/customer/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix s: <https://s/> .
aug:thisRun aug:asOf "2026-06-30"^^xsd:date .
"""


def date(day: str) -> str:
    return f'"{day}"^^xsd:date'


def span(days: int) -> str:
    return f'"P{days}D"^^xsd:dayTimeDuration'


def people(content: Content, pattern: str, facts: str, *, kind: str = "Indication", also: str = "") -> set[str]:
    """Return who is indicated when one moment type has one pattern and the facts hold."""
    store = ox.Store()
    text = f"{TTL} <https://m/x> aug:hasPattern <https://p/x> . <https://p/x> {pattern} . {also} {facts}"
    store.load(text.encode(), format=ox.RdfFormat.TURTLE)
    reason(store, content)
    query = PREFIX + f"SELECT ?p WHERE {{ ?i a aug:{kind} . ?i aug:byPattern <https://p/x> ; aug:onPerson ?p }}"
    return {row["p"].value.rsplit("/", 1)[-1] for row in store.query(query)}


def occurrence(name: str, person: str, day: str, signal: str = "s:a") -> str:
    return (
        f"x:o{name} a aug:Occurrence ; aug:signal {signal} ; aug:person x:{person} ; aug:account x:k{person} ; "
        f"aug:occurredOn {date(day)} . x:k{person} aug:firstBookingOn {date('2020-01-01')} ."
    )


def series(
    name: str, person: str, first: str, last: str, level: str = "900.0", payer: str = "A", signal: str = "s:a"
) -> str:
    return (
        f"x:s{name} a aug:Series ; aug:signal {signal} ; aug:person x:{person} ; aug:account x:k{person} ; "
        f'aug:payer "{payer}" ; aug:payerName "{payer}" ; aug:level {level} ; aug:firstOn {date(first)} ; '
        f"aug:lastOn {date(last)} ; aug:bookings 6 ; aug:history {span(400)} . "
        f"x:k{person} aug:lastBookingOn {date('2026-06-29')} ."
    )


OCCURS = "a aug:SignalOccurs ; aug:signal s:a"


def test_every_kind_of_pattern_has_a_rule_and_every_rule_a_header(content: Content) -> None:
    kinds = {"".join(part.capitalize() for part in path.stem.split("-")) for path in content.pattern_rules}
    assert kinds == set(REQUIRED) | {"Declared"}
    for path in content.pattern_rules + content.condition_rules + content.moment_rules:
        first, second = path.read_text(encoding="utf-8").splitlines()[:2]
        assert first.startswith("# title: "), path
        assert second.startswith("# title (de): "), path


def test_rules_load_into_the_compiled_reasoner(content: Content) -> None:
    assert len(list(load_rules(content.rules))) == len(content.rules)


def test_signal_occurs_for_each_person_it_occurs_at(content: Content) -> None:
    facts = occurrence("1", "anna", "2026-05-01") + occurrence("2", "bert", "2026-05-01", "s:b")
    assert people(content, OCCURS, facts) == {"anna"}


def test_contract_opened_and_closed_look_at_product_and_date(content: Content) -> None:
    facts = (
        f'x:c1 a aug:Contract ; aug:holder x:anna ; aug:contractProduct "loan" ; aug:openedOn {date("2026-01-01")} . '
        f'x:c2 a aug:Contract ; aug:holder x:bert ; aug:contractProduct "loan" ; aug:openedOn {date("2020-01-01")} ; '
        f"aug:closedOn {date('2026-02-01')} ."
    )
    assert people(content, 'a aug:ContractOpened ; aug:contractProduct "loan"', facts) == {"anna", "bert"}
    assert people(content, 'a aug:ContractClosed ; aug:contractProduct "loan"', facts) == {"bert"}
    assert people(content, 'a aug:ContractOpened ; aug:contractProduct "card"', facts) == set()


def test_account_opened_is_the_owners_or_of_the_role_named(content: Content) -> None:
    facts = 'x:k a aug:Account ; aug:accountKind "youth" ; aug:ownedBy x:kid ; aug:guardedBy x:mum ; '
    facts += f"aug:openedOn {date('2026-01-01')} ."
    opened = 'a aug:AccountOpened ; aug:accountKind "youth"'
    assert people(content, opened, facts) == {"kid"}
    assert people(content, f"{opened} ; aug:holderRole aug:guardedBy", facts) == {"mum"}
    assert people(content, f"{opened} ; aug:holderRole aug:ownedBy", facts) == {"kid"}


def test_interaction_occurs_with_topic_only_of_that_topic(content: Content) -> None:
    claimed = f'a aug:Interaction ; aug:interactionKind "claim" ; aug:occurredOn {date("2026-05-01")} ; aug:person'
    facts = f'x:i1 {claimed} x:anna ; aug:topic "car" . x:i2 {claimed} x:bert .'
    claim = 'a aug:InteractionOccurs ; aug:interactionKind "claim"'
    assert people(content, claim, facts) == {"anna", "bert"}
    assert people(content, f'{claim} ; aug:topic "car"', facts) == {"anna"}


def test_attribute_change_with_values_only_from_and_to_them(content: Content) -> None:
    facts = "".join(
        f'x:c{p} a aug:MasterDataChange ; aug:person x:{p} ; aug:attribute "a" ; aug:changedOn {date("2026-05-01")} ; '
        f'aug:oldValue "{old}" ; aug:newValue "{new}" . '
        for p, old, new in (("anna", "u", "v"), ("bert", "u", "w"), ("cora", "t", "v"))
    )
    changes = 'a aug:AttributeChanges ; aug:attribute "a"'
    assert people(content, changes, facts) == {"anna", "bert", "cora"}
    assert people(content, f'{changes} ; aug:newValue "v"', facts) == {"anna", "cora"}
    assert people(content, f'{changes} ; aug:newValue "v" ; aug:oldValue "u"', facts) == {"anna"}


@pytest.mark.parametrize(("direction", "who"), [("up", {"anna"}), ("down", {"bert"})])
def test_amount_step_counts_in_its_direction_within_its_limits(content: Content, direction: str, who: set[str]) -> None:
    facts = "".join(
        f"x:t{p} a aug:AmountStep ; aug:ofSeries x:s{p} ; aug:steppedOn {date('2026-05-01')} ; aug:oldLevel {old} ; "
        f"aug:newLevel {new} . {series(p, p, '2025-01-01', '2026-06-01')}"
        for p, old, new in (("anna", "100.0", "150.0"), ("bert", "150.0", "100.0"), ("cora", "100.0", "500.0"))
    )
    steps = "a aug:AmountSteps ; aug:signal s:a ; aug:minimumStep 50.0 ; aug:maximumStep 100.0"
    assert people(content, f'{steps} ; aug:direction "{direction}"', facts) == who


def test_series_stop_needs_the_account_alive_and_no_other_series(content: Content) -> None:
    stops = f"a aug:SeriesStops ; aug:signal s:a ; aug:minimumCount 3 ; aug:staleAfter {span(45)}"
    assert people(content, stops, series("1", "anna", "2025-01-01", "2026-02-01")) == {"anna"}
    both = series("1", "anna", "2025-01-01", "2026-02-01") + series("2", "anna", "2026-03-01", "2026-06-01", payer="B")
    assert people(content, stops, both) == set()
    later = series("1", "anna", "2025-01-01", "2026-02-01") + series("2", "anna", "2026-05-01", "2026-06-01", payer="B")
    assert people(content, stops, later) == {"anna"}
    assert (
        people(content, f"{stops} ; aug:minimumLevel 900.01", series("1", "anna", "2025-01-01", "2026-02-01")) == set()
    )


def test_only_if_signal_needs_one_of_its_signals_in_the_window(content: Content) -> None:
    needs = f"{OCCURS} ; aug:onlyIfSignal s:b, s:c ; aug:onlyIfBefore {span(10)} ; aug:onlyIfAfter {span(10)}"
    alone = occurrence("1", "anna", "2026-05-01")
    assert people(content, needs, alone) == set()
    assert people(content, needs, alone + occurrence("2", "anna", "2026-05-11", "s:c")) == {"anna"}
    assert people(content, needs, alone + occurrence("2", "anna", "2026-05-12", "s:c")) == set()
    assert people(content, needs, alone + series("3", "anna", "2026-01-01", "2026-04-21", signal="s:b")) == {"anna"}


def test_unless_signal_excludes_up_to_the_windows_edges(content: Content) -> None:
    guarded = f"{OCCURS} ; aug:unlessSignal s:b ; aug:unlessBefore {span(10)} ; aug:unlessAfter {span(5)}"
    own = occurrence("1", "anna", "2026-05-20")
    inside, outside = ("2026-05-10", "2026-05-25"), ("2026-05-09", "2026-05-26")
    for day in inside:
        assert people(content, guarded, own + occurrence("2", "anna", day, "s:b")) == set()
    for day in outside:
        assert people(content, guarded, own + occurrence("2", "anna", day, "s:b")) == {"anna"}
    assert people(content, guarded, own + occurrence("2", "bert", inside[0], "s:b")) == {"anna"}


def test_unless_pattern_displaces_only_by_a_candidate_that_stands(content: Content) -> None:
    guarded = f"{OCCURS} ; aug:unlessPattern <https://p/y> ; aug:unlessBefore {span(10)} ; aug:unlessAfter {span(10)}"
    other = "<https://m/y> aug:hasPattern <https://p/y> . <https://p/y> a aug:SignalOccurs ; aug:signal s:b ; "
    other += 'aug:minimumAge "P18Y"^^xsd:yearMonthDuration .'
    facts = occurrence("1", "anna", "2026-05-01") + occurrence("2", "anna", "2026-05-05", "s:b")
    grown = f" x:anna a aug:Customer ; aug:birthDate {date('1990-01-01')} ."
    assert people(content, guarded, facts + grown, also=other) == set()
    assert people(content, guarded, facts + grown, also=other, kind="Displaced") == {"anna"}
    assert people(content, guarded, facts, also=other) == {"anna"}


def test_ages_unknown_or_outside_exclude(content: Content) -> None:
    aged = f'{OCCURS} ; aug:minimumAge "P18Y"^^xsd:yearMonthDuration ; aug:maximumAge "P30Y"^^xsd:yearMonthDuration'
    facts = occurrence("1", "anna", "2026-05-01")
    assert people(content, aged, facts) == set()
    assert people(content, f"{aged} ; aug:ageUnknown true", facts) == {"anna"}
    for born, who in (("2008-05-01", {"anna"}), ("2008-05-02", set()), ("1996-05-01", {"anna"}), ("1996-04-30", set())):
        assert people(content, aged, f"{facts} x:anna a aug:Customer ; aug:birthDate {date(born)} .") == who


def test_nothing_is_found_after_death_or_after_the_as_of_date(content: Content) -> None:
    facts = occurrence("1", "anna", "2026-05-01")
    assert people(content, OCCURS, f"{facts} x:anna aug:deathDate {date('2026-05-01')} .") == set()
    assert people(content, OCCURS, f"{facts} x:anna aug:deathDate {date('2026-05-02')} .") == {"anna"}
    assert people(content, OCCURS, occurrence("1", "anna", "2026-07-01")) == set()


def test_declared_without_date_counts_from_the_as_of_date(content: Content) -> None:
    told = (
        'x:d a aug:Declaration ; aug:declaredMoment <https://m/x> ; aug:person x:anna ; aug:declaredState "confirmed" .'
    )
    assert people(content, "a aug:Declared", told) == {"anna"}
    assert people(content, "a aug:Declared", told.replace("confirmed", "dismissed")) == set()
    assert people(content, "a aug:Declared", told.replace("https://m/x", "https://m/y")) == set()


def test_kin_moment_counts_confirmed_moments_of_the_kin_named(content: Content) -> None:
    seen = "a aug:KinMoment ; aug:kinProperty aug:hasChild ; aug:kinMoment <https://m/y>"
    facts = (
        f"x:mum aug:hasChild x:kid . x:pal aug:hasPartner x:kid . x:m a aug:Moment ; aug:momentType <https://m/y> ; "
        f"aug:person x:kid ; aug:occurredTo {date('2026-05-01')} ; aug:detectedOn {date('2026-05-20')} ; "
        'aug:state "confirmed" ; aug:confidence 0.95 .'
    )
    assert people(content, seen, facts) == {"mum"}
    assert people(content, seen, facts.replace('"confirmed"', '"tentative"')) == set()
    assert people(content, seen, facts.replace('"confirmed"', '"expired"')) == {"mum"}
    assert people(content, seen, facts.replace('"confirmed"', '"expired"').replace("0.95", "0.7")) == set()


def below(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from below(child)


def apart(branch: Node) -> list[set[Variable]]:
    """Return the groups of variables of a branch that no triple ties to each other.

    Groups of a pattern, of which there are few, and of what is said of one thing named do not count.
    """
    groups: list[set[Variable]] = []
    for triple in below(branch):
        if isinstance(triple, Triple) and isinstance(triple.s, Variable):
            own = {term for term in (triple.s, triple.p, triple.o) if isinstance(term, Variable)}
            groups = [g for g in groups if not g & own] + [own.union(*(g for g in groups if g & own))]
    return [group for group in groups if Variable("pattern") not in group]


def test_no_branch_of_a_rule_pairs_everything_with_everything(content: Content) -> None:
    pairing = {
        rule.name: apart(branch)
        for rule in rules_of(content)
        for union in below(rule.body)
        if isinstance(union, Union)
        for branch in union.parts
        if len(apart(branch)) > 1
    }
    assert pairing == {}


class Everything:
    """A catalog in which there are facts of everything, of all kinds."""

    def sources(self, key: RelationKey) -> list[Source]:
        return [Source(key, table_of("facts"), 1000)]

    def graphs(self) -> dict[str, int]:
        return {}

    def terms_table(self) -> exp.Expr:
        return table_of("terms")


def test_no_rule_joins_by_what_may_be_unbound(content: Content) -> None:
    """Such a join is no hash join: it looks at every pair, the square of the bank's customers."""
    loose = re.compile(r"= \S+ OR \S+ IS NULL|IS NULL OR \S+ =")
    plans = ((rule.name, Compiler(Everything()).plan(rule.body).query.sql("duckdb")) for rule in rules_of(content))
    assert {name: found[:3] for name, sql in plans if (found := loose.findall(sql))} == {}
