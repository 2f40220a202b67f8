"""SPARQL Update as it is taken apart into steps: what the W3C's tests expect of it, and what it may not touch."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDFS, Namespace
from rdflib.collection import Collection
from rdflib.compare import isomorphic

from augenblick.model.errors import AugenblickError, BadParameter, BadRule, NotPermitted
from augenblick.publish.dataset import Dataset
from augenblick.publish.query import PREFIXES
from augenblick.publish.update import Reach, steps
from augenblick.publish.working_worker import Change

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
DEFAULT = "urn:x-default"
FOLDERS = (
    *("add", "basic-update", "clear", "copy", "delete", "delete-data", "delete-insert", "delete-where", "drop"),
    *("move", "update-silent"),
)
REASONED = {
    "load-silent": "LOAD is refused: nothing asked here leaves this host",
    "load-into-silent": "LOAD is refused",
}


def reach(graphs: set[str], **more: object) -> Reach:
    """Return the reach of an update in a store of its own, whose default graph is one of its graphs."""

    def dataset(default, named, made):
        everything = {*graphs, *made} - {DEFAULT}
        if default or named:
            return Dataset(tuple(default), tuple(named))
        return Dataset((DEFAULT,), tuple(sorted(everything)))

    return Reach(**{"writable": lambda _: True, "dataset": dataset, "default": DEFAULT, "graphs": tuple(graphs)} | more)


def applied(store: ox.Store, text: str, base: str = "http://base.example/") -> None:
    graphs = {graph.value for graph in store.named_graphs()}
    change = Change(store)
    for step in steps(text, reach(graphs, base=base)):
        change.apply(step, {"prefixes": PREFIXES, "base": base, "have": 0, "triples": 10_000})


def load(store: ox.Store, graph: rdflib.Graph, state: rdflib.term.Node, base: Path) -> None:
    """Put the data of an action, or of a result, into a store."""

    def put(file: rdflib.term.Node, name: str) -> None:
        path = base / str(file).rpartition("/")[2]
        store.load(path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=str(file), to_graph=ox.NamedNode(name))

    for file in graph.objects(state, UT.data):
        put(file, DEFAULT)
    for data in graph.objects(state, UT.graphData):
        put(graph.value(data, UT.graph), str(graph.value(data, RDFS.label)))


def graphs_of(store: ox.Store) -> dict[str, rdflib.Graph]:
    found: dict[str, str] = {}
    for quad in store:
        line = f"{quad.subject} {quad.predicate} {quad.object} .\n"
        found[quad.graph_name.value] = found.get(quad.graph_name.value, "") + line
    return {name: rdflib.Graph().parse(data=text, format="nt") for name, text in found.items()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_update_does_what_the_w3c_expects(shared: Path, folder: str) -> None:
    base = shared / "suites" / "sparql11" / folder
    graph = rdflib.Graph().parse(base / "manifest.ttl")
    (entries,) = graph.objects(None, MF.entries)
    tried = 0
    for entry in Collection(graph, entries):
        action = graph.value(entry, MF.action)
        name = str(entry).rpartition("#")[2]
        request = graph.value(action, UT.request)
        if request is None or name in REASONED:
            continue
        tried += 1
        store, expected = ox.Store(), ox.Store()
        load(store, graph, action, base)
        load(expected, graph, graph.value(entry, MF.result), base)
        applied(store, (base / str(request).rpartition("/")[2]).read_text())
        got, wanted = graphs_of(store), graphs_of(expected)
        assert got.keys() == wanted.keys(), name
        assert all(isomorphic(got[each], wanted[each]) for each in wanted), name
    assert tried > 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("INSERT DATA { GRAPH <urn:published> { <urn:a> <urn:b> <urn:c> } }", NotPermitted),
        ("DELETE WHERE { GRAPH <urn:published> { ?s ?p ?o } }", NotPermitted),
        ("CLEAR GRAPH <urn:published>", NotPermitted),
        ("WITH <urn:published> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", NotPermitted),
        ("COPY <urn:own> TO <urn:published>", NotPermitted),
        ("MOVE <urn:published> TO <urn:own>", NotPermitted),
        ("PREFIX x: <urn:publish> INSERT DATA { GRAPH x:ed { <urn:a> <urn:b> <urn:c> } }", NotPermitted),
        ("INSERT { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }", BadRule),
        ("INSERT DATA { GRAPH <urn:own> { <urn:a> <urn:b> <urn:c> }", BadRule),
        ("SELECT * { ?s ?p ?o }", BadRule),
        ("INSERT { ?s ?p ?o } USING <urn:own> WHERE { ?s ?p ?o }", BadParameter),
    ],
)
def test_update_that_may_not_be_is_refused_before_anything_is_done(text: str, kind: type[AugenblickError]) -> None:
    with pytest.raises(kind):
        steps(text, reach({"urn:own"}, writable=lambda graph: graph != "urn:published", using=("urn:own",)))


def test_update_is_read_past_braces_and_words_in_strings_comments_and_names() -> None:
    store = ox.Store()
    applied(
        store,
        """PREFIX graph: <urn:graph:> # } INSERT
        INSERT DATA { <urn:a> graph:where "} GRAPH <urn:x> {", '''it's } ''' ; <urn:#where> 1.5, true . # }
          GRAPH <urn:g> { <urn:b> <urn:c> "x"@en-GB, "1"^^<urn:t> } <urn:d> <urn:e> 2 } ;
        INSERT { GRAPH graph:h { ?s graph:n ?n } } WHERE { ?s <urn:#where> ?n FILTER(?n<2 && ?n>1) }""",
    )
    assert {name: len(graph) for name, graph in graphs_of(store).items()} == {DEFAULT: 5, "urn:g": 2, "urn:graph:h": 1}
