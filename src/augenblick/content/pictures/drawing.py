"""Nodes and edges with their places as SVG that stands by itself: no script, no font, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from augenblick.content.pictures.layering import Edge, Node, Place

ROW = 21.0
"""How far apart rows stand, in pixels."""
COLUMN = 330.0
_WIDTH, _HALF, _MARGIN, _HEAD = 250.0, 8.5, 12.0, 44.0
_MOST_LETTERS = 42
_STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#1c2430}.head{font-weight:600;font-size:13px}"
    "rect{fill:#f4f6f9;stroke:#aab4c2}path{fill:none;stroke:#8b98a9;stroke-opacity:.55}"
    ".against{stroke:#b3382c}.kin{stroke:#6a4fa3;stroke-opacity:.8}.offer{stroke:#2f7d57}"
    ".special rect{fill:#fbeeee;stroke:#b3382c}.third rect{fill:#f1edfa;stroke:#6a4fa3}"
    ".product rect{fill:#edf7f1;stroke:#2f7d57}.silent rect{stroke-dasharray:4 3}.ground{fill:#fff;stroke:none}"
    "@media (prefers-color-scheme:dark){text{fill:#e7e8ea}rect{fill:#22252b;stroke:#767b85}path{stroke:#a3a8b1}"
    ".against{stroke:#f09a7c}.kin{stroke:#b9a4ec}.offer{stroke:#63c48f}.special rect{fill:#3a2620;stroke:#f09a7c}"
    ".third rect{fill:#2c2640;stroke:#b9a4ec}.product rect{fill:#1d3027;stroke:#63c48f}.ground{fill:#1b1d22}}"
)


def drawn(
    title: str, nodes: Sequence[Node], edges: Iterable[Edge], heights: Mapping[str, float], heads: Sequence[str]
) -> str:
    """Return the graph as SVG, its columns under `heads`; a node's link, if any, opens with a click."""
    places = {node.key: (_MARGIN + node.column * COLUMN, _HEAD + heights[node.key]) for node in nodes}
    width = 2 * _MARGIN + COLUMN * max((node.column for node in nodes), default=0) + _WIDTH
    height = _HEAD + _MARGIN + max(heights.values(), default=0.0) + _HALF
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label={quoteattr(title)}>',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        '<rect class="ground" width="100%" height="100%"/>',
        *(_line(edge, places) for edge in edges),
        *(_head(column, text) for column, text in enumerate(heads)),
        *(_box(node, places[node.key]) for node in nodes),
        "</svg>",
    ]
    return "\n".join(parts)


def _line(edge: Edge, places: Mapping[str, Place]) -> str:
    (x, y), (to_x, to_y) = places[edge.source], places[edge.target]
    x += _WIDTH
    bend = max((to_x - x) / 2, 30.0)
    path = f"M{x:.0f} {y:.1f}C{x + bend:.0f} {y:.1f} {to_x - bend:.0f} {to_y:.1f} {to_x:.0f} {to_y:.1f}"
    return f'<path class="{edge.kind}" d="{path}"/>' if edge.kind else f'<path d="{path}"/>'


def _head(column: int, text: str) -> str:
    return f'<text class="head" x="{_MARGIN + column * COLUMN:.0f}" y="24">{escape(text)}</text>'


def _box(node: Node, place: Place) -> str:
    x, y = place
    label = node.label if len(node.label) <= _MOST_LETTERS else f"{node.label[: _MOST_LETTERS - 1]}…"
    box = (
        f'<g class="{node.kind}"><title>{escape(node.label)}</title><rect x="{x:.0f}" y="{y - _HALF:.1f}" '
        f'width="{_WIDTH:.0f}" height="{2 * _HALF:.0f}" rx="4"/>'
        f'<text x="{x + 7:.0f}" y="{y + 4:.1f}">{escape(label)}</text></g>'
    )
    return f"<a href={quoteattr(node.link)}>{box}</a>" if node.link else box
