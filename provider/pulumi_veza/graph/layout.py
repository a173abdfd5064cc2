"""Place the boxes of a picture in rows, heirs above what they inherit, with few crossings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import networkx as nx

from pulumi_veza.access.organisation import Ref
from pulumi_veza.graph.inheritance import Edge, Graph

PASSES: Final = 8
"""How often the rows are sorted by their neighbours; more passes change nothing visible."""


@dataclass(frozen=True)
class Point:
    """The place where a long arrow passes a row between the boxes."""

    heir: Ref
    parent: Ref
    row: int


Place = Ref | Point
"""A box, or a place where an arrow passes."""


def rows(graph: Graph) -> list[list[Place]]:
    """Return the rows from the top; profiles of one circle are below each other, sorted by name."""
    ranks = _ranks(graph)
    found: defaultdict[int, list[Place]] = defaultdict(list)
    above: defaultdict[Place, list[Place]] = defaultdict(list)
    below: defaultdict[Place, list[Place]] = defaultdict(list)
    for node in graph.nodes:
        found[ranks[node.ref]].append(node.ref)
    for edge in graph.edges:
        points = path(edge, ranks)
        for point in points[1:-1]:
            if isinstance(point, Point):
                found[point.row].append(point)
        downwards = points if ranks[edge.heir] <= ranks[edge.parent] else points[::-1]
        for upper, lower in pairwise(downwards):
            below[upper].append(lower)
            above[lower].append(upper)
    ordered = [found[rank] for rank in sorted(found)]
    for turn in range(PASSES):
        _order(ordered if turn % 2 == 0 else ordered[::-1], above if turn % 2 == 0 else below)
    return ordered


def path(edge: Edge, ranks: Mapping[Ref, int]) -> list[Place]:
    """Return the places along an arrow, from heir to parent: a point in every row between them."""
    start, end = ranks[edge.heir], ranks[edge.parent]
    step = 1 if start < end else -1
    return [edge.heir, *(Point(edge.heir, edge.parent, row) for row in range(start + step, end, step)), edge.parent]


def ranks_of(placed: Sequence[Sequence[Place]]) -> dict[Ref, int]:
    """Return the row of every profile."""
    return {each: rank for rank, row in enumerate(placed) for each in row if not isinstance(each, Point)}


def _ranks(graph: Graph) -> dict[Ref, int]:
    """Return a row for every profile, below all its heirs; a circle begins at its first profile by name."""
    condensed = nx.condensation(graph.directed)
    order = {node.ref: place for place, node in enumerate(graph.nodes)}
    ranks: dict[Ref, int] = {}
    below: defaultdict[int, int] = defaultdict(int)
    for component in nx.topological_sort(condensed):
        members: Sequence[Ref] = sorted(condensed.nodes[component]["members"], key=order.__getitem__)
        start = below[component]
        ranks.update({ref: start + step for step, ref in enumerate(members)})
        for after in condensed.successors(component):
            below[after] = max(below[after], start + len(members))
    return ranks


def _order(ordered: Sequence[list[Place]], neighbours: Mapping[Place, Sequence[Place]]) -> None:
    """Sort each row, in place, by the average position of its neighbours in the rows before it."""
    place: dict[Place, float] = {}
    for row in ordered:
        middles = {}
        for here, ref in enumerate(row):
            known = [place[each] for each in neighbours.get(ref, ()) if each in place]
            middles[ref] = sum(known) / len(known) if known else here / max(len(row), 1)
        row.sort(key=middles.__getitem__)
        place.update({ref: (here + 0.5) / len(row) for here, ref in enumerate(row)})
