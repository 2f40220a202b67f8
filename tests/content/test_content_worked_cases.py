"""Three moments from the booking to the words, and what must not be offered to whom."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from content_plain_line import bank

from augenblick import pipeline
from augenblick.content import Content
from augenblick.content.cases import Tables, load_case, together
from augenblick.content.model import Words
from augenblick.pipeline.advice import CustomerOffers, MomentAdvice, customer_offers
from augenblick.policy.access import Decision, Outcome
from augenblick.policy.standing import View, standings_of

DAY = date(2026, 6, 30)
CASES = (
    ("car-accident", "report-from-the-scene"),
    ("relocation", "address-and-rent-are-one"),
    ("pregnancy", "maternity-benefit"),
    ("pregnancy", "near-after-a-recorded-loss"),
)
ADVERTISING = {"purpose": "advertising", "status": "given", "valid_from": date(2024, 1, 1)}


def customer(identity: str, born: int = 1962, **more: object) -> dict[str, object]:
    return {"customer_id": identity, "birth_date": date(born, 1, 1), **more}


def declared(identity: str, *moments: str) -> list[dict[str, object]]:
    day = {"occurred_on": date(2026, 6, 1), "source": "customer", "state": "confirmed"}
    return [{"customer_id": identity, "moment": moment, **day} for moment in moments]


def kin(one: str, other: str, relation: str) -> dict[str, object]:
    return {"customer_id": one, "related_customer_id": other, "relation": relation}


def savings(identity: str) -> tuple[dict[str, object], dict[str, object]]:
    account = {"account_id": f"{identity}-s", "kind": "savings", "currency": "EUR", "opened_on": date(2015, 1, 1)}
    return account, {"account_id": f"{identity}-s", "customer_id": identity, "role": "owner"}


def people() -> Tables:
    grandparents = ("uncushioned", "unasked", "ready")
    held = [savings(name) for name in ("unasked", "ready")]
    return {
        "customers": [
            *(customer(name) for name in ("sound", "jobless", "imprisoned", "widowed", *grandparents)),
            *(customer(name, 1990) for name in ("parent1", "parent2", "parent3", "mother", "father")),
        ],
        "relations": [
            *(kin(f"{name}", f"parent{n}", "child") for n, name in enumerate(grandparents, 1)),
            kin("mother", "father", "partner"),
        ],
        "accounts": [account for account, _ in held],
        "account_holders": [holder for _, holder in held],
        "contracts": [
            {"contract_id": "k1", "customer_id": "father", "product": "junior_depot", "opened_on": date(2026, 5, 1)}
        ],
        "consents": [
            *({"customer_id": n, **ADVERTISING} for n in ("sound", "jobless", "imprisoned", "widowed", "mother")),
            *({"customer_id": n, **ADVERTISING} for n in grandparents),
            *({"customer_id": n, **ADVERTISING, "purpose": "advice"} for n in ("parent1", "parent3")),
            {"customer_id": "imprisoned", **ADVERTISING, "purpose": "criminal_data"},
        ],
        "declared_moments": [
            *declared("sound", "retirement"),
            *declared("jobless", "retirement", "job-loss"),
            *declared("imprisoned", "retirement", "imprisonment"),
            *declared("widowed", "retirement", "partner-death"),
            *declared("mother", "childbirth"),
            *(row for name in grandparents for row in declared(name, "grandchild-birth")),
        ],
    }


@pytest.fixture(scope="module")
def line(content: Content) -> duckdb.DuckDBPyConnection:
    """The whole line run on the worked cases and on people to whom some things must not be offered."""
    files = {(m.slug, path.stem): path for m in content.moments for path in m.cases}
    tables = together(load_case(files[case]) for case in CASES)
    for table, rows in people().items():
        tables.setdefault(table, []).extend(rows)
    for given in list(tables["customers"]):
        if "." in str(given["customer_id"]):
            tables["consents"].append({"customer_id": given["customer_id"], **ADVERTISING})
    connection = bank(tables)
    pipeline.detect_in(connection, content, as_of=DAY)
    return connection


@pytest.fixture(scope="module")
def said(line: duckdb.DuckDBPyConnection, content: Content):
    def of(identity: str) -> CustomerOffers:
        granted = Decision(Outcome.PERMITTED, Words("", ""), "")
        views = [View(standing, None, granted) for standing in standings_of(line, identity)]
        return customer_offers(line, content, identity, views, lambda *_: True)

    return of


def only(advice: CustomerOffers) -> MomentAdvice:
    (moment,) = advice.moments
    return moment


def verdict(advice: CustomerOffers, product: str) -> tuple[str, str]:
    (found,) = [o for m in advice.moments for o in m.offers if o.product.endswith(f"/{product}")]
    return found.verdict, " ".join(reason.en for reason in found.reasons)


def offered(advice: CustomerOffers) -> set[str]:
    made = [o for m in advice.moments for o in m.offers if o.verdict == "offered"]
    return {o.product.rsplit("/", 1)[-1] for o in made}


def test_car_accident_reported_from_the_scene_reaches_a_human_at_once_and_sells_nothing(said):
    advice = said("car-accident.report-from-the-scene.anke")
    spoken = only(advice).dialogue_en
    assert (spoken.conducted_by, spoken.earliest.days, spoken.channel_order[0]) == ("human", 0, "phone")
    assert "112" in spoken.words
    assert "No selling" in spoken.must_not_say
    assert "human at once" in spoken.hand_over
    assert offered(advice) == {"claim-hotline"}


def test_relocation_found_in_bookings_is_settled_by_itself_and_shows_its_status(said):
    advice = said("relocation.address-and-rent-are-one.fritz")
    spoken = only(advice).dialogue_en
    assert (spoken.conducted_by, spoken.earliest.days, spoken.channel_order[0]) == ("automatic", 0, "app")
    assert "status" in spoken.words
    assert "home-contents-insurance" in offered(advice)


def test_pregnancy_is_met_gently_by_an_assistant_that_hands_over_to_a_human(said):
    advice = said("pregnancy.maternity-benefit.nora")
    spoken = only(advice).dialogue_en
    assert spoken.conducted_by == "automatic"
    assert "human takes over" in spoken.hand_over
    assert "No congratulations" in spoken.must_not_say
    assert offered(advice) == {"family-cover-update", "parental-leave-plan"}


def test_pregnancy_lost_leaves_no_moment_no_offer_and_no_trace_in_answers(said, line):
    identity = "pregnancy.near-after-a-recorded-loss.tilda"
    assert said(identity).moments == ()
    (count,) = line.execute("SELECT count(*) FROM offers.offers WHERE customer_id = ?", [identity]).fetchone()
    assert count == 0


def test_loan_is_offered_to_the_sound_and_to_nobody_in_hardship(said):
    assert verdict(said("sound"), "barrier-free-loan")[0] == "offered"
    for identity in ("jobless", "imprisoned", "widowed"):
        found, why = verdict(said(identity), "barrier-free-loan")
        assert found == "not suitable", identity
        assert "no credit" in why


def test_every_credit_is_closed_to_those_in_hardship(content: Content):
    credits_ = [p for p in content.products if any(word in p.slug for word in ("loan", "credit", "mortgage"))]
    assert credits_
    for product in credits_:
        assert any(shape.endswith("#no-hardship") for shape in product.layers["suitable"]), product.slug


def test_first_weeks_of_bereavement_bring_a_person_and_no_product(said):
    assert offered(said("widowed")) == {"bereavement-desk"}


def test_grandparents_depot_needs_a_cushion_and_the_parents_consent(said):
    assert verdict(said("uncushioned"), "grandchild-depot") == (
        "not suitable", "There is no savings account yet as an emergency cushion."
    )  # fmt: skip
    assert verdict(said("unasked"), "grandchild-depot") == (
        "not suitable", "The grandchild's parents have not agreed yet."
    )  # fmt: skip
    assert verdict(said("ready"), "grandchild-depot")[0] == "offered"


def test_product_the_partner_holds_is_not_offered_again(said):
    found, why = verdict(said("mother"), "junior-depot")
    assert found == "not applicable"
    assert "household" in why


def test_catalogue_has_thirty_products_each_with_words_and_a_moment(content: Content):
    used = {product for moment in content.moments for product in moment.products}
    assert len(content.products) >= 30
    assert [p.slug for p in content.products if p.iri not in used] == []
    assert [p.slug for p in content.products if not (p.words.de and p.words.en)] == []
