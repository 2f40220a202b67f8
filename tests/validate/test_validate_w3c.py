"""The W3C SHACL test suite through the compiler, evaluated by Oxigraph."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF, SH, Graph, Namespace, URIRef

from augenblick.model.errors import BadShape

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
SUITE = Path(__file__).resolve().parents[2] / ".." / "shared" / "suites" / "shacl"
FILES = sorted(path for part in ("core", "sparql") for path in (SUITE / part).rglob("*.ttl"))
OXIGRAPH_RESPELLS = "Oxigraph stores numbers in canonical form, so the reported value is spelt otherwise"
EXCEPTIONS = {
    "core/node/maxExclusive-001.ttl": OXIGRAPH_RESPELLS,
    "core/node/minExclusive-001.ttl": OXIGRAPH_RESPELLS,
    "core/property/datatype-ill-formed.ttl": OXIGRAPH_RESPELLS,
    "sparql/pre-binding/shapesGraph-001.ttl": "$shapesGraph is optional in SHACL and refused here",
}
EXCEPTIONS_OF_THE_REASONER = {
    "core/complex/shacl-shacl.ttl": "rdflib's SPARQL parser takes minutes for groups nested this deeply",
    "core/node/minInclusive-003.ttl": "a time with a zone is compared with one without",
    "sparql/pre-binding/shapesGraph-001.ttl": "$shapesGraph is optional in SHACL and refused here",
}


@pytest.fixture(autouse=True)
def _literals_as_written(monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def parsed(path: Path) -> Graph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of the suite's deliberately ill-formed literals
        return Graph().parse(path, publicID=path.resolve().as_uri())


def cases(exceptions: dict[str, str], *, run: bool = True) -> list:
    found = []
    for path in FILES:
        name = path.relative_to(SUITE).as_posix()
        marks = [pytest.mark.xfail(reason=exceptions[name], run=run)] if name in exceptions else []
        found.append(pytest.param(path, id=name.removesuffix(".ttl"), marks=marks))
    return found or [pytest.param(None, marks=pytest.mark.skip(reason="needs ../shared/suites/shacl"))]


@pytest.mark.parametrize("path", cases(EXCEPTIONS))
def test_w3c_shape_compiled_gives_expected_results(path: Path, results_of, expected_results):
    assert_expected(path, results_of, expected_results)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", cases(EXCEPTIONS_OF_THE_REASONER, run=False))
def test_w3c_shape_on_the_reasoner_gives_expected_results(path: Path, results_on_facts, expected_results):
    assert_expected(path, results_on_facts, expected_results)


def assert_expected(path: Path, results_of, expected_results) -> None:
    graph = parsed(path)
    for test in graph.subjects(RDF.type, SHT.Validate):
        action = graph.value(test, MF.action)
        data, shapes = (_graph(graph, path, graph.value(action, part)) for part in (SHT.dataGraph, SHT.shapesGraph))
        if graph.value(test, MF.result) == SHT.Failure:
            with pytest.raises(BadShape):
                results_of(data, shapes)
        else:
            report = graph.value(test, MF.result)
            assert (report, RDF.type, SH.ValidationReport) in graph
            assert results_of(data, shapes) == expected_results(graph)


def _graph(graph: Graph, path: Path, name: URIRef) -> Graph:
    own = path.resolve().as_uri()
    return graph if str(name) == own else parsed(path.parent / str(name).rsplit("/", 1)[-1])
