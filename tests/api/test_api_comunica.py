"""Comunica, the query engine of browsers and Node: it reads the description of the service, then asks and writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from published import ANALYST, numbers, publish_quads

from running_service import Served

pytestmark = pytest.mark.slow
WORK = "https://bank.example/working/comunica"
SCRIPT = Path(__file__).with_name("comunica.mjs")


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where `make test-all` has put Comunica."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("AUGENBLICK_COMUNICA") or cache / "augenblick" / "comunica")
    if shutil.which("node") is None:
        pytest.skip("Node is not installed: Comunica needs version 20 or newer")
    if not (folder / "node_modules" / "@comunica" / "query-sparql").is_dir():
        pytest.skip("Comunica is not installed: `make test-all` installs it where there is npm")
    return folder


@pytest.fixture(scope="module")
def running(serve_once, tmp_path_factory: pytest.TempPathFactory) -> Served:
    data = tmp_path_factory.mktemp("comunica")
    publish_quads(data, numbers(50))
    return serve_once(data=data, working_graphs={"analyst": {"graphs": [WORK]}})


def asked(modules: Path, running: Served, kind: str, query: str) -> Any:
    told = {"endpoint": running.url + "/sparql", "headers": ANALYST, "query": query, "kind": kind}
    done = subprocess.run(
        ["node", str(SCRIPT), str(modules)],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["answer"]


def test_comunica_gets_rows_answers_and_triples(modules: Path, running: Served) -> None:
    query = "SELECT ?s ?v { ?s <urn:value> ?v FILTER(?v > 46) } ORDER BY DESC(?v) LIMIT 2"
    assert asked(modules, running, "bindings", query) == [{"s": "urn:n49", "v": "49"}, {"s": "urn:n48", "v": "48"}]
    counted = "SELECT (COUNT(*) AS ?n) { ?s <urn:value> ?v OPTIONAL { ?s <urn:other> ?o } }"
    assert asked(modules, running, "bindings", counted) == [{"n": "50"}]
    assert asked(modules, running, "boolean", "ASK { <urn:n7> <urn:value> 7 }") is True
    assert asked(modules, running, "boolean", "ASK { <urn:n7> <urn:value> 8 }") is False
    assert asked(modules, running, "quads", "CONSTRUCT WHERE { ?s <urn:value> ?v }") == 50


def test_comunica_writes_a_working_graph_and_reads_it(modules: Path, running: Served) -> None:
    asked(modules, running, "void", f"INSERT DATA {{ GRAPH <{WORK}> {{ <urn:n7> <urn:mark> 'seen' }} }}")
    query = "SELECT ?v ?m { ?s <urn:mark> ?m ; <urn:value> ?v }"
    assert asked(modules, running, "bindings", query) == [{"v": "7", "m": "seen"}]
