"""The tools experts and peers use read the ontology: the OWL API (Protégé's library) and owlready2."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import OWL, RDF, Graph

from augenblick.content.sources import Sources

JARS = Path("/usr/share/java")
NOT_OWL_2 = re.compile(r"xsd:(?:dayTimeDuration|yearMonthDuration|date)\b|22-rdf-syntax-ns#langString")
"""Datatypes the content uses that OWL 2 does not have; the OWL API also takes language-tagged text for one."""


def owl_api(root: Path, *, ontology: Path) -> list[str]:
    """Return what OpenOntology.java prints; skip where the OWL API or a JDK is missing."""
    java = shutil.which("java")
    if java is None or not (JARS / "owlapi-distribution.jar").exists():
        pytest.skip("the OWL API is not here (Debian: apt-get install libowlapi-java default-jdk-headless)")
    driver = Path(__file__).parent / "OpenOntology.java"
    command = [
        java,
        "-cp",
        f"{JARS}/*",
        str(driver),
        str(ontology / "augenblick.ttl"),
        str(ontology / "catalog-v001.xml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if "compiler" in done.stderr and done.returncode != 0 and "error:" not in done.stderr.partition("\n")[2]:
        pytest.skip("a Java runtime is here but no compiler (Debian: apt-get install default-jdk-headless)")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def seen(root: Path, ontology: Path) -> list[str]:
    return owl_api(root, ontology=ontology)


def test_owl_api_opens_root_and_every_import_through_the_catalog(seen: list[str], sources: Sources) -> None:
    assert f"ontologies={len(sources.files)}" in seen


def test_owl_api_finds_the_ontology_in_owl_2_rl_and_dl_but_for_dates_and_durations(seen: list[str]) -> None:
    assert [line for line in seen if line.startswith(("RL=", "DL=")) and not NOT_OWL_2.search(line)] == []


def test_owl_api_agrees_that_a_planted_axiom_is_outside_the_profile(root: Path, ontology: Path, tmp_path: Path) -> None:
    copy = tmp_path / "ontology"
    shutil.copytree(ontology, copy)
    with (copy / "core" / "party.ttl").open("a", encoding="utf-8") as file:
        file.write("aug:Person rdfs:subClassOf [ a owl:Class ; owl:unionOf ( aug:Party aug:Customer ) ] .\n")
    assert any("RL=" in line and "ObjectUnionOf" in line for line in owl_api(root, ontology=copy))


READ_WITH_OWLREADY2 = """
import sys, owlready2
world = owlready2.World()
world.get_ontology("file://" + sys.argv[1]).load(only_local=True)
for term in (*world.classes(), *world.object_properties(), *world.data_properties()):
    print(term.iri)
"""


def test_owlready2_reads_all_classes_and_properties(sources: Sources, tmp_path: Path) -> None:
    merged = Graph() + sources.union
    merged.remove((None, OWL.imports, None))
    file = tmp_path / "ontology.nt"
    merged.serialize(file, format="nt", encoding="utf-8")
    command = [sys.executable, "-c", READ_WITH_OWLREADY2, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    declared = {str(term) for kind in kinds for term in merged.subjects(RDF.type, kind)}
    assert declared <= set(done.stdout.split())
