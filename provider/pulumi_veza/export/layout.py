"""Where each resource of the program stands: in which module, in which order, under which variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import networkx as nx

from pulumi_veza.export.names import Nameable, identifier, unique_names
from pulumi_veza.export.objects import ExportedProfile, ExportedType, Walk

MOST_IN_ONE_FILE: Final = 25
"""Profiles up to which the whole program is one file."""

MAIN: Final = "__main__"

Exported = TypeVar("Exported", ExportedType, ExportedProfile)


@dataclass(frozen=True)
class Layout:
    """The modules of the program and the variables in them."""

    one_file: bool
    folders: Mapping[str, str]
    """The names of types in paths, by the id of the type."""
    modules: Mapping[str, Sequence[ExportedProfile]]
    """The profiles of each module, those that others inherit from first; in one file the only one is ``__main__``."""
    types: Sequence[ExportedType]
    """The types, each after those that its profiles may inherit from."""
    module_of: Mapping[str, str]
    """The module of each profile, by its id."""
    type_variables: Mapping[str, str]
    """By the id of the type."""
    profile_variables: Mapping[str, str]
    """By the id of the profile."""


def lay_out(walk: Walk, folders: Mapping[str, str], *, one_file: bool | None) -> Layout:
    """Return where everything stands.

    Args:
        walk: What is exported.
        folders: The names of types in paths in an earlier export, by id.
        one_file: How an earlier export did it; None for a new one.

    """
    if one_file is None:
        one_file = len(walk.profiles) <= MOST_IN_ONE_FILE
    named = _folders(walk, folders)
    profiles = _ordered(walk.profiles, "inherits_from")
    variables = {each.resource.id: identifier(each.resource.name) for each in walk.profiles}
    if one_file:
        by_module = {MAIN: profiles}
    else:
        module_of_type = _modules(walk.profiles, named, [each["id"] for each in walk.all_types])
        by_module = {name: [] for name in sorted(set(module_of_type.values()))}
        for each in profiles:
            by_module[module_of_type[type_of(each)]].append(each)
    return Layout(
        one_file,
        named,
        by_module,
        _ordered(walk.types, "allow_inherited_from_types"),
        {each.resource.id: module for module, found in by_module.items() for each in found},
        _type_variables(walk.types, variables.values() if one_file else ()),
        variables,
    )


def type_of(profile: ExportedProfile) -> str:
    """Return the id of a profile's type."""
    return str(profile.resource.arguments["profile_type"])


def _folders(walk: Walk, known: Mapping[str, str]) -> dict[str, str]:
    used = {type_of(each) for each in walk.profiles}
    names = {each["id"]: each for each in walk.all_types}
    wanted = [
        Nameable(id_, str(names.get(id_, {}).get("name") or ""), str(names.get(id_, {}).get("created_at") or ""))
        for id_ in sorted(used)
    ]
    return {id_: identifier(name) for id_, name in unique_names(wanted, "type", known).items()}


def _modules(profiles: Sequence[ExportedProfile], folders: Mapping[str, str], ages: Sequence[str]) -> dict[str, str]:
    """Return the module of each type. Types whose profiles inherit from each other share one, the oldest type's."""
    of = {each.resource.id: type_of(each) for each in profiles}
    graph = nx.DiGraph()
    graph.add_nodes_from(folders)
    for each in profiles:
        parents = each.resource.arguments.get("inherits_from") or {}
        graph.add_edges_from((type_of(each), of[parent]) for parent in parents.values() if parent in of)
    age = {id_: place for place, id_ in enumerate(ages)}
    return {
        each: folders[min(together, key=lambda id_: (age.get(id_, len(age)), id_))]
        for together in nx.strongly_connected_components(graph)
        for each in together
    }


def _ordered(objects: Iterable[Exported], referring: str) -> list[Exported]:
    """Return objects by name, but each after those that its argument ``referring`` lists."""
    by_id = {each.resource.id: each for each in sorted(objects, key=lambda each: each.resource.name)}
    place = {id_: number for number, id_ in enumerate(by_id)}
    graph = nx.DiGraph()
    graph.add_nodes_from(by_id)
    for id_, each in by_id.items():
        near = set((each.resource.arguments.get(referring) or {}).values()) & by_id.keys()
        graph.add_edges_from((id_, other) for other in sorted(near, key=place.__getitem__))
    return [by_id[id_] for id_ in nx.dfs_postorder_nodes(graph)]


def _type_variables(types: Sequence[ExportedType], taken: Iterable[str]) -> dict[str, str]:
    used = set(taken)
    found = {}
    for each in types:
        name = identifier(each.resource.name)
        while name in used:
            name = f"{name.rstrip('_')}_type"
        found[each.resource.id] = name
        used.add(name)
    return found
