"""What the tests of the command line share."""

from __future__ import annotations

import pytest
from cli_typing import Answer, Run

from augenblick.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Type a command; what it prints is no terminal. Any exception but the exit is a traceback and fails the test."""
    monkeypatch.setenv("AUGENBLICK_LANG", "en")

    def typed(*arguments: object) -> Answer:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    return typed
