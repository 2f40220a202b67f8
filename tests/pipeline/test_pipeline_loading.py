"""What follows at once from a load, before anything is detected anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import small_bank
from augenblick.content import Content
from augenblick.pipeline import loading
from augenblick.store import DataDirectory


def test_load_with_changed_consents_publishes_by_the_banks_own_policy(
    tmp_path: Path, shipped: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = DataDirectory(tmp_path / "data")
    (directory.content / "versions" / "mine").mkdir(parents=True)
    (directory.content / "current").write_text("mine\n", encoding="utf-8")
    small_bank.family(tmp_path / "export")
    (tmp_path / "export" / "consents.csv").write_text(
        "customer_id,purpose,status,valid_from\nmum,advertising,withdrawn,2026-01-01\n", encoding="utf-8"
    )
    read: list[Path | None] = []
    heeded: list[Any] = []
    monkeypatch.setattr(loading, "load_content", lambda root: read.append(root) or shipped)
    monkeypatch.setattr(loading, "heed_consents", lambda _, **said: heeded.append(said["content"]))
    loading.load(directory, tmp_path / "export")
    assert (read, heeded) == ([directory.content / "versions" / "mine"], [shipped])
