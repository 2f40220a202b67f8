"""What is published is what the run uses, and what each proof names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from accesses import OPERATOR
from augenblick import pipeline
from augenblick.editing.operations import operated
from augenblick.editing.publication import propose, publish, rollback
from augenblick.editing.versions import Versions
from augenblick.explain import render, to_prov
from augenblick.pipeline.checking import CheckReport
from augenblick.store import DataDirectory
from small_bank import family

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PATTERN = "https://w3id.org/augenblick/moment/childbirth#first-child-benefit"


@pytest.fixture
def bank(tmp_path: Path) -> DataDirectory:
    """A mother and her daughter, whose first child benefit has arrived."""
    family(tmp_path / "export")
    directory = DataDirectory(tmp_path / "data")
    pipeline.load(directory, tmp_path / "export")
    return directory


@pytest.mark.slow
def test_published_weight_is_used_and_named_by_the_proof_and_gone_after_a_rollback(bank: DataDirectory) -> None:
    versions = Versions(bank)
    change = propose(
        versions,
        lambda base: operated(base, [{"do": "set_weight", "term": PATTERN, "weight": 6.0}]),
        author="Ada",
        reason="a trial",
        at=NOW,
    )
    version = publish(
        versions, change.name, approver="Ben", at=NOW, check=lambda root: CheckReport(root, (), {}, (), None)
    )
    pipeline.detect(bank, as_of=date(2026, 5, 31))
    moment = "moment/kid/childbirth/2026-04-14"
    told = pipeline.explain(bank, moment, access=OPERATOR)
    assert (told.version, [c.weight for c in told.contributions if c.pattern == PATTERN]) == (version.name, [6.0])
    assert version.name in render(told, "de")
    assert f"ontology/version/{version.name}>" in to_prov(told, base="https://bank.example/id/")
    rollback(versions, by="Ben", reason="enough", at=NOW)
    assert pipeline.explain(bank, moment, access=OPERATOR).version == version.name
