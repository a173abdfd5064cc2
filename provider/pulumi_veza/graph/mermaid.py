"""Mermaid, which forges draw inside Markdown."""

from __future__ import annotations

from typing import Final

from pulumi_veza.errors import one_line
from pulumi_veza.graph.colors import FILLS, STROKES
from pulumi_veza.graph.inheritance import EdgeChange, Graph

_TEXTS: Final = {EdgeChange.NEW: "#10321b", EdgeChange.GONE: "#410e0b", EdgeChange.CHANGED: "#3d2800"}
_PLAIN: Final = frozenset(" _-.,:/()")


def render(graph: Graph) -> str:
    """Render a flow chart, heirs above what they inherit."""
    ids = {node.ref: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for node in graph.nodes:
        label = "<br/>".join(_escaped(each) for each in (node.name, *node.details))
        lines.append(f'    {ids[node.ref]}["{label}"]')
    for edge in graph.edges:
        arrow = "-.->" if edge.change is EdgeChange.GONE else "-->"
        label = "circle" if edge.circle else edge.change.value
        lines.append(f"    {ids[edge.heir]} {arrow}{f'|{label}|' if label else ''} {ids[edge.parent]}")
    for change, text in _TEXTS.items():
        dashes = ",stroke-dasharray:4" if change is EdgeChange.GONE else ""
        style = f"fill:{FILLS[change]},stroke:{STROKES[change]},color:{text}{dashes}"
        if of_class := [ids[node.ref] for node in graph.nodes if node.change is change]:
            lines += [f"    classDef {change.value} {style}", f"    class {','.join(of_class)} {change.value}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Escape every character that has a meaning for Mermaid, Markdown or HTML."""
    return "".join(each if each.isalnum() or each in _PLAIN else f"#{ord(each)};" for each in one_line(text))
