"""One person's change, and one proof, on families of growing size; a JSON line out.

`python benchmarks/reason/change.py PEOPLE [PEOPLE …]` closes the kinship case, then lets children be born one by one
and takes every second one back, each through `Reasoner.apply`, and proves derived facts picked at random. The first
call after a run reads all facts once: it is told apart (`first`). Milliseconds of processor time of all threads: wall
time on a shared machine measures the neighbours.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
from graphs import FAMILY, PREDICATES, tables, write
from rdflib import Graph, URIRef

from augenblick.reason import FactBase, Reasoner, iri, load_rules, owl_rules, prove

CASE = Path(__file__).parent / "kinship"
CHANGES = 100
PROOFS = 100


def measured(people: int, folder: Path) -> dict[str, Any]:
    """Return what changes and proofs took on so many people."""
    write("kinship", people, 4711, folder)
    facts = FactBase(duckdb.connect())
    node = iri(f"{FAMILY}n")
    for name in tables(folder, facts.connection):
        sql = f"SELECT s, o FROM {name}"
        facts.add_select(sql, name="base", predicate=FAMILY + PREDICATES[name], subject=node, object=node)
    graph = Graph().parse(CASE / "axioms.ttl")
    rules = owl_rules(graph, origin="axioms.ttl") + load_rules([CASE / "siblings.rq"], relative_to=CASE)
    reasoner = Reasoner(facts, rules)
    begun, worked = time.perf_counter(), time.process_time()
    derived = reasoner.run().facts
    ran, worked = time.perf_counter() - begun, time.process_time() - worked
    draw = random.Random(4711)
    proofs = _proofs(facts, rules, draw)
    changes = [_changed(reasoner, people, draw, number) for number in range(CHANGES + 1)]
    return {
        "people": people, "derived": derived, "run_seconds": round(ran, 2), "run_processor": round(worked, 2),
        "microseconds_per_fact": round(worked / derived * 1e6, 2),
        "proof_median_ms": round(statistics.median(proofs), 2), "proof_p95_ms": _p95(proofs),
        "first_change_ms": round(changes[0], 1), "change_median_ms": round(statistics.median(changes[1:]), 2),
        "change_p95_ms": _p95(changes[1:]), "explaining_ratio": round(worked / (worked - _told(facts)), 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def _told(facts: FactBase) -> float:
    """Return the processor seconds it takes to write rule and step beside all facts."""
    took = {}
    for columns in ("s, o, g", "s, o, g, rule, step"):
        begun = time.process_time()
        for relation in facts.relations():
            if relation.rows and relation.key.klass is None:
                facts.connection.execute(
                    f"CREATE OR REPLACE TEMP TABLE written AS SELECT {columns} FROM {relation.table}"
                )
        took[columns] = time.process_time() - begun
    facts.connection.execute("DROP TABLE written")
    return max(took["s, o, g, rule, step"] - took["s, o, g"], 0)


def _changed(reasoner: Reasoner, people: int, draw: random.Random, number: int) -> float:
    """Let a child be born to a couple of the fourth generation, or take the one before back; return milliseconds."""
    born = draw.randrange(people // 5 * 3, people // 5 * 4) // 2 * 2
    child = URIRef(f"{FAMILY}n{people * 2 + number}")
    parent = URIRef(f"{FAMILY}hasParent")
    quads = [(child, parent, URIRef(f"{FAMILY}n{each}"), "base") for each in (born, born + 1)]
    begun = time.process_time()
    report = reasoner.apply(added=quads)
    took = (time.process_time() - begun) * 1000
    assert not report.recomputed
    assert len(report.added()) > len(quads)
    if number % 2:
        reasoner.apply(removed=quads)
    return took


def _proofs(facts: FactBase, rules: Any, draw: random.Random) -> list[float]:
    took = []
    some = f"USING SAMPLE reservoir({PROOFS} ROWS) REPEATABLE (7)"
    derived = facts.facts_sql(names=["inferred"])
    rows = facts.connection.execute(f"SELECT s, p, o FROM ({derived}) {some}").fetchall()
    draw.shuffle(rows)
    for s, p, o in rows:
        begun = time.process_time()
        prove(facts, rules, s, p, o)
        took.append((time.process_time() - begun) * 1000)
    return took


def _p95(values: list[float]) -> float:
    return round(statistics.quantiles(values, n=20)[-1], 2)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="augenblick-bench-") as place:
        for size in map(int, sys.argv[1:]):
            print(json.dumps(measured(size, Path(place) / str(size))), flush=True)
