"""The conditions of products: the shapes of their four layers, compiled for their candidates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
from rdflib import Graph, URIRef
from rdflib.namespace import RDFS, SH

from augenblick.content.model import Content, Words
from augenblick.model.errors import BadShape
from augenblick.model.terms import AUG
from augenblick.offers.guards import rank_of
from augenblick.offers.tables import LAYERS
from augenblick.validate import CompiledShape, Compiler
from augenblick.validate.wording import in_language, texts

_NONE = Words("Keine Bedingung gestellt.", "No condition is set.")
_MET = Words("Erfüllt: {names}.", "Fulfilled: {names}.")
_ALL = Words("Alle Bedingungen erfüllt.", "All conditions are fulfilled.")


@dataclass(frozen=True)
class Condition:
    """One shape, compiled for the candidates of all products that set it in any layer."""

    shape: str
    compiled: CompiledShape


def compile_conditions(content: Content) -> Iterator[Condition]:
    """Yield each shape that some product of some moment type sets, compiled once for all of them.

    Raises `BadShape` naming shape and product file.
    """
    offered = {iri for moment in content.moments for iri in moment.products}
    users: dict[str, list[str]] = {}
    files: dict[str, str] = {}
    for product in content.products:
        for layer in LAYERS:
            for shape in product.layers.get(layer, ()):
                users.setdefault(shape, [])
                files.setdefault(shape, product.file.name)
                if product.iri in offered and product.iri not in users[shape]:
                    users[shape].append(product.iri)
    compiler = Compiler(content.graph, files={URIRef(shape): name for shape, name in files.items()})
    for shape, products in sorted(users.items()):
        if (URIRef(shape), None, None) not in content.graph:
            raise BadShape(f"There is no shape {shape}.", where=files[shape], hint="is its IRI spelt right?")
        if products:
            yield Condition(shape, compiler.compile(URIRef(shape), _scope(products)))


@lru_cache(maxsize=4)
def conditions_of(content: Content) -> list[Condition]:
    """Return all of them, compiled once per content."""
    return list(compile_conditions(content))


def _scope(products: list[str]) -> str:
    """Return the pattern of the candidates with one of the products as ?focus."""
    product = URIRef(AUG + "product").n3()
    if len(products) == 1:
        return f"?focus {product} {URIRef(products[0]).n3()} ."
    choice = " ".join(URIRef(name).n3() for name in sorted(products))
    return f"?focus {product} ?v_product . VALUES ?v_product {{ {choice} }}"


def describe_layers(connection: duckdb.DuckDBPyConnection, content: Content) -> None:
    """Fill `offer_conditions` and `offer_layers`: which shapes a layer has, and what is said when it holds.

    And `offer_classes`: the ranks of products that are above ordinary.
    """
    for table, rows in _described(content).items():
        _insert(connection, table, rows)


@lru_cache(maxsize=4)
def _described(content: Content) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the three tables, read once per content."""
    layers = [(product, layer, order) for product in content.products for order, layer in enumerate(LAYERS)]
    set_by = [(product.iri, layer, product.layers.get(layer, ())) for product, layer, _ in layers]
    said = [(product, order, _met(content.graph, product.layers.get(layer, ()))) for product, layer, order in layers]
    return {
        "offer_conditions": [(product, layer, shape) for product, layer, shapes in set_by for shape in shapes],
        "offer_classes": [(p.iri, rank) for p in content.products if (rank := rank_of(p.iri, content.graph))],
        "offer_layers": [(product.iri, LAYERS[order], order, met.de, met.en) for product, order, met in said],
    }


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in one statement: one by one they take longer than all offers of a few people."""
    if rows:
        columns = {f"c{place}": list(values) for place, values in enumerate(zip(*rows, strict=True))}
        connection.execute(f"INSERT INTO {table} SELECT {', '.join(f'unnest(${name})' for name in columns)}", columns)


def _met(graph: Graph, shapes: tuple[str, ...]) -> Words:
    if not shapes:
        return _NONE
    nodes = [node for shape in shapes for node in (URIRef(shape), *graph.objects(URIRef(shape), SH.property))]
    found = [words for node in nodes if (words := texts(graph, node, SH.name) or texts(graph, node, RDFS.label))]
    if not found:
        return _ALL
    german = sorted({str(in_language(words, "de")) for words in found})
    english = sorted({str(in_language(words, "en")) for words in found})
    return Words(_MET.de.format(names="; ".join(german)), _MET.en.format(names="; ".join(english)))
