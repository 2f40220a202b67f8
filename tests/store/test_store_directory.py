"""Connections to a data directory, kept open or opened each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from augenblick.store import DataDirectory

_OTHER = """
import sys
from pathlib import Path
from augenblick.store import DataDirectory, directory
directory.PATIENCE_SECONDS = 0
DataDirectory(Path(sys.argv[1])).connect(read_only=True).close()
"""


def made(tmp_path: Path) -> DataDirectory:
    directory = DataDirectory(tmp_path)
    connection = directory.connect()
    connection.execute("CREATE TABLE bank.seen (n INTEGER)")
    connection.close()
    return directory


def others_get_in(directory: DataDirectory) -> bool:
    command = [sys.executable, "-c", _OTHER, str(directory.path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_directory_kept_open_gives_readers_and_writers_what_is_there(tmp_path: Path) -> None:
    directory = made(tmp_path)
    directory.keep_open()
    directory.keep_open()
    writer, reader = directory.connect(), DataDirectory(tmp_path).connect(read_only=True)
    writer.execute("INSERT INTO bank.seen VALUES (1)")
    assert reader.execute("SELECT n FROM bank.seen").fetchall() == [(1,)]
    for connection in (writer, reader):
        connection.close()
    directory.let_go()
    assert not directory.kept_open


def test_directory_kept_open_is_others_again_after_it_was_let_go(tmp_path: Path) -> None:
    directory = made(tmp_path)
    directory.keep_open()
    assert not others_get_in(directory)
    directory.let_go()
    assert others_get_in(directory)


def test_rebuild_of_a_directory_kept_open_takes_the_old_ones_place(tmp_path: Path) -> None:
    directory = made(tmp_path)
    directory.keep_open()
    with directory.rebuild() as connection:
        connection.execute("CREATE TABLE fresh (n INTEGER)")
    found = directory.connect()
    assert found.execute("FROM fresh").fetchall() == []
    found.close()


def test_what_is_kept_beside_the_databases_is_opened_once_until_they_are_let_go(tmp_path: Path) -> None:
    directory = made(tmp_path)
    directory.keep_open()
    first = directory.kept_beside(object)
    assert DataDirectory(tmp_path).kept_beside(object) is first
    directory.close_beside()
    second = directory.kept_beside(object)
    directory.let_go()
    assert len({id(each) for each in (first, second, directory.kept_beside(object))}) == 3


def test_what_is_beside_databases_not_kept_open_is_opened_each_time(tmp_path: Path) -> None:
    directory = made(tmp_path)
    first = directory.kept_beside(object)
    assert directory.kept_beside(object) is not first
