"""An edit tried on made-up people: of a moment, a signal or a product."""

from __future__ import annotations

import html
import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from augenblick.content import Content, Words, default_root
from augenblick.content.cases import load_case
from augenblick.editing import Edition, product_trial, signal_trial
from augenblick.editing.edition import Field
from augenblick.editing.product_trial import Assumed
from augenblick.editing.trial import Trial, only_scores, rescored, tried
from augenblick.explain import Contribution, Explanation
from augenblick.model.terms import AUG, MOMENT, PRODUCT, SIGNAL
from augenblick.web.drafts import Draft, draft_of
from augenblick.web.form_fields import Declarations

SLUG = "childbirth"
BENEFIT, SAVINGS = SIGNAL + "child-benefit", PRODUCT + "child-savings"


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


def _edited(declarations: Declarations, owner: str, predicate: str, *values: str) -> Edition:
    draft = draft_of(declarations, owner)
    field = next(each for each in draft.own().fields if each.predicate == AUG + predicate)
    draft.filled[field.name] = field.with_values(values)
    return draft.edited(draft.base)


def test_signal_as_it_stands_is_found_in_what_it_was_found_in(declarations, content) -> None:
    told = signal_trial.tried(content, declarations.edition, BENEFIT)
    assert told.changed == ()
    assert told.carrying(now=True) == told.carrying(now=False) > 0
    booked = [each for each in told.of("childbirth.first-child-benefit") if each.now]
    assert [(each.row["purpose_code"], len(each.days)) for each in booked] == [("BECH", 3)]


def test_signal_that_asks_for_more_money_loses_the_small_bookings_and_gains_none(declarations, content) -> None:
    told = signal_trial.tried(content, _edited(declarations, BENEFIT, "minimumAmount", "300"), BENEFIT)
    assert told.carrying(now=True) < told.carrying(now=False)
    assert {(each.before, each.now) for each in told.changed} == {(True, False)}
    assert all(float(str(each.row["amount"])) < 300 for each in told.changed)


def test_signal_with_another_word_is_found_in_bookings_of_any_case(declarations, content) -> None:
    words = (*content.signal(BENEFIT).text_patterns, "\\bELTERNGELD\\b")
    told = signal_trial.tried(content, _edited(declarations, BENEFIT, "textPattern", *words), BENEFIT)
    gained = [each for each in told.changed if each.now]
    assert gained
    assert all("elterngeld" in str(each.row["purpose"]).lower() for each in gained)


@pytest.mark.parametrize(
    ("assumed", "verdict", "failing"),
    [
        (Assumed(("advertising",)), "offered", set()),
        (Assumed(), "not contact", {"contact"}),
        (Assumed(("advertising",), holds=True), "not applicable", {"applicable"}),
    ],
)
def test_product_is_judged_in_a_case_under_what_is_assumed(declarations, content, assumed, verdict, failing) -> None:
    told = product_trial.tried(content, declarations.edition, _file(content), SAVINGS, assumed)
    (judged,) = told.now
    assert (judged.moment, judged.verdict) == (SLUG, verdict)
    assert {layer.name for layer in judged.layers if not layer.fulfilled} == failing
    assert told.was(judged) == judged


def test_product_without_a_condition_is_judged_otherwise_than_before(declarations, content) -> None:
    edition = _edited(declarations, SAVINGS, "contactIf")
    told = product_trial.tried(content, edition, _file(content), SAVINGS, Assumed())
    assert [each.verdict for each in told.now] == ["offered"]
    assert [each.verdict for each in told.before] == ["not contact"]


def test_examples_of_a_product_are_cases_in_which_its_moment_is_found(content) -> None:
    found = product_trial.examples(content, SAVINGS)
    assert _file(content) in found
    assert not any(file.stem.startswith("near-") for file in found)


def test_form_of_a_signal_tells_what_its_edit_gains_and_loses(signed_in) -> None:
    expert = signed_in("expert", "de")
    page = expert.get("/signals/child-benefit/edit").text
    name = html.unescape(re.findall(r'name="([^"]*minimumAmount)"', page)[0])
    form = {"token": re.findall(r'name="token" value="([^"]+)"', page)[0], "field": name, name: "300", "example": ""}
    told = expert.post("/signals/child-benefit/edit/trial", data=form).text
    assert "nicht mehr" in told
    of_one = expert.post(
        "/signals/child-benefit/edit/trial", data={**form, "example": "childbirth.first-child-benefit"}
    ).text
    assert "+259,00" in of_one
    assert "EDEKA" in of_one


def test_pattern_that_cannot_be_read_is_told_where_the_signal_is_tried(signed_in) -> None:
    expert = signed_in("expert", "en")
    page = expert.get("/signals/child-benefit/edit").text
    name = html.unescape(re.findall(r'name="([^"]*textPattern)"', page)[0])
    form = {"token": re.findall(r'name="token" value="([^"]+)"', page)[0], "field": name, name: "KINDER(GELD"}
    answer = expert.post("/signals/child-benefit/edit/trial", data=form)
    assert answer.status_code == 200
    assert "KINDER(GELD" in answer.text


def test_form_of_a_product_offers_conditions_by_their_names_only(signed_in) -> None:
    page = signed_in("expert").get("/products/child-savings/edit").text
    assert "emergency cushion" in page
    assert "augenblick/shapes/" not in page


def test_product_tried_in_its_form_says_whether_it_fits_and_why(signed_in) -> None:
    expert = signed_in("expert", "de")
    token = re.findall(r'name="token" value="([^"]+)"', expert.get("/products/child-savings/edit").text)[0]
    form = {"token": token, "example": f"{SLUG}.first-child-benefit"}
    until = time.monotonic() + 120
    while "spinner" in (told := expert.post("/products/child-savings/edit/trial", data=form).text):
        assert time.monotonic() < until
    assert "nicht ansprechen" in told
    assert "Es liegt keine Einwilligung in Werbung vor." in told
