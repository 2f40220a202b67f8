"""What is kept in the user's cache directory: given back, never trusted, never needed."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from augenblick.content import load_content
from augenblick.model.shelf import Shelf
from augenblick.reason import load_rule

RULE = "CONSTRUCT { ?x a <urn:a> } WHERE { ?x <urn:p> ?y FILTER EXISTS { ?y <urn:q> ?x } }"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "augenblick"


class Mark:
    """Something a shelf may hold."""


class Attack:
    """Something that would run a command when it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def shelf(most: int = 10) -> Shelf:
    return Shelf("marks", (f"{__name__}.Mark",), most=most)


def test_shelf_asked_for_what_was_put_there_gives_it_back() -> None:
    shelf().put("a", (1, "two", Mark()))
    found = shelf().get("a")
    assert found is not None
    assert found[:2] == (1, "two")
    assert isinstance(found[2], Mark)
    assert shelf().get("b") is None


@pytest.mark.parametrize("value", [pickle.dumps(Attack()), b"", b"\x80nothing", pickle.dumps(Path("a"))])
def test_shelf_with_an_entry_that_is_damaged_or_of_another_class_gives_nothing(cache: Path, value: bytes) -> None:
    shelf().put("a", 1)
    (file,) = cache.iterdir()
    file.write_bytes(value)
    assert shelf().get("a") is None


def test_shelf_in_a_folder_others_can_write_to_is_left_alone(cache: Path) -> None:
    shelf().put("a", 1)
    cache.chmod(0o777)
    assert shelf().get("a") is None
    shelf().put("b", 1)
    assert len(list(cache.iterdir())) == 1


def test_shelf_where_no_folder_can_be_made_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    shelf().put("a", 1)
    assert shelf().get("a") is None


def test_shelf_that_is_full_drops_entries() -> None:
    small = shelf(most=4)
    for number in range(9):
        small.put(str(number), number)
    assert small.get("8") == 8
    assert sum(small.get(str(number)) is not None for number in range(9)) <= 4


def test_shelf_that_is_full_keeps_what_was_asked_for_lately(cache: Path) -> None:
    small = shelf(most=4)
    dated: set[Path] = set()
    for number in range(4):
        small.put(str(number), number)
        (new,) = set(cache.iterdir()) - dated
        os.utime(new, (number, number))
        dated.add(new)
    assert small.get("0") == 0
    for number in range(4, 6):
        small.put(str(number), number)
    assert small.get("0") == 0
    assert small.get("1") is None


def test_content_read_from_the_shelf_equals_that_read_from_its_files(cache: Path) -> None:
    read, kept = load_content(), load_content()
    assert [file.name.split("-")[0] for file in cache.iterdir()] == ["content"]
    assert kept is not read
    assert set(kept.graph) == set(read.graph)
    assert set(kept.shapes) == set(read.shapes)
    for name in ("root", "signals", "moments", "products", "core_rules", "pattern_rules", "moment_rules", "queries"):
        assert getattr(kept, name) == getattr(read, name)


def test_content_with_a_changed_file_is_read_again(cache: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "ontology" / "core").mkdir(parents=True)
    file = home / "ontology" / "core" / "core.ttl"
    file.write_text("<urn:a> <urn:p> <urn:b> .", encoding="utf-8")
    assert len(load_content(home).graph) == 1
    file.write_text("<urn:a> <urn:p> <urn:b>, <urn:c> .", encoding="utf-8")
    assert len(load_content(home).graph) == 2


def test_rule_read_from_the_shelf_equals_that_read_from_its_text(cache: Path) -> None:
    from augenblick.reason import sparql

    read = load_rule(RULE, origin="here")
    sparql._rule.cache_clear()
    kept = load_rule(RULE, origin="here")
    assert len(list(cache.iterdir())) == 1
    assert kept is not read
    assert repr(kept) == repr(read)
