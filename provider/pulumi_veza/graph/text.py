"""A tree for the terminal: below each profile, what it inherits. Each is expanded once, so a circle ends."""

from __future__ import annotations

import io
from typing import Final

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from pulumi_veza.access.organisation import Ref
from pulumi_veza.errors import one_line
from pulumi_veza.graph.inheritance import Edge, EdgeChange, Graph, Node

_MARKS: Final = {EdgeChange.NONE: "", EdgeChange.NEW: "+ ", EdgeChange.GONE: "- ", EdgeChange.CHANGED: "~ "}


def render(graph: Graph) -> str:
    """Render a tree for every profile without heirs; in a circle without one, for its first profile by name."""
    written = io.StringIO()
    console = Console(file=written, width=10_000, no_color=True, highlight=False)
    seen: set[Ref] = set()
    inherited = {edge.parent for edge in graph.edges}
    roots = [node for node in graph.nodes if node.ref not in inherited]
    for node in [*roots, *graph.nodes]:
        if node.ref not in seen:
            console.print(_tree(graph, node, seen))
    return "\n".join(line.rstrip() for line in written.getvalue().split("\n")) or "there are no profiles\n"


def _tree(graph: Graph, root: Node, seen: set[Ref]) -> Tree:
    tree = Tree(Text(_label(root)))
    seen.add(root.ref)
    waiting: list[tuple[Tree, Edge]] = [(tree, edge) for edge in reversed(graph.parents[root.ref])]
    while waiting:
        branch, edge = waiting.pop()
        node = graph.by_ref[edge.parent]
        mark = _MARKS[edge.change] if edge.change is not node.change else ""
        if node.ref in seen:
            why = "circle: it inherits from itself" if edge.circle else "shown above"
            branch.add(Text(f"{mark}{_name(node)} ({why})"))
            continue
        seen.add(node.ref)
        below = branch.add(Text(mark + _label(node)))
        waiting += [(below, each) for each in reversed(graph.parents[node.ref])]
    return tree


def _label(node: Node) -> str:
    details = "; ".join(one_line(each) for each in node.details)
    return f"{_name(node)}  [{details}]" if details else _name(node)


def _name(node: Node) -> str:
    return _MARKS[node.change] + one_line(node.name)
