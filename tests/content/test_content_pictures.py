"""Pictures of the content: laid out so that they can be read, whole, in both languages, leading to pages."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from augenblick.content import Content
from augenblick.content.pictures import PICTURES, picture
from augenblick.content.pictures.layering import Edge, Node, as_tree, in_columns

SVG = "{http://www.w3.org/2000/svg}"
NODES = [Node(f"{side}{n}", f"{side}{n}", column) for column, side in enumerate("ab") for n in range(6)]
CROSSED = [Edge(f"a{n}", f"b{(5 * n + 2) % 6}") for n in range(6)]


def crossings(edges: list[Edge], heights: dict[str, float]) -> int:
    return sum(
        (heights[a.source] - heights[b.source]) * (heights[a.target] - heights[b.target]) < 0
        for a, b in combinations(edges, 2)
    )


def test_columns_are_ordered_so_that_edges_do_not_cross_needlessly() -> None:
    assert crossings(CROSSED, {node.key: float(node.key[1]) for node in NODES}) > 0
    assert crossings(CROSSED, in_columns(NODES, CROSSED, row=10)) == 0


def test_nodes_of_a_column_stand_a_row_apart_at_least() -> None:
    heights = in_columns(NODES, CROSSED, row=10)
    for side in "ab":
        column = sorted(height for key, height in heights.items() if key[0] == side)
        assert all(below - above >= 10 for above, below in pairwise(column))


def test_tree_has_parents_in_the_middle_of_their_children_and_leaves_apart() -> None:
    above = {"root": None, "b": "root", "a": "root", "b1": "b", "b2": "b"}
    placed = as_tree(above, {key: key for key in above}, row=10)
    assert placed == {"a": (1, 5), "b1": (2, 15), "b2": (2, 25), "b": (1, 20), "root": (0, 12.5)}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_well_formed_and_shows_every_moment_in_the_language(
    content: Content, name: str, language: str
) -> None:
    drawn = ElementTree.fromstring(picture(name, content, language))
    shown = {title.text for title in drawn.iter(f"{SVG}title")}
    assert {moment.label.in_language(language) for moment in content.moments} <= shown


def test_evidence_leads_to_the_pages_of_what_it_shows(content: Content) -> None:
    drawn = ElementTree.fromstring(picture("evidence", content, "en", lambda kind, slug: f"/{kind}s/{slug}"))
    links = {anchor.get("href") for anchor in drawn.iter(f"{SVG}a")}
    assert {f"/moments/{moment.slug}" for moment in content.moments} <= links
    offered = {product for moment in content.moments for product in moment.products}
    assert {f"/products/{p.slug}" for p in content.products if p.iri in offered} <= links


def test_moment_that_is_not_live_is_drawn_as_such(content: Content) -> None:
    assert 'class="silent"' not in picture("evidence", content, "en")
    first = next(moment for moment in content.moments if moment.legal_class == "Ordinary")
    drafted = tuple(replace(m, content_state="draft") if m is first else m for m in content.moments)
    assert 'class="silent"' in picture("evidence", replace(content, moments=drafted), "en")
