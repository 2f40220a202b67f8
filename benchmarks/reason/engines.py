"""One engine on one case in a process of its own: `python engines.py ENGINE CASE FOLDER`; a JSON line out.

Every engine loads the base facts first; `reason` is the time from there to all derived facts, `facts` how many were
derived. Nemo loads while it reasons, so its loading, measured by a program of no rules, is taken off.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
from graphs import FAMILY, PREDICATES, tables

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from memory import Stages  # noqa: E402


def augenblick(case: Path, folder: Path, stages: Stages) -> int:
    """Compile the case's axioms and rules and run them."""
    from rdflib import Graph

    from augenblick.reason import FactBase, Reasoner, iri, load_rules, owl_rules

    facts = FactBase(duckdb.connect())
    with stages.stage("load"):
        for name in tables(folder, facts.connection):
            sql = f"SELECT s, o FROM {name}"
            node = iri(f"{FAMILY}n")
            facts.add_select(sql, name="base", predicate=FAMILY + PREDICATES[name], subject=node, object=node)
    with stages.stage("reason"):
        graph = Graph().parse(case / "axioms.ttl")
        rules = owl_rules(graph, origin="axioms.ttl") + load_rules(sorted(case.glob("*.rq")), relative_to=case)
        report = Reasoner(facts, rules).run()
    return report.facts


def by_hand(case: Path, folder: Path, stages: Stages) -> int:
    """Run the SQL a person writes for the same facts."""
    connection = duckdb.connect()
    with stages.stage("load"):
        base = tables(folder, connection)
    with stages.stage("reason"):
        for statement in (case / "by_hand.sql").read_text(encoding="utf-8").split(";"):
            if statement.strip():
                connection.execute(statement)
    names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in names}
    derived = sum(counts[name] for name in names if name not in base)
    return derived - counts.get("partner", 0)  # by hand, hasPartner holds the stated facts as well


def nemo(case: Path, folder: Path, stages: Stages) -> int:
    """Run the same rules in Nemo."""
    import nmo_python

    imports = "".join(
        f'@import {file.stem} :- csv {{ resource = "{file}", format = (int, int) }} .\n'
        for file in sorted(folder.glob("*.csv"))
    )
    names = [file.stem for file in sorted(folder.glob("*.csv"))]
    with stages.stage("load"):
        only = "".join(f"{name}__(?s, ?o) :- {name}(?s, ?o) .\n" for name in names)
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


ENGINES: dict[str, Callable[[Path, Path, Stages], int]] = {
    "augenblick": augenblick, "by_hand": by_hand, "nemo": nemo, "oxigraph": oxigraph, "owlrl": owlrl,
}  # fmt: skip

if __name__ == "__main__":
    engine, name, place = sys.argv[1:4]
    measured = Stages()
    derived = ENGINES[engine](HERE / name, Path(place), measured)
    print(json.dumps({"engine": engine, "case": name, "facts": derived, **measured.summary()}))
