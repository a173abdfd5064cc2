"""DOT, for Graphviz and what reads its files."""

from __future__ import annotations

from pulumi_veza.errors import one_line
from pulumi_veza.graph.colors import STROKES
from pulumi_veza.graph.inheritance import EdgeChange, Graph


def render(graph: Graph) -> str:
    """Render a directed graph, heirs above what they inherit."""
    ids = {node.ref: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["digraph inheritance {", "  rankdir=TB;", '  node [shape=box, style=rounded, fontname="Helvetica"];']
    for node in graph.nodes:
        label = "\\n".join(_escaped(each) for each in (node.name, *node.details))
        lines.append(f'  {ids[node.ref]} [label="{label}", color="{STROKES[node.change]}"];')
    for edge in graph.edges:
        style = ", style=dashed" if edge.change is EdgeChange.GONE else ""
        circle = ', label="circle"' if edge.circle else ""
        color = STROKES[EdgeChange.GONE if edge.circle else edge.change]
        lines.append(f'  {ids[edge.heir]} -> {ids[edge.parent]} [color="{color}"{style}{circle}];')
    return "\n".join([*lines, "}"]) + "\n"


def _escaped(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
