"""The W3C SHACL tests, shapes compiled and run on the reasoner (or another evaluator of SELECTs)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, SH, Graph, Namespace, URIRef
from sparql_suite import Outcome, as_written

from augenblick.model.errors import BadShape
from shacl_results import Evaluator, compiled_results, on_fact_base, report_results

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
PARTS = ("core", "sparql")


@dataclass(frozen=True)
class ShaclCase:
    """One test of the suite: its file, and its name within the suite."""

    path: Path
    name: str

    @property
    def category(self) -> str:
        """The folder the test lies in."""
        return self.name.rpartition("/")[0]


def cases(suite: Path) -> Iterator[ShaclCase]:
    """Yield the tests of the suite in the order of their names; manifests and plain data are none."""
    for path in sorted(file for part in PARTS for file in (suite / part).rglob("*.ttl")):
        name = path.relative_to(suite).as_posix().removesuffix(".ttl")
        if "sht:Validate" in path.read_text("utf-8"):
            yield ShaclCase(path, name)


def run(case: ShaclCase, evaluator: Evaluator = on_fact_base) -> Outcome:
    """Return what becomes of a test; refused is only what the compiler of shapes itself refuses."""
    try:
        with as_written():
            return _judged(case, evaluator)
    except BadShape as refusal:
        return Outcome(case.name, "refused", str(refusal))
    except Exception as error:  # noqa: BLE001 (whatever it is, it is a finding)
        return Outcome(case.name, "wrong", f"{type(error).__name__}: {str(error).splitlines()[0][:200]}")


def _judged(case: ShaclCase, evaluator: Evaluator) -> Outcome:
    graph = _parsed(case.path)
    for test in graph.subjects(RDF.type, SHT.Validate):
        action = graph.value(test, MF.action)
        parts = (graph.value(action, part) for part in (SHT.dataGraph, SHT.shapesGraph))
        data, shapes = (_graph(graph, case.path, URIRef(str(part))) for part in parts)
        wanted = graph.value(test, MF.result)
        if wanted == SHT.Failure:
            return _refusal(case, data, shapes, evaluator)
        if (wanted, RDF.type, SH.ValidationReport) not in graph:
            return Outcome(case.name, "wrong", "the test has no report to compare with")
        found, expected = compiled_results(data, shapes, evaluator), report_results(graph)
        if found != expected:
            detail = f"{sum((found - expected).values())} results too many, {sum((expected - found).values())} missing"
            return Outcome(case.name, "wrong", detail)
    return Outcome(case.name, "passed")


def _refusal(case: ShaclCase, data: Graph, shapes: Graph, evaluator: Evaluator) -> Outcome:
    try:
        compiled_results(data, shapes, evaluator)
    except BadShape:
        return Outcome(case.name, "passed")
    return Outcome(case.name, "wrong", "accepts shapes that must be refused")


def _graph(graph: Graph, path: Path, name: URIRef) -> Graph:
    own = path.resolve().as_uri()
    return graph if str(name) == own else _parsed(path.parent / str(name).rsplit("/", 1)[-1])


def _parsed(path: Path) -> Graph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of the suite's deliberately ill-formed literals
        return Graph().parse(path, publicID=path.resolve().as_uri())
