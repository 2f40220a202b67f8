"""The facts in an Oxigraph store, the same rules to the fixpoint by its own SPARQL; a JSON line after each step.

`python oxigraph.py facts FOLDER DATA AS_OF OUT` writes the line's facts (bank, evidence, consent, ontology) as N-Quads;
`python oxigraph.py run FACTS` loads them and evaluates every rule file, round by round, until nothing is new.
The OWL axioms of the core are stated as the INSERTs a person would write. The parent kills the process when a
deadline passes: the last line printed says which rule it was in.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pyoxigraph
from memory import peak_megabytes

from augenblick import facts, signals
from augenblick.content import Content, load_content
from augenblick.ingest import ingest
from augenblick.model.terms import DATA_BASE
from augenblick.publish.snapshots import write_nquads
from augenblick.reason import FactBase
from augenblick.store import DataDirectory

AUG = "PREFIX aug: <https://w3id.org/augenblick/ontology#>\n"
AXIOMS = {
    "child-parent": "?a aug:hasParent ?b } WHERE { ?b aug:hasChild ?a",
    "parent-child": "?a aug:hasChild ?b } WHERE { ?b aug:hasParent ?a",
    "partners": "?a aug:hasPartner ?b } WHERE { ?b aug:hasPartner ?a",
    "siblings": "?a aug:hasSibling ?b } WHERE { ?b aug:hasSibling ?a",
    "grandchild-grandparent": "?a aug:hasGrandparent ?b } WHERE { ?b aug:hasGrandchild ?a",
    "grandparent-grandchild": "?a aug:hasGrandchild ?b } WHERE { ?b aug:hasGrandparent ?a",
    "grandchildren": "?a aug:hasGrandchild ?c } WHERE { ?a aug:hasChild ?b . ?b aug:hasChild ?c",
}


def export(folder: Path, data: Path, as_of: date, out: Path) -> dict[str, object]:
    """Write the facts as N-Quads, all in the default graph (a rule reads all graphs as one)."""
    connection = DataDirectory(data).connect()
    ingest(connection, folder, loaded_at=datetime.combine(as_of, datetime.min.time()))
    content = load_content()
    signals.detect(connection, content.signals, as_of=as_of)
    base = FactBase(connection)
    facts.load(base, connection, as_of=as_of, data_base=DATA_BASE, content=content)
    base.add_graph(content.graph, name="ontology")
    quads = write_nquads(connection, f"SELECT '' AS g, s, p, o FROM ({base.quads_sql()})", out)
    connection.close()
    return {"facts": quads}


def run(quads: Path) -> None:
    """Load the facts and run the rules to the fixpoint; say what each took."""
    begun = time.perf_counter()
    store = pyoxigraph.Store()
    store.bulk_load(path=str(quads), format=pyoxigraph.RdfFormat.N_QUADS, lenient=True)
    _say(step="load", seconds=time.perf_counter() - begun, triples=len(store))
    updates = _updates(load_content())
    rounds, spent = 0, 0.0
    for names in _strata(updates):
        grown = True
        while grown:
            rounds += 1
            before = len(store)
            for name in names:
                _say(step="begin", rule=name)
                begun, busy = time.perf_counter(), time.process_time()
                size = len(store)
                store.update(updates[name])
                took = time.perf_counter() - begun
                spent += took
                _say(
                    step="rule", rule=name, seconds=took, processor=time.process_time() - busy, facts=len(store) - size
                )
            grown = len(store) > before and len(names) > 1
    _say(step="end", seconds=spent, rounds=rounds, triples=len(store), peak_mb=peak_megabytes())


def _updates(content: Content) -> dict[str, str]:
    found = {f"axiom/{name}": f"{AUG}INSERT {{ {text} }}" for name, text in AXIOMS.items()}
    for file in content.rules:
        text = file.read_text(encoding="utf-8")
        found[file.relative_to(content.root).as_posix()] = text.replace("CONSTRUCT", "INSERT", 1)
    return found


def _strata(updates: dict[str, str]) -> list[list[str]]:
    """Return the order a person gives rules with negation: kin, candidates, support, exclusions, what remains."""
    kin = [name for name in updates if name.startswith("axiom/") or name.endswith("siblings.rq")]
    rest = sorted((name for name in updates if name not in kin), key=lambda name: "/core/" not in name)
    late = ("only-if-met", "only-if-met-running", "only-if-signal", "unless-pattern", "indication")
    conditions = [name for name in rest if "/conditions/" in name]
    candidates = [name for name in rest if name not in conditions]
    first = [name for name in conditions if Path(name).stem not in late]
    order = [kin, *([name] for name in candidates), *([name] for name in first)]
    return [*order, *([name] for stem in late for name in conditions if Path(name).stem == stem)]


def _say(**values: object) -> None:
    print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "facts":
        print(
            json.dumps(export(Path(sys.argv[2]), Path(sys.argv[3]), date.fromisoformat(sys.argv[4]), Path(sys.argv[5])))
        )
    else:
        run(Path(sys.argv[2]))
