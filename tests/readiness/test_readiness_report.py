"""Which inputs moments need, what of them small banks have, and what one more would bring."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from augenblick import pipeline
from augenblick.cli.app import application
from augenblick.content import Content
from augenblick.content.model import Pattern, Signal, Words
from augenblick.ingest import ingest
from augenblick.model.terms import AUG
from augenblick.readiness import Input, MomentReadiness, ReadinessReport, needs, readiness
from augenblick.readiness.report import InputState, Unlock
from augenblick.reason import FactBase
from augenblick.store import DataDirectory
from small_bank import family

NOTHING = Words("", "")


def made(kind: str, **parameters: object) -> Pattern:
    values = {name: (value,) for name, value in parameters.items()}
    return Pattern(iri="p", moment="m", kind=kind, label=NOTHING, reason=NOTHING, weight=2, parameters=values)  # type: ignore[arg-type]


def moment(report: ReadinessReport, slug: str) -> MomentReadiness:
    return next(m for m in report.moments if m.slug == slug)


def test_report_in_steps_tells_of_nobody_single() -> None:
    unlock = Unlock("x", 19, ("m",))
    found = MomentReadiness("m", NOTHING, 9, 1, 1, True, (), (), unlock)
    report = ReadinessReport(date(2026, 6, 30), 31, (found,), (InputState(Input("x"), 25, 39, 12, True),), (unlock,))
    told = report.in_steps(10)
    assert (told.customers, told.moments[0].customers, told.unlocks[0].customers) == (30, 0, 10)
    assert (told.inputs[0].rows, told.inputs[0].total, told.inputs[0].customers) == (20, 30, 10)
    assert report.in_steps(1) == report


def test_every_pattern_that_is_shipped_needs_something(shipped: Content) -> None:
    assert [p.iri for p in shipped.patterns if not needs(p, shipped)] == []


def test_needs_of_a_changed_attribute_are_rows_with_that_attribute(shipped: Content) -> None:
    asked = needs(made("AttributeChanges", attribute="street"), shipped)
    assert asked == (frozenset((Input("customer_changes", "attribute", "street"),)),)


def test_needs_leave_out_what_is_for_another_value_of_a_parameter(shipped: Content) -> None:
    fitting = needs(made("FamilyNameChanges", backToBirthName=True), shipped)
    other = needs(made("FamilyNameChanges", backToBirthName=False), shipped)
    assert frozenset((Input("customers", "birth_name"),)) in fitting
    assert other == (frozenset((Input("customer_changes"),)),)


def test_needs_of_a_relatives_signal_are_the_relative_and_their_bookings(shipped: Content) -> None:
    signal = next(s for s in shipped.signals if s.creditor_ids and s.text_patterns and not s.all_keys)
    asked = needs(made("KinSignalOccurs", signal=signal.iri, kinProperty=AUG + "hasChild"), shipped)
    (booking,) = [group for group in asked if any(i.table == "transactions" for i in group)]
    assert {Input("transactions", field, kin=AUG + "hasChild") for field in ("creditor_id", "purpose")} <= booking
    assert frozenset((Input("relations", kin=AUG + "hasChild"),)) in asked


def test_needs_of_a_signal_that_demands_all_keys_are_one_group_for_each(shipped: Content) -> None:
    strict = Signal(iri="strict", gvc=("105",), mcc=("7",), text_patterns=("RENT",), all_keys=True)
    asked = needs(made("SignalOccurs", signal="strict"), replace(shipped, signals=(strict,)))
    assert set(asked) == {
        frozenset((Input("transactions", "gvc"), Input("transactions", "mcc"))),
        frozenset(Input("transactions", field) for field in ("purpose", "counterparty_name", "ultimate_party")),
    }


def test_needs_with_an_age_are_the_birth_date_unless_it_may_be_unknown(shipped: Content) -> None:
    aged = {"attribute": "street", "minimumAge": "P18Y"}
    birth = frozenset((Input("customers", "birth_date"),))
    assert birth in needs(made("AttributeChanges", **aged), shipped)
    assert birth not in needs(made("AttributeChanges", **aged, ageUnknown=True), shipped)


@pytest.fixture
def bare(tmp_path: Path, connection: duckdb.DuckDBPyConnection, shipped: Content) -> ReadinessReport:
    """Two customers, one with a birth date, and nothing else."""
    (tmp_path / "customers.csv").write_text("customer_id,birth_date\nanna,2008-03-04\nbert,\n")
    ingest(connection, tmp_path, loaded_at=datetime(2026, 6, 30, tzinfo=UTC))
    return readiness(connection, FactBase(connection), shipped, as_of=date(2026, 6, 30))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, shipped: Content) -> DataDirectory:
    """A mother and her daughter, detected."""
    folder = tmp_path_factory.mktemp("family")
    family(folder)
    directory = DataDirectory(folder / "data")
    pipeline.load(directory, folder)
    pipeline.detect(directory, as_of=date(2026, 6, 30), content=shipped)
    return directory


def test_bank_of_customers_alone_is_ready_for_birthdays_only(bare: ReadinessReport) -> None:
    report = bare
    assert {m.slug: m.customers for m in report.moments if m.customers} == {"coming-of-age": 1}
    birthday = moment(report, "coming-of-age")
    assert birthday.unlock is not None
    assert (birthday.unlock.name, birthday.unlock.customers) == ("customers.birth_date", 1)
    (state,) = [i for i in report.inputs if i.name == "customers.birth_date"]
    assert (state.rows, state.total, state.share, state.customers) == (1, 2, 0.5, 1)


def test_unlock_of_a_bank_without_changes_counts_all_customers_of_each_moment(bare: ReadinessReport) -> None:
    report = bare
    status = next(u for u in report.unlocks if u.name == "customer_changes.attribute=civil_status")
    assert "marriage" in status.moments
    assert status.customers == 2 * len(status.moments)
    assert [u.customers for u in report.unlocks] == sorted((u.customers for u in report.unlocks), reverse=True)


def test_family_can_show_what_was_found_in_it_and_nothing_of_a_partner(house: DataDirectory) -> None:
    report = pipeline.readiness(house)
    with pipeline.last_run(house) as run:
        seen = run.connection.execute("SELECT slug, count(*) FROM moments.moments GROUP BY slug").fetchall()
    assert {"childbirth", "grandchild-birth"} <= {slug for slug, _ in seen}
    assert {slug: n for slug, n in seen if n > moment(report, slug).customers} == {}
    assert moment(report, "partner-job-change").customers == 0
    assert "relations (hasPartner)" in moment(report, "partner-job-change").missing
    history = next(i for i in report.inputs if i.name == "transactions over 390 days")
    assert (history.customers, history.present, history.rows) == (2, True, None)


def test_readiness_is_told_as_text_and_as_json(house: DataDirectory) -> None:
    told = CliRunner().invoke(application(), ["readiness", "--data", str(house.path), "--lang", "de"])
    assert told.exit_code == 0, told.output
    assert "Volljährigkeit" in told.output
    assert "Was einzeln am meisten brächte" in told.output
    plain = json.loads(CliRunner().invoke(application(), ["readiness", "--data", str(house.path), "--json"]).output)
    assert {"as_of", "customers", "moments", "inputs", "unlocks"} <= set(plain)
