"""What goes wrong on the command line: code, sentence and hint on standard error, exit code 2, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_typing import Answer, Run

from simulated_bank import SimulatedBank
from small_bank import family

HOLDER = """
import sys
from pathlib import Path
from augenblick.store import DataDirectory
connection = DataDirectory(Path(sys.argv[1])).connect()
print("held", flush=True)
sys.stdin.read()
"""


def alone(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Type a command in a process of its own, with no terminal."""
    command = [sys.executable, "-c", "from augenblick.cli import main; main()", *map(str, arguments)]
    variables = {**os.environ, "AUGENBLICK_LANG": "en", **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=variables)


def assert_refused(answer: Answer, code: str, *, hint: bool = True) -> None:
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(code), answer.err
    assert "\x1b" not in answer.err
    assert not hint or "→" in answer.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("offers", "C00000001", "--data", "{empty}/none"), "AB301"),
        (("explain", "moment/x/y/2026-01-01", "--data", "{empty}/none"), "AB301"),
        (("explain", "--why-not", "C00000001", "retirement", "--data", "{empty}"), "AB301"),
        (("query", "moments-by-type", "--data", "{empty}/none"), "AB301"),
        (("ingest", "{empty}", "--data", "{empty}/data"), "AB102"),
        (("ingest", "{empty}/none", "--data", "{empty}/data"), "AB101"),
        (("detect", "--as-of", "31.10.2026", "--data", "{empty}/data"), "AB105"),
        (("simulate", "{empty}/new", "--end", "gestern"), "AB105"),
        (("simulate", "{empty}/new", "--format", "pdf"), "AB105"),
        (("detekt",), "AB105"),
        (("detect", "--asof", "2026-10-31"), "AB105"),
        (("explain",), "AB105"),
        (("explain", "--why-not", "C00000001"), "AB105"),
        (("offers", "C1", "--lang", "fr"), "AB105"),
        (("query", "no-such-query", "--data", "{empty}"), "AB303"),
    ],
)
def test_command_that_cannot_be_done_says_code_and_hint(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    answer = run(*(argument.format(empty=tmp_path) for argument in arguments))
    assert_refused(answer, code, hint=code != "AB101")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("offers", "NOBODY"), "AB303"),
        (("explain", "moment/NOBODY/childbirth/2026-01-01"), "AB303"),
        (("explain", "--why-not", "NOBODY", "childbirth"), "AB303"),
        (("explain", "--why-not", "C00000001", "childbrith"), "AB303"),
        (("query", "customer-moments"), "AB105"),
        (("query", "customer-moments", "--set", "custommer=C00000001"), "AB105"),
        (("query", "customer-moments", "--set", "customer"), "AB105"),
        (("query", "moments-by-type", "--format", "pdf"), "AB105"),
        (("query", "moments-by-type", "--format", "turtle"), "AB603"),
    ],
)
def test_question_about_what_is_not_there_says_code_and_hint(
    run: Run, simulated_bank: SimulatedBank, arguments: tuple[str, ...], code: str
) -> None:
    assert_refused(run(*arguments, "--data", simulated_bank.directory.path), code)


def test_failure_as_json_is_json_on_standard_error(run: Run, simulated_bank: SimulatedBank) -> None:
    answer = run("offers", "NOBODY", "--json", "--data", simulated_bank.directory.path)
    assert (answer.code, answer.out) == (2, "")
    error = json.loads(answer.err)["error"]
    assert error["code"] == "AB303"
    assert error["hint"]


def test_detect_before_anything_was_loaded_says_what_to_do_first(run: Run, tmp_path: Path) -> None:
    assert_refused(run("detect", "--as-of", "2026-10-31", "--data", tmp_path / "data"), "AB301")
    assert not (tmp_path / "data").exists()


def test_second_writer_is_refused_while_the_first_holds_the_directory(run: Run, tmp_path: Path) -> None:
    family(tmp_path / "export")
    data = tmp_path / "data"
    command = [sys.executable, "-c", HOLDER, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        for arguments in (("ingest", tmp_path / "export"), ("detect",), ("offers", "mum")):
            assert_refused(run(*arguments, "--data", data), "AB302")
        holder.communicate("")
    assert run("ingest", tmp_path / "export", "--data", data).code == 0


def test_no_color_and_forced_terminal_are_respected(simulated_bank: SimulatedBank) -> None:
    arguments = ("query", "moments-by-type", "--data", simulated_bank.directory.path)
    assert "\x1b" in alone(*arguments, FORCE_COLOR="1").stdout
    assert "\x1b" not in alone(*arguments, NO_COLOR="1").stdout


def test_data_directory_that_is_a_file_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    answer = run("ingest", tmp_path, "--data", tmp_path / "data")
    assert answer.code == 2


def test_damaged_database_is_named_without_a_traceback(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bank.duckdb").write_text("this is no database" * 1000, encoding="utf-8")
    family(tmp_path / "export")
    assert_refused(run("ingest", tmp_path / "export", "--data", tmp_path / "data"), "AB302")
