"""The truth labels fit the lives and the records."""

from __future__ import annotations

from datetime import date

import pytest

from augenblick.simulate import simulate
from augenblick.simulate.lives import events, moment_of, trapped
from augenblick.simulate.stock import stock

#: Enough of each in a town of 2,500 to be judged; imprisonment and lost pregnancies stay rare.
OFTEN = [
    "childbirth", "grandchild-birth", "coming-of-age", "first-job", "job-change", "partner-job-change", "job-loss",
    "relocation", "retirement", "partner-death", "religious-event", "child-leaves-home", "school-graduation",
    "training-completion", "degree-completion", "driving-licence", "car-purchase", "house-purchase", "engagement",
    "marriage", "divorce", "holiday", "inheritance", "accident", "car-accident", "pregnancy", "lost-card",
]  # fmt: skip
FORMS = {
    "childbirth": {"benefit-first", "benefit-step", "child-account", "parental-allowance", "benefit-elsewhere"},
    "grandchild-birth": {"through-child", "weak-gift", "unrecorded"},
    "first-job": {"after-studies", "training-pay"},
    "job-loss": {"benefit", "silent", "severance"},
    "relocation": {"address-change", "payees-only", "first-flat"},
    "retirement": {"statutory", "civil-servant", "statutory-and-company"},
    "partner-death": {"recorded-death", "widows-pension"},
}


#: Forms that a town of 2,500 may lack.
RARE = {("school-graduation", "weak-prom"), ("school-graduation", "school-fees-stop")}


@pytest.mark.parametrize("moment", OFTEN)
def test_truth_has_several_of_each_moment_and_most_show(town, moment):
    total, shown = town.rows(f"SELECT count(*), count(visible_from) FROM truth WHERE moment = '{moment}'")[0]
    assert total >= 8
    assert shown >= total * 0.35


@pytest.mark.parametrize(("moment", "forms"), FORMS.items())
def test_truth_moments_come_in_several_forms(town, moment, forms):
    assert forms <= {form for (form,) in town.rows(f"SELECT DISTINCT form FROM truth WHERE moment = '{moment}'")}


def test_truth_names_moments_of_the_event_list_only(town):
    known = {moment_of(name) for name in stock("life")["moments"]} | {e.moment for e in events().values()}
    assert {moment for (moment,) in town.rows("SELECT DISTINCT moment FROM truth")} <= known


def test_truth_dates_lie_inside_life_spans(town):
    outside = """
        SELECT count(*) FROM truth JOIN customers USING (customer_id)
        WHERE occurred_on < birth_date OR occurred_on > coalesce(death_date, DATE '2026-06-30') + 60"""
    assert town.one(outside) == 0


def test_truth_evidence_lies_in_the_window(town):
    low, high = town.rows("SELECT min(visible_from), max(visible_from) FROM truth")[0]
    assert str(low) >= "2024-07-01"
    assert str(high) <= "2026-06-30"


@pytest.mark.parametrize(
    ("moment", "low", "high"),
    [("coming-of-age", 18, 18), ("retirement", 60, 70), ("first-job", 15, 30), ("childbirth", 18, 55)],
)
def test_truth_ages_fit_the_moment(town, moment, low, high):
    ages = f"""
        SELECT min(age), max(age) FROM (SELECT date_sub('year', birth_date, occurred_on) AS age
        FROM truth JOIN customers USING (customer_id) WHERE moment = '{moment}' AND birth_date IS NOT NULL)"""
    youngest, oldest = town.rows(ages)[0]
    assert youngest >= low
    assert oldest <= high


def test_truth_of_a_benefit_birth_is_a_booking_of_the_family_office(town):
    unseen = """
        SELECT count(*) FROM truth t WHERE form = 'benefit-first' AND NOT EXISTS (
          SELECT 1 FROM account_holders JOIN transactions b USING (account_id)
          WHERE customer_id = t.customer_id AND booking_date >= t.visible_from
            AND regexp_matches(replace(upper(purpose), ' ', ''), 'KG|KINDERGELD|ELTERNGELD|BEEG'))"""
    assert town.one("SELECT count(*) FROM truth WHERE form = 'benefit-first'") > 5
    assert town.one(unseen) == 0


def test_traps_come_in_all_kinds_with_their_moment(town):
    found = dict(town.rows("SELECT DISTINCT trap, moment FROM traps"))
    laid = set(stock("life")["traps"]) | {name for name, event in events().items() if event.is_trap}
    assert {trap: trapped(trap) for trap in found} == found
    missing = laid - set(found)
    assert missing <= {"orphans_pension", "benefit_correction", "benefit_refund", "internship"}  # rare in a small town


def test_story_of_the_first_family_is_a_grandmother_seen_through_her_son(town):
    story = town.rows("""
        SELECT e.customer_id, s.customer_id, s.occurred_on, s.form FROM truth e
        JOIN relations r ON r.customer_id = e.customer_id AND r.relation = 'child'
        JOIN truth s ON s.customer_id = r.related_customer_id AND s.moment = 'childbirth'
          AND s.occurred_on = e.occurred_on
        WHERE e.moment = 'grandchild-birth' AND e.visible_from = s.visible_from AND e.customer_id = 'C00000001'""")
    assert len(story) == 1
    assert story[0][3] == "benefit-first"


def test_story_of_the_first_family_reads_plainly(town):
    proof = town.rows("""
        SELECT min(booking_date), any_value(purpose_code), any_value(gvc)
        FROM transactions JOIN account_holders USING (account_id)
        WHERE customer_id = 'C00000003' AND purpose_code = 'BECH'""")[0]
    label = "SELECT visible_from FROM truth WHERE customer_id = 'C00000003' AND moment = 'childbirth'"
    assert proof == (town.one(label), "BECH", "156")
    assert town.rows("SELECT * FROM relations WHERE customer_id = 'C00000001' AND relation = 'child'") != []


def test_truth_of_weak_evidence_only_shows_nowhere(town):
    weak = "SELECT count(*), count(visible_from) FROM truth WHERE form LIKE 'weak-%'"
    total, shown = town.rows(weak)[0]
    assert total > 50
    assert shown == 0


def test_truth_has_every_form_of_the_event_list(town):
    wanted = {(e.moment, f.name) for e in events().values() if not e.is_trap for f in e.forms}
    assert wanted - set(town.rows("SELECT DISTINCT moment, form FROM truth")) <= RARE


def test_truth_of_imprisonment_is_only_ever_told_with_consent_to_criminal_data(town):
    assert town.one("SELECT count(*) FROM truth WHERE moment = 'imprisonment'") > 0
    assert (
        town.rows("""SELECT customer_id FROM truth t WHERE moment = 'imprisonment' AND visible_from IS NOT NULL
        AND (NOT EXISTS (
        SELECT 1 FROM declared_moments d WHERE d.customer_id = t.customer_id AND d.moment = 'imprisonment'
          AND d.note IS NOT NULL) OR NOT EXISTS (
        SELECT 1 FROM consents c WHERE c.customer_id = t.customer_id AND c.purpose = 'criminal_data'))""")
        == []
    )


def test_quiet_population_has_traps_and_no_moment(tmp_path):
    report = simulate(tmp_path, customers=150, months=24, seed=8, end=date(2026, 6, 30), quiet=True)
    assert report.truths == {}
    assert len(report.traps) > 30
    assert sum(report.traps.values()) > 200
