"""Who inherits from whom, drawn and as a table; what is new and what goes is marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from pulumi_veza.access.organisation import Ref
from pulumi_veza.graph import svg
from pulumi_veza.graph.inheritance import EdgeChange, Graph, Node, inheritances
from pulumi_veza.impact.document import Document, ProfileImpact
from pulumi_veza.impact.rendering.effects import MINUS
from pulumi_veza.impact.rendering.page.tables import Cells, Column, Table, table
from pulumi_veza.reports.words import counted
from pulumi_veza.rules.identity import RUNNING

MOST: Final = 60
"""Profiles in a picture; of more, only those whose inheritance changes and their neighbours, or none, are drawn."""

_CHANGES: Final[Mapping[str, EdgeChange]] = {
    "create": EdgeChange.NEW,
    "delete": EdgeChange.GONE,
    "same": EdgeChange.NONE,
}
_WORDS: Final = {
    EdgeChange.NEW: ("gained", "+ New", 1),
    EdgeChange.GONE: ("lost", f"{MINUS} Ends", 0),
    EdgeChange.NONE: ("quiet", "Stays", 2),
}


@dataclass(frozen=True)
class InheritanceDrawing:
    """The picture, where there is one, and the table, which is always whole."""

    count: int
    said: str
    """What is new, what ends, and what the picture leaves out."""
    picture: Markup | None
    table: Table


def section(document: Document, cells: Cells) -> InheritanceDrawing | None:
    """Return the section; None where no profile inherits from another."""
    whole = graph(document)
    if not whole.edges:
        return None
    drawn = whole if len(whole.nodes) <= MOST else _changing(whole)
    picture = Markup(svg.fragment(drawn)) if 0 < len(drawn.nodes) <= MOST else None  # noqa: S704 - built as a tree
    count = Counter(edge.change for edge in whole.edges)
    new, gone = count[EdgeChange.NEW], count[EdgeChange.GONE]
    moved = f"{new:,} new, {gone:,} ending" if new or gone else "nothing new, nothing that ends"
    said = [f"{counted(len(whole.edges), 'inheritance')}: {moved}."]
    if picture is None:
        said.append(f"{len(whole.nodes):,} profiles are too many for a picture; the table has them all.")
    elif drawn is not whole:
        said.append(
            f"Of {len(whole.nodes):,} profiles the {len(drawn.nodes):,} are drawn whose inheritance changes, and their "
            "neighbours; the table has them all."
        )
    return InheritanceDrawing(len(whole.edges), " ".join(said), picture, _table(whole, cells))


def graph(document: Document) -> Graph:
    """Return the profiles that inherit or are inherited from, before or after."""
    known = {Ref(each.ref): each for each in document.profiles}
    now = {(ref, Ref(parent)) for ref, each in known.items() for parent in each.inherits}
    was = {(ref, Ref(parent)) for ref, each in known.items() for parent in each.inherited_before}
    refs = {ref for edge in now | was for ref in edge}
    nodes = sorted(_node(ref, known.get(ref)) for ref in refs)
    return Graph(nodes, inheritances(now, was, {node.ref: node.name for node in nodes}))


def _changing(whole: Graph) -> Graph:
    edges = [edge for edge in whole.edges if edge.change is not EdgeChange.NONE]
    refs = {ref for edge in edges for ref in (edge.heir, edge.parent)}
    kept = [edge for edge in whole.edges if edge.heir in refs or edge.parent in refs]
    refs |= {ref for edge in kept for ref in (edge.heir, edge.parent)}
    return Graph([node for node in whole.nodes if node.ref in refs], kept)


def _node(ref: Ref, profile: ProfileImpact | None) -> Node:
    if profile is None:
        return Node(str(ref), ref, ("nothing is known of it",))
    change = _CHANGES.get(profile.action, EdgeChange.CHANGED)
    if change is EdgeChange.NONE and profile.gives_otherwise:
        change = EdgeChange.CHANGED
    members = counted(profile.members_after, "member")
    if profile.members_before != profile.members_after:
        members = f"{profile.members_before:,} → {members}"
    state = profile.state_after or profile.state_before
    facts = (members, "" if state == RUNNING else state or "", change.value)
    return Node(profile.name, ref, tuple(fact for fact in facts if fact), change)


def _table(whole: Graph, cells: Cells) -> Table:
    rows = []
    for edge in whole.edges:
        look, said, key = _WORDS[edge.change]
        heir, parent = whole.by_ref[edge.heir], whole.by_ref[edge.parent]
        circle = "In a circle: it leads back to where it began." if edge.circle else ""
        rows.append(
            [
                cells.add(("name", heir.name)),
                cells.add((f"effect {look}", said), key=key),
                cells.add(("name", parent.name)),
                cells.add(("text", circle)),
            ]
        )
    columns = [
        Column("Profile", "who"),
        Column("Change", "what"),
        Column("Inherits from", "which"),
        Column("Note", "why", always=False),
    ]
    return table("inheritance", "Which profile inherits from which", columns, rows, cells)
