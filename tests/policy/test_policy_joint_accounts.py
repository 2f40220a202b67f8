"""What several own is as closed as the strictest of them wants it: a booking that a joint account shows for both."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from kin_bank import AS_OF, write_table

import small_bank
from augenblick import pipeline
from augenblick.model.terms import ACCESS_GRAPH, OPEN_TO
from augenblick.store import DataDirectory
from lean_content import lean_content

BASE = "https://bank.example/id/"


def _published(folder: Path, objecting: str | None) -> list[tuple[str, ...]]:
    """Return the quads of a couple that moves, of whom one objects to analysis, as N-Quads terms."""
    export = folder / "export"
    couple = (("anna", "1984-02-01", "Anna", "female"), ("bert", "1982-03-04", "Bert", "male"))
    small_bank.write(export, "customers", list(couple))
    small_bank.write(export, "accounts", [("joint", "giro", "EUR", "2015-01-01")])
    small_bank.write(export, "account_holders", [("joint", "anna", "owner"), ("joint", "bert", "co_owner")])
    mover = ("mover", "joint", date(2026, 4, 14), "-1490.00", "EUR", "Umzüge Berger GmbH", "Umzug Rechnung 5521")
    small_bank.write(export, "transactions", [*small_bank.groceries("joint", date(2024, 5, 1), 24), mover])
    header = "customer_id,purpose,channel,status,valid_from,valid_to"
    said = [(objecting, "analysis", "", "withdrawn", "2025-01-01", "")] if objecting else []
    write_table(export, "consents", header, said)
    directory = DataDirectory(folder / "data")
    assert pipeline.load(directory, export).rejected == 0
    pipeline.detect(directory, as_of=AS_OF, content=lean_content(folder / "content", "relocation"))
    text = (directory.live_store / "graph.nq").read_text(encoding="utf-8")
    return [tuple(line.removesuffix(" .").split(" ", 2)) for line in text.splitlines()]


@pytest.mark.parametrize("objecting", [None, "anna", "bert"])
def test_booking_of_a_joint_account_is_open_to_analysis_unless_an_owner_objects(
    tmp_path: Path, objecting: str | None
) -> None:
    quads = _published(tmp_path, objecting)
    graphs = {rest.rsplit(" ", 1)[1] for subject, _, rest in quads if subject == f"<{BASE}booking/mover>"}
    assert len(graphs) == 1
    opened = {
        rest.rsplit(" ", 1)[0]
        for subject, predicate, rest in quads
        if predicate == f"<{OPEN_TO}>" and subject in graphs and rest.endswith(f"graph/{ACCESS_GRAPH}>")
    }
    stage = graphs == {f"<{BASE}graph/evidence>"}
    assert (stage or '"analyst/analysis"' in opened) is (objecting is None)
