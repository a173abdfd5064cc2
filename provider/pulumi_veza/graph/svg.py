"""SVG, drawn here: no other program and no font of its own is needed to see it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from pulumi_veza.access.organisation import Ref
from pulumi_veza.errors import one_line
from pulumi_veza.graph.inheritance import Change, Edge, Graph, Node
from pulumi_veza.graph.layout import rows

LONGEST: Final = 34
"""Characters of a line in a box; the whole text is in the box's title."""
LETTER, LINE, PAD, GAP, STEP, EDGE = 7.4, 17.0, 12.0, 26.0, 64.0, 20.0
"""Measures in pixels: a letter's width, a line's height, and the space inside, beside, below and around boxes."""

STYLE: Final = """
svg { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; background: #fff }
.box { fill: #f6f8fa; stroke: #57606a } .name { font-weight: 600; fill: #1f2328 }
.fact { fill: #4b535d; font-size: 12px }
.new .box { fill: #e6f4ea; stroke: #1e7e34 } .changed .box { fill: #fff4e0; stroke: #9a6700 }
.gone .box { fill: #fbe9e7; stroke: #b3261e; stroke-dasharray: 4 }
.edge { fill: none; stroke: #57606a; stroke-width: 1.4 } .edge.new { stroke: #1e7e34; stroke-width: 2 }
.edge.gone { stroke: #b3261e; stroke-dasharray: 5 } .edge.circle { stroke: #b3261e; stroke-width: 2.2 }
.said { fill: #b3261e; font-size: 12px }
"""


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def render(graph: Graph) -> str:
    """Draw rows of boxes, heirs above what they inherit, with arrows to it."""
    boxes = _boxes(graph)
    width = max((box.x + box.width for box in boxes.values()), default=0.0) + EDGE
    height = max((box.y + box.height for box in boxes.values()), default=0.0) + EDGE
    size = {"width": _px(width), "height": _px(height), "viewBox": f"0 0 {_px(width)} {_px(height)}"}
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": "title", **size})
    ET.SubElement(
        svg, "title", {"id": "title"}
    ).text = f"Inheritance between {len(graph.nodes)} access profiles: arrows lead to what is inherited"
    ET.SubElement(svg, "style").text = STYLE
    marker = ET.SubElement(
        ET.SubElement(svg, "defs"),
        "marker",
        {"id": "arrow", "viewBox": "0 0 8 8", "refX": "8", "refY": "4", "markerWidth": "7", "markerHeight": "7",
         "orient": "auto"},
    )  # fmt: skip
    ET.SubElement(marker, "path", {"d": "M0 0 8 4 0 8z", "fill": "#57606a"})
    for edge in graph.edges:
        _draw_edge(svg, edge, graph, boxes)
    for node in graph.nodes:
        _draw_node(svg, node, boxes[node.ref])
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def _boxes(graph: Graph) -> dict[Ref, _Box]:
    found: dict[Ref, _Box] = {}
    placed = [[(ref, _size(graph.by_ref[ref])) for ref in row] for row in rows(graph)]
    widest = max((sum(width + GAP for _, (width, _) in row) - GAP for row in placed), default=0.0)
    y = EDGE
    for row in placed:
        x = EDGE + (widest - sum(width + GAP for _, (width, _) in row) + GAP) / 2
        for ref, (width, height) in row:
            found[ref] = _Box(x, y, width, height)
            x += width + GAP
        y += max(height for _, (_, height) in row) + STEP
    return found


def _size(node: Node) -> tuple[float, float]:
    lines = _lines(node)
    return max(_columns(line) for line in lines) * LETTER + 2 * PAD, len(lines) * LINE + 2 * PAD - 4


def _lines(node: Node) -> list[str]:
    return [one_line(each, longest=LONGEST) or "(no name)" for each in (node.name, *node.details)]


def _columns(text: str) -> int:
    """Count columns: letters of some scripts are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _draw_node(svg: ET.Element, node: Node, box: _Box) -> None:
    group = ET.SubElement(svg, "g", {"class": node.change.value} if node.change.value else {})
    ET.SubElement(group, "title").text = "; ".join(one_line(each) for each in (node.name, *node.details))
    place = {"x": _px(box.x), "y": _px(box.y), "width": _px(box.width), "height": _px(box.height), "rx": "6"}
    ET.SubElement(group, "rect", {"class": "box", **place})
    for number, line in enumerate(_lines(node)):
        at = {"x": _px(box.middle), "y": _px(box.y + PAD + LINE * (number + 0.6)), "text-anchor": "middle"}
        ET.SubElement(group, "text", {"class": "fact" if number else "name", **at}).text = line


def _draw_edge(svg: ET.Element, edge: Edge, graph: Graph, boxes: dict[Ref, _Box]) -> None:
    heir, parent = boxes[edge.heir], boxes[edge.parent]
    classes = ["edge", *([edge.change.value] if edge.change is not Change.NONE else []), *(["circle"] * edge.circle)]
    if parent.y > heir.y:
        top, bottom = heir.y + heir.height, parent.y
        bend = (bottom - top) / 2
        path = (
            f"M{_px(heir.middle)} {_px(top)}C{_px(heir.middle)} {_px(top + bend)} "
            f"{_px(parent.middle)} {_px(bottom - bend)} {_px(parent.middle)} {_px(bottom)}"
        )
    else:
        # Back up, in a circle: around the side, so that it is not taken for an inheritance downwards.
        side = max(heir.x + heir.width, parent.x + parent.width) + GAP * 0.8
        start, end = heir.y + heir.height / 2, parent.y + parent.height / 2
        path = (
            f"M{_px(heir.x + heir.width)} {_px(start)}C{_px(side)} {_px(start)} {_px(side)} {_px(end)} "
            f"{_px(parent.x + parent.width)} {_px(end)}"
        )
    drawn = ET.SubElement(svg, "path", {"class": " ".join(classes), "d": path, "marker-end": "url(#arrow)"})
    said = ["in a circle"] * edge.circle + ([edge.change.value] if edge.change.value else [])
    names = f"{one_line(graph.by_ref[edge.heir].name)} inherits from {one_line(graph.by_ref[edge.parent].name)}"
    ET.SubElement(drawn, "title").text = f"{names} ({', '.join(said)})" if said else names


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
