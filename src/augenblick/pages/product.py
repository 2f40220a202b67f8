"""The page of products: what they are, their conditions in four layers, and where they are offered."""

from __future__ import annotations

from rdflib import Graph, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from augenblick.content import Content, Product
from augenblick.pages.markdown import both, code, local, paragraphs, sections, table, titled
from augenblick.pages.terms import Terms

_LAYERS = {
    "eligible": both("darf es haben", "may have it"),
    "applicable": both("passt jetzt", "fits now"),
    "suitable": both("im Interesse des Kunden", "in the customer's interest"),
    "contact": both("darf angesprochen werden", "may be contacted"),
}


def page(content: Content) -> str:
    """Return the page of all products."""
    said = Terms(content.graph)
    ordered = sorted(content.products, key=lambda product: product.slug)
    return sections(
        (
            "# Produkte · Products",
            "Ein Angebot wird in vier Schichten geprüft; jede sagt, warum, auch warum nicht. · "
            "*An offer is judged in four layers; each says why, and why not.*",
            *(_section(product, content, said) for product in ordered),
        )
    )


def _section(product: Product, content: Content, said: Terms) -> str:
    moments = [m.slug for m in sorted(content.moments, key=lambda m: m.slug) if product.iri in m.products]
    rows = [
        (f"**{layer}**: {_LAYERS[layer]}", said.label(URIRef(shape)), _reasons(content.graph, URIRef(shape)))
        for layer in _LAYERS
        for shape in product.layers.get(layer, ())
    ]
    return sections(
        (
            f"## {product.slug}",
            f"**{titled(product.label)}**",
            paragraphs(product.definition),
            f"> {product.words.de}\n>\n> *{product.words.en}*",
            table((both("Schicht", "layer"), both("Bedingung", "condition"), both("warum nicht", "why not")), rows),
            f"{both('Gilt als gehalten bei', 'Held already with')}: {', '.join(map(code, product.contract_codes))}"
            if product.contract_codes
            else "",
            f"{both('Rechtsklasse', 'Legal class')}: {said.label(product.legal_class)}" if product.legal_class else "",
            f"{both('Angeboten bei', 'Offered in')}: {', '.join(f'[{slug}](moments/{slug}.md)' for slug in moments)}"
            if moments
            else "",
            f"`ontology/products/{product.file.name}`",
        )
    )


def _reasons(graph: Graph, shape: Node) -> str:
    """Return what a shape says when it does not hold, in both languages."""
    holders = [shape, *graph.objects(shape, SH.property), *graph.objects(shape, SH.sparql)]
    said = [{getattr(m, "language", None): str(m) for m in graph.objects(holder, SH.message)} for holder in holders]
    pairs = sorted((texts["de"], texts["en"]) for texts in said if {"de", "en"} <= texts.keys())
    if not pairs:
        return local(shape)
    return f"{' '.join(de for de, _ in pairs)} · *{' '.join(en for _, en in pairs)}*"
