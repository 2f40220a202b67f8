"""Whose evidence it is, what returns take back, and that order does not matter."""

from __future__ import annotations

import random

import pytest

from augenblick.content.model import Signal

OWNER = "SELECT transaction_id, customer_id FROM evidence.occurrences ORDER BY ALL"


@pytest.fixture
def couple(bank):
    bank.person("bert", "a1", given="Bert Jürgen", role="co_owner")
    return bank


def test_joint_account_booking_belongs_to_who_is_named(couple, pay):
    couple.book("2026-01-30", 5, "Nordlicht", "Gehalt BERT MEIER")
    couple.book("2026-01-30", 5, "Nordlicht", "Gehalt", ultimate_party="Anna Meier")
    couple.book("2026-01-30", 5, "Nordlicht", "SVWZ+Gehalt ABWE+Bert-Jurgen Meier")
    couple.detect(pay)
    assert couple.rows(OWNER) == [("t0001", "bert"), ("t0002", "anna"), ("t0003", "bert")]


def test_joint_account_booking_that_names_nobody_belongs_to_the_owner(couple, pay):
    couple.book("2026-01-30", 5, "Nordlicht", "Gehalt Robert")
    couple.detect(pay)
    assert couple.rows(OWNER) == [("t0001", "anna")]


def test_joint_account_booking_belongs_to_who_is_named_in_a_cut_text(bank, pay):
    bank.person("anna", "a1", given="Stefan")
    bank.person("bert", "a1", given="Stefanie", role="co_owner")
    bank.book("2026-01-30", 5, "Nordlicht", "Gehalt MEIER, STEFANI E 01/2026")
    bank.book("2026-02-27", 5, "Suedlicht", "Gehalt MEIER, STEF AN 02/2026")
    bank.detect(pay)
    assert bank.rows(OWNER) == [("t0001", "bert"), ("t0002", "anna")]


def test_joint_account_booking_belongs_to_whose_family_name_alone_it_says(bank, pay):
    bank.person("anna", "a1", given="Anna", family="Menzel")
    bank.person("bert", "a1", given="Bert", family="Kaiser", role="co_owner")
    bank.book("2026-01-30", 5, "Nordlicht", "Gehalt 01/2026 Kaiser")
    bank.book("2026-01-30", 5, "Suedlicht", "Gehalt Anna Kaiser")
    bank.book("2026-01-30", 5, "Kaiserliche Werke", "Gehalt")
    bank.detect(pay)
    assert bank.rows(OWNER) == [("t0001", "bert"), ("t0002", "anna"), ("t0003", "anna")]


def test_pension_belongs_to_whose_day_of_birth_its_insurance_number_holds(bank, pay):
    bank.connection.execute("UPDATE bank.customers SET birth_date = '1960-08-31'")
    bank.add("customers", customer_id="bert", given_name="Bert", birth_date="1957-12-13")
    bank.add("account_holders", account_id="a1", customer_id="bert", role="co_owner")
    bank.book("2026-01-30", 5, "Renten Service", "Gehalt 57131257J102 M 003")
    bank.book("2026-01-30", 5, "Nordlicht", "Gehalt 26 310860 Ö 231 01.2026 Bert")
    bank.book("2026-01-30", 5, "Suedlicht", "Gehalt 26 010160 O 231")
    bank.detect(pay)
    assert bank.rows(OWNER) == [("t0001", "bert"), ("t0002", "anna"), ("t0003", "anna")]


def test_family_name_both_owners_bear_names_neither(bank, pay):
    bank.person("anna", "a1", given="Anna", family="Kaiser")
    bank.person("bert", "a1", given="Bert", family="Kaiser", role="co_owner")
    bank.book("2026-01-30", 5, "Nordlicht", "Gehalt 01/2026 Kaiser")
    bank.detect(pay)
    assert bank.rows(OWNER) == [("t0001", "anna")]


@pytest.fixture
def home(pay):
    return Signal(iri="test:home", text_patterns=(r"MIETE",), recurring=True, shared_by_owners=True)


def test_what_a_household_does_counts_for_each_owner_whoever_is_named(couple, pay, home):
    couple.book("2026-01-30", -5, "Nordlicht", "Miete BERT MEIER")
    couple.book("2026-02-27", -5, "Nordlicht", "Miete")
    couple.book("2026-02-27", 5, "Suedlicht", "Gehalt")
    report = couple.detect(pay, home)
    both = [("t0001", "anna"), ("t0001", "bert"), ("t0002", "anna"), ("t0002", "bert")]
    assert couple.rows(OWNER) == [*both, ("t0003", "anna")]
    assert couple.rows("SELECT count(DISTINCT occurrence_id) FROM evidence.occurrences") == [(5,)]
    assert couple.rows("SELECT customer_id, bookings FROM evidence.series WHERE signal = 'test:home' ORDER BY 1") == [
        ("anna", 2), ("bert", 2),
    ]  # fmt: skip
    assert (report.occurrences, report.without_owner) == (5, 0)


@pytest.mark.parametrize(
    ("born", "street", "shared"),
    [("1960-01-01", "Am Anger 1", False), ("1988-01-01", "Am Bach 2", False), ("1988-01-01", "am Anger 1", True)],
)
def test_only_owners_of_one_household_and_generation_share(bank, home, born, street, shared):
    bank.connection.execute("UPDATE bank.customers SET birth_date = '1990-01-01', street = 'Am Anger 1'")
    bank.add("customers", customer_id="bert", birth_date=born, street=street)
    bank.add("account_holders", account_id="a1", customer_id="bert", role="co_owner")
    bank.book("2026-01-30", -5, "Nordlicht", "Miete")
    bank.detect(home)
    assert [person for _, person in bank.rows(OWNER)] == (["anna", "bert"] if shared else ["anna"])


@pytest.mark.parametrize(("sex", "whose"), [("female", "bert"), ("male", "anna"), (None, "anna")])
def test_booking_that_names_nobody_belongs_to_the_owner_of_the_sex_that_receives_it(bank, sex, whose):
    bank.connection.execute("UPDATE bank.customers SET sex = 'male'")
    bank.add("customers", customer_id="bert", sex="female")
    bank.add("account_holders", account_id="a1", customer_id="bert", role="co_owner")
    bank.book("2026-01-30", 5, "Kasse", "Mutterschaftsgeld")
    bank.detect(Signal(iri="test:benefit", text_patterns=("MUTTERSCHAFTSGELD",), received_by=sex))
    assert bank.rows(OWNER) == [("t0001", whose)]


def test_after_the_first_owner_died_what_a_new_side_pays_belongs_to_the_survivor(couple, pay):
    couple.connection.execute("UPDATE bank.customers SET death_date = '2026-02-10' WHERE customer_id = 'anna'")
    couple.book("2026-01-30", 5, "Nordlicht", "Gehalt")
    couple.book("2026-02-27", 5, "Nordlicht", "Gehalt")
    couple.book("2026-02-27", 5, "Suedlicht", "Gehalt")
    couple.book("2026-02-27", 5, "Westlicht", "Gehalt Anna")
    couple.detect(pay)
    assert couple.rows(OWNER) == [("t0001", "anna"), ("t0002", "anna"), ("t0003", "bert"), ("t0004", "anna")]


def test_childs_account_belongs_to_the_child_not_its_guardian(bank, pay):
    bank.person("kim", "a2", given="Kim")
    bank.add("account_holders", account_id="a2", customer_id="anna", role="guardian")
    bank.book("2026-01-30", 5, "Nordlicht", "Gehalt Anna", account_id="a2")
    bank.detect(pay)
    assert bank.rows(OWNER) == [("t0001", "kim")]


def test_account_without_owner_is_counted_not_attributed(bank, pay):
    bank.book("2026-01-30", 5, "Nordlicht", "Gehalt", account_id="a9")
    assert bank.detect(pay).without_owner == 1
    assert bank.rows(OWNER) == []


def test_reversal_takes_back_itself_and_its_booking(bank, pay):
    bank.book("2026-01-30", 5, "Nordlicht", "Gehalt")
    bank.book("2026-02-01", 7, "Nordlicht", "Gehalt", reversal_of="t0001")
    bank.book("2026-02-28", 5, "Nordlicht", "Gehalt")
    bank.detect(pay)
    assert bank.carried() == [("t0003", "pay")]


def test_reversal_after_as_of_takes_nothing_back_yet(bank, pay):
    bank.book("2026-06-30", 5, "Nordlicht", "Gehalt")
    bank.book("2026-07-01", -5, "Nordlicht", "Gehalt", reversal_of="t0001")
    bank.detect(pay)
    assert bank.carried() == [("t0001", "pay")]


def test_coded_returns_take_the_nearest_booking_each(bank, pay):
    for month in ("03", "04", "05", "06"):
        bank.book(f"2026-{month}-01", 5, "Nordlicht", "Gehalt", mandate_id="M")
    bank.book("2026-04-04", -5, "Nordlicht", "Rueckgabe", mandate_id="M", gvc="159")
    bank.book("2026-05-04", -5, "NORDLICHT", "Rueckgabe", btc="PMNT-RCDT-RRTN")
    bank.detect(pay)
    assert bank.carried() == [("t0001", "pay"), ("t0004", "pay")]


def test_two_returns_of_one_amount_take_two_bookings(bank, pay):
    bank.book("2026-03-01", 5, "Nordlicht", "Gehalt")
    bank.book("2026-03-02", 5, "Nordlicht", "Gehalt")
    bank.book("2026-03-05", -5, "Nordlicht", "Rueck", gvc="159")
    bank.book("2026-03-06", -5, "Nordlicht", "Rueck", gvc="159")
    bank.detect(pay)
    assert bank.carried() == []


def test_coded_return_of_another_party_takes_nothing(bank, pay):
    bank.book("2026-03-01", 5, "Nordlicht", "Gehalt")
    bank.book("2026-03-05", -5, "Suedwind", "Rueck", gvc="159")
    bank.detect(pay)
    assert bank.carried() == [("t0001", "pay")]


def test_evidence_is_the_same_whatever_the_order_of_rows(couple, pay, months):
    couple.monthly(months("2025-01", 8), 2000, "Nordlicht Logistik GmbH", "Gehalt Bert")
    couple.monthly(months("2025-09", 6), 2300, "Nordlicht Gruppe SE", "Gehalt Bert")
    couple.monthly(months("2025-03", 6), 450, "Sued", "Lohn", day=3)
    couple.book("2025-09-28", 900, "Nordlicht Gruppe SE", "Gehalt Bonus Bert")
    couple.detect(pay)
    before = [couple.rows(f"FROM evidence.{table} ORDER BY ALL") for table in ("occurrences", "series", "steps")]
    rows = couple.rows("SELECT transaction_id FROM bank.transactions")
    random.Random(7).shuffle(rows)
    couple.connection.execute("CREATE TEMP TABLE seats (transaction_id VARCHAR, seat INTEGER)")
    for seat, (transaction,) in enumerate(rows):
        couple.connection.execute("INSERT INTO seats VALUES (?, ?)", [transaction, seat])
    for statement in (
        "CREATE TEMP TABLE t AS SELECT t.* FROM bank.transactions t JOIN seats USING (transaction_id) ORDER BY seat",
        "DELETE FROM bank.transactions",
        "INSERT INTO bank.transactions FROM t",
        "CREATE TEMP TABLE h AS FROM bank.account_holders ORDER BY customer_id DESC",
        "DELETE FROM bank.account_holders",
        "INSERT INTO bank.account_holders FROM h",
    ):
        couple.connection.execute(statement)
    couple.detect(pay)
    after = [couple.rows(f"FROM evidence.{table} ORDER BY ALL") for table in ("occurrences", "series", "steps")]
    assert before == after
    assert all(before)


def test_joint_account_booking_that_names_nobody_follows_the_others_of_the_same_side(couple, pay):
    couple.book("2026-01-30", 5, "Nordlicht", "Gehalt Bert Meier")
    couple.book("2026-02-27", 5, "Nordlicht", "Gehalt 02.2026")
    couple.book("2026-02-27", 5, "Hansa", "Gehalt 02.2026")
    couple.detect(pay)
    assert couple.rows(OWNER) == [("t0001", "bert"), ("t0002", "bert"), ("t0003", "anna")]
