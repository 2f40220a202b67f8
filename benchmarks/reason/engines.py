"""One engine on one case in a process of its own: `python engines.py ENGINE CASE FOLDER`; a JSON line out.

Every engine loads the base facts first; `reason` is the time from there to all derived facts, `facts` how many were
derived. Nemo loads while it reasons, so its loading, measured by a program of no rules, is taken off.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sized
from pathlib import Path

import duckdb
from graphs import FAMILY, PREDICATES, tables

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from memory import Stages  # noqa: E402


def augenblick(case: Path, folder: Path, stages: Stages, **config: str) -> int:
    """Compile the case's axioms and rules and run them."""
    from rdflib import Graph

    from augenblick.reason import FactBase, Reasoner, add_file, iri, load_rules, owl_rules

    facts = FactBase(duckdb.connect(config=config))
    with stages.stage("load"):
        if case.name == "lubm":
            add_file(facts, folder / "facts.nt", name="base")
        for name in tables(folder, facts.connection) if case.name != "lubm" else ():
            sql = f"SELECT s, o FROM {name}"
            node = iri(f"{FAMILY}n")
            facts.add_select(sql, name="base", predicate=FAMILY + PREDICATES[name], subject=node, object=node)
        facts.connection.execute("CHECKPOINT")  # else the first statement after does what loading put off
    with stages.stage("reason"):
        graph = Graph().parse(case / "axioms.ttl")
        rules = owl_rules(graph, origin="axioms.ttl") + load_rules(sorted(case.glob("*.rq")), relative_to=case)
        report = Reasoner(facts, rules).run()
    _asked(case, stages, lambda query: facts.select(query).fetchall())
    return report.facts


def spilling(case: Path, folder: Path, stages: Stages) -> int:
    """Run as `augenblick` does with less memory than the facts take: DuckDB puts the rest on disk."""
    return augenblick(case, folder, stages, memory_limit="600MB", temp_directory=str(folder / "spilled"))


def _asked(case: Path, stages: Stages, select: Callable[[str], Sized]) -> None:
    """Ask the case's queries, all answers read; what each found is kept beside the times."""
    answers = {}
    for query in sorted((case / "queries").glob("*.rq")):
        with stages.stage("ask"):
            answers[query.stem] = len(select(query.read_text(encoding="utf-8")))
    if answers:
        ANSWERS.update(answers)


def by_hand(case: Path, folder: Path, stages: Stages) -> int:
    """Run the SQL a person writes for the same facts."""
    connection = duckdb.connect()
    with stages.stage("load"):
        base = tables(folder, connection)
        connection.execute("CHECKPOINT")
    with stages.stage("reason"):
        for statement in (case / "by_hand.sql").read_text(encoding="utf-8").split(";"):
            if statement.strip():
                connection.execute(statement)
    names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    whole = sum(connection.table(name).count("*").fetchall()[0][0] for name in names if name.startswith("all_"))
    if whole:  # these hold the stated facts as well
        stated = [name for name in base if f"all_{name}" in names]
        return whole - sum(connection.table(name).count("*").fetchall()[0][0] for name in stated)
    counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in names}
    derived = sum(counts[name] for name in names if name not in base)
    return derived - counts.get("partner", 0)  # by hand, hasPartner holds the stated facts as well


def nemo(case: Path, folder: Path, stages: Stages) -> int:
    """Run the same rules in Nemo."""
    import nmo_python

    width = {file: file.open(encoding="ascii").readline().count(",") + 1 for file in sorted(folder.glob("*.csv"))}
    imports = "".join(
        f'@import {file.stem} :- csv {{ resource = "{file}", format = ({", ".join(["int"] * columns)}) }} .\n'
        for file, columns in width.items()
    )
    with stages.stage("load"):
        terms = {file.stem: "?s, ?o" if columns == 2 else "?s" for file, columns in width.items()}
        only = "".join(f"{name}__({each}) :- {name}({each}) .\n" for name, each in terms.items())
        nmo_python.NemoEngine(nmo_python.load_string(imports + only)).reason()
    engine = nmo_python.NemoEngine(nmo_python.load_string(imports + (case / "nemo.rls").read_text(encoding="utf-8")))
    with stages.stage("reason"):
        engine.reason()
    return 0


def oxigraph(case: Path, folder: Path, stages: Stages) -> int:
    """Run the same rules as updates, in the order a person gives them."""
    import pyoxigraph

    store = pyoxigraph.Store()
    with stages.stage("load"):
        store.bulk_load(path=str(folder / "facts.nt"), format=pyoxigraph.RdfFormat.N_TRIPLES)
    before = len(store)
    with stages.stage("reason"):
        store.update((case / "oxigraph.ru").read_text(encoding="utf-8"))
    _asked(case, stages, lambda query: list(store.query(query)))
    return len(store) - before


def owlrl(case: Path, folder: Path, stages: Stages) -> int:
    """Close the graph under OWL 2 RL by owlrl (what needs a rule beside the axioms is left out)."""
    import owlrl as library
    from rdflib import Graph

    graph = Graph()
    with stages.stage("load"):
        graph.parse(folder / "facts.nt", format="nt")
        graph.parse(case / "axioms.ttl")
    before = len(graph)
    with stages.stage("reason"):
        library.DeductiveClosure(library.OWLRL_Semantics).expand(graph)
    return len(graph) - before


ANSWERS: dict[str, int] = {}
"""How many answers each of the case's queries had."""

ENGINES: dict[str, Callable[[Path, Path, Stages], int]] = {
    "augenblick": augenblick, "spilling": spilling, "by_hand": by_hand, "nemo": nemo, "oxigraph": oxigraph,
    "owlrl": owlrl,
}  # fmt: skip

if __name__ == "__main__":
    engine, name, place = sys.argv[1:4]
    measured = Stages()
    derived = ENGINES[engine](HERE / name, Path(place), measured)
    print(json.dumps({"engine": engine, "case": name, "facts": derived, "answers": ANSWERS, **measured.summary()}))
