"""The content folder read whole: graph, signals, moment types, products, rules, shapes; checked across files."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from augenblick.content import reading
from augenblick.content.entry import AUG, Entry, local, nearest
from augenblick.content.model import Content, Dialogue, MomentType, Need, Pattern, PhraseList, Product, Signal, Words
from augenblick.content.sources import Sources
from augenblick.model.errors import BadOntology
from augenblick.model.shelf import Shelf
from augenblick.reason.terms import literal_parts

VERSION_RECORD = "version.json"
"""The file in a published version's folder that tells its name."""

_LINKS = ("hasPattern", "need", "hasDialogue")
_SHELF = Shelf(
    "content",
    (
        *(f"augenblick.content.model.{c.__name__}" for c in (Content, Dialogue, MomentType, Need, Pattern,
                                                             PhraseList, Product, Signal, Words)),
        *(f"rdflib.term.{name}" for name in ("URIRef", "BNode", "Literal")),
        *("rdflib.graph.Graph", "rdflib.plugins.stores.memory.Memory", "rdflib.events.Dispatcher"),
        *("datetime.timedelta", "datetime.date", "decimal.Decimal", "pathlib.PosixPath", "pathlib.WindowsPath"),
        *("rdflib.xsd_datetime.Duration", "pathlib._local.PosixPath", "pathlib._local.WindowsPath"),
    ),
    most=8,
    written={Literal: literal_parts},
)  # fmt: skip


def default_root() -> Path:
    """Return the folder that holds `ontology`, `shapes` and `queries`.

    It is the one the environment's AUGENBLICK_CONTENT names, else the checkout's, else the packaged one.
    """
    if named := os.environ.get("AUGENBLICK_CONTENT"):
        return Path(named)
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    return checkout if (checkout / "ontology" / "core").is_dir() else package / "_content"


def load_content(root: Path | None = None) -> Content:
    """Return the whole content below `root` (the folder that holds `ontology/`, or `ontology/` itself).

    Alignments to other vocabularies are left out of the graph. Raises BadOntology naming file, term and
    mend for the first thing that is not as it must be. What was read once is kept in the user's cache directory.
    """
    home = _home(root)
    key = _written(home)
    kept = _SHELF.get(key)
    if isinstance(kept, Content):
        return kept
    content = _read(home)
    _SHELF.put(key, content)
    return content


def _written(home: Path) -> str:
    """Return a digest of where the content lies, which files it has, and what stands in its Turtle."""
    digest = hashlib.sha256(str(home).encode())
    for file in sorted(file for folder in ("ontology", "shapes") for file in (home / folder).rglob("*.*")):
        digest.update(f"\0{file.relative_to(home)}\0".encode())
        if file.suffix == ".ttl":
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(home: Path) -> Content:
    sources = _without_alignments(Sources.read(home / "ontology"))
    shapes = _shapes(home / "shapes")
    lists = set(map(str, sources.union.subjects(RDF.type, AUG.PhraseList)))
    stated = _stated(sources, RDF.type, AUG.Signal)
    for each in stated:
        _known(sources, str(each.subject), "exceptList", each.values("exceptList"), lists)
    signals = tuple(map(reading.signal, stated))
    products = tuple(reading.product(e) for e in _stated(sources, RDF.type, AUG.Product))
    moments = tuple(_moment(sources, e) for e in _stated(sources, RDFS.subClassOf, AUG.LifeMoment))
    _check_folders(moments)
    _check_expressions(sources, signals)
    _check_links(sources, signals, moments, products)
    return _assembled(home, sources.union, shapes, signals, moments, products)


def _home(root: Path | None) -> Path:
    home = default_root() if root is None else root
    if not (home / "ontology").is_dir() and (home / "core").is_dir():
        home = home.parent
    if not (home / "ontology").is_dir():
        hint = "name the folder that holds `ontology`, `shapes` and `queries`"
        raise BadOntology("holds no folder `ontology`", where=str(home), hint=hint)
    return home


def _without_alignments(sources: Sources) -> Sources:
    kept = {path: graph for path, graph in sources.files.items() if not path.startswith("alignments/")}
    return Sources(sources.folder, kept)


def _shapes(folder: Path) -> Graph:
    """Return the shapes of data below the folder as one graph; a missing folder gives an empty one.

    Those in `ontology/` are of what experts write: the check's.
    """
    if not any(folder.rglob("*.ttl")):
        return Graph()
    sources = Sources.read(folder)
    kept = {path: graph for path, graph in sources.files.items() if not path.startswith("ontology/")}
    return Sources(sources.folder, kept).union


def _assembled(
    home: Path,
    graph: Graph,
    shapes: Graph,
    signals: tuple[Signal, ...],
    moments: tuple[MomentType, ...],
    products: tuple[Product, ...],
) -> Content:
    ontology = home / "ontology"
    return Content(
        root=home,
        graph=graph,
        shapes=shapes,
        signals=signals,
        moments=moments,
        products=products,
        core_rules=tuple(sorted(ontology.glob("core/rules/*.rq"))),
        pattern_rules=tuple(sorted(ontology.glob("patterns/*.rq"))),
        condition_rules=tuple(sorted(ontology.glob("patterns/conditions/*.rq"))),
        queries=home / "queries",
        version=_version(home),
    )


def _version(home: Path) -> str:
    record = home / VERSION_RECORD
    return str(json.loads(record.read_text(encoding="utf-8"))["name"]) if record.is_file() else ""


def _entry(sources: Sources, node: Node) -> Entry:
    return Entry(sources.union, node, sources.folder / sources.where(node))


def _entries(sources: Sources, nodes: Iterable[Node]) -> list[Entry]:
    return [_entry(sources, node) for node in sorted(set(nodes), key=str) if isinstance(node, URIRef)]


def _stated(sources: Sources, predicate: URIRef, value: Node) -> list[Entry]:
    """Return what has the value, refusing what two files state: a copied folder would merge with its origin unseen."""
    entries = _entries(sources, sources.union.subjects(predicate, value))
    for entry in entries:
        files = [path for path, graph in sources.files.items() if (entry.subject, predicate, value) in graph]
        if len(files) > 1:
            own, copy, *_ = sorted(files, key=lambda path: local(entry.subject) not in _names_of(Path(path)))
            hint = "give each an IRI and a slug of its own"
            raise replace(entry, file=sources.folder / copy).error(f"is stated in {own} as well", hint)
    return entries


def _names_of(path: Path) -> tuple[str, str]:
    """Return the names by which a file may be known to hold a term: its folder's and its own."""
    return path.parent.name, path.stem


def _moment(sources: Sources, entry: Entry) -> MomentType:
    """Return the moment type, refusing links to what no file states."""
    linked = {name: _entries(sources, entry.values(name)) for name in _LINKS}
    for name in ("hasPattern", "hasDialogue"):
        if not linked[name]:
            raise entry.error(f"aug:{name} is missing", "a moment needs evidence and a way to speak about it")
    for name, entries in linked.items():
        for other in entries:
            if str(other.subject) not in sources.declared:
                raise entry.error(f"aug:{name} names {local(other.subject)}, which no file states", "add it")
    return reading.moment(entry, entry.file.parent, linked)


def _check_folders(moments: Iterable[MomentType]) -> None:
    """Refuse a moment type whose folder has another name."""
    for moment in moments:
        if moment.file.parent.name != moment.slug:
            where, name = str(moment.file), moment.file.parent.name
            raise BadOntology(f"{moment.slug} lies in a folder named {name}", where=where, hint="rename one of them")


def _check_expressions(sources: Sources, signals: Iterable[Signal]) -> None:
    """Refuse a regular expression RE2 does not take (it knows no look-around) or is slow at."""
    with duckdb.connect() as connection:
        for signal in signals:
            for text in signal.text_patterns + signal.exceptions + signal.counterparty_patterns:
                fault = _long_count(text)
                try:
                    connection.execute("SELECT regexp_matches('', ?)", [text])
                except duckdb.Error as error:
                    said = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
                    fault = f"RE2 says: {said}"
                entry = _entry(sources, URIRef(signal.iri))
                if fault:
                    raise entry.error(f"`{text}` is no regular expression to use here: {fault}", "mend the pattern")
                if _CONTROL.search(text):
                    raise entry.error(f"`{text!r}` holds a single backslash", "write each backslash twice")


_CONTROL = re.compile(r"[\x00-\x1f]")
"""What Turtle makes of a backslash that was meant for the search pattern: no booking has such a character."""


def _long_count(text: str) -> str | None:
    """Return why a pattern with a long counted repeat is refused: RE2 leaves its fast automaton for it."""
    return "write `.*` instead of a count above nine" if re.search(r"\{\d*,?\d{2,}\}", text) else None


def _check_links(
    sources: Sources, signals: Iterable[Signal], moments: Iterable[MomentType], products: Iterable[Product]
) -> None:
    """Refuse names of signals, products, moments, patterns and shapes that no file states."""
    known = {signal.iri for signal in signals}
    for signal in signals:
        _known(sources, signal.iri, "unlessCarries", signal.unless_carries, known)
    offered = {product.iri for product in products}
    types = {moment.iri for moment in moments}
    patterns = {pattern.iri for moment in moments for pattern in moment.patterns}
    for moment in moments:
        _known(sources, moment.iri, "hasProduct", moment.products, offered)
        for pattern in moment.patterns:
            _check_pattern(sources, pattern, known, types, patterns)
    shapes = {str(shape) for shape in sources.union.subjects(RDF.type, SH.NodeShape)}
    for product in products:
        for layer, name in reading.LAYERS.items():
            _known(sources, product.iri, name, product.layers[layer], shapes)


def _check_pattern(
    sources: Sources, pattern: Pattern, signals: set[str], moments: set[str], patterns: set[str]
) -> None:
    for name in reading.SIGNALS:
        _known(sources, pattern.iri, name, pattern.parameters.get(name, ()), signals)
    _known(sources, pattern.iri, "kinMoment", pattern.parameters.get("kinMoment", ()), moments)
    _known(sources, pattern.iri, "unlessPattern", pattern.parameters.get("unlessPattern", ()), patterns)


def _known(sources: Sources, owner: str, predicate: str, named: Iterable[object], known: set[str]) -> None:
    for iri in map(str, named):
        if iri not in known:
            message = f"aug:{predicate} names {local(iri)}, which no file states"
            hint = nearest(local(iri), {local(k) for k in known}) or "add it, or name one that is there"
            raise _entry(sources, URIRef(owner)).error(message, hint)
