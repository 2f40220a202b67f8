"""The text of what is published, with what came and went since it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from augenblick.publish import graph_file

A, B, C, D = (f"<urn:{name}> <urn:p> <urn:o> <urn:g> .\n".encode() for name in "abcd")


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """Return a folder with the lines B and C."""
    (tmp_path / graph_file.GRAPH_FILE).write_bytes(B + C)
    graph_file.write_mark(tmp_path, graph_file.digest(tmp_path / graph_file.GRAPH_FILE), 2)
    return tmp_path


def test_lines_that_came_and_went_later_are_told_in_order(live: Path) -> None:
    graph_file.change(live, [D, A], [B])
    assert list(graph_file.lines(live)) == [A, C, D]
    assert (live / graph_file.GRAPH_FILE).read_bytes() == B + C


def test_of_each_line_the_last_word_counts(live: Path) -> None:
    graph_file.change(live, [A], [B, C])
    graph_file.change(live, [B], [A])
    assert list(graph_file.lines(live)) == [B]


def test_settled_file_holds_what_was_told_and_its_mark_fits(live: Path) -> None:
    graph_file.change(live, [A, D], [C])
    graph_file.settle(live)
    file = live / graph_file.GRAPH_FILE
    assert file.read_bytes() == A + B + D
    assert graph_file.read_mark(live) == (graph_file.digest(file), 3)
    assert not (live / graph_file.LATER).exists()


def test_file_whose_store_may_not_hold_it_is_left_alone(live: Path) -> None:
    graph_file.change(live, [A], [])
    (live / graph_file.MARK).unlink()
    graph_file.settle(live)
    assert (live / graph_file.GRAPH_FILE).read_bytes() == B + C


def test_snapshot_linked_before_a_change_keeps_its_lines(live: Path, tmp_path: Path) -> None:
    graph_file.change(live, [A], [])
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    for name in (graph_file.GRAPH_FILE, graph_file.LATER):
        (snapshot / name).hardlink_to(live / name)
    graph_file.change(live, [D], [A])
    graph_file.settle(live)
    assert list(graph_file.lines(snapshot)) == [A, B, C]
