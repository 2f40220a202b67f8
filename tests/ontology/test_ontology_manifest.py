"""Imports and catalog follow what lies in the folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rdflib import OWL, Graph, URIRef

from augenblick.content import manifest
from augenblick.model.errors import BadOntology

BASE = "https://w3id.org/augenblick/ontology"
PREFIXES = """@prefix aug: <https://w3id.org/augenblick/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix moment: <https://w3id.org/augenblick/moment/> .
"""


def write(folder: Path, path: str, statements: str = "", iri: str | None = None) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{PREFIXES}<{iri or manifest.own_iri(path)}> a owl:Ontology .\n{statements}", encoding="utf-8")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "ontology"
    write(folder, "augenblick.ttl")
    write(folder, "core.ttl")
    write(folder, "core/party.ttl", "aug:Party a owl:Class .")
    write(folder, "core/account.ttl", "aug:ownedBy a owl:ObjectProperty ; rdfs:range aug:Party .")
    write(folder, "moments/birth/moment.ttl", "moment:birth a owl:Class ; rdfs:subClassOf aug:Party .")
    return folder


def imported(folder: Path, path: str) -> set[str]:
    return {str(iri).removeprefix(BASE) for iri in Graph().parse(folder / path).objects(None, OWL.imports)}


def test_refresh_of_a_new_folder_gives_each_file_the_imports_it_needs(small: Path) -> None:
    manifest.refresh(small)
    assert imported(small, "augenblick.ttl") == {"/core", "/core/account", "/core/party", "/moments/birth/moment"}
    assert imported(small, "core.ttl") == {"/core/account", "/core/party"}
    assert imported(small, "core/account.ttl") == {"/core/party"}
    assert imported(small, "core/party.ttl") == set()
    assert imported(small, "moments/birth/moment.ttl") == {"/core"}
    assert manifest.refresh(small, write=False) == []


def test_refresh_of_an_alignment_of_a_moment_imports_the_moment(small: Path) -> None:
    write(small, "alignments/bio.ttl", "moment:birth rdfs:subClassOf <http://purl.org/vocab/bio/0.1/Birth> .")
    manifest.refresh(small)
    assert imported(small, "alignments/bio.ttl") == {"/core", "/moments/birth/moment"}


def test_refresh_after_a_file_came_or_went_mends_root_and_catalog(small: Path) -> None:
    manifest.refresh(small)
    write(small, "signals/salary.ttl")
    assert {p.name for p in manifest.refresh(small)} == {"augenblick.ttl", "catalog-v001.xml", "salary.ttl"}
    (small / "signals/salary.ttl").unlink()
    assert {p.name for p in manifest.refresh(small)} == {"augenblick.ttl", "catalog-v001.xml"}


def test_members_where_two_files_claim_one_iri_names_both(small: Path) -> None:
    write(small, "products/twin.ttl", iri=f"{BASE}/core/party")
    with pytest.raises(BadOntology, match=r"products/twin\.ttl: core/party\.ttl has the same ontology IRI"):
        manifest.members(small)


def test_imports_where_shared_files_need_each_other_names_the_circle(small: Path) -> None:
    write(
        small, "core/party.ttl", "aug:Party a owl:Class . aug:p a owl:ObjectProperty ; rdfs:subPropertyOf aug:ownedBy ."
    )
    with pytest.raises(BadOntology, match=r"in a circle: .*core/party\.ttl"):
        manifest.imports(manifest.members(small))


def test_member_without_a_header_is_imported_by_its_path_and_left_alone(small: Path) -> None:
    bare = small / "moments/move/moment.ttl"
    bare.parent.mkdir()
    bare.write_text(PREFIXES + "moment:move a owl:Class .", encoding="utf-8")
    before = bare.read_text(encoding="utf-8")
    manifest.refresh(small)
    assert "/moments/move/moment" in imported(small, "augenblick.ttl")
    assert bare.read_text(encoding="utf-8") == before


def test_imports_and_catalog_of_the_ontology_are_current(ontology: Path) -> None:
    assert manifest.refresh(ontology, write=False) == [], "run: python -m augenblick.content.manifest ontology"


def test_catalog_of_the_ontology_leads_every_import_to_its_file(ontology: Path) -> None:
    entries = ElementTree.parse(ontology / manifest.CATALOG).getroot()
    places = {entry.attrib["name"]: entry.attrib["uri"] for entry in entries}
    assert set(places.values()) == {p.relative_to(ontology).as_posix() for p in ontology.rglob("*.ttl")}
    for iri in Graph().parse(ontology / manifest.ROOT).objects(URIRef(manifest.ROOT_IRI), OWL.imports):
        assert (ontology / places[str(iri)]).is_file()


def test_main_with_check_tells_what_is_not_current(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert manifest.main(["--check", str(small)]) == 1
    assert "augenblick.ttl" in capsys.readouterr().out
    assert manifest.main([str(small)]) == 0
    assert manifest.main(["--check", str(small)]) == 0
    shutil.copy(small / "core/party.ttl", small / "core/copy.ttl")
    assert manifest.main([str(small)]) == 2
    assert "same ontology IRI" in capsys.readouterr().err
