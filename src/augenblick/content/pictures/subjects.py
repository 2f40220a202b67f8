"""What the pictures show: the tree of classes; signals, moments and products with what leads from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import OWL

from augenblick.content.model import Content, MomentType, Words
from augenblick.content.pictures.drawing import ROW, drawn
from augenblick.content.pictures.layering import Edge, Node, as_tree, in_columns
from augenblick.content.reading import SIGNALS
from augenblick.content.sources import OWN_NAMESPACES, short

Link = Callable[[str, str], str]
"""From a kind of thing (`signal`, `moment`, `product`) and its slug to where it is told of."""

_STRICT = MappingProxyType({"SpecialCategory": "special", "Criminal": "special", "ThirdParty": "third"})
_EXCLUDES = "unless"
_CLASSES = Words("Der Klassenbaum", "The tree of classes")
_EVIDENCE = Words("Wie Hinweise zu Momenten und Angeboten führen", "How evidence leads to moments and offers")
_HEADS = (
    Words("Signale", "signals"),
    Words("Lebensmomente", "life moments"),
    Words("Momente, die auf anderen ruhen", "moments that rest on others"),
    Words("Produkte", "products"),
)


def picture(name: str, content: Content, language: str, link: Link = lambda _kind, _slug: "") -> str:
    """Return the picture of that name (one of `PICTURES`) as SVG, worded in a language."""
    return PICTURES[name](content, language, link)


def _class_tree(content: Content, language: str, _link: Link) -> str:
    graph = content.graph
    classes = {c for c in graph.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef) and _own(c)}
    names = {str(c): _name(graph, c, language) for c in classes}
    parents = {str(c): sorted(str(p) for p in graph.objects(c, RDFS.subClassOf) if p in classes) for c in classes}
    above = {key: found[0] if found else None for key, found in parents.items()}
    placed = as_tree(above, names, row=ROW)
    nodes = [Node(key, names[key], depth) for key, (depth, _) in sorted(placed.items())]
    edges = [Edge(p, key, "" if p == above[key] else "kin") for key, found in sorted(parents.items()) for p in found]
    heights = {key: height for key, (_, height) in placed.items()}
    return drawn(_CLASSES.in_language(language), nodes, edges, heights, ())


def _own(node: URIRef) -> bool:
    return str(node).startswith(OWN_NAMESPACES)


def _name(graph: Graph, term: URIRef, language: str) -> str:
    for label in graph.objects(term, RDFS.label):
        if isinstance(label, Literal) and label.language == language:
            return str(label)
    return short(str(term))


def _evidence(content: Content, language: str, link: Link) -> str:
    edges = list(dict.fromkeys(_edges(content)))
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    nodes = [
        *(
            Node(s.iri, (s.label or Words(s.slug, s.slug)).in_language(language), 0, "", link("signal", s.slug))
            for s in content.signals
            if s.iri in ends
        ),
        *(
            Node(m.iri, m.label.in_language(language), _column(m), _kind(m), link("moment", m.slug))
            for m in content.moments
        ),
        *(
            Node(p.iri, p.label.in_language(language), 3, "product", link("product", p.slug))
            for p in content.products
            if p.iri in ends
        ),
    ]
    heights = in_columns(nodes, edges, row=ROW)
    heads = [words.in_language(language) for words in _HEADS]
    return drawn(_EVIDENCE.in_language(language), nodes, edges, heights, heads)


def _kind(moment: MomentType) -> str:
    return " ".join(filter(None, (_STRICT.get(moment.legal_class, ""), "" if moment.is_live else "silent")))


def _edges(content: Content) -> Iterator[Edge]:
    signals = {signal.iri for signal in content.signals}
    moments = {moment.iri for moment in content.moments}
    for moment in content.moments:
        for pattern in moment.patterns:
            for name in SIGNALS:
                against = pattern.weight < 0 or name.startswith(_EXCLUDES)
                for value in map(str, pattern.parameters.get(name, ())):
                    if value in signals:
                        yield Edge(value, moment.iri, "against" if against else "")
            for value in map(str, pattern.parameters.get("kinMoment", ())):
                if value in moments and value != moment.iri:
                    yield Edge(value, moment.iri, "kin")
        for product in moment.products:
            yield Edge(moment.iri, product, "offer")


def _column(moment: MomentType) -> int:
    """Moments seen from those of relatives stand behind the others."""
    return 2 if any(pattern.parameters.get("kinMoment") for pattern in moment.patterns) else 1


PICTURES: Mapping[str, Callable[[Content, str, Link], str]] = MappingProxyType(
    {"evidence": _evidence, "classes": _class_tree}
)
"""The pictures there are, by name."""
