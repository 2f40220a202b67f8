"""Every moment of a simulated bank, explained down to the lines of the bank's files."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from accesses import DATA_PROTECTION
from augenblick import pipeline
from augenblick.explain import Explanation, Premise, Source, headline, render, render_why_not, why_not
from augenblick.explain.words import day, percent, weight
from augenblick.model.errors import NotFound
from augenblick.reason import FactBase
from augenblick.reason.live import TooWide
from augenblick.reason.tables import TableSolver
from simulated_bank import SimulatedBank


@pytest.fixture(scope="module")
def explanations(simulated_bank: SimulatedBank) -> list[Explanation]:
    found = simulated_bank.moments("state <> 'voided'")
    assert len(found) > 10
    with pipeline.last_run(simulated_bank.directory, simulated_bank.content) as run:
        explainer = run.explainer()
        return [explainer.moment(moment) for moment, _, _ in found]


def test_proof_by_lookups_is_the_one_by_the_tables(
    explanations: list[Explanation], simulated_bank: SimulatedBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_wide(*_: object) -> None:
        raise TooWide

    one_of_each = {explanation.slug: explanation for explanation in explanations}
    monkeypatch.setattr(TableSolver, "bound", too_wide)
    with pipeline.last_run(simulated_bank.directory, simulated_bank.content) as run:
        explainer = run.explainer()
        for explanation in one_of_each.values():
            assert explainer.moment(explanation.moment_id) == explanation


@cache
def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def premises(explanation: Explanation) -> Iterator[Premise]:
    for contribution in explanation.contributions:
        for premise in contribution.premises:
            yield premise
            if premise.moment:
                yield from premises(premise.moment)


def sources(explanation: Explanation) -> Iterator[Source]:
    return (source for premise in premises(explanation) for source in premise.sources)


def as_written(value: Any) -> str:
    """Return a value in the contract's form: ISO dates, point, no padding."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def written(header: list[str], line: str) -> dict[str, str]:
    row = dict(zip(header, next(csv.reader([line])), strict=True))
    if row.get("amount"):
        row["amount"] = as_written(Decimal(row["amount"]))
    return {name: value for name, value in row.items() if value}


def test_weights_and_prior_of_every_moment_add_up_to_its_confidence(explanations: list[Explanation]) -> None:
    for explanation in explanations:
        counted = [c for c in explanation.contributions if c.counted]
        log_odds = explanation.prior + sum(c.weight for c in counted)
        assert explanation.confidence == pytest.approx(1 / (1 + math.exp(-log_odds)))
        assert len({c.pattern for c in counted}) == len(counted)


def test_every_counted_contribution_rests_on_rows_or_on_another_moment(explanations: list[Explanation]) -> None:
    for explanation in explanations:
        for contribution in explanation.contributions:
            if contribution.counted:
                assert contribution.premises, contribution.pattern
        for premise in premises(explanation):
            assert premise.sources or premise.moment, premise


KEPT = ("transaction_id", "account_id", "booking_date", "amount", "currency")
"""What loading leaves of a booking whose texts it blacks out."""


def test_every_source_names_a_line_that_really_says_so(
    explanations: list[Explanation], simulated_bank: SimulatedBank
) -> None:
    seen = 0
    for explanation in explanations:
        for source in sources(explanation):
            file = simulated_bank.csv / source.file
            assert source.table == f"bank.{file.stem}"
            header = next(csv.reader([lines(file)[0]]))
            shown = {name: as_written(value) for name, value in source.row.items()}
            row = written(header, lines(file)[source.line - 1])
            if "occurred_at" in row:
                row["occurred_at"] = row["occurred_at"].replace(" ", "T")
            if str(source.row.get("purpose", "")).startswith("[geschwärzt"):  # of these amount and day stay
                shown, row = ({name: each[name] for name in KEPT} for each in (shown, row))
            if str(source.row.get("topic", "")).startswith("[geschwärzt"):
                shown, row = ({name: each[name] for name in each if name != "topic"} for each in (shown, row))
            assert shown == row
            seen += 1
    assert seen > 100


def test_first_and_last_booking_dates_of_accounts_rest_on_the_bookings_of_those_days(
    explanations: list[Explanation],
) -> None:
    seen = 0
    for explanation in explanations:
        for premise in premises(explanation):
            for told in re.findall(r"(?:first|last) booking on ([^;]+)", premise.fact.en):
                booked = {day(s.row["booking_date"], "en") for s in premise.sources if "booking_date" in s.row}
                assert told in booked, premise
                seen += 1
    assert seen


def test_text_of_every_moment_names_customer_weights_and_lines(explanations: list[Explanation]) -> None:
    for explanation in explanations:
        for language, line_word in (("de", "Zeile"), ("en", "line")):
            text = render(explanation, language)
            assert text.startswith(headline(explanation, language))
            assert percent(explanation.confidence, language) in text
            for contribution in explanation.contributions:
                assert contribution.label.in_language(language) in text
                assert not contribution.counted or f"{weight(contribution.weight, language):>7}  " in text
            for premise in premises(explanation):
                if premise.sources:
                    assert f"{premise.sources[0].file}, {line_word} {premise.sources[0].line}:" in text


def test_text_of_every_moment_has_no_word_of_the_other_language(explanations: list[Explanation]) -> None:
    for explanation in explanations:
        german, english = render(explanation, "de"), render(explanation, "en")
        assert "Summe → Sicherheit" in german
        assert "sum → confidence" in english
        for contribution in explanation.contributions:
            if contribution.reason.de != contribution.reason.en:
                assert contribution.reason.en not in german
                assert contribution.reason.de not in english


def test_grandchild_is_explained_by_the_relation_row_and_the_childs_booking(
    explanations: list[Explanation],
) -> None:
    (story,) = (e for e in explanations if (e.customer_id, e.slug) == ("C00000001", "grandchild-birth"))
    tables = {source.table for source in sources(story)}
    assert {"bank.relations", "bank.transactions"} <= tables
    parents = {p.moment.customer_id for p in premises(story) if p.moment and p.moment.slug == "childbirth"}
    rows = [s.row for s in sources(story) if s.table == "bank.relations"]
    related = [{row["customer_id"], row["related_customer_id"]} for row in rows]
    assert any({"C00000001", parent} in related for parent in parents)


def test_explanation_as_json_is_serialisable_and_complete(explanations: list[Explanation]) -> None:
    for explanation in explanations:
        data = json.loads(json.dumps(explanation.to_dict(), default=str))
        assert data["moment_id"] == explanation.moment_id
        assert len(data["contributions"]) == len(explanation.contributions)


def test_explanation_of_an_unknown_moment_says_where_to_look(simulated_bank: SimulatedBank) -> None:
    with pytest.raises(NotFound, match="no such moment"):
        pipeline.explain(simulated_bank.directory, "moment/NOBODY/childbirth/2026-01-01", access=DATA_PROTECTION)


def test_why_not_of_every_type_gives_every_pattern_a_verdict_in_both_languages(simulated_bank: SimulatedBank) -> None:
    customer = "C00000001"
    slugs = {slug for _, _, slug in simulated_bank.moments(f"customer_id = '{customer}'")}
    assert "grandchild-birth" in slugs
    with pipeline.last_run(simulated_bank.directory, simulated_bank.content) as run:
        facts = FactBase(run.connection)
        for moment in run.content.moments:
            answer = why_not(run.connection, facts, run.content, customer, moment.slug, base=run.base)
            assert {v.pattern for v in answer.patterns} == {p.iri for p in moment.patterns}
            assert bool(answer.found) == (moment.slug in slugs)
            assert answer.found or answer.confidence < answer.threshold
            for language in ("de", "en"):
                text = render_why_not(answer, language)
                assert all(p.label.in_language(language) in text for p in moment.patterns)
            assert json.loads(json.dumps(answer.to_dict(), default=str))["slug"] == moment.slug


def test_why_not_names_the_condition_that_turned_evidence_down(simulated_bank: SimulatedBank) -> None:
    """For every candidate turned down in this bank, the answer to its customer names the condition."""
    turned_down = (
        "PREFIX aug: <https://w3id.org/augenblick/ontology#> SELECT DISTINCT ?customer ?type ?pattern WHERE { "
        "?i aug:excludedBecause ?why ; aug:onPerson/aug:customerId ?customer ; aug:indicates ?type ; "
        "aug:byPattern ?pattern }"
    )
    with pipeline.last_run(simulated_bank.directory, simulated_bank.content) as run:
        facts = FactBase(run.connection)
        rows = sorted(tuple(map(str, row)) for row in facts.select(turned_down).terms())
        assert rows
        for customer, moment, pattern in rows[:20]:
            answer = why_not(run.connection, facts, run.content, customer, moment, base=run.base)
            (verdict,) = (v for v in answer.patterns if v.pattern == pattern)
            assert verdict.outcome == "counted" or verdict.because
