"""What a customer is told about themselves, and what would have to be different: nothing of others' secrets in it."""

from __future__ import annotations

import json
from dataclasses import replace
from math import exp

import pytest
from kin_bank import AS_OF

from augenblick import pipeline
from augenblick.content import Content
from augenblick.model.errors import NotFound, NotPermitted
from augenblick.policy import Access, AuditLog
from augenblick.policy.audit import REFUSED
from augenblick.store import DataDirectory

ADVISER = Access(role="adviser", purpose="advice", actor_id="t", at=AS_OF)
OFFICER = Access(role="data_protection", purpose="data_protection", actor_id="t", at=AS_OF)


pytestmark = pytest.mark.slow


def moment_of(directory: DataDirectory, customer: str) -> str:
    with pipeline.last_run(directory) as run:
        row = run.connection.execute("SELECT moment_id FROM moments.moments WHERE customer_id = ?", [customer])
        return row.fetchone()[0]


def test_disclosure_tells_records_inferences_purposes_and_rights(bank: DataDirectory) -> None:
    told = pipeline.disclose(bank, "rel-kid", access=OFFICER)
    assert told.records["Stammdaten"][0]["given_name"] == "Ada"
    assert told.records["Konten"][0]["bookings"] == 25
    assert told.records["Einwilligungen und Widersprüche"][0]["purpose"] == "disclosure"
    assert [explanation.slug for explanation in told.inferred] == ["childbirth"]
    assert told.purposes
    page = told.html()
    for said in ("Auskunft nach Art. 15 DSGVO", "rel-kid", "Geburt", "Aufsichtsbehörde", "Art. 17", told.withheld):
        assert said in page
    assert json.loads(json.dumps(told.to_dict(), default=str))["customer_id"] == "rel-kid"
    assert len(told.records["Buchungen"]) == 25
    assert [row["Wie lange"] for row in told.kept if row["Was"] == "Buchungen"] == ["10 Jahre"]
    for said in (
        "Geburtsdatum",
        "04.03.1992",
        "erteilt",
        "Offenlegung gegenüber Angehörigen",
        "Was anders sein müsste",
    ):
        assert said in page
    for code in (
        "booking_date",
        "counterparty_name",
        "GDPR",
        "birth_date",
        "valid_from",
        "customer_id",
        "given_name",
        ">given<",
        ">disclosure<",
        "1992-03-04",
    ):
        assert code not in page


@pytest.mark.parametrize(("customer", "found"), [("sec-mum", []), ("rel-mum", ["grandchild-birth"])])
def test_disclosure_of_what_rests_on_a_relative_needs_that_relatives_release(
    bank: DataDirectory, customer: str, found: list[str]
) -> None:
    assert [e.slug for e in pipeline.disclose(bank, customer, access=OFFICER).inferred] == found


def test_disclosures_are_equal_on_banks_that_differ_only_in_a_relatives_secret(
    bank: DataDirectory, other: DataDirectory
) -> None:
    for customer in ("dec-mum", "obj-mum"):
        told = [pipeline.disclose(each, customer, access=OFFICER) for each in (bank, other)]
        pages = [t.html().partition("<h3>Anfragen")[0] for t in told]  # who asked before differs with the tests run
        assert pages[0] == pages[1]


def test_question_at_a_closed_door_enters_the_audit_log(bank: DataDirectory) -> None:
    before = len(list(AuditLog(bank.path).entries(subject="rel-kid")))
    expert = replace(ADVISER, role="expert")
    for ask in (
        lambda: pipeline.disclose(bank, "rel-kid", access=ADVISER),
        lambda: pipeline.offers_of(bank, "rel-kid", access=expert),
        lambda: pipeline.why_not(bank, "rel-kid", "childbirth", access=expert),
    ):
        with pytest.raises(NotPermitted):
            ask()
    noted = list(AuditLog(bank.path).entries(subject="rel-kid"))[before:]
    assert [(e.role, e.door, e.outcome) for e in noted] == [
        ("adviser", "disclosure", REFUSED),
        ("expert", "offers", REFUSED),
        ("expert", "explain", REFUSED),
    ]


def test_disclosure_is_refused_to_other_roles_and_of_unknown_customers(bank: DataDirectory) -> None:
    with pytest.raises(NotPermitted):
        pipeline.disclose(bank, "rel-kid", access=ADVISER)
    with pytest.raises(NotFound):
        pipeline.disclose(bank, "nobody", access=OFFICER)


def test_smallest_change_of_data_takes_the_moment_below_the_threshold_and_no_smaller_one_does(
    bank: DataDirectory, shipped: Content
) -> None:
    moment = moment_of(bank, "rel-kid")
    explanation = pipeline.explain(bank, moment, access=ADVISER)
    found = shipped.moment(explanation.slug)
    changes = [c for c in pipeline.what_if(bank, moment, access=ADVISER) if c.kind == "data"]
    assert changes
    counted = {c.pattern: c.weight for c in explanation.contributions if c.counted}
    odds = explanation.prior + sum(counted.values())
    assert 1 / (1 + exp(-odds)) == pytest.approx(explanation.confidence)
    gone = changes[-1].without
    assert 1 / (1 + exp(-(odds - sum(counted[p] for p in gone)))) < float(found.tentative_from)
    kept = sorted((w for w in counted.values() if w > 0), reverse=True)[: len(gone) - 1]
    assert 1 / (1 + exp(-(odds - sum(kept)))) >= float(found.tentative_from)
    assert "„" in changes[-1].sentence.de


def test_change_of_consent_that_is_told_is_one_that_withholds_the_moment(bank: DataDirectory) -> None:
    moment = moment_of(bank, "rel-kid")
    (change,) = [c for c in pipeline.what_if(bank, moment, access=ADVISER) if c.kind == "consent"]
    assert "Widerspruch" in change.sentence.de
    assert "objection" in change.sentence.en


@pytest.mark.parametrize(("customer", "moment"), [("rel-kid", "childbirth"), ("two-eva", "childbirth")])
def test_smallest_change_of_an_offer_names_all_that_holds_it_back_or_what_would_take_it_away(
    bank: DataDirectory, customer: str, moment: str
) -> None:
    (advice,) = [m for m in pipeline.offers_of(bank, customer, access=ADVISER).moments if moment in m.moment_id]
    assert advice.offers
    for offer in advice.offers:
        changes = pipeline.what_if(bank, advice.moment_id, product=offer.product, access=ADVISER)
        sizes = [change.size for change in changes]
        assert sizes == sorted(sizes)
        assert all(offer.label.de in change.sentence.de for change in changes)
        if offer.verdict != "offered":
            (change,) = changes
            assert change.size == len(offer.reasons)
            assert all(reason.en in change.sentence.en for reason in offer.reasons)
            assert ("consent" in change.kind) >= (offer.verdict == "not contact")


def test_change_of_an_offer_that_is_not_told_is_not_told_either(bank: DataDirectory) -> None:
    with pytest.raises(NotFound):
        pipeline.what_if(bank, moment_of(bank, "rel-kid"), product="no-such-product", access=ADVISER)


def test_what_if_tells_nothing_of_a_withheld_moment(bank: DataDirectory) -> None:
    with pytest.raises(NotFound):
        pipeline.what_if(bank, moment_of(bank, "sec-mum"), access=ADVISER)
