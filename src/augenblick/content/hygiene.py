"""Hygiene and competency questions: queries over the whole ontology, each with its problem and mend in both languages.

A query in `shapes/ontology/` finds what should not be: each row is a finding about its `?term`; the header has title,
severity, problem and mend (English, and `(de)`), in which `{value}` and `{other}` stand for what the row
names by what people call it, `{value_id}` by its short name. A query
in `ontology/questions/` is a question the ontology must be able to answer: no row is a finding. Experts own both.
After ROBOT's report (https://robot.obolibrary.org/report), whose queries apply here where they are not OBO's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import pyoxigraph as ox

from augenblick.content import canonical_turtle as turtle
from augenblick.content.finding import SEVERITIES, Finding
from augenblick.content.model import Words
from augenblick.content.sources import short
from augenblick.model import terms
from augenblick.model.errors import BadRule

HYGIENE, QUESTIONS = "shapes/ontology", "ontology/questions"
_HEADER = re.compile(r"^# (title|severity|problem|mend)( \(de\))?: (.*)$", re.MULTILINE)
_LABEL = ox.NamedNode(terms.RDFS + "label")
_FOLDERS = ("ontology", "shapes")


@dataclass(frozen=True)
class Query:
    """One query: its name, what it asks, and what its answer means."""

    name: str
    text: str
    severity: str
    problem: Words
    mend: Words


def findings(root: Path, graph: Ontology) -> Iterator[Finding]:
    """Give a finding for each row of the hygiene queries and each question without an answer, of the content at `root`.

    Raises BadRule for a query that cannot be parsed or whose header is not whole.
    """
    for file in sorted((root / HYGIENE).glob("*.rq")):
        yield from graph.faults(read(file))
    for file in sorted((root / QUESTIONS).glob("*.rq")):
        query = read(file)
        if not list(graph.rows(query)):
            yield _finding(query, f"{QUESTIONS}/{file.name}", "", {}, Words("", ""))


def read(file: Path) -> Query:
    """Return the query of a file; raises BadRule where its header is not whole."""
    text = file.read_text(encoding="utf-8")
    said = {key + german: value for key, german, value in _HEADER.findall(text)}
    missing = [key for key in ("title", "severity", "problem", "problem (de)", "mend", "mend (de)") if key not in said]
    if missing or said["severity"] not in SEVERITIES:
        raise BadRule(
            f"The header lacks {', '.join(missing) or 'a severity that exists'}.",
            where=str(file),
            hint=f"lines like `# problem (de): …`; severity is one of {', '.join(SEVERITIES)}",
        )
    words = [Words(said[f"{key} (de)"], said[key]) for key in ("problem", "mend")]
    return Query(file.stem, text, said["severity"], *words)


class Ontology:
    """All Turtle of a content, each file a graph of its own, asked as one."""

    def __init__(self, root: Path) -> None:
        self._store = ox.Store()
        for folder in _FOLDERS:
            for path in sorted((root / folder).rglob("*.ttl")):
                self._load(path.relative_to(root).as_posix(), path)

    def _load(self, where: str, path: Path) -> None:
        text = turtle.text_of(path, where=where)
        self._store.load(text.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(f"file:{quote(where)}"))

    def rows(self, query: Query) -> Iterator[dict[str, ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple]]:
        """Give the rows of a query, each by the names of its variables; raises BadRule where it is no SPARQL."""
        try:
            found = self.solutions(query.text)
        except SyntaxError as error:
            raise BadRule(f"This is not SPARQL 1.1: {error}", where=f"{query.name}.rq") from error
        names = [variable.value for variable in found.variables]
        for row in found:
            yield {name: row[name] for name in names if row[name] is not None}

    def solutions(self, query: str) -> ox.QuerySolutions:
        """Return the rows of a SELECT over all files; raises SyntaxError where it is none."""
        found = self._store.query(query, use_default_graph_as_union=True, prefixes=dict(turtle.HOUSE_PREFIXES))
        if not isinstance(found, ox.QuerySolutions):
            raise SyntaxError("a SELECT is wanted")
        return found

    def faults(self, query: Query) -> Iterator[Finding]:
        """Give a finding for each row of a hygiene query."""
        for row in self.rows(query):
            term = row["term"]
            named = {name: self._told(value) for name, value in row.items()}
            named |= {f"{name}_id": Words(short_name(value), short_name(value)) for name, value in row.items()}
            yield _finding(query, self.where(term), short_name(term), named, self.label(term))

    def label(self, term: object) -> Words:
        """Return what people call a term; empty where it has no name."""
        if not isinstance(term, ox.NamedNode):
            return Words("", "")
        said = {
            quad.object.language: quad.object.value
            for quad in self._store.quads_for_pattern(term, _LABEL, None)
            if isinstance(quad.object, ox.Literal)
        }
        return Words(said.get("de", ""), said.get("en", ""))

    def _told(self, value: object) -> Words:
        called = self.label(value)
        plain = value.value if isinstance(value, ox.Literal) else short_name(value)
        return Words(called.de or plain, called.en or plain)

    def where(self, term: object) -> str:
        """Return the file that types a term, else one that speaks of it."""
        if not isinstance(term, ox.NamedNode):
            return "ontology"
        typed = self._files(term, ox.NamedNode(terms.RDF + "type"))
        return min(typed or self._files(term, None), default="ontology")

    def _files(self, term: ox.NamedNode, predicate: ox.NamedNode | None) -> set[str]:
        graphs = (quad.graph_name for quad in self._store.quads_for_pattern(term, predicate, None))
        return {unquote(graph.value.removeprefix("file:")) for graph in graphs if isinstance(graph, ox.NamedNode)}


def short_name(term: object) -> str:
    """Return a term by its short name."""
    return short(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _finding(query: Query, where: str, term: str, named: dict[str, Words], label: Words) -> Finding:
    german = {name: words.de for name, words in named.items()}
    english = {name: words.en for name, words in named.items()}
    return Finding(
        where,
        term,
        query.name,
        query.problem.en.format(**english),
        query.mend.en.format(**english),
        severity=query.severity,
        german=query.problem.de.format(**german),
        german_hint=query.mend.de.format(**german),
        label=label.en,
        german_label=label.de,
    )
