"""The same bank in another order, other files, other formats: the same moments; with the same ids the same bytes."""

from __future__ import annotations

import csv
import random
import shutil
from pathlib import Path
from typing import Any

from augenblick import pipeline
from augenblick.content import Content, load_content
from augenblick.policy.pseudonyms import KEY_FILE
from augenblick.store import DataDirectory
from simulated_bank import END, SimulatedBank

PARTS = 3


def scattered(source: Path, target: Path) -> None:
    """Write every table's rows in another order into several files of other names."""
    dice = random.Random(7)
    target.mkdir()
    for file in sorted(source.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            header, *rows = list(csv.reader(text))
        dice.shuffle(rows)
        for part in range(PARTS):
            with (target / f"{file.stem}-{PARTS - part}.csv").open("w", encoding="utf-8", newline="") as text:
                csv.writer(text).writerows([header, *rows[part::PARTS]])


def moments_of(directory: DataDirectory, bank: SimulatedBank) -> list[tuple[Any, ...]]:
    """Return the moments with their waterfalls; indications are named by ids of bookings and left out."""
    with pipeline.last_run(directory, bank.content) as run:
        return run.connection.execute(
            "SELECT m.* EXCLUDE (cluster_id), (SELECT list((pattern, weight, observed_on, counted) "
            "ORDER BY pattern, observed_on, counted) FROM moments.contributions c WHERE c.moment_id = m.moment_id) "
            "FROM moments.moments m ORDER BY ALL"
        ).fetchall()


def series_of(directory: DataDirectory, bank: SimulatedBank) -> list[tuple[Any, ...]]:
    """Return the regular payments without their ids; whose text is blacked out has a pseudonym of its own per bank."""
    with pipeline.last_run(directory, bank.content) as run:
        return run.connection.execute(
            "SELECT * EXCLUDE (series_id, first_occurrence, last_occurrence) REPLACE (CASE WHEN payer_name NOT LIKE "
            "'[%' THEN payer END AS payer) FROM evidence.series ORDER BY ALL"
        ).fetchall()


def run(folder: Path, data: Path, bank: SimulatedBank) -> DataDirectory:
    """Run the line in a new directory of the same bank: with the same key for pseudonyms."""
    data.mkdir(parents=True)
    shutil.copy2(bank.directory.path / KEY_FILE, data / KEY_FILE)
    directory = DataDirectory(data)
    assert pipeline.load(directory, folder).rejected == 0
    pipeline.detect(directory, as_of=END, content=bank.content)
    return directory


def test_graph_of_shuffled_split_and_renamed_files_is_the_same_bytes(
    simulated_bank: SimulatedBank, tmp_path: Path
) -> None:
    scattered(simulated_bank.csv, tmp_path / "export")
    directory = run(tmp_path / "export", tmp_path / "data", simulated_bank)
    assert (directory.live_store / "graph.nq").read_bytes() == simulated_bank.graph.read_bytes()


def test_graph_of_the_parquet_export_is_the_same_bytes(simulated_bank: SimulatedBank, tmp_path: Path) -> None:
    directory = run(simulated_bank.exports / "parquet", tmp_path / "data", simulated_bank)
    assert (directory.live_store / "graph.nq").read_bytes() == simulated_bank.graph.read_bytes()


def test_moments_of_account_statements_are_those_of_the_table(simulated_bank: SimulatedBank, tmp_path: Path) -> None:
    """Statements name bookings by other ids, and purposes come without sub-field tags: nothing else may differ.

    What MT940, which carries fewer codes, leaves of the evidence is compared in `tests/ingest`.
    """
    directory = run(simulated_bank.exports / "camt.053", tmp_path / "data", simulated_bank)
    assert moments_of(directory, simulated_bank) == moments_of(simulated_bank.directory, simulated_bank)
    assert series_of(directory, simulated_bank) == series_of(simulated_bank.directory, simulated_bank)


def test_content_read_again_is_the_same_graph_with_its_anonymous_nodes(shipped: Content) -> None:
    again = load_content(shipped.root)
    assert set(again.graph) == set(shipped.graph)
    assert set(again.shapes) == set(shipped.shapes)


def test_second_run_publishes_no_difference_and_says_the_same(simulated_bank: SimulatedBank, tmp_path: Path) -> None:
    shutil.copytree(simulated_bank.directory.path, tmp_path / "data")
    directory = DataDirectory(tmp_path / "data")
    report = pipeline.detect(directory, as_of=END, content=simulated_bank.content)
    assert (report.published.added, report.published.removed) == (0, 0)
    assert report.published.snapshot == simulated_bank.report.published.snapshot + 1
    assert (directory.live_store / "graph.nq").read_bytes() == simulated_bank.graph.read_bytes()
    kept = report.to_dict() | {"seconds": 0, "published": 0}
    assert kept == simulated_bank.report.to_dict() | {"seconds": 0, "published": 0}
