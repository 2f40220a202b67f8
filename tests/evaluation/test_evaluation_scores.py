"""Labels held against moments: what is a hit, a false alarm, a trap, a miss."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from augenblick import evaluation, moments
from augenblick.cli.app import application
from augenblick.model.errors import NotLoaded, OffContract, UnreadableFile
from augenblick.pipeline import evaluate as evaluate_folder
from augenblick.store import DataDirectory

AS_OF = date(2026, 6, 30)
HEAD = "customer_id,moment,occurred_on,visible_from,form\n"
BASE = "https://bank.example/id/"


@pytest.fixture
def bank(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection with the tables of moments and one type, `move`."""
    moments.create_tables(connection)
    connection.execute("CREATE TABLE bank.customers AS SELECT 'anna' AS customer_id")
    connection.execute(
        "CREATE TABLE bank.transactions AS SELECT unnest([DATE '2024-07-01', DATE '2026-07-01']) AS booking_date"
    )
    connection.execute("INSERT INTO moments.types (moment_type, slug) VALUES ('m:move', 'move')")
    return connection


def find(
    bank: duckdb.DuckDBPyConnection, customer: str, day: str, *, state: str = "confirmed", sure: float = 0.92
) -> str:
    """Add a found moment that occurred in the month before `day` and was detected on it."""
    end = date.fromisoformat(day)
    moment = f"{BASE}moment/{customer}/move/{day}"
    row = [moment, customer, end - timedelta(days=30), end, end, end + timedelta(days=180), sure, state]
    bank.execute(
        "INSERT INTO moments.moments (moment_id, customer_id, moment_type, slug, occurred_from, occurred_to,"
        " detected_on, valid_until, confidence, state) VALUES (?, ?, 'm:move', 'move', ?, ?, ?, ?, ?, ?)",
        row,
    )
    return moment


def judge(
    bank: duckdb.DuckDBPyConnection, folder: Path, truth: str, traps: str = "", **options: int
) -> evaluation.EvaluationReport:
    """Return the report for labels given as CSV rows."""
    (folder / "truth").mkdir(exist_ok=True)
    (folder / "truth" / "truth.csv").write_text(HEAD + truth)
    if traps:
        (folder / "truth" / "traps.csv").write_text("customer_id,trap,moment,from,to\n" + traps)
    return evaluation.evaluate(bank, folder, as_of=AS_OF, **options)


def test_moment_within_the_tolerance_is_a_hit_with_its_delay(bank, tmp_path):
    find(bank, "anna", "2026-04-10")
    (score,) = judge(bank, tmp_path, "anna,move,2026-02-01,2026-04-03,flat\n").moments
    assert (score.hits, score.false, score.precision, score.recall, score.f1) == (1, 0, 1.0, 1.0, 1.0)
    assert score.median_delay == 7


@pytest.mark.parametrize(
    ("occurred", "hits"), [("2026-03-01", 1), ("2026-02-28", 0), ("2026-04-20", 1), ("2026-04-21", 0)]
)
def test_tolerance_widens_the_interval_to_the_day(bank, tmp_path, occurred, hits):
    find(bank, "anna", "2026-04-10")  # occurred 11 March to 10 April
    report = judge(bank, tmp_path, f"anna,move,{occurred},{occurred},flat\n", tolerance=10)
    assert report.moments[0].hits == hits
    assert len(report.false_alarms) == len(report.missed) == 1 - hits


def test_moment_of_another_customer_is_false_and_the_truth_is_missed(bank, tmp_path):
    moment = find(bank, "bert", "2026-04-10")
    report = judge(bank, tmp_path, "anna,move,2026-04-01,2026-04-03,flat\n")
    assert [alarm.moment_id for alarm in report.false_alarms] == [moment]
    assert [(m.customer_id, m.form) for m in report.missed] == [("anna", "flat")]
    assert report.macro_f1 == 0.0


def test_truth_is_matched_once_by_the_nearer_moment(bank, tmp_path):
    far, near = find(bank, "anna", "2026-01-10"), find(bank, "anna", "2026-03-10")
    report = judge(bank, tmp_path, "anna,move,2026-03-01,2026-03-01,flat\n")
    assert [alarm.moment_id for alarm in report.false_alarms] == [far]
    assert near not in {alarm.moment_id for alarm in report.false_alarms}


def test_two_truths_and_two_moments_are_paired_though_both_prefer_the_same(bank, tmp_path):
    find(bank, "anna", "2026-03-10")
    find(bank, "anna", "2026-04-25")
    report = judge(bank, tmp_path, "anna,move,2026-03-05,2026-03-05,flat\nanna,move,2026-03-12,2026-03-12,flat\n")
    assert report.moments[0].hits == 2


def test_truth_nobody_could_see_is_no_miss_and_its_moment_no_false_alarm(bank, tmp_path):
    find(bank, "anna", "2026-04-10")
    late = (AS_OF + timedelta(days=1)).isoformat()
    (score,) = judge(bank, tmp_path, f"anna,move,2026-04-01,,flat\nbert,move,2026-06-01,{late},flat\n").moments
    assert (score.truths, score.hits, score.false, score.unlabelled) == (0, 0, 0, 1)
    assert score.precision is None
    assert score.f1 is None


@pytest.mark.parametrize("state", ["dismissed", "voided"])
def test_moment_that_was_taken_back_is_not_found(bank, tmp_path, state):
    find(bank, "anna", "2026-04-10", state=state)
    (score,) = judge(bank, tmp_path, "anna,move,2026-04-01,2026-04-03,flat\n").moments
    assert (score.found, score.hits) == (0, 0)


def test_false_moment_in_the_time_of_a_trap_names_the_trap(bank, tmp_path):
    find(bank, "anna", "2026-04-10")
    find(bank, "bert", "2026-04-10")
    traps = "anna,second_home,move,2026-04-01,2026-04-01\nbert,second_home,move,2024-04-01,2024-04-01\n"
    report = judge(bank, tmp_path, "", traps)
    assert {alarm.customer_id: alarm.traps for alarm in report.false_alarms} == {"anna": ("second_home",), "bert": ()}
    assert [(t.trap, t.traps, t.hits) for t in report.traps] == [("second_home", 2, 1)]
    assert report.trap_rate == 0.5


def test_true_moment_in_the_time_of_a_trap_is_no_trap_hit(bank, tmp_path):
    find(bank, "anna", "2026-04-10")
    report = judge(bank, tmp_path, "anna,move,2026-04-01,2026-04-03,f\n", "anna,second_home,move,2026-04-01,\n")
    assert report.moments[0].trap_hits == 0


def test_calibration_tells_the_share_that_is_true(bank, tmp_path):
    find(bank, "anna", "2026-04-10", sure=0.92)
    find(bank, "bert", "2026-04-10", sure=0.94)
    (band,) = judge(bank, tmp_path, "anna,move,2026-04-01,2026-04-03,flat\n").bands
    assert (band.low, band.moments, band.true_share) == (0.9, 2, 0.5)
    assert band.confidence == pytest.approx(0.93)


def test_truths_of_moments_the_content_lacks_are_counted_apart(bank, tmp_path):
    report = judge(bank, tmp_path, "anna,wedding,2026-04-01,2026-04-03,flat\n")
    assert report.unknown == {"wedding": 1}
    assert report.missed == ()


def test_labels_without_visible_from_count_from_the_day_they_occurred(bank, tmp_path):
    find(bank, "anna", "2026-04-10")
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "truth.csv").write_text("customer_id,moment,occurred_on\nanna,move,2026-04-01\n")
    (score,) = evaluation.evaluate(bank, tmp_path, as_of=AS_OF).moments
    assert (score.truths, score.hits, score.median_delay) == (1, 1, 9)


def test_folder_without_labels_is_refused_with_a_hint(bank, tmp_path):
    with pytest.raises(UnreadableFile, match="no labels"):
        evaluation.evaluate(bank, tmp_path, as_of=AS_OF)


def test_labels_without_a_needed_column_are_refused_by_its_name(bank, tmp_path):
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "truth.csv").write_text("customer_id,moment\nanna,move\n")
    with pytest.raises(OffContract, match="occurred_on"):
        evaluation.evaluate(bank, tmp_path, as_of=AS_OF)


def test_label_with_an_impossible_date_is_refused(bank, tmp_path):
    with pytest.raises(UnreadableFile, match="cannot be read"):
        judge(bank, tmp_path, "anna,move,2026-02-31,,\n")


def test_data_directory_without_a_run_is_refused(tmp_path):
    with pytest.raises(NotLoaded):
        evaluate_folder(tmp_path, directory=DataDirectory(tmp_path / "data"))


def test_evaluate_without_data_directory_runs_the_line_and_scores_it(tmp_path):
    export = tmp_path / "export"
    (export / "truth").mkdir(parents=True)
    (export / "customers.csv").write_text("customer_id,birth_date\nanna,2008-03-04\nbert,1980-01-01\n")
    (export / "truth" / "truth.csv").write_text(HEAD + "anna,coming-of-age,2026-03-04,2026-03-04,birthday\n")
    result = CliRunner().invoke(application(), ["evaluate", str(export), "--as-of", "2026-06-30"])
    assert result.exit_code == 0, result.output
    line = next(line for line in result.output.splitlines() if line.startswith("coming-of-age"))
    assert line.split()[:6] == ["coming-of-age", "100.0%", "100.0%", "100.0%", "1", "1"]


def test_false_alarms_are_counted_by_cause_per_thousand_customers_and_year(bank, tmp_path):
    find(bank, "anna", "2026-04-10")
    lonely = find(bank, "bert", "2026-04-10")
    bank.execute(
        "INSERT INTO moments.contributions (moment_id, pattern, counted) VALUES (?, 'http://x/new-rent', true)",
        [lonely],
    )
    report = judge(bank, tmp_path, "", "anna,second_home,move,2026-04-01,2026-04-01\n")
    assert [(c.cause, c.alarms) for c in report.causes] == [("new-rent", 1), ("second_home", 1)]
    assert report.alarm_rate(1) == pytest.approx(500.7, abs=0.5)  # one customer, two years
