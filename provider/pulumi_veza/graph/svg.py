"""SVG that needs no other program and no font of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from pulumi_veza.errors import one_line
from pulumi_veza.graph.colors import STROKES
from pulumi_veza.graph.inheritance import Edge, EdgeChange, Graph, Node
from pulumi_veza.graph.layout import Place, Point, path, ranks_of, rows

LONGEST: Final = 34
"""Characters of a line in a box; the title of the box has the whole text."""
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
    """Render rows of boxes, heirs above what they inherit, with arrows to it."""
    svg = _drawn(graph, "")
    style = ET.Element("style")
    style.text = STYLE
    svg.insert(1, style)
    return _written(svg)


def fragment(graph: Graph, prefix: str = "drawn-") -> str:
    """Render for a page with a style and ids of its own: all ids begin with ``prefix``."""
    return _written(_drawn(graph, prefix))


def _written(svg: ET.Element) -> str:
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def _drawn(graph: Graph, prefix: str) -> ET.Element:
    placed = rows(graph)
    boxes = _boxes(graph, placed)
    ranks = ranks_of(placed)
    width = max((box.x + box.width for box in boxes.values()), default=0.0) + EDGE
    height = max((box.y + box.height for box in boxes.values()), default=0.0) + EDGE
    size = {"width": _px(width), "height": _px(height), "viewBox": f"0 0 {_px(width)} {_px(height)}"}
    title = f"{prefix}title"
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": title, **size})
    ET.SubElement(
        svg, "title", {"id": title}
    ).text = f"Inheritance between {len(graph.nodes)} access profiles: arrows lead to what is inherited"
    definitions = ET.SubElement(svg, "defs")
    for change, color in STROKES.items():
        _marker(definitions, f"{prefix}arrow{change.value}", color)
    for edge in graph.edges:
        _draw_edge(svg, edge, graph, [boxes[each] for each in path(edge, ranks)], f"{prefix}arrow")
    for node in graph.nodes:
        _draw_node(svg, node, boxes[node.ref])
    return svg


def _marker(definitions: ET.Element, id_: str, color: str) -> None:
    size = {"markerWidth": "9", "markerHeight": "9", "markerUnits": "userSpaceOnUse", "orient": "auto"}
    marker = ET.SubElement(definitions, "marker", {"id": id_, "viewBox": "0 0 8 8", "refX": "8", "refY": "4", **size})
    ET.SubElement(marker, "path", {"d": "M0 0 8 4 0 8z", "fill": color})


def _boxes(graph: Graph, placed: Sequence[Sequence[Place]]) -> dict[Place, _Box]:
    found: dict[Place, _Box] = {}
    sized = [[(each, *_size(graph, each)) for each in row] for row in placed]
    widest = max((sum(width + GAP for _, width, _ in row) - GAP for row in sized), default=0.0)
    y = EDGE
    for row in sized:
        x = EDGE + (widest - sum(width + GAP for _, width, _ in row) + GAP) / 2
        tallest = max(height for _, _, height in row)
        for each, width, height in row:
            found[each] = _Box(x, y, width, tallest if isinstance(each, Point) else height)
            x += width + GAP
        y += tallest + STEP
    return found


def _size(graph: Graph, place: Place) -> tuple[float, float]:
    if isinstance(place, Point):
        return 0.0, 0.0
    lines = _lines(graph.by_ref[place])
    return max(_columns(line) for line in lines) * LETTER + 2 * PAD, len(lines) * LINE + 2 * PAD - 4


def _lines(node: Node) -> list[str]:
    return [one_line(each, longest=LONGEST) or "(no name)" for each in (node.name, *node.details)]


def _columns(text: str) -> int:
    """Return the width in columns: letters of some scripts are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _draw_node(svg: ET.Element, node: Node, box: _Box) -> None:
    group = ET.SubElement(svg, "g", {"class": node.change.value} if node.change.value else {})
    ET.SubElement(group, "title").text = "; ".join(one_line(each) for each in (node.name, *node.details))
    place = {"x": _px(box.x), "y": _px(box.y), "width": _px(box.width), "height": _px(box.height), "rx": "6"}
    ET.SubElement(group, "rect", {"class": "box", **place})
    for number, line in enumerate(_lines(node)):
        at = {"x": _px(box.middle), "y": _px(box.y + PAD + LINE * (number + 0.6)), "text-anchor": "middle"}
        ET.SubElement(group, "text", {"class": "fact" if number else "name", **at}).text = line


def _draw_edge(svg: ET.Element, edge: Edge, graph: Graph, passes: Sequence[_Box], marker: str) -> None:
    classes = [
        "edge",
        *([edge.change.value] if edge.change is not EdgeChange.NONE else []),
        *(["circle"] * edge.circle),
    ]
    arrow = (EdgeChange.GONE if edge.circle else edge.change).value
    shape = {"class": " ".join(classes), "d": _course(passes), "marker-end": f"url(#{marker}{arrow})"}
    remarks = ["in a circle"] * edge.circle + ([edge.change.value] if edge.change.value else [])
    names = f"{one_line(graph.by_ref[edge.heir].name)} inherits from {one_line(graph.by_ref[edge.parent].name)}"
    drawn = ET.SubElement(svg, "path", shape)
    ET.SubElement(drawn, "title").text = f"{names} ({', '.join(remarks)})" if remarks else names


def _course(passes: Sequence[_Box]) -> str:
    """Return the path from the first box to the last, straight through the boxes between."""
    first, last = passes[0], passes[-1]
    if first is last:
        x, y = first.x + first.width, first.y + first.height / 2
        return f"M{_px(x)} {_px(y - 8)}c{_px(GAP)} -10 {_px(GAP)} 26 0 16"
    down = last.y > first.y
    # What leads back up runs beside what leads down.
    shift = 0.0 if down else 16.0
    x, y = first.middle + shift, first.y + first.height if down else first.y
    course = [f"M{_px(x)} {_px(y)}"]
    for box in passes[1:]:
        to, near, far = box.middle + shift, box.y if down else box.y + box.height, box.y + box.height if down else box.y
        bend = (near - y) / 2
        course.append(f"C{_px(x)} {_px(y + bend)} {_px(to)} {_px(near - bend)} {_px(to)} {_px(near)}")
        if box is not last:
            course.append(f"V{_px(far)}")
        x, y = to, far
    return "".join(course)


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
