"""The ontology as it stands, and small broken ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from augenblick.content.sources import Sources

HEADER = """
@prefix aug: <https://w3id.org/augenblick/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://w3id.org/augenblick/ontology#Test> .
@prefix moment: <https://w3id.org/augenblick/moment/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix product: <https://w3id.org/augenblick/product/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix signal: <https://w3id.org/augenblick/signal/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TITLED = """
<https://w3id.org/augenblick/ontology/test> a owl:Ontology ;
  dcterms:title "Probe"@de, "Test"@en ; dcterms:license <https://www.apache.org/licenses/LICENSE-2.0> .
"""


@pytest.fixture(scope="session")
def ontology(root: Path) -> Path:
    """The ontology folder of the repository."""
    return root / "ontology"


@pytest.fixture(scope="session")
def sources(ontology: Path) -> Sources:
    """The ontology of the repository, read."""
    return Sources.read(ontology)


@pytest.fixture
def planted(tmp_path: Path) -> Callable[..., Sources]:
    """Make an ontology of one file (and further files, by name) out of statements."""

    def plant(statements: str, **files: str) -> Sources:
        folder = tmp_path / "ontology"
        folder.mkdir()
        (folder / "test.ttl").write_text(HEADER + TITLED + statements, encoding="utf-8")
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
        return Sources.read(folder)

    return plant
