"""The page of the ontology: classes, properties and individuals by theme, with pictures of classes and kinship."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from augenblick.content import Content
from augenblick.content.sources import Sources, short
from augenblick.model.terms import AUG
from augenblick.pages.markdown import both, code, rule_title, sections, table
from augenblick.pages.terms import Terms

_SCHEMA = Namespace("https://schema.org/")
_PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
_THEMES = ("core/", "patterns/")


def page(content: Content) -> str:
    """Return the page: the pictures first, then each file of shared terms as a theme."""
    sources = Sources.read(content.root / "ontology")
    themes = {path: graph for path, graph in sources.files.items() if path.startswith(_THEMES)}
    whole = sources.union
    return sections(
        (
            "# Ontologie · Ontology",
            f"Präfix · prefix `aug:` = `{AUG}`. Momente, Signale und Produkte haben eigene Seiten. · "
            "*Moments, signals and products have pages of their own.*",
            f"## {both('Klassen', 'Classes')}",
            _class_tree(),
            f"## {both('Verwandtschaft: was aus was folgt', 'Kinship: what follows from what')}",
            _kinship(whole, content),
            *(_theme(path, graph, whole) for path, graph in themes.items()),
        )
    )


def _own(node: Node) -> bool:
    return isinstance(node, URIRef) and str(node).startswith(AUG)


def _class_tree() -> str:
    """Return the subclass relation as a picture, and the picture of what leads to what."""
    return sections(
        (
            "![Der Klassenbaum · the tree of classes](pictures/classes.de.svg)",
            "[English](pictures/classes.en.svg)",
            f"## {both('Von Hinweisen zu Angeboten', 'From evidence to offers')}",
            "![Wie Hinweise zu Momenten und Angeboten führen](pictures/evidence.de.svg)",
            "[English](pictures/evidence.en.svg)",
        )
    )


def _kinship(graph: Graph, content: Content) -> str:
    """Return every way to a family relation: recorded, by axiom, by rule."""
    said = Terms(graph)
    found = graph.transitive_subjects(RDFS.subPropertyOf, URIRef(AUG + "isKinOf"))
    kin = sorted((each for each in found if each is not None), key=str)
    rows = [(code(short(str(each))), said.label(each), "<br>".join(_ways(graph, each))) for each in kin]
    rules = "\n".join(
        f"- `ontology/core/rules/{path.name}`: {rule_title(path.read_text('utf-8'))}" for path in content.core_rules
    )
    return sections(
        (
            table(("", "", both("folgt aus", "follows from")), rows),
            both("Was OWL 2 RL nicht sagen kann, sagen Regeln:", "What OWL 2 RL cannot say stands in rules:"),
            rules,
        )
    )


def _ways(graph: Graph, prop: Node) -> Iterator[str]:
    chains = [
        " ∘ ".join(short(str(p)) for p in Collection(graph, c)) for c in graph.objects(prop, OWL.propertyChainAxiom)
    ]
    yield from (code(chain) for chain in sorted(chains))
    inverse = {*graph.objects(prop, OWL.inverseOf), *graph.subjects(OWL.inverseOf, prop)}
    yield from (f"{code('inverse ' + short(str(other)))}" for other in sorted(inverse, key=str))
    below = sorted(short(str(sub)) for sub in graph.subjects(RDFS.subPropertyOf, prop))
    if below:
        yield " ".join(map(code, below))
    if (prop, RDF.type, OWL.SymmetricProperty) in graph:
        yield both("von sich selbst, umgekehrt", "itself, the other way round")


def _theme(path: str, graph: Graph, whole: Graph) -> str:
    said, header = Terms(graph), next(iter(graph.subjects(RDF.type, OWL.Ontology)), None)
    if header is None:
        return ""
    titles = both(*(said.text(header, DCTERMS.title, language) for language in ("de", "en")))
    about = [said.text(header, DCTERMS.description, language) for language in ("de", "en")]
    return sections(
        (
            f"## {titles}",
            f"`ontology/{path}`",
            "\n\n".join((about[0], f"*{about[1]}*")) if all(about) else "",
            table((both("Klasse", "class"), "", both("Bedeutung", "meaning"), "⊑"), _classes(graph, said)),
            table(
                (both("Eigenschaft", "property"), "", both("Bedeutung", "meaning"), both("von → zu", "from → to")),
                _properties(graph, said, whole),
            ),
            table((both("Einzelnes", "individual"), "", both("Bedeutung", "meaning"), "a"), _individuals(graph, said)),
        )
    )


def _typed(graph: Graph, *kinds: Node) -> list[Node]:
    return sorted(
        {s for kind in kinds for s in graph.subjects(RDF.type, kind) if _own(s)}, key=lambda s: str(s).lower()
    )


def _named(graph: Graph, node: Node, *predicates: Node) -> str:
    found = {o for predicate in predicates for o in graph.objects(node, predicate) if isinstance(o, URIRef)}
    return " ".join(code(short(str(each))) for each in sorted(found, key=str))


def _classes(graph: Graph, said: Terms) -> list[tuple[str, str, str, str]]:
    return [
        (code(short(str(c))), said.label(c), said.definition(c), _named(graph, c, RDFS.subClassOf))
        for c in _typed(graph, OWL.Class)
    ]


def _properties(graph: Graph, said: Terms, whole: Graph) -> list[tuple[str, str, str, str]]:
    rows = []
    for prop in _typed(graph, *_PROPERTIES):
        domain = _named(whole, prop, RDFS.domain, _SCHEMA.domainIncludes)
        ends = f"{domain} → {_named(whole, prop, RDFS.range, _SCHEMA.rangeIncludes)}".strip()
        rows.append((code(short(str(prop))), said.label(prop), said.definition(prop), "" if ends == "→" else ends))
    return rows


def _individuals(graph: Graph, said: Terms) -> list[tuple[str, str, str, str]]:
    schema = {OWL.Class, *_PROPERTIES}
    found = [s for s in _typed(graph, OWL.NamedIndividual) if not schema & set(graph.objects(s, RDF.type))]
    kinds = {s: [o for o in graph.objects(s, RDF.type) if _own(o)] for s in found}
    return [
        (
            code(short(str(s))),
            said.label(s),
            said.definition(s),
            " ".join(sorted(code(short(str(k))) for k in kinds[s])),
        )
        for s in found
    ]
