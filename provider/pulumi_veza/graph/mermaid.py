"""Mermaid, which forges draw inside Markdown."""

from __future__ import annotations

from typing import Final

from pulumi_veza.errors import one_line
from pulumi_veza.graph.inheritance import EdgeChange, Graph

_CLASSES: Final = {
    EdgeChange.NEW: "fill:#e6f4ea,stroke:#1e7e34,color:#10321b",
    EdgeChange.GONE: "fill:#fbe9e7,stroke:#b3261e,color:#410e0b,stroke-dasharray:4",
    EdgeChange.CHANGED: "fill:#fff4e0,stroke:#9a6700,color:#3d2800",
}
_PLAIN: Final = frozenset(" _-.,:/()")


def render(graph: Graph) -> str:
    """Write a flow chart, heirs above what they inherit."""
    ids = {node.ref: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for node in graph.nodes:
        label = "<br/>".join(_escaped(each) for each in (node.name, *node.details))
        lines.append(f'    {ids[node.ref]}["{label}"]')
    for edge in graph.edges:
        arrow = "-.->" if edge.change is EdgeChange.GONE else "-->"
        said = "circle" if edge.circle else edge.change.value
        lines.append(f"    {ids[edge.heir]} {arrow}{f'|{said}|' if said else ''} {ids[edge.parent]}")
    for change, style in _CLASSES.items():
        if of_class := [ids[node.ref] for node in graph.nodes if node.change is change]:
            lines += [f"    classDef {change.value} {style}", f"    class {','.join(of_class)} {change.value}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Write as a code every character that Mermaid, Markdown or HTML may take for its own."""
    return "".join(each if each.isalnum() or each in _PLAIN else f"#{ord(each)};" for each in one_line(text))
