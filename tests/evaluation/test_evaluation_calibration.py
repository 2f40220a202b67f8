"""Weights learnt back from verdicts whose true weights are known, and nothing learnt from next to none."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import exp
from pathlib import Path

import duckdb
import pytest

from augenblick import pipeline
from augenblick.cli.calibration import print_proposal
from augenblick.content import Content
from augenblick.content.model import MomentType
from augenblick.evaluation import Proposal, Verdict, fit, labelled_verdicts, propose, said
from augenblick.evaluation.fitting import PRIOR, SPREAD
from augenblick.model.errors import NotLoaded
from augenblick.moments import create_tables
from augenblick.store import DataDirectory

TRUE = {PRIOR: -3.0, "strong": 4.0, "weak": 1.0}
FIRM = 4 / SPREAD**2
"""Cases a written value weighs as, by the formula."""


def drawn(number: int, weights: dict[str, float] = TRUE, *, moment: str = "m", seed: int = 7) -> list[Verdict]:
    """Return verdicts on cases whose truth follows the weights."""
    chance = random.Random(seed)
    cases = []
    for _ in range(number):
        patterns = frozenset(name for name in weights if name != PRIOR and chance.random() < 0.5)
        odds = weights[PRIOR] + sum(weights[name] for name in patterns)
        cases.append(Verdict(moment, patterns, chance.random() < 1 / (1 + exp(-odds))))
    return cases


def test_fit_of_many_verdicts_finds_the_weights_they_came_from() -> None:
    found = fit(drawn(20_000), dict.fromkeys(TRUE, 0.0) | {PRIOR: -2.0})
    assert found == pytest.approx(TRUE, abs=0.15)


def test_fit_of_no_verdicts_keeps_what_is_written() -> None:
    assert fit([], TRUE) == pytest.approx(TRUE)


def test_fit_of_a_handful_moves_a_weight_less_than_of_many() -> None:
    written = TRUE | {"strong": 1.0}
    few, many = fit(drawn(10), written)["strong"], fit(drawn(2_000), written)["strong"]
    assert 0 < few - 1.0 < many - 1.0
    assert few - 1.0 < 1.5


def test_fit_of_unanimous_verdicts_stays_finite() -> None:
    found = fit([Verdict("m", frozenset(("weak",)), True)] * 500, {PRIOR: 0.0, "weak": 1.0})
    assert 1.0 < found["weak"] < 6.0


def test_written_value_weighs_as_many_cases_as_the_docstring_says() -> None:
    cases = [Verdict("m", frozenset(), n % 2 == 0) for n in range(round(FIRM))]
    moved = fit(cases, {PRIOR: 1.0})[PRIOR]
    assert moved == pytest.approx(0.5, abs=0.06)  # half way between what is written (1) and what the cases say (0)


@pytest.fixture
def content(shipped: Content) -> Content:
    """The shipped content with one moment type of three patterns, whose written weights are off."""
    model = shipped.moments[0]
    written = {"strong": "1.0", "weak": "3.0", "unseen": "2.0"}
    patterns = tuple(replace(model.patterns[0], iri=n, moment="m", weight=Decimal(w)) for n, w in written.items())
    moment: MomentType = replace(model, iri="m", slug="made", patterns=patterns, prior=Decimal("-3.0"))
    return replace(shipped, moments=(moment,))


def test_proposal_moves_wrong_weights_and_says_why_and_leaves_the_unseen(content: Content) -> None:
    (made,) = propose(drawn(3_000), content).moments
    weights = {w.pattern: w for w in made.weights}
    assert set(weights) == {None, "strong", "weak"}
    assert weights["strong"].new == pytest.approx(4.0, abs=0.5)
    assert weights["weak"].new == pytest.approx(1.0, abs=0.4)
    assert weights["strong"].changed
    assert str(weights["strong"].verdicts) in weights["strong"].why.en
    assert str(weights["strong"].true) in weights["strong"].why.de
    assert made.after.error < made.before.error


def _miss(proposal: Proposal, *, after: bool) -> float:
    bands = proposal.after if after else proposal.before
    cases = sum(band.cases for band in bands)
    return sum(band.cases * abs(band.confidence - band.true_share) for band in bands) / cases


def test_confidences_of_unseen_cases_are_reliable_after_and_were_not_before(content: Content) -> None:
    proposal = propose(drawn(3_000), content)
    assert _miss(proposal, after=True) < 0.03 < _miss(proposal, after=False)


def test_proposal_from_too_few_verdicts_is_none_and_says_so(content: Content) -> None:
    proposal = propose(drawn(9), content)
    assert (proposal.moments, proposal.too_few) == ((), {"made": 9})


@pytest.fixture
def bank(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Four moments of one type, each of one pattern and a declaration."""
    connection.execute(
        "CREATE TABLE bank.declared_moments (customer_id VARCHAR, moment VARCHAR, occurred_on DATE, state VARCHAR)"
    )
    create_tables(connection)
    connection.execute(
        "INSERT INTO moments.types (moment_type, slug, merge_days, occurs_once) VALUES ('m', 'm', 30, false)"
    )
    for customer in ("anna", "bert", "cora", "dora"):
        connection.execute(
            "INSERT INTO moments.moments (moment_id, customer_id, moment_type, slug, occurred_from, occurred_to, "
            "cluster_id) VALUES ($1, $1, 'm', 'm', '2026-03-01', '2026-04-01', $1)",
            [customer],
        )
        for pattern in ("seen", "declared"):
            connection.execute(
                "INSERT INTO moments.contributions (cluster_id, moment_id, customer_id, moment_type, pattern, counted)"
                " VALUES ($1, $1, $1, 'm', $2, true)",
                [customer, pattern],
            )
    return connection


def test_verdicts_are_the_last_words_and_feedback_comes_after_declarations(bank: duckdb.DuckDBPyConnection) -> None:
    said_so = [("anna", "confirmed"), ("anna", "dismissed"), ("anna", "outcome"), ("bert", "acted")]
    for number, (customer, action) in enumerate(said_so):
        bank.execute(
            "INSERT INTO bank.feedback (feedback_id, moment_id, customer_id, slug, action) VALUES (?, ?, ?, 'm', ?)",
            [number, customer, customer, action],
        )
    bank.execute("INSERT INTO bank.declared_moments VALUES ('bert', 'm', NULL, 'dismissed')")
    bank.execute("INSERT INTO bank.declared_moments VALUES ('cora', 'm', '2026-04-20', 'dismissed')")
    bank.execute("INSERT INTO bank.declared_moments VALUES ('dora', 'm', '2025-04-20', 'dismissed')")
    found = said(bank, left_out=["declared"])
    assert sorted(verdict.true for verdict in found) == [False, False, True]
    assert {verdict.patterns for verdict in found} == {frozenset(("seen",))}
    assert {verdict.moment_type for verdict in found} == {"m"}


def test_calibration_of_a_directory_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotLoaded):
        pipeline.calibrate(DataDirectory(tmp_path / "data"))


def test_labels_judge_what_was_shown_and_what_stayed_too_weak(bank: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    bank.execute("UPDATE moments.moments SET state = 'confirmed'")
    bank.execute(
        "INSERT INTO moments.weak VALUES ('emil', 'm', 'm', '2026-03-01', '2026-03-01', 0.2, false, 'emil'), "
        "('fips', 'm', 'm', '2026-03-01', '2026-03-01', 0.2, false, 'fips')"
    )
    for customer in ("emil", "fips"):
        bank.execute(
            "INSERT INTO moments.contributions (cluster_id, customer_id, moment_type, pattern, counted)"
            " VALUES ($1, $1, 'm', 'faint', true)",
            [customer],
        )
    (tmp_path / "truth.csv").write_text("customer_id,moment,occurred_on\nanna,m,2026-03-15\nemil,m,2026-03-15\n")
    found = labelled_verdicts(bank, tmp_path, as_of=date(2026, 6, 30), left_out=["declared"], tolerance=60)
    told = sorted((min(verdict.patterns), verdict.true) for verdict in found)
    assert told == [("faint", False), ("faint", True), *[("seen", False)] * 3, ("seen", True)]


def test_proposal_is_printed_with_its_reasons_in_the_language_asked_for(
    content: Content, capsys: pytest.CaptureFixture[str]
) -> None:
    print_proposal(propose(drawn(300), content), "de")
    printed = capsys.readouterr().out
    assert "Grundwert" in printed or "strong" in printed
    assert "Urteile dazu" in printed
    assert "Verlässlichkeit mit den jetzigen Gewichten" in printed
