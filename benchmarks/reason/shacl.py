"""Validation of many focus nodes beside pyshacl, on the same graph and with the same report, in one run.

`python benchmarks/reason/shacl.py` writes `results/shacl-<date>.json` and `.md`. `shapes/core.ttl` asks of each person
what shapes ask: cardinalities, datatypes, classes, lists, patterns, pairs of properties, an inverse path and a choice;
`shapes/sparql.ttl` asks a query of each. About one person in twenty-five breaks something. Each run has a process of
its own, engines in turns, medians; the graph is loaded before the clock starts, ours into the fact base, pyshacl's
into rdflib. The reports are held against each other result by result (focus node, value, path, component, severity).
Where pyshacl would take too long, Augenblick is measured alone, and the page tells its time per focus node.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
from rdflib import SH, Graph, URIRef
from rdflib.term import Node
from turns import alone, in_turns, taken

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from memory import Stages  # noqa: E402
from outcome import RESULTS, in_words, machine, written  # noqa: E402

FAMILY = "https://example.org/family#"
BOTH = ("augenblick", "pyshacl")
SIZES: dict[str, dict[int, tuple[str, ...]]] = {
    "core": {1_000: BOTH, 10_000: BOTH, 100_000: ("augenblick",)},
    "sparql": {500: BOTH, 100_000: ("augenblick",)},
}
"""Per file of shapes and number of focus nodes, who validates."""
MANY = 1_000
"""Focus nodes above which engines run once."""
Results = Iterator[tuple[str, ...]]


def people(number: int, seed: int) -> Iterator[str]:
    """Yield the N-Triples lines of so many people, of whom about one in twenty-five breaks a shape."""
    draw = random.Random(seed)
    born: list[int] = []
    for person in range(number):
        born.append(1930 + person * 80 // number)
        elder = [draw.randrange(person) for _ in range(2)] if person > number // 5 else []
        elder = [each for each in elder if born[each] < born[person] - 1]
        yield from _person(person, born[person], elder, draw)


def _person(number: int, year: int, parents: list[int], draw: random.Random) -> Iterator[str]:
    s = f"<{FAMILY}p{number}>"
    faulty = draw.randrange(25) == 0
    fault = draw.choice(["name", "date", "sex", "code", "parent", "contact", "order", "age"]) if faulty else ""
    date = "http://www.w3.org/2001/XMLSchema#date"
    yield f"{s} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{FAMILY}Person> .\n"
    if fault != "name":
        yield f'{s} <{FAMILY}name> "Person {number}" .\n'
    day = f"{year - 90 * (fault == 'age')}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
    yield f'{s} <{FAMILY}birthDate> "{day}"' + (f"^^<{date}> .\n" if fault != "date" else " .\n")
    if number % 10 == 0 or fault == "order":
        yield f'{s} <{FAMILY}deathDate> "{year - 3 if fault == "order" else year + 60}-01-01"^^<{date}> .\n'
    sex = "unknown" if fault == "sex" else draw.choice(["female", "male"])
    yield f'{s} <{FAMILY}sex> "{sex}" .\n'
    yield f'{s} <{FAMILY}postalCode> "{"D-1" if fault == "code" else draw.randrange(10_000, 99_999)}" .\n'
    yield f'{s} <{FAMILY}contact> "{"?" if fault == "contact" else draw.choice(["a@b.example", "+49 30 1"])}" .\n'
    for each in parents:
        yield f"{s} <{FAMILY}hasParent> <{FAMILY}{'x' if fault == 'parent' else 'p'}{each}> .\n"


def augenblick(shapes: Path, file: Path, stages: Stages) -> Results:
    """Compile the shapes and run them on the fact base."""
    from augenblick.reason import FactBase, add_file
    from augenblick.validate import compile_shapes, run

    facts = FactBase(duckdb.connect())
    with stages.stage("load"):
        add_file(facts, file, name="facts")
    with stages.stage("validate"):
        report = run(facts, compile_shapes(Graph().parse(shapes)))
    for found in report.results:
        severity, value = URIRef(found.severity), found.value
        yield _key(found.focus, value, found.path, URIRef(found.component), severity)


def pyshacl(shapes: Path, file: Path, stages: Stages) -> Results:
    """Validate the graph with pyshacl."""
    import pyshacl as library

    from augenblick.validate.paths import read_path
    from augenblick.validate.wording import readable, short

    data = Graph()
    with stages.stage("load"):
        data.parse(file, format="nt")
    with stages.stage("validate"):
        _, report, _ = library.validate(data, shacl_graph=Graph().parse(shapes))
    for found in report.objects(None, SH.result):
        path = report.value(found, SH.resultPath)
        text = short(str(path)) if isinstance(path, URIRef) else None
        if path is not None and text is None:
            text = readable(read_path(report, path, ValueError).sparql)  # type: ignore[arg-type]
        ends = (report.value(found, SH.focusNode), report.value(found, SH.value))
        component = report.value(found, SH.sourceConstraintComponent)
        yield _key(*ends, text, component, report.value(found, SH.resultSeverity))


def _key(focus: Node, value: Node | None, path: str | None, component: Node, severity: Node) -> tuple[str, ...]:
    return (str(focus), value.n3() if value is not None else "", path or "", str(component), str(severity))


ENGINES: dict[str, Callable[[Path, Path, Stages], Results]] = {"augenblick": augenblick, "pyshacl": pyshacl}


def _alone(engine: str, case: str, file: Path) -> dict[str, Any]:
    """Run one engine in this process; return its times, and the number and digest of its results."""
    stages = Stages()
    lines = sorted("\t".join(key) for key in ENGINES[engine](HERE / "shapes" / f"{case}.ttl", file, stages))
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return {"engine": engine, "results": len(lines), "digest": digest, **stages.summary()}


def _run(engine: str, case: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__)), "--alone", engine, case, str(file)]
    with tempfile.TemporaryDirectory() as shelf:  # nothing parsed in an earlier run is found again
        own = {**os.environ, "XDG_CACHE_HOME": shelf}
        return alone(command, own)


def _measured(case: str, size: int, engines: tuple[str, ...], file: Path, runs: int) -> list[dict[str, Any]]:
    found = in_turns(engines, runs, lambda engine: _run(engine, case, file))
    took = {engine: taken(each, "validate") for engine, each in found.items()}
    digests = {run["digest"] for each in found.values() for run in each}
    same = len(digests) == 1 if len(found) > 1 else None
    return [
        {
            "case": case, "size": size, "engine": engine, "results": each[0]["results"], "same_report": same,
            **took[engine], "ratio": round(took[engine]["processor"] / took["augenblick"]["processor"], 1),
        }
        for engine, each in found.items()
    ]  # fmt: skip


def _page(result: dict[str, Any]) -> str:
    columns = ["shapes", "focus nodes", "engine", "results", "same report", "seconds", "processor", "ms per node"]
    columns += ["load", "peak MB", "ratio"]
    lines = [
        "# Validation beside pyshacl",
        "",
        in_words(result["machine"]),
        f"Seed {result['seed']}, {result['runs']} runs in turns (one above {MANY:,} focus nodes), medians; the graph "
        "is loaded before. `ms per node` and `ratio` are of processor seconds; `ratio`: over Augenblick's.",
        "",
        f"| {' | '.join(columns)} |",
        f"|---|{'---:|' * (len(columns) - 1)}",
    ]
    lines += [f"| {' | '.join(_cells(row))} |" for row in result["rows"]]
    return "\n".join([*lines, "", *(_per_node(case, result["rows"]) for case in SIZES)]) + "\n"


def _per_node(case: str, rows: list[dict[str, Any]]) -> str:
    """Tell pyshacl's time per focus node over Augenblick's, each at its largest size."""
    largest = {row["engine"]: row for row in rows if row["case"] == case}
    spent = {engine: row["processor"] / row["size"] for engine, row in largest.items()}
    if len(spent) < 2:
        return ""
    sizes = {engine: f"{row['size']:,}" for engine, row in largest.items()}
    return (
        f"- {case}: per focus node, pyshacl (at {sizes['pyshacl']}) takes "
        f"{spent['pyshacl'] / spent['augenblick']:,.0f} times what Augenblick takes (at {sizes['augenblick']})."
    )


def _cells(row: dict[str, Any]) -> list[str]:
    same = {True: "yes", False: "**no**", None: "–"}[row["same_report"]]
    per_node = f"{row['processor'] / row['size'] * 1000:.3f}"
    head = [row["case"], f"{row['size']:,}", row["engine"], f"{row['results']:,}", same, f"{row['seconds']:.2f}"]
    return [*head, f"{row['processor']:.2f}", per_node, f"{row['load']:.2f}", f"{row['peak_mb']:,}", str(row["ratio"])]


def main() -> None:
    """Validate graphs of every size with every engine and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--largest", type=int, default=100_000)
    parser.add_argument("--date", default=os.environ.get("BENCHMARK_DATE") or time.strftime("%Y-%m-%d"))
    parser.add_argument("--alone", nargs=3, metavar=("ENGINE", "CASE", "FILE"), help="one engine, in this process")
    chosen = parser.parse_args()
    if chosen.alone:
        print(json.dumps(_alone(chosen.alone[0], chosen.alone[1], Path(chosen.alone[2]))))
        return
    rows = []
    with tempfile.TemporaryDirectory(prefix="augenblick-bench-") as place:
        for case, sizes in SIZES.items():
            for size, engines in sizes.items():
                if size <= chosen.largest:
                    file = Path(place) / f"{size}.nt"
                    file.write_text("".join(people(size, chosen.seed)), encoding="ascii")
                    rows += _measured(case, size, engines, file, 1 if size > MANY else chosen.runs)
    result = {"runs": chosen.runs, "seed": chosen.seed, "rows": rows, "machine": machine()}
    print(written(result, RESULTS / f"shacl-{chosen.date}", _page(result)))


if __name__ == "__main__":
    main()
