"""Weights, words and law of the moment types hold together."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from augenblick.content import Content, MomentType, load_content
from augenblick.content.model import Pattern

MOMENTS = load_content().moments
PATTERNS = [pattern for moment in MOMENTS for pattern in moment.patterns]


def confidence(moment: MomentType, *patterns: Pattern) -> float:
    return 1 / (1 + math.exp(-(float(moment.prior) + sum(float(p.weight) for p in patterns))))


def named(content: Content, moment: str, *names: str) -> tuple[MomentType, list[Pattern]]:
    found = content.moment(moment)
    assert found is not None
    return found, [next(p for p in found.patterns if p.iri.endswith(f"#{name}")) for name in names]


STRONG = [
    ("childbirth", "first-child-benefit"), ("childbirth", "child-benefit-step"), ("childbirth", "child-born"),
    ("grandchild-birth", "childs-childbirth"), ("grandchild-birth", "new-grandchild-relation"),
    ("coming-of-age", "eighteenth-birthday"), ("first-job", "first-salary"), ("job-change", "salary-replaced"),
    ("partner-job-change", "partner-changes-job"), ("job-loss", "salary-stops"),
    ("job-loss", "unemployment-benefit-starts"), ("relocation", "postal-code-changes"),
    ("relocation", "rent-payee-changes"), ("relocation", "supply-address-changes"), ("retirement", "first-pension"),
    ("partner-death", "partner-died"), ("partner-death", "survivor-pension-starts"),
    ("driving-licence", "test-after-lessons"), ("car-purchase", "new-plate"),
    ("school-graduation", "first-semester-fee"),
    ("school-graduation", "first-training-pay"), ("training-completion", "training-pay-gives-way"),
    ("child-leaves-home", "postal-code-parts"),
]  # fmt: skip
WEAK = [
    ("childbirth", "infant-wear"), ("childbirth", "child-account-opened"), ("childbirth", "new-child-relation"),
    ("grandchild-birth", "first-gift"), ("coming-of-age", "youth-account-closed"),
    ("first-job", "first-capital-forming-benefit"), ("job-change", "occupation-changed"), ("job-loss", "severance"),
    ("relocation", "deposit-paid"), ("relocation", "mover-paid"), ("relocation", "mail-forwarded"),
    ("relocation", "energy-supplier-changes"), ("retirement", "salary-stops-late"), ("partner-death", "funeral-paid"),
    ("driving-licence", "test-alone"), ("car-purchase", "insurance-starts"), ("car-purchase", "dealer-paid"),
    ("house-purchase", "transfer-tax"), ("house-purchase", "notary-paid"), ("house-purchase", "loan-disbursed"),
    ("holiday", "insurance-paid"), ("school-graduation", "leaving-party"), ("training-completion", "exam-fee"),
    ("degree-completion", "fees-stop"), ("degree-completion", "first-salary-after-studies"),
    ("child-leaves-home", "childs-first-rent"), ("religious-event", "rite-paid"),
]  # fmt: skip


@pytest.mark.parametrize(("moment", "pattern"), STRONG)
def test_strong_evidence_alone_confirms(content: Content, moment: str, pattern: str) -> None:
    found, patterns = named(content, moment, pattern)
    assert confidence(found, *patterns) >= found.confirmed_from


@pytest.mark.parametrize(("moment", "pattern"), WEAK)
def test_weak_evidence_alone_stays_below_tentative(content: Content, moment: str, pattern: str) -> None:
    found, patterns = named(content, moment, pattern)
    assert confidence(found, *patterns) < found.tentative_from


TOGETHER = [
    ("house-purchase", ("transfer-tax", "notary-paid"), True),
    ("house-purchase", ("notary-paid", "loan-disbursed"), True),
    ("house-purchase", ("loan-disbursed", "instalments-start", "mortgage-contract"), False),
    ("house-purchase", ("property-tax-starts", "rent-stops"), False),
    ("degree-completion", ("fees-stop", "first-salary-after-studies"), True),
    ("degree-completion", ("fees-stop", "grant-ends"), False),
    ("car-purchase", ("dealer-paid", "insurance-starts"), True),
    ("driving-licence", ("theory-after-lessons", "licensing-office"), False),
    ("child-leaves-home", ("childs-first-rent", "support-starts"), True),
    ("religious-event", ("rite-paid", "communion-child-of-age"), True),
]  # fmt: skip


@pytest.mark.parametrize(("moment", "patterns", "shown"), TOGETHER)
def test_evidence_together_shows_a_moment_only_where_its_kinds_differ(
    content: Content, moment: str, patterns: tuple[str, ...], shown: bool
) -> None:
    found, chosen = named(content, moment, *patterns)
    assert (confidence(found, *chosen) >= found.tentative_from) == shown


def test_outgoings_that_stop_too_speak_against_a_lost_job(content: Content) -> None:
    for counter in ("rent-stops-too", "energy-stops-too"):
        found, patterns = named(content, "job-loss", "salary-stops", counter)
        assert confidence(found, *patterns) < found.tentative_from


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda m: m.slug)
def test_moment_type_is_complete(content: Content, moment: MomentType) -> None:
    assert moment.patterns
    assert moment.needs
    assert moment.products
    assert moment.is_live
    assert any(p.kind == "Declared" for p in moment.patterns)
    assert timedelta() < moment.merge_window
    assert timedelta() < moment.validity
    for dialogue in moment.dialogues:
        assert timedelta() <= dialogue.earliest < dialogue.latest
    for product in moment.products:
        assert content.product(product) is not None


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.iri.rsplit("/", 1)[-1])
def test_pattern_reason_is_one_sentence_in_both_languages(pattern: Pattern) -> None:
    for reason in (pattern.reason.de, pattern.reason.en):
        assert reason[0].isupper()
        assert reason.endswith(".")
        assert reason.count(". ") == 0


def test_what_rests_on_another_customer_is_third_party(content: Content) -> None:
    kin = {p.moment for p in content.patterns if p.kind == "KinMoment"}
    assert {m.legal_class for m in content.moments if m.iri in kin} == {"ThirdParty"}


def test_no_ordinary_moment_rests_on_special_categories(content: Content) -> None:
    special = {s.iri for s in content.signals if s.legal_class == "SpecialCategory"}
    others = [m for m in content.moments if m.legal_class not in ("SpecialCategory", "Criminal")]
    evidence = {value for m in others for p in m.patterns for value in p.parameters.get("signal", ())}
    assert special
    assert not special & evidence


def test_bereavement_is_a_persons_task_and_brings_no_product_at_first(content: Content) -> None:
    found, _ = named(content, "partner-death", "partner-died")
    assert {d.conducted_by for d in found.dialogues} == {"human"}
    desk = content.product("bereavement-desk")
    assert desk is not None
    assert desk.contract_codes == ()
    for iri in found.products:
        product = content.product(iri)
        assert product is not None
        silent = any(shape.endswith("#silence-after-bereavement") for shape in product.layers["contact"])
        assert silent or product is desk
