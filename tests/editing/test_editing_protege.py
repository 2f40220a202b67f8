"""A file edited as in Protégé: opened with its imports, one comment added, saved in any syntax, proposed, published.

Protégé's library, the OWL API, does it; nothing but the comment may come out of it. It does so in the release that lies
beside HermiT and, where Debian's `libowlapi-java` is installed, in release 5, which Protégé 5 uses.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import owlready2
import pytest

from augenblick.editing import Edition, edits
from augenblick.editing.edits import file_edits
from augenblick.editing.publication import propose, publish
from augenblick.editing.saved_file import taken_apart
from augenblick.editing.sources import edited
from augenblick.editing.versions import Versions
from augenblick.model.errors import BadOntology
from augenblick.pipeline.checking import CheckReport
from augenblick.store import DataDirectory

SPACE = "https://w3id.org/augenblick"
FILES = {
    "signals/child-benefit": f"{SPACE}/signal/child-benefit",
    "moments/childbirth/moment": f"{SPACE}/moment/childbirth",
    "products/conditions": f"{SPACE}/product/conditions#adult",
}
BESIDE_HERMIT = Path(owlready2.__file__).parent / "hermit"
JARS = Path("/usr/share/java")
LIBRARIES = {
    "SaveEdited.java": (str(BESIDE_HERMIT), str(BESIDE_HERMIT / "HermiT.jar")),
    "SaveEdited5.java": (str(JARS / "*"),),
}
"""Programs that edit as Protégé does, and the class path of the OWL API each is written for."""
SYNTAXES = ("ttl", "rdf", "owx", "ofn")
NOTE = "Ein Hinweis, in Protégé geschrieben."
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def shipped(root: Path) -> Edition:
    return Edition.read(root)


@pytest.fixture(scope="module", params=itertools.product(LIBRARIES, FILES), ids="-".join)
def saved(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str, Path]:
    """What the OWL API saves of a file after it added a comment to a term: by which program, which term, and where."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        pytest.skip("a JDK is not here (Debian: apt-get install default-jdk-headless)")
    program, name = request.param
    if program == "SaveEdited5.java" and not (JARS / "owlapi-api.jar").exists():
        pytest.skip("release 5 of the OWL API is not here (Debian: apt-get install libowlapi-java)")
    folder = tmp_path_factory.mktemp("protege")
    paths = [str(root / "ontology" / name) for name in ("augenblick.ttl", "catalog-v001.xml")]
    own = [f"{SPACE}/ontology/{name}", FILES[name], NOTE, str(folder)]
    command = [java, "-Dfile.encoding=UTF-8", "-cp", os.pathsep.join(LIBRARIES[program])]
    driver = Path(__file__).parent / program
    done = subprocess.run(
        [*command, str(driver), *paths, *own], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    catalogued = (root / "ontology" / "catalog-v001.xml").read_text("utf-8").count("<uri ")
    assert f"ontologies={catalogued}" in done.stdout
    return program, FILES[name], folder


@pytest.mark.slow
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_file_saved_by_the_owl_api_changes_what_was_edited_and_nothing_else(
    shipped: Edition, saved: tuple[str, str, Path], syntax: str
) -> None:
    program, term, folder = saved
    if (program, syntax) == ("SaveEdited.java", "ofn") and term != FILES["signals/child-benefit"]:
        with pytest.raises(BadOntology) as refused:  # this release of the OWL API cannot read what it writes of lists
            taken_apart(shipped, folder / "saved.ofn")
        assert "Turtle" in str(refused.value.hint)
        return
    after = taken_apart(shipped, folder / f"saved.{syntax}")
    (edit,) = edits(shipped, after)
    assert (edit.field.subject, edit.field.predicate.rpartition("#")[2], edit.field.language) == (term, "comment", "de")
    assert (edit.removed, [value.lexical for value in edit.added]) == ((), [NOTE])
    assert file_edits(shipped, after) == ()


@pytest.mark.slow
def test_file_saved_by_the_owl_api_is_proposed_and_published_with_nothing_else_changed(
    shipped: Edition, saved: tuple[str, str, Path], tmp_path: Path
) -> None:
    versions = Versions(DataDirectory(tmp_path / "data"))
    make = partial(edited, saved[2] / "saved.ttl")
    change = propose(versions, make, author="Ada", reason="a note", at=NOW)
    version = publish(versions, change.name, approver="Ben", at=NOW, check=lambda r: CheckReport(r, (), {}, (), None))
    (edit,) = edits(shipped, Edition.read(versions.root(version.name)))
    assert [value.lexical for value in edit.added] == [NOTE]
