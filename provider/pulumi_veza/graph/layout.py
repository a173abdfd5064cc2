"""Where the boxes of a picture go: in rows, heirs above what they inherit, with few crossings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import networkx as nx

from pulumi_veza.access.organisation import Ref
from pulumi_veza.graph.inheritance import Graph

PASSES: Final = 8
"""How often the rows are put in order of their neighbours; more changes nothing that is seen."""


def rows(graph: Graph) -> list[list[Ref]]:
    """Give the rows from the top; profiles of one circle come below each other in order of their names."""
    ranks = _ranks(graph)
    found: defaultdict[int, list[Ref]] = defaultdict(list)
    for node in graph.nodes:
        found[ranks[node.ref]].append(node.ref)
    ordered = [found[rank] for rank in sorted(found)]
    heirs: dict[Ref, list[Ref]] = {node.ref: [] for node in graph.nodes}
    parents: dict[Ref, list[Ref]] = {node.ref: [] for node in graph.nodes}
    for edge in graph.edges:
        heirs[edge.parent].append(edge.heir)
        parents[edge.heir].append(edge.parent)
    for turn in range(PASSES):
        _order(ordered if turn % 2 == 0 else ordered[::-1], heirs if turn % 2 == 0 else parents)
    return ordered


def _ranks(graph: Graph) -> dict[Ref, int]:
    """Give every profile a row below all its heirs; a circle is taken apart at its first profile by name."""
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


def _order(ordered: Sequence[list[Ref]], neighbours: Mapping[Ref, Sequence[Ref]]) -> None:
    """Put each row, in place, in the order of the middle of its neighbours in the rows that come before."""
    place: dict[Ref, float] = {}
    for row in ordered:
        middles = {}
        for here, ref in enumerate(row):
            known = [place[each] for each in neighbours[ref] if each in place]
            middles[ref] = sum(known) / len(known) if known else here / max(len(row), 1)
        row.sort(key=middles.__getitem__)
        place.update({ref: (here + 0.5) / len(row) for here, ref in enumerate(row)})
