"""The W3C SPARQL 1.1 query-evaluation tests, run through the compiled engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
import rdflib
from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef, Variable
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.query import Result

from augenblick.model.errors import AugenblickError, OutsideFragment
from augenblick.reason import FactBase

CATEGORIES = (
    "aggregates", "bind", "bindings", "cast", "construct", "exists", "functions", "grouping", "negation",
    "project-expression", "property-path", "subquery",
)  # fmt: skip
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
DEFAULT = "default"


@dataclass(frozen=True)
class Case:
    """One test of the suite: a query, its data, the answer it wants."""

    category: str
    name: str
    query: Path
    data: tuple[Path, ...]
    named: tuple[tuple[str, Path], ...]
    result: Path

    @property
    def id(self) -> str:
        return f"{self.category}/{self.name}"


@dataclass(frozen=True)
class Outcome:
    """What became of a case: passed, refused (the engine said why) or wrong."""

    case: str
    verdict: str
    detail: str = ""


def cases(suite: Path, categories: Sequence[str] = CATEGORIES) -> Iterator[Case]:
    """Yield the query-evaluation tests of the suite (or some categories of it)."""
    for category in categories:
        manifest = Graph().parse(suite / category / "manifest.ttl")
        for entry in _entries(manifest):
            if (entry, RDF.type, MF.QueryEvaluationTest) in manifest:
                yield _case(category, manifest, entry)


def _entries(manifest: Graph) -> list[URIRef]:
    root = next(manifest.subjects(MF.entries, None))
    return [entry for entry in Collection(manifest, manifest.value(root, MF.entries)) if isinstance(entry, URIRef)]


def _path(term: object) -> Path:
    return Path(str(term).removeprefix("file://"))


def _case(category: str, manifest: Graph, entry: URIRef) -> Case:
    action = manifest.value(entry, MF.action)
    named = []
    for graph in manifest.objects(action, QT.graphData):
        path = _path(graph)
        named.append((str(graph), path))
    return Case(
        category,
        str(entry).rsplit("#", 1)[-1],
        _path(manifest.value(action, QT.query)),
        tuple(_path(data) for data in manifest.objects(action, QT.data)),
        tuple(sorted(named)),
        _path(manifest.value(entry, MF.result)),
    )


def run(case: Case) -> Outcome:
    """Return what the engine makes of a case."""
    with duckdb.connect() as connection:
        try:
            with as_written():
                return _judged(case, FactBase(connection))
        except OutsideFragment as refusal:
            return Outcome(case.id, "refused", str(refusal))
        except AugenblickError as error:
            return Outcome(case.id, "wrong", f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a finding)
            return Outcome(case.id, "wrong", f"{type(error).__name__}: {str(error).splitlines()[0][:200]}")


@contextmanager
def as_written() -> Iterator[None]:
    """Keep rdflib from changing how literals are written while it reads."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _judged(case: Case, facts: FactBase) -> Outcome:
    facts.graph_code(DEFAULT)
    for path in case.data:
        facts.add_graph(_read(path), name=DEFAULT)
    for name, path in case.named:
        facts.graph_code(name)
        facts.add_graph(_read(path), name=name)
    query = f"BASE <{case.query.as_uri()}>\n" + case.query.read_text("utf-8")
    if case.result.suffix == ".ttl" and "CONSTRUCT" in query.upper():
        return _compared(
            case, isomorphic(_plain(facts.construct(query, default=[DEFAULT])), _plain(_read(case.result)))
        )
    answer = facts.select(query, default=[DEFAULT])
    if answer.ask:
        return _compared(case, bool(answer) == bool(_wanted(case.result).askAnswer))
    wanted = _wanted(case.result)
    names = [str(variable) for variable in wanted.vars or ()]
    expected = [tuple(row.get(variable) for variable in wanted.vars or ()) for row in wanted.bindings]
    places = [answer.variables.index(name) if name in answer.variables else None for name in names]
    found = [tuple(None if i is None else row[i] for i in places) for row in answer.terms()]
    return _compared(case, same_bag(expected, found), f"wanted {_shown(expected)}, found {_shown(found)}")


def _shown(rows: list[tuple[object, ...]]) -> str:
    return (
        f"{len(rows)} rows "
        + "; ".join(sorted(str([t.n3() if t is not None else None for t in row]) for row in rows))[:300]
    )


def _compared(case: Case, same: bool, detail: str = "") -> Outcome:
    return Outcome(case.id, "passed") if same else Outcome(case.id, "wrong", detail)


def _read(path: Path) -> Graph:
    form = {".rdf": "xml", ".ttl": "turtle", ".nt": "nt"}[path.suffix]
    return Graph().parse(path, format=form, publicID=path.as_uri())


def _plain(graph: Graph) -> Graph:
    plain = Graph()
    for s, p, o in graph:
        plain.add((s, p, _value(o)))
    return plain


def _wanted(path: Path) -> Result:
    if path.suffix == ".ttl":
        return _result_graph(Graph().parse(path))
    form = {".srx": "xml", ".srj": "json", ".csv": "csv", ".tsv": "tsv"}[path.suffix]
    with path.open("rb") as file:
        return Result.parse(file, format=form)


def _result_graph(graph: Graph) -> Result:
    result = Result("SELECT")
    rows = []
    for solution in graph.objects(None, RS.solution):
        row = {}
        for binding in graph.objects(solution, RS.binding):
            row[Variable(str(graph.value(binding, RS.variable)))] = graph.value(binding, RS.value)
        rows.append(row)
    result.vars = [Variable(str(v)) for v in graph.objects(None, RS.resultVariable)]
    result.bindings = rows
    return result


def _value(term: object) -> object:
    """Return a term in a form in which equal values of one type are equal."""
    if isinstance(term, Literal) and term.language:
        return Literal(str(term), lang=term.language.lower())
    if isinstance(term, Literal) and term.datatype is not None:
        local = str(term.datatype).rsplit("#", 1)[-1]
        try:
            if local in ("double", "float"):
                return Literal(repr(float(str(term))), datatype=term.datatype)
            if local in ("integer", "decimal"):
                shown = format(Decimal(str(term)).normalize(), "f")
                return Literal(shown, datatype=term.datatype, normalize=False)
        except (InvalidOperation, ValueError):
            return term
        if local == "string":
            return Literal(str(term))
    return term


def same_bag(expected: list[tuple[object, ...]], found: list[tuple[object, ...]]) -> bool:
    """Return whether two answers hold the same rows as often, up to the names of blank nodes."""
    one, other = ([tuple(_value(term) for term in row) for row in rows] for rows in (expected, found))
    if len(one) != len(other):
        return False
    if not any(isinstance(term, BNode) for row in (*one, *other) for term in row):
        return Counter(_keys(one)) == Counter(_keys(other))
    return isomorphic(_as_graph(one), _as_graph(other))


def _keys(rows: list[tuple[object, ...]]) -> list[tuple[str, ...]]:
    return [tuple("" if term is None else term.n3() for term in row) for row in rows]


def _as_graph(rows: list[tuple[object, ...]]) -> Graph:
    graph = Graph()
    for row in rows:
        node = BNode()
        graph.add((node, RDF.type, RS.ResultSet))
        for place, term in enumerate(row):
            if term is not None:
                graph.add((node, URIRef(f"urn:place:{place}"), term))
    return graph
