"""Publishing: canonical, by difference, immutable to readers."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyoxigraph
import pytest

from accesses import OPERATOR
from augenblick.model.errors import BadParameter, BadRule, NotFound, NotLoaded, QueryTimeout
from augenblick.publish import current_snapshot, find_query, publish, run_query, snapshots
from augenblick.publish.library import read_query
from augenblick.store import DataDirectory

GRAPH = "<https://bank.example/graph/facts>"
OPEN = (
    "<https://bank.example/graph/access>",
    GRAPH,
    "<https://w3id.org/augenblick/ontology#openTo>",
    '"operator/operation"',
)


def quads(*triples: tuple[str, str, str]) -> str:
    rows = ", ".join(f"('{s}', '{p}', '{o}')" for s, p, o in triples)
    opened = ", ".join(f"'{part}'" for part in OPEN)
    return f"SELECT '{GRAPH}' AS g, s, p, o FROM (VALUES {rows}) AS t(s, p, o) UNION ALL SELECT {opened}"


MANY = [(f"<urn:s{n}>", "<urn:p>", f'"Wert {n}, \\"ä\\""') for n in range(50)]


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path / "data")


def rows(directory: DataDirectory, sparql: str, **options: object) -> list[dict[str, str]]:
    answer = run_query(current_snapshot(directory), sparql, access=OPERATOR, **options)  # type: ignore[arg-type]
    found = json.loads(answer.content)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in found]


def test_publish_whatever_the_row_order_gives_the_same_bytes(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(directory, connection, quads(*MANY))
    first = (current_snapshot(directory) / "graph.nq").read_bytes()
    publish(directory, connection, quads(*reversed(MANY)))
    assert (current_snapshot(directory) / "graph.nq").read_bytes() == first
    assert first.decode().splitlines() == sorted(first.decode().splitlines())


def test_publish_again_writes_only_the_difference_and_equals_a_fresh_store(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(directory, connection, quads(*MANY))
    changed = [*MANY[1:], ("<urn:new>", "<urn:p>", "<urn:o>")]
    report = publish(directory, connection, quads(*changed))
    assert (report.added, report.removed, report.quads) == (1, 1, 51)
    stored = set(pyoxigraph.Store.read_only(str(current_snapshot(directory) / "store")))
    text = (current_snapshot(directory) / "graph.nq").read_text()
    assert stored == set(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS))


def test_publish_again_with_other_blank_nodes_leaves_none_of_the_old_ones(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(
        directory, connection, quads(*MANY, ("_:list1", "<urn:first>", "<urn:a>"), ("<urn:s>", "<urn:p>", "_:list1"))
    )
    publish(
        directory, connection, quads(*MANY, ("_:list2", "<urn:first>", "<urn:b>"), ("<urn:s>", "<urn:p>", "_:list2"))
    )
    found = rows(directory, "SELECT ?first { <urn:s> <urn:p>/<urn:first> ?first }")
    assert found == [{"first": "urn:b"}]
    assert len(rows(directory, "SELECT ?list { ?list <urn:first> ?first }")) == 1


def test_publish_after_a_crash_between_store_and_mark_loads_the_whole(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(directory, connection, quads(*MANY))
    (directory.live_store / snapshots.MARK).unlink()
    report = publish(directory, connection, quads(*MANY[:10]))
    assert report.quads == report.added == 11
    assert len(rows(directory, "SELECT ?s { ?s <urn:p> ?o }")) == 10


def test_publish_calls_what_is_done_meanwhile_once_before_the_snapshot(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    seen: list[int] = []

    def note() -> None:
        seen.append(len(list(directory.snapshots.glob("0*"))))

    for shown in (MANY, MANY, MANY[1:], MANY[:5]):  # whole, the same, a little less, whole again
        publish(directory, connection, quads(*shown), meanwhile=note)
    assert seen == [0, 1, 2, 3]


def test_publish_after_what_is_done_meanwhile_failed_is_whole_again(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(directory, connection, quads(*MANY))
    before = current_snapshot(directory)
    with pytest.raises(ZeroDivisionError):
        publish(directory, connection, quads(*MANY[:5]), meanwhile=lambda: 1 / 0)
    assert current_snapshot(directory) == before
    assert len(rows(directory, "SELECT ?s { ?s <urn:p> ?o }")) == 50
    publish(directory, connection, quads(*MANY[:5]))
    assert len(rows(directory, "SELECT ?s { ?s <urn:p> ?o }")) == 5


def test_publish_of_what_cannot_be_loaded_says_so_and_leaves_the_snapshot(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(directory, connection, quads(*MANY))
    before, done = current_snapshot(directory), []
    with pytest.raises(SyntaxError):
        publish(directory, connection, quads(("no term", "<urn:p>", '""')), meanwhile=lambda: done.append(1))
    assert done
    assert current_snapshot(directory) == before
    assert len(rows(directory, "SELECT ?s { ?s <urn:p> ?o }")) == 50


def test_snapshot_before_any_publish_says_what_to_do(directory: DataDirectory) -> None:
    with pytest.raises(NotLoaded, match="augenblick detect"):
        current_snapshot(directory)


def test_query_with_a_parameter_binds_it_as_a_value_not_as_text(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(directory, connection, quads(("<urn:a>", "<urn:id>", '"x"'), ("<urn:b>", "<urn:id>", '"y"')))
    query = "SELECT ?s { ?s <urn:id> $id }"
    assert rows(directory, query, parameters={"id": ("string", "x")}) == [{"s": "urn:a"}]
    assert rows(directory, query, parameters={"id": ("string", 'x" } DROP')}) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://x> {} }",
        "SELECT * { service silent <u:x> {?s ?p ?o}}",
        "SELECT * { ?s ?p ?o.SERVICE<u:x>{?s ?p ?o} }",
        "SELECT * { ?s ?p 5SERVICESILENT <u:x> {?s ?p ?o} }",
        "SELECT * { SERVICEmoment:x { ?s ?p ?o } }",
        "SELECT * { ?s ?p moment:GRAPH SERVICE ?x { ?s ?p ?o } }",
        r"SELECT * { ?s ?p moment:a\' . SERVICE <u:x> { ?s ?p ?o } ?s ?p moment:b\'' }",
        "SELECT * { ?s ?p moment:a\\# . SERVICE <u:x> { ?s ?p ?o }\n }",
    ],
)
def test_query_that_calls_out_is_refused(query: str, directory: DataDirectory) -> None:
    with pytest.raises(BadRule, match="SERVICE"):
        run_query(directory.path, query, access=OPERATOR)


def test_query_with_the_word_service_in_a_string_runs(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    publish(directory, connection, quads(("<urn:service>", "<urn:id>", '"a SERVICE b"')))
    assert len(rows(directory, 'SELECT ?s { ?s ?p "a SERVICE b" } # SERVICE')) == 1


def test_query_past_its_deadline_is_killed(directory: DataDirectory, connection: duckdb.DuckDBPyConnection) -> None:
    publish(directory, connection, quads(*MANY))
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
    with pytest.raises(QueryTimeout, match="stopped"):
        run_query(current_snapshot(directory), endless, access=OPERATOR, seconds=0.5)


def test_query_with_a_syntax_error_says_where(directory: DataDirectory, connection: duckdb.DuckDBPyConnection) -> None:
    publish(directory, connection, quads(*MANY))
    with pytest.raises(BadRule, match="cannot be run"):
        run_query(current_snapshot(directory), "SELECT ?s { ?s ?p }", access=OPERATOR)


def test_library_query_header_is_read_and_values_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "open-moments.rq"
    path.write_text(
        "# title (de): Offene Momente\n# title (en): Open moments\n"
        "# parameter: customer (string) — the id\n# parameter: from (date) — since [default: 2026-01-01]\n"
        "# roles: analyst\nSELECT * {}\n"
    )
    query = read_query(path)
    assert query.title("de") == "Offene Momente"
    assert query.values({"customer": "c1"}) == {"customer": ("string", "c1"), "from": ("date", "2026-01-01")}
    with pytest.raises(BadParameter, match="missing"):
        query.values({})
    with pytest.raises(BadParameter, match="did you mean customer"):
        query.values({"custmer": "c1"})
    with pytest.raises(BadParameter, match=r"'01.02.2026' is no date for the parameter 'from'.*2026-06-30"):
        query.values({"customer": "c1", "from": "01.02.2026"})
    with pytest.raises(NotFound, match="did you mean open-moments"):
        find_query(tmp_path, "open-moment")


def test_publish_leaves_the_memory_limit_of_the_connection_as_it_was(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection
) -> None:
    for limit in ("4.0 GiB", "100.0 MiB"):  # above and below what publishing would take
        connection.execute(f"SET memory_limit = '{limit}'")
        publish(directory, connection, quads(*MANY))
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == (limit,)


def test_publish_with_too_little_memory_to_sort_in_takes_more(
    directory: DataDirectory, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SORTING_MEMORY", "1MB")
    many = "SELECT '<urn:g>' AS g, concat('<urn:s', i, '>') AS s, '<urn:p>' AS p, '<urn:o>' AS o FROM range(50000) t(i)"
    with pytest.raises(duckdb.OutOfMemoryException):
        connection.execute("SET memory_limit = '1MB'").execute(f"CREATE TEMP TABLE x AS {many} ORDER BY s")
    connection.execute("SET memory_limit = '1GB'")
    assert publish(directory, connection, many).quads == 50000
