"""Who inherits from whom: the graph that every rendering starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import networkx as nx

from pulumi_veza.access.organisation import Organisation, Profile, Ref
from pulumi_veza.errors import LookupFailedError
from pulumi_veza.reports.words import counted, listed
from pulumi_veza.rules.identity import RUNNING


class EdgeChange(str, Enum):
    """How a preview changes a profile or an inheritance; the value is its name in renderings."""

    NONE = ""
    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, order=True)
class Node:
    """A profile."""

    name: str
    ref: Ref
    details: tuple[str, ...] = ()
    """Lines below the name: the type, how much it holds, and what is unusual about it."""
    change: EdgeChange = EdgeChange.NONE


@dataclass(frozen=True, order=True)
class Edge:
    """An inheritance."""

    heir: Ref
    parent: Ref
    change: EdgeChange = EdgeChange.NONE
    circle: bool = False
    """Whether following it leads back to where it began."""


@dataclass(frozen=True)
class Graph:
    """Profiles and inheritances, in an order of their own."""

    nodes: Sequence[Node]
    """Ordered by name."""
    edges: Sequence[Edge]
    """Ordered by the heir's name, then the parent's."""

    @cached_property
    def by_ref(self) -> Mapping[Ref, Node]:
        """The profiles by reference."""
        return {node.ref: node for node in self.nodes}

    @cached_property
    def parents(self) -> Mapping[Ref, Sequence[Edge]]:
        """By heir, the inheritances."""
        found: dict[Ref, list[Edge]] = {node.ref: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.heir].append(edge)
        return found

    @cached_property
    def directed(self) -> nx.DiGraph[Ref]:
        """The graph of networkx, from heir to parent."""
        made: nx.DiGraph[Ref] = nx.DiGraph()
        made.add_nodes_from(node.ref for node in self.nodes)
        made.add_edges_from((edge.heir, edge.parent) for edge in self.edges)
        return made

    def around(self, name: str) -> Graph:
        """Return the graph of a profile, everything that it inherits, and everything that inherits from it.

        Raises:
            LookupFailedError: no profile has that name or id.

        """
        found = [node.ref for node in self.nodes if name in {node.name, node.ref}]
        if not found:
            known = listed(node.name for node in self.nodes) or "none at all"
            raise LookupFailedError(f"there is no profile {name!r}; there are {known}")
        kept = set(found)
        for ref in found:
            kept |= nx.ancestors(self.directed, ref) | nx.descendants(self.directed, ref)
        nodes = [node for node in self.nodes if node.ref in kept]
        return Graph(nodes, [edge for edge in self.edges if {edge.heir, edge.parent} <= kept])


def graph(after: Organisation, before: Organisation | None = None) -> Graph:
    """Build the graph of an organisation; with ``before``, changes are marked and removed profiles are kept."""
    was = before or after
    live = _live(after)
    old = _live(was)
    now = {(ref, parent) for ref, profile in live.items() for parent in profile.inherits}
    then = {(ref, parent) for ref, profile in old.items() for parent in profile.inherits}
    refs = {*live, *old, *(parent for _, parent in now | then)}
    nodes = sorted(_node(ref, after, was, live.get(ref), old.get(ref)) for ref in refs)
    return Graph(nodes, inheritances(now, then, {node.ref: node.name for node in nodes}))


def inheritances(now: Set[tuple[Ref, Ref]], then: Set[tuple[Ref, Ref]], names: Mapping[Ref, str]) -> list[Edge]:
    """Return the edges of now and then, sorted by the names of heir and parent."""
    directed: nx.DiGraph[Ref] = nx.DiGraph(list(now))
    component = {ref: place for place, each in enumerate(nx.strongly_connected_components(directed)) for ref in each}
    edges = [
        Edge(
            heir,
            parent,
            EdgeChange.NONE if (heir, parent) in then else EdgeChange.NEW,
            component[heir] == component[parent],
        )
        for heir, parent in now
    ]
    edges += [Edge(heir, parent, EdgeChange.GONE) for heir, parent in then - now]
    return sorted(edges, key=lambda each: (names[each.heir], each.heir, names[each.parent], each.parent))


def _live(organisation: Organisation) -> dict[Ref, Profile]:
    """Return the profiles; versions that are not live are left out, as they give nobody anything."""
    return {ref: profile for ref, profile in organisation.profiles.items() if profile.version is None}


def _node(ref: Ref, after: Organisation, before: Organisation, profile: Profile | None, old: Profile | None) -> Node:
    shown = profile or old
    if shown is None:
        return Node(str(ref), ref, ("nothing is known of it",))
    change = EdgeChange.NONE
    if profile is None or old is None:
        change = EdgeChange.GONE if profile is None else EdgeChange.NEW
    elif (profile.entitlements, profile.inherits, profile.state) != (old.entitlements, old.inherits, old.state):
        change = EdgeChange.CHANGED
    organisation = after if profile else before
    of_type = organisation.types.get(shown.profile_type) if shown.profile_type else None
    held = counted(len(shown.entitlements), "entitlement")
    if shown.unknown:
        held = f"at least {held}"
    facts = [
        of_type.name if of_type else "",
        f"{held}, {counted(len(organisation.members.get(ref, {})), 'member')}",
        "" if shown.state == RUNNING else shown.state,
        change.value,
    ]
    return Node(shown.name, ref, tuple(fact for fact in facts if fact), change)
