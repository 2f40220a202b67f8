"""An edit tried on a made-up person: weights at once, other fields by a run of the whole line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from augenblick.content import Content, Words, default_root
from augenblick.content.cases import load_case
from augenblick.editing import Edition
from augenblick.editing.edition import Field
from augenblick.editing.trial import Trial, only_scores, rescored, tried
from augenblick.explain import Contribution, Explanation
from augenblick.model.terms import AUG, MOMENT
from augenblick.web.drafts import Draft, draft_of
from augenblick.web.form_fields import Declarations

SLUG = "childbirth"


@pytest.fixture(scope="module")
def declarations() -> Declarations:
    return Declarations(Edition.read(default_root()))


def test_weights_and_prior_are_told_from_other_edits(declarations) -> None:
    draft = draft_of(declarations, MOMENT + SLUG)
    first = draft.patterns()[0]
    draft.filled["w"] = replace(first.named["weight"], values=("1.0",))
    assert only_scores(list(draft.edits()))
    draft.filled["r"] = replace(first.named["reason"], values=("Anders", "Otherwise"))
    assert not only_scores(list(draft.edits()))


def test_outcome_with_another_weight_is_reckoned_from_what_was_seen(declarations, content) -> None:
    moment = content.moment(SLUG)
    pattern = draft_of(declarations, moment.iri).patterns()[0]
    words, day = Words("M", "M"), date(2026, 1, 1)
    seen = Contribution(pattern.subject, words, words, 6.5, day, True)
    told = Explanation("m", "c", SLUG, words, day, day, day, day, 0.92, "confirmed", -4.0, (seen,))
    case = load_case(moment.cases[0])
    trial = Trial(case, 0.5, 0.9, (told,), (), ())
    for weight, state, confidence in (("5.0", "tentative", 0.731059), ("0.5", "expired", 0.029312)):
        draft = _weighing(declarations, pattern.subject, weight)
        (found,) = rescored(trial, list(draft.edits())).found
        assert (found.state, round(found.confidence, 6)) == (state, confidence)


@pytest.fixture(scope="module")
def told(declarations, content) -> Trial:
    return tried(declarations.edition, _file(content), content.moment(SLUG).iri)


def test_case_is_told_as_expected_with_whom_it_finds(told) -> None:
    assert told.differences == ()
    assert {each.customer_id for each in told.found} == {each.customer for each in told.case.expect}
    assert told.found[0].state == "confirmed"


@pytest.mark.slow
def test_other_weights_are_reckoned_without_a_run_as_a_run_finds(told, declarations, content) -> None:
    counted = next(each for each in told.found[0].contributions if each.counted)
    edits = [
        each
        for each in _weighing(declarations, counted.pattern, "0.5").edits()
        if each.field == Field(counted.pattern, AUG + "weight")
    ]
    again = rescored(told, edits)
    assert again.found[0].confidence < told.found[0].confidence
    edited = _weighing(declarations, counted.pattern, "0.5").edited(declarations.edition)
    run = tried(edited, _file(content), content.moment(SLUG).iri)
    assert [round(each.confidence, 6) for each in run.found] in (
        [round(again.found[0].confidence, 6)],
        [],
    )
    assert bool(run.found) == (again.found[0].state != "expired")


def _weighing(declarations: Declarations, pattern: str, weight: str) -> Draft:
    draft = draft_of(declarations, MOMENT + SLUG)
    group = next(each for each in draft.patterns() if each.subject == pattern)
    draft.filled["weight"] = replace(group.named["weight"], values=(weight,))
    return draft


def _file(content: Content) -> Path:
    return next(path for path in sorted(content.moment(SLUG).cases) if path.stem.startswith("first-child"))
