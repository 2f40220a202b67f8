"""Which signals become RDF occurrence by occurrence, read off rules."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from given_content import GivenContent
from rdflib import Graph

from augenblick.content import Content
from augenblick.content.model import Signal
from augenblick.facts.needed import needed_signals

PAY, GIFT = "https://w3id.org/augenblick/signal/pay", "https://w3id.org/augenblick/signal/gift"
FIRST = "# title: First\n# occurrences: first\n"
LOOKS = "WHERE {{ ?pattern {asked} . ?x a aug:{klass} ; aug:signal ?s }}"


def needed(folder: Path, parameter: str, *rules: str) -> frozenset[str]:
    for number, rule in enumerate(rules):
        (folder / f"{number}.rq").write_text(rule)
    pattern = SimpleNamespace(kind="Kind", parameters={parameter: (PAY, GIFT)})
    content: Any = GivenContent(
        signals=(Signal(iri=PAY, recurring=True), Signal(iri=GIFT)), moments=(SimpleNamespace(patterns=(pattern,)),),
        shapes=Graph(), core_rules=(), pattern_rules=tuple(folder.glob("*.rq")), condition_rules=(), moment_rules=(),
    )  # fmt: skip
    return needed_signals(content)


def kind(klass: str) -> str:
    return LOOKS.format(asked="a aug:Kind ; aug:signal ?s", klass=klass)


def unless(klass: str) -> str:
    return LOOKS.format(asked="aug:unlessSignal ?s", klass=klass)


def test_signals_of_a_rule_that_looks_at_occurrences_are_needed(tmp_path: Path) -> None:
    assert needed(tmp_path, "signal", kind("Occurrence")) == {PAY, GIFT}
    assert needed(tmp_path, "signal", kind("Series")) == frozenset()


def test_recurring_signal_of_a_rule_for_first_occurrences_is_not_needed(tmp_path: Path) -> None:
    assert needed(tmp_path, "signal", FIRST + kind("Occurrence")) == {GIFT}


def test_recurring_signal_of_two_rules_one_for_all_occurrences_is_needed(tmp_path: Path) -> None:
    assert needed(tmp_path, "signal", FIRST + kind("Occurrence"), kind("Occurrence")) == {PAY, GIFT}


@pytest.mark.parametrize(("rules", "expected"), [(("Occurrence", "Series"), {GIFT}), (("Occurrence",), {PAY, GIFT})])
def test_recurring_signal_of_a_condition_is_needed_only_without_a_rule_for_series(
    rules: tuple[str, ...], expected: set[str], tmp_path: Path
) -> None:
    assert needed(tmp_path, "unlessSignal", *(unless(klass) for klass in rules)) == expected


def test_shipped_content_needs_no_recurring_signal_by_occurrence(shipped: Content) -> None:
    recurring = {signal.iri for signal in shipped.signals if signal.recurring}
    assert needed_signals(shipped)
    assert not needed_signals(shipped) & recurring
