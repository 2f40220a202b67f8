"""A stream of rows, followed for those they touch only: tables and graph are those of a whole run."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from augenblick import pipeline
from augenblick.content import Content
from augenblick.pipeline import Updater
from augenblick.pipeline.clock import ZONE
from augenblick.simulate import simulate
from augenblick.store import DataDirectory
from derived_tables import held

END = date(2026, 10, 31)
AT = datetime(2026, 11, 1, 6, 0, tzinfo=ZONE)


class Stream:
    """Draws rows to come and keys to go."""

    def __init__(self, directory: DataDirectory, seed: int) -> None:
        connection = directory.connect(read_only=True)
        cursor = connection.execute("SELECT * EXCLUDE (_file, _line, value_date) FROM bank.transactions ORDER BY ALL")
        names = [column[0] for column in cursor.description]
        self._bookings = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        self._people = connection.execute("SELECT customer_id FROM bank.customers ORDER BY 1").fetchall()
        connection.close()
        self._draw = random.Random(seed)
        self._moved = ""

    def booking(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        row = dict(self._draw.choice(self._bookings))
        row |= {
            "transaction_id": f"new-{number}", "account_id": self._draw.choice(self._bookings)["account_id"],
            "booking_date": END - timedelta(days=self._draw.randrange(30)), "reversal_of": None,
        }  # fmt: skip
        return {"transactions": [row]}, {}

    def move(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        (self._moved,) = self._draw.choice(self._people)
        return self.move_on(number)

    def move_on(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Draw another move of whom the last was of."""
        said = {"attribute": "street", "old_value": "Alte Gasse 1", "new_value": f"Neue Allee {number}"}
        return {"customer_changes": [{"customer_id": self._moved, "changed_on": END, **said}]}, {}

    def talk(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        (customer,) = self._draw.choice(self._people)
        said = {"channel": "web", "kind": "search", "topic": self._draw.choice(("mortgage", "Geburt", "weather"))}
        return {"interactions": [{"interaction_id": f"t-{number}", "customer_id": customer, **said,
                                  "occurred_at": "2026-10-30T09:00:00"}]}, {}  # fmt: skip

    def consent(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        (customer,) = self._draw.choice(self._people)
        said = {"purpose": self._draw.choice(("advertising", "analysis", "advice", "disclosure")),
                "status": self._draw.choice(("given", "withdrawn")), "channel": None}  # fmt: skip
        return {"consents": [{"customer_id": customer, "valid_from": END - timedelta(days=number), **said}]}, {}

    def correction(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        gone = self._bookings.pop(self._draw.randrange(len(self._bookings)))
        named = {"transaction_id": f"again-{number}", "reversal_of": None}
        return {"transactions": [gone | named]}, {"transactions": [{"transaction_id": gone["transaction_id"]}]}


@pytest.mark.slow
def test_stream_of_rows_leaves_the_tables_and_the_graph_of_a_whole_run(tmp_path: Path, shipped: Content) -> None:
    simulate(tmp_path / "bank", customers=60, months=8, seed=11, end=END, formats=("parquet",))
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, tmp_path / "bank")
    pipeline.detect(directory, as_of=END, content=shipped)
    updater, stream = Updater(directory, shipped, as_of=END), Stream(directory, 4711)
    directory.keep_open()  # as a service does, which puts facts into their tables later
    followed = 0
    draws = (stream.booking, stream.move, stream.move_on, stream.correction, stream.talk, stream.consent)
    for number in range(18):
        rows, removed = draws[number % len(draws)](number)
        followed += not updater.apply(rows, removed=removed, loaded_at=AT).recomputed
    found = held(directory)
    pipeline.settle_graph(directory)
    directory.let_go()
    settled, graph = held(directory), (directory.live_store / "graph.nq").read_bytes()
    assert found == settled
    pipeline.detect(directory, as_of=END, content=shipped)
    assert found == held(directory)
    assert graph == (directory.live_store / "graph.nq").read_bytes()
    assert followed >= 13
