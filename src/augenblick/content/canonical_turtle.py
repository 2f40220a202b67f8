"""Turtle in one canonical way, so that a diff of two files is a diff of their meaning.

Subjects stand in the order of their IRIs (the ontology itself first), predicates type first, then labels
and definitions, then the rest by IRI; anonymous nodes and lists are nested where they are used; literals
keep their lexical form. `#` comments are lost: what must stay is said with `rdfs:comment` or
`skos:editorialNote`. Reading and blank-node naming (RDFC-1.0) are pyoxigraph's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from augenblick.model import terms
from augenblick.model.errors import BadOntology

HOUSE_PREFIXES: Mapping[str, str] = {
    "aug": terms.AUG,
    "dcterms": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "moment": terms.MOMENT,
    "owl": terms.OWL,
    "product": terms.PRODUCT,
    "prov": terms.PROV,
    "rdf": terms.RDF,
    "rdfs": terms.RDFS,
    "schema": "https://schema.org/",
    "sh": terms.SH,
    "signal": terms.SIGNAL,
    "skos": terms.SKOS,
    "xsd": terms.XSD,
}
"""Prefixes that read the same in every file of the project; a file may add its own."""

FIRST_PREDICATES = (
    terms.RDF + "type",
    terms.RDFS + "label",
    terms.SKOS + "prefLabel",
    "http://purl.org/dc/terms/title",
    terms.SKOS + "definition",
    "http://purl.org/dc/terms/description",
    terms.SKOS + "example",
    terms.RDFS + "comment",
    terms.SKOS + "scopeNote",
    terms.SKOS + "editorialNote",
    terms.RDFS + "subClassOf",
    terms.RDFS + "subPropertyOf",
    terms.RDFS + "domain",
    terms.RDFS + "range",
)
"""Predicates that come first, in this order; all others follow by IRI."""

WIDTH = 110
MOST_BLANK_NODES = 300
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?\Z")
_BARE = {
    terms.XSD + "integer": re.compile(r"[+-]?[0-9]+\Z"),
    terms.XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    terms.XSD + "boolean": re.compile(r"(?:true|false)\Z"),
}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n", "\b": "\\b", "\f": "\\f"}

_RDF_TYPE = ox.NamedNode(terms.RDF + "type")
_FIRST = ox.NamedNode(terms.RDF + "first")
_REST = ox.NamedNode(terms.RDF + "rest")
_NIL = ox.NamedNode(terms.RDF + "nil")
_ONTOLOGY = ox.NamedNode(terms.OWL + "Ontology")

Subject = ox.NamedNode | ox.BlankNode
Object = ox.NamedNode | ox.BlankNode | ox.Literal
Statements = dict[Subject, dict[ox.NamedNode, list[Object]]]


def canonical(text: str, *, where: str | None = None) -> str:
    """Return the same graph as `text` (Turtle), written in the canonical way; idempotent.

    Raises BadOntology, with `where` as the place, if `text` is no Turtle 1.1.
    """
    triples, prefixes = read(text, where=where)
    try:
        return serialise(triples, prefixes)
    except RecursionError as error:
        raise BadOntology("is nested too deeply", where=where, hint="give the inner nodes names") from error


def read(text: str, *, where: str | None = None) -> tuple[list[ox.Triple], dict[str, str]]:
    """Return the triples of `text` (Turtle) with their literals as written, and its prefixes.

    Raises BadOntology, with `where` as the place, if it is no Turtle or has statements about statements.
    """
    try:
        parser = ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)
        triples = [quad.triple for quad in parser]
    except (SyntaxError, ValueError) as error:
        raise BadOntology(f"no Turtle: {error}", where=where, hint="mend the place named") from error
    if any(isinstance(triple.object, ox.Triple) for triple in triples):
        raise BadOntology("statements about statements are not used here", where=where)
    return triples, parser.prefixes


def read_file(path: Path, *, where: str | None = None) -> tuple[list[ox.Triple], dict[str, str]]:
    """Return triples and prefixes of a file; raises BadOntology if it cannot be read or is no Turtle in UTF-8."""
    return read(text_of(path, where=where), where=where or str(path))


def text_of(path: Path, *, where: str | None = None) -> str:
    """Return a file's text with its line ends as they are; raises BadOntology if that is impossible."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise BadOntology(f"cannot be read: {error.strerror}", where=where or str(path)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        hint = f"line {line}, byte {error.start} is none; save the file as UTF-8"
        raise BadOntology("is not UTF-8", where=where or str(path), hint=hint) from error


def serialise(triples: Iterable[ox.Triple], prefixes: Mapping[str, str] | None = None) -> str:
    """Canonical Turtle of `triples`; `prefixes` (name → namespace) join the house's and go where unused."""
    distinct = list(dict.fromkeys(triples))
    writer = _Writer(distinct, prefixes or {})
    if writer.shared:
        writer = _Writer(_stable_blank_nodes(distinct), prefixes or {})
    return writer.document()


def _stable_blank_nodes(triples: Sequence[ox.Triple]) -> list[ox.Triple]:
    """Return the triples with blank nodes named by the graph alone.

    Only needed for nodes that several others point to; the work grows with the cube of their number.
    """
    nodes = {end for t in triples for end in (t.subject, t.object) if isinstance(end, ox.BlankNode)}
    if len(nodes) > MOST_BLANK_NODES:
        raise BadOntology(
            f"has {len(nodes)} anonymous nodes, some of them used twice", hint="give the shared ones names"
        )
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [quad.triple for quad in dataset]


class _Writer:
    """One graph on its way to text."""

    def __init__(self, triples: Sequence[ox.Triple], prefixes: Mapping[str, str]) -> None:
        self.statements: Statements = defaultdict(lambda: defaultdict(list))
        uses: Counter[ox.BlankNode] = Counter()
        for subject, predicate, value in triples:
            self.statements[subject][predicate].append(value)
            if isinstance(value, ox.BlankNode):
                uses[value] += 1
        self.names = _names(prefixes)
        self.used: set[str] = set()
        self.uses = uses
        self.shared = {node for node in uses if uses[node] > 1} | self._cyclic()

    def _cyclic(self) -> set[ox.BlankNode]:
        """Blank nodes that no walk from a named or unused node reaches: they need a name of their own."""
        open_nodes: list[Subject] = [
            subject for subject in self.statements if not isinstance(subject, ox.BlankNode) or not self.uses[subject]
        ]
        seen: set[Subject] = set(open_nodes)
        while open_nodes:
            for values in self.statements.get(open_nodes.pop(), {}).values():
                fresh = [value for value in values if isinstance(value, ox.BlankNode) and value not in seen]
                seen.update(fresh)
                open_nodes.extend(fresh)
        return {node for node in self.uses if node not in seen}

    def document(self) -> str:
        tops = [s for s in self.statements if not isinstance(s, ox.BlankNode) or self._is_top(s)]
        blocks = [self._block(subject) for subject in sorted(tops, key=self._subject_key)]
        anonymous = [text for text in blocks if text.startswith("[")]
        named = [text for text in blocks if not text.startswith("[")]
        head = [
            f"@prefix {name}: <{space}> ."
            for space, name in sorted(self.names, key=lambda n: n[1])
            if name in self.used
        ]
        return "\n\n".join([*(["\n".join(head)] if head else []), *named, *sorted(anonymous)]) + "\n"

    def _is_top(self, node: ox.BlankNode) -> bool:
        return node in self.shared or not self.uses[node]

    def _subject_key(self, subject: Subject) -> tuple[int, str]:
        if isinstance(subject, ox.BlankNode):
            return (2, subject.value)
        return (0 if _ONTOLOGY in self.statements[subject].get(_RDF_TYPE, ()) else 1, subject.value)

    def _block(self, subject: Subject) -> str:
        lines = self._predicate_lines(subject, 1)
        if isinstance(subject, ox.BlankNode) and not self.uses[subject]:
            return "[\n" + " ;\n".join(lines) + "\n] ."
        return f"{self._term(subject, 0)}\n" + " ;\n".join(lines) + " ."

    def _predicate_lines(self, subject: Subject, depth: int) -> list[str]:
        by_predicate = self.statements[subject]
        return [
            self._predicate_line(predicate, by_predicate[predicate], depth)
            for predicate in sorted(by_predicate, key=_predicate_key)
        ]

    def _predicate_line(self, predicate: ox.NamedNode, values: Sequence[Object], depth: int) -> str:
        indent = "    " * depth
        verb = "a" if predicate == _RDF_TYPE else self._term(predicate, depth)
        if len(values) == 1:
            return f"{indent}{verb} {self._term(values[0], depth)}"
        objects = [text for _, text in sorted((_object_key(v), self._term(v, depth + 1)) for v in values)]
        one_line = f"{indent}{verb} {', '.join(objects)}"
        if all(isinstance(value, ox.NamedNode) for value in values) and len(one_line) <= WIDTH:
            return one_line
        deeper = "\n" + indent + "    "
        return f"{indent}{verb}{deeper}" + f",{deeper}".join(objects)

    def _term(self, term: Object, depth: int) -> str:
        if isinstance(term, ox.NamedNode):
            return self._iri(term.value)
        if isinstance(term, ox.Literal):
            return self._literal(term)
        if term in self.shared:
            return f"_:{term.value}"
        members = self._list(term)
        return self._anonymous(term, depth) if members is None else self._collection(members, depth)

    def _iri(self, iri: str) -> str:
        if iri == _NIL.value:
            return "()"
        for space, name in self.names:
            if iri.startswith(space) and _LOCAL.match(iri[len(space) :]):
                self.used.add(name)
                return f"{name}:{iri[len(space) :]}"
        return f"<{iri}>"

    def _literal(self, literal: ox.Literal) -> str:
        datatype = literal.datatype.value
        if datatype in _BARE and _BARE[datatype].match(literal.value):
            return literal.value
        text = _quoted(literal.value)
        if literal.language:
            return f"{text}@{literal.language}"
        return text if datatype == terms.XSD + "string" else f"{text}^^{self._iri(datatype)}"

    def _list(self, node: ox.BlankNode) -> list[Object] | None:
        """Return the members of the well-formed list that starts at `node`, else None."""
        members: list[Object] = []
        cell: Object = node
        while cell != _NIL:
            about = self.statements.get(cell, {}) if isinstance(cell, ox.BlankNode) else {}
            if set(about) != {_FIRST, _REST} or any(len(values) != 1 for values in about.values()):
                return None
            if cell in self.shared:
                return None
            members.append(about[_FIRST][0])
            cell = about[_REST][0]
        return members

    def _collection(self, members: Sequence[Object], depth: int) -> str:
        parts = [self._term(member, depth + 1) for member in members]
        one_line = f"( {' '.join(parts)} )"
        if "\n" not in one_line and len(one_line) <= WIDTH - 4 * depth - 20:
            return one_line
        indent = "    " * (depth + 1)
        return "(\n" + "".join(f"{indent}{part}\n" for part in parts) + "    " * depth + ")"

    def _anonymous(self, node: ox.BlankNode, depth: int) -> str:
        if node not in self.statements:
            return "[]"
        return "[\n" + " ;\n".join(self._predicate_lines(node, depth + 1)) + "\n" + "    " * depth + "]"


def _names(prefixes: Mapping[str, str]) -> list[tuple[str, str]]:
    """(namespace, name), longest namespace first; the house's name for a namespace wins."""
    spaces = {space: name for name, space in HOUSE_PREFIXES.items()}
    for name, space in sorted(prefixes.items()):
        if name not in HOUSE_PREFIXES:
            spaces.setdefault(space, name)
    return sorted(spaces.items(), key=lambda pair: (-len(pair[0]), pair[0]))


def _predicate_key(predicate: ox.NamedNode) -> tuple[int, str]:
    iri = predicate.value
    return (FIRST_PREDICATES.index(iri), "") if iri in FIRST_PREDICATES else (len(FIRST_PREDICATES), iri)


def _object_key(value: Object) -> tuple[int, str, str, str]:
    """IRIs, then literals by language and text, then anonymous nodes (which sort by their own text)."""
    if isinstance(value, ox.NamedNode):
        return (0, value.value, "", "")
    if isinstance(value, ox.Literal):
        return (1, value.language or "", value.value, value.datatype.value)
    return (2, "", "", "")


def _quoted(text: str) -> str:
    if "\n" in text and "\r" not in text:
        body = "".join(character if character in '\n"' else _escaped(character) for character in text)
        body = body.replace('"""', '\\"\\"\\"')
        return f'"""{body[:-1]}\\""""' if body.endswith('"') and not body.endswith('\\"') else f'"""{body}"""'
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{ord(character):04X}" if ord(character) < 0x20 or ord(character) == 0x7F else character
