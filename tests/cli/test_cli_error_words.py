"""Errors of `propose`, `publish` and `rollback` in German: each sentence and mend that can be told has German words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from augenblick import editing
from augenblick.cli.app import main
from augenblick.cli.error_words import told
from augenblick.editing import Edition
from augenblick.model import errors
from augenblick.model.errors import AugenblickError, BadOntology, BadParameter, Conflict

ROOM = Path(str(editing.__file__)).parent
KINDS = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, AugenblickError)}


def text(node: ast.expr) -> Iterator[str]:
    """Give the texts an expression may stand for, its parts that are not known yet as a word."""
    match node:
        case ast.Constant(value=str(said)):
            yield said
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x-7" for part in parts)
        case ast.BoolOp(values=values):
            for value in values:
                yield from text(value)


def sentences() -> Iterator[tuple[str, str]]:
    """Give what errors of the editing say and how they say it is mended, with its kind."""
    for file in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[message, *_], keywords=given) if name in KINDS:
                    named = {each.arg: each.value for each in given}
                    if "german" not in named:
                        yield from (("message", said) for said in text(message))
                    if "hint" in named:
                        yield from (("hint", said) for said in text(named["hint"]))
                case ast.Assign(targets=[ast.Name(id="hint")], value=value):
                    yield from (("hint", said) for said in text(value))


def in_german(kind: str, said: str) -> str:
    shown = told(BadParameter(said) if kind == "message" else BadParameter("x", hint=said), "de")
    return shown.message if kind == "message" else shown.hint


def test_every_error_of_the_editing_has_german_words() -> None:
    found = sorted(set(sentences()))
    assert len(found) > 60
    assert [(kind, said) for kind, said in found if said in in_german(kind, said)] == []


@pytest.mark.parametrize(
    ("written", "line", "said", "mend"),
    [
        ("signal:x a aug:Signal ;\n  rdfs:label „x“@de .".encode(), 2, "typografisches Anführungszeichen", "gerade"),
        ("# eins\n# ä".encode("latin-1"), 2, "nicht in UTF-8 gespeichert", "Kodierung UTF-8"),
        ("\ufeff# eins".encode(), 1, "unsichtbaren Zeichen", "ohne BOM"),
    ],
)
def test_file_that_cannot_be_read_is_told_as_the_check_tells_it(
    written: bytes, line: int, said: str, mend: str, tmp_path: Path
) -> None:
    (tmp_path / "ontology").mkdir()
    prefixes = b"@prefix aug: <urn:a#> . @prefix signal: <urn:s#> . @prefix rdfs: <urn:r#> . "
    (tmp_path / "ontology/x.ttl").write_bytes(written if written[0] != ord("s") else prefixes + written)
    with pytest.raises(BadOntology) as caught:
        _ = Edition.read(tmp_path).triples
    german, english = told(caught.value, "de"), told(caught.value, "en")
    assert (german.where, english.where) == (f"ontology/x.ttl, Zeile {line}", f"ontology/x.ttl, line {line}")
    assert said in german.message
    assert mend in german.hint
    assert english.message != german.message


def test_error_without_german_words_of_its_own_is_told_in_general_beside_the_english_sentence() -> None:
    shown = told(BadParameter("a cake", hint="eat it"), "de")
    assert shown.message == f"{BadParameter.german} (a cake)"
    assert shown.hint == "eat it"
    assert told(Conflict("a cake", german="ein Kuchen"), "de").message == "ein Kuchen"


@pytest.mark.parametrize("how", ["environment", "option", "option="])
def test_command_speaks_the_language_asked_for(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUGENBLICK_LANG", "de" if how == "environment" else "en")
    asked = {"environment": [], "option": ["--lang", "de"], "option=": ["--lang=de"]}[how]
    operations = tmp_path / "edit.json"
    operations.write_text('[{"do": "set_wieght", "term": "moment:childbirth"}]', encoding="utf-8")
    edit = ["--from", str(operations), "--author", "Ada", "--data", str(tmp_path / "data")]
    with pytest.raises(SystemExit) as ended:
        main(["propose", *edit, "--reason", "ein Versuch", *asked])
    assert ended.value.code == 2
    assert capsys.readouterr().err.split("\n")[:3] == [
        "AB105 Eine Operation „set_wieght“ gibt es nicht.",
        "      Operation 1, Angabe „do“",
        "      → Meinten Sie `set_weight`?",
    ]
    with pytest.raises(SystemExit):
        main(["propose", *edit, *asked])
    assert "Die Angabe --reason fehlt." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["propose", *edit, "--reason", " ", *asked])
    assert "Die Begründung fehlt." in capsys.readouterr().err
