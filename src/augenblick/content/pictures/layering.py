"""Where the nodes of a graph stand: in columns, so ordered that few edges cross; or as a tree.

The columns follow Sugiyama, Tagawa and Toda (1981): nodes are ordered by the mean place of their neighbours, in sweeps
from left to right and back. Equal graphs are laid out equally.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Place = tuple[float, float]
_SWEEPS = 12


@dataclass(frozen=True)
class Node:
    """Something that is drawn: its text, its column, its kind (for the colour), and where a click leads."""

    key: str
    label: str
    column: int
    kind: str = ""
    link: str = ""


@dataclass(frozen=True)
class Edge:
    """A line from one node to another; its kind is for the colour."""

    source: str
    target: str
    kind: str = ""


def in_columns(nodes: Sequence[Node], edges: Iterable[Edge], *, row: float) -> dict[str, float]:
    """Return the height of each node: every column spread over the height of the fullest one, rows `row` apart."""
    columns: dict[int, list[str]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: (node.label, node.key)):
        columns[node.column].append(node.key)
    near: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        near[edge.source].append(edge.target)
        near[edge.target].append(edge.source)
    height = row * max(map(len, columns.values()), default=0)
    heights = _spread(columns.values(), height)
    order = sorted(columns)
    for sweep in range(_SWEEPS):
        for column in order if sweep % 2 == 0 else reversed(order):
            columns[column].sort(key=lambda key: _mean(near[key], heights, heights[key]))
            heights |= _spread([columns[column]], height)
    return heights


def _spread(columns: Iterable[Sequence[str]], height: float) -> dict[str, float]:
    return {key: (place + 0.5) * height / len(column) for column in columns for place, key in enumerate(column)}


def _mean(keys: Sequence[str], heights: Mapping[str, float], otherwise: float) -> float:
    return sum(heights[key] for key in keys) / len(keys) if keys else otherwise


def as_tree(above: Mapping[str, str | None], names: Mapping[str, str], *, row: float) -> dict[str, tuple[int, float]]:
    """Return depth and height of each node; `above` names each node's parent, None for roots. Leaves stand `row` apart.

    Siblings stand in the order of their names, a parent in the middle of its children.
    """
    below: dict[str | None, list[str]] = defaultdict(list)
    for key in sorted(above, key=lambda key: (names[key], key)):
        below[above[key]].append(key)
    placed: dict[str, tuple[int, float]] = {}
    leaves = 0

    def place(key: str, depth: int) -> float:
        nonlocal leaves
        if children := below[key]:
            heights = [place(child, depth + 1) for child in children]
            height = (heights[0] + heights[-1]) / 2
        else:
            height = (leaves + 0.5) * row
            leaves += 1
        placed[key] = (depth, height)
        return height

    for root in below[None]:
        place(root, 0)
    return placed
