"""A remote store beside the embedded one: it holds the same, answers the same, and shows nothing half."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_publish_ordering import GRAPHS, PREFIX, QUERIES, VALUES

from accesses import OPERATOR
from augenblick.model.errors import BadRule, QueryTimeout, StoreUnavailable
from augenblick.publish import current_snapshot, follow, mirror, publish, run_query
from augenblick.publish.mirror import confirm
from augenblick.publish.publication import there
from augenblick.publish.remote import RemoteStore, attach, update
from augenblick.publish.snapshots import drop_earlier, drop_snapshots
from augenblick.store import DataDirectory
from faulty_store import Faulty, faulty_store
from remote_store import Remote

BASE = "https://bank.example/graph/"
ONTOLOGY = f"{BASE}ontology"
OPEN = "<https://w3id.org/augenblick/ontology#openTo>"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ALL = "SELECT * { ?s ?p ?o }"
Quad = tuple[str, str, str, str]


def compartment(number: int) -> str:
    """Return the name of a compartment of facts."""
    return f"{BASE}facts/ordinary/{number:08x}"


def quads(triples: int, *, spread: int = 3, first: int = 0) -> list[Quad]:
    """Return so many statements over compartments, and a small ontology with blank nodes."""
    told = [(compartment(n % spread), f"<urn:s{n}>", "<urn:p>", f'"Wert {n}"') for n in range(first, first + triples)]
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    told += [
        (ONTOLOGY, "<urn:o>", kind, "<http://www.w3.org/2002/07/owl#Ontology>"),
        (ONTOLOGY, "<urn:o>", "<urn:list>", "_:one"),
        (ONTOLOGY, "_:one", "<urn:next>", "_:two"),
    ]
    return told


def begun(directory: DataDirectory, told: list[Quad]) -> None:
    """Publish quads for the first time, and bring them to the remote store."""
    put(directory, told)
    assert follow(directory)


def put(directory: DataDirectory, told: list[Quad]) -> None:
    """Publish quads, all open to the operator."""
    named = sorted({g for g, *_ in told})
    rows = [(f"<{g}>", *spo) for g, *spo in told]
    rows += [(f"<{BASE}access>", f"<{g}>", OPEN, '"operator/operation"') for g in named if g != ONTOLOGY]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE quads (g VARCHAR, s VARCHAR, p VARCHAR, o VARCHAR)")
        connection.executemany("INSERT INTO quads VALUES (?, ?, ?, ?)", rows)
        publish(directory, connection, "SELECT g, s, p, o FROM quads")


@pytest.fixture
def directory(tmp_path: Path, remote: Remote) -> Iterator[DataDirectory]:
    """A data directory that is published to a remote store."""
    attach(tmp_path / "data", remote.named(str(tmp_path)))
    yield DataDirectory(tmp_path / "data")
    attach(tmp_path / "data", None)


@pytest.fixture
def store(remote: Remote, tmp_path: Path) -> RemoteStore:
    """The store as the directory knows it."""
    return remote.named(str(tmp_path))


@pytest.fixture
def faulty(directory: DataDirectory, store: RemoteStore, remote: Remote) -> Iterator[Faulty]:
    """The same store behind a line that can be broken."""
    with faulty_store(remote) as made:
        made.store = made.store.model_copy(update={"name": store.name})
        attach(directory.path, made.store)
        yield made


def asked(
    directory: DataDirectory, query: str, store: RemoteStore | None, *, prefix: str = "", **wanted: object
) -> bytes:
    form = "ntriples" if query.lstrip().startswith(("CONSTRUCT", "DESCRIBE")) else "tsv"
    form = "csv" if query.lstrip().startswith("ASK") else form
    wanted = {"result_format": form, **wanted}
    return run_query(current_snapshot(directory), prefix + query, access=OPERATOR, store=store, **wanted).content  # type: ignore[arg-type]


def same(directory: DataDirectory, store: RemoteStore) -> bool:
    """Say whether the remote store answers as the embedded one does, whatever lies in which graph."""
    graphs = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    named = "SELECT ?s ?o { ?s ?p ?o FILTER(isIRI(?s) && !isBLANK(?o)) }"
    return all(asked(directory, query, store) == asked(directory, query, None) for query in (COUNT, graphs, named))


def test_graph_published_again_and_again_is_the_same_in_both_stores(
    directory: DataDirectory, store: RemoteStore
) -> None:
    chance = random.Random(7)
    told = quads(40)
    begun(directory, told)
    for _ in range(8):
        put(directory, told)
        assert same(directory, store)
        gone = set(chance.sample(told, 3))
        told = [quad for quad in told if quad not in gone] + quads(4, spread=5, first=chance.randrange(100, 10_000))
        told = list(dict.fromkeys(told))


def test_ontology_changed_is_seen_whole_under_its_own_name(
    directory: DataDirectory, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "PIECE", 10)  # blank nodes are not parted nevertheless
    begun(directory, quads(40))
    first = there(current_snapshot(directory), store).named
    put(directory, [*quads(40), (ONTOLOGY, "_:two", "<urn:next>", "_:three")])
    steps = "<urn:o> <urn:list>/<urn:next>/<urn:next> ?end"
    for where in (steps, f"GRAPH <{ONTOLOGY}> {{ {steps} }}"):
        query = f"SELECT (COUNT(*) AS ?n) {{ {where} }}"
        assert asked(directory, query, store) == asked(directory, query, None) == b"?n\n1\n"
    put(directory, quads(40))
    assert there(current_snapshot(directory), store).named != first  # a reader of the first sees that it was away
    put(directory, [quad for quad in quads(40) if quad[0] != ONTOLOGY])
    assert asked(directory, "ASK { GRAPH ?g { ?s ?p ?o } }", store) == b"false\n"
    assert same(directory, store)


def test_text_of_any_signs_is_the_same_in_both_stores(directory: DataDirectory, store: RemoteStore) -> None:
    texts = ["\\u0041", "\\\\u0041", "\\U0001F600 \\n", 'a "b" \\', "ä😀\t\r\n", "\x01\x7f", "?x { } <urn:a>", "# no"]
    told = [(compartment(0), f"<urn:s{n}>", "<urn:p>", str(ox.Literal(text))) for n, text in enumerate(texts)]
    told += [(compartment(0), "<urn:l>", "<urn:p>", str(ox.Literal(text, language="de"))) for text in texts]
    begun(directory, told)
    assert asked(directory, ALL, store, result_format="json") == asked(directory, ALL, None, result_format="json")


@given(st.lists(st.sampled_from(["\\", "u0041", "U00000041", '"', "\n", "u"])).map("".join))
def test_text_is_the_same_to_parsers_that_read_numbered_letters_first(text: str) -> None:
    line = f"<urn:s> <urn:p> {ox.Literal(text)} <{compartment(0)}> .\n"
    (_, triple) = mirror.parted(line.encode())
    read = re.sub(r"\\(?:u([0-9A-F]{4})|U([0-9A-F]{8}))", lambda found: chr(int(found[1] or found[2], 16)), triple)
    for told in (triple, read):
        (quad,) = ox.parse(told, format=ox.RdfFormat.N_TRIPLES)
        assert quad.object == ox.Literal(text)


@pytest.mark.parametrize("way", range(3))
def test_answer_in_order_is_the_embedded_stores_wherever_things_lie(
    directory: DataDirectory, store: RemoteStore, way: int
) -> None:
    ex = "http://example.org/"
    spread = [(way * n + n // 2 + way) % len(GRAPHS) for n in range(len(VALUES))]
    begun(
        directory,
        [(compartment(spread[n]), f"<{ex}s{n % 4}>", f"<{ex}p>", str(value)) for n, value in enumerate(VALUES)],
    )
    for query in QUERIES:
        told = [asked(directory, query, where, prefix=PREFIX) for where in (store, None)]
        assert told[0] == told[1], query


def test_query_sees_no_other_graphs_by_any_clause(directory: DataDirectory, store: RemoteStore) -> None:
    hidden = compartment(9)
    begun(directory, quads(9))
    lies = there(current_snapshot(directory), store).copies[compartment(0)].name
    for graph in (lies, compartment(0), hidden, store.registry):
        for clause in (f"FROM <{graph}>", f"FROM NAMED <{graph}>"):
            query = f"SELECT * {clause} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
            assert asked(directory, query, store) == asked(directory, query, None)
        assert asked(directory, f"ASK {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", store) == b"false\n"


class Killed(BaseException):
    """The process ends here."""


def test_publication_killed_before_any_update_leaves_the_one_before(
    directory: DataDirectory, store: RemoteStore, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(directory, quads(12))
    for updates in itertools.count(1):
        waiting = iter(range(updates - 1))

        def dying(place: RemoteStore, text: str, waiting: Iterator[int] = waiting) -> None:
            if next(waiting, None) is None:
                raise Killed
            update(place, text)

        changed = [*quads(12 + updates), (ONTOLOGY, "<urn:o>", "<urn:version>", f'"{updates}"')]
        with monkeypatch.context() as mortal:
            mortal.setattr(mirror, "update", dying)
            try:
                put(directory, changed)
                break
            except Killed:
                assert asked(directory, COUNT, store) == asked(directory, COUNT, None)
                with suppress(StoreUnavailable):  # what bears its own name is replaced before the rest is shown
                    assert same(directory, store)
        put(directory, changed)
        follow(directory)
        assert same(directory, store)
    assert updates > 6
    for number in range(3):
        put(directory, quads(13 + number))
    kept = {copy.name for copy in there(current_snapshot(directory), store).copies.values()}
    mine = {graph for graph in remote.graphs() if graph.startswith(f"{store.registry}:")}
    assert kept <= mine
    assert len({graph.split(":")[3] for graph in mine}) <= 4  # three snapshots, and what they share


def test_reader_whose_publication_goes_meanwhile_gets_no_answer(
    directory: DataDirectory, store: RemoteStore, tmp_path: Path
) -> None:
    begun(directory, quads(10))
    early = current_snapshot(directory).rename(tmp_path / "early")
    begun(directory, quads(11))
    for query in (COUNT, "ASK { <urn:nobody> ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
        with pytest.raises(StoreUnavailable, match="not in the remote store any more"):
            run_query(early, query, access=OPERATOR, store=store)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (401, "does not accept the credentials"),
        (403, "does not accept the credentials"),
        (404, "no SPARQL endpoint"),
        (500, "failed"),
        (503, "failed"),
        ("page", "another form"),
        ("cut", "another form|cannot be reached"),
    ],
)
def test_store_that_fails_says_how_and_what_is_published_follows(
    directory: DataDirectory, faulty: Faulty, fault: int | str, told: str
) -> None:
    begun(directory, quads(10))
    faulty.fault = lambda kind: fault if kind == "query" else None
    with pytest.raises(StoreUnavailable, match=told) as caught:
        asked(directory, ALL, faulty.store)
    assert caught.value.hint
    put(directory, quads(11))
    with pytest.raises(StoreUnavailable, match="not in the remote store yet"):
        asked(directory, COUNT, faulty.store)
    with pytest.raises(StoreUnavailable, match=told):
        follow(directory)
    requests = len(faulty.seen)
    put(directory, quads(12))
    assert len(faulty.seen) == requests  # who publishes does not wait for a store that is ill
    faulty.fault = lambda _: None
    assert follow(directory)
    assert not follow(directory)
    assert same(directory, faulty.store)


def test_query_only_the_store_cannot_run_is_the_callers_fault(directory: DataDirectory, faulty: Faulty) -> None:
    begun(directory, quads(1))
    faulty.fault = lambda _: 400
    with pytest.raises(BadRule, match="remote store"):
        asked(directory, ALL, faulty.store)
    with pytest.raises(BadRule, match="cannot be run"):
        asked(directory, "SELECT ?s {", faulty.store)


def test_query_that_runs_over_is_stopped_on_this_side(directory: DataDirectory, store: RemoteStore) -> None:
    begun(directory, quads(300))
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with pytest.raises(QueryTimeout):
        asked(directory, endless, store, seconds=2.0)


def test_credentials_are_sent_and_told_nowhere(
    directory: DataDirectory, faulty: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    named = faulty.store.model_copy(update={"user": "anna", "password": "geheim-7"})
    secret = RemoteStore.model_validate(named.model_dump())
    attach(directory.path, secret)
    begun(directory, quads(3))
    asked(directory, ALL, secret)
    assert {seen.get("Authorization") for seen in faulty.seen} == {"Basic YW5uYTpnZWhlaW0tNw=="}
    faulty.fault = lambda _: 401
    put(directory, quads(4))
    with pytest.raises(StoreUnavailable) as caught:
        follow(directory)
    files = [file.read_bytes() for file in directory.path.rglob("*") if file.is_file()]
    told = [str(caught.value), repr(secret), caplog.text, *(str(vars(record)) for record in caplog.records)]
    assert caplog.records
    assert not any("geheim-7" in text or "YW5uYTpn" in text for text in told)
    assert not any(b"geheim-7" in content or b"YW5uYTpn" in content for content in files)


def test_store_that_was_emptied_is_noticed_and_filled_again(
    directory: DataDirectory, store: RemoteStore, remote: Remote
) -> None:
    begun(directory, quads(10))
    held = there(current_snapshot(directory), store)
    for copy in held.copies.values():
        remote.update(f"DROP SILENT GRAPH <{copy.name}>")
    remote.update(f"DROP GRAPH <{store.registry}>")
    for query in (COUNT, "ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"):
        with pytest.raises(StoreUnavailable):
            asked(directory, query, store)
    with pytest.raises(StoreUnavailable):
        confirm(store, held)
    assert follow(directory)
    assert same(directory, store)


def test_store_that_keeps_not_what_is_written_is_not_sealed(
    directory: DataDirectory, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        mirror, "update", lambda place, text: update(place, text.replace('<urn:s7> <urn:p> "Wert 7" .', ""))
    )
    put(directory, quads(10))
    with pytest.raises(StoreUnavailable, match="does not hold what was written"):
        follow(directory)


def test_store_that_answers_from_all_its_graphs_is_refused(
    directory: DataDirectory, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(directory, quads(10))
    held = there(current_snapshot(directory), store)
    confirm(store, held)
    asked_of = mirror.asked
    monkeypatch.setattr(mirror, "asked", lambda place, query, pairs=(), **more: asked_of(place, query, **more))
    with pytest.raises(StoreUnavailable, match="other graphs"):
        confirm(store, held)


def test_what_is_dropped_here_is_dropped_there(directory: DataDirectory, store: RemoteStore, remote: Remote) -> None:
    for number in range(3):
        put(directory, [*quads(10), (compartment(1), "<urn:someone>", "<urn:p>", f'"{number}"')])
        follow(directory)
    texts = "SELECT ?o { GRAPH ?g { <urn:someone> ?p ?o } FILTER STRSTARTS(STR(?g), '" + store.registry + "') }"
    assert len(remote.rows(texts)) == 3
    drop_earlier(directory)
    assert remote.rows(texts) == [["2"]]
    drop_snapshots(directory)
    begun(directory, quads(10))
    assert remote.rows(texts) == []
