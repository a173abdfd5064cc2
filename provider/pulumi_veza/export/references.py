"""How one resource of the program refers to another object: by its variable, by a lookup, or by its id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pulumi_veza.export.layout import Layout, type_of
from pulumi_veza.export.names import Nameable, identifier, unique_names
from pulumi_veza.export.objects import Walk, in_words
from pulumi_veza.export.python_code import Call, Code, Commented, assignment

EXISTING = "existing"
TYPES = "profile_types"


class ProgramReferences:
    """The references of a program; collects what it has to look up."""

    def __init__(self, walk: Walk, layout: Layout, known: Mapping[str, str]) -> None:
        self._layout = layout
        self._types = {each["id"]: each for each in walk.all_types}
        self._profiles = {each["id"]: each for each in walk.all_profiles}
        self._type_names = Counter(each.get("name") for each in walk.all_types)
        self._profile_names = Counter((p.get("profile_type"), p.get("name")) for p in walk.all_profiles)
        outside = self._outside(walk)
        taken = {*layout.profile_variables.values(), *layout.type_variables.values()} if layout.one_file else set()
        self.names = unique_names(outside, EXISTING, known, [each.replace("_", "-").rstrip("-") for each in taken])

    def _outside(self, walk: Walk) -> list[Nameable]:
        """Return the objects that the program refers to and does not declare, where they can be looked up."""
        ids = {type_of(each) for each in walk.profiles} - self._layout.type_variables.keys()
        for each in walk.types:
            ids |= set((each.resource.arguments.get("allow_inherited_from_types") or {}).values())
        ids = {id_ for id_ in ids - self._layout.type_variables.keys() if self._type_is_found(id_)}
        parents = {
            id_ for each in walk.profiles for id_ in (each.resource.arguments.get("inherits_from") or {}).values()
        } - self._layout.profile_variables.keys()
        found = {id_ for id_ in parents if self._profile_is_found(id_)}
        # A profile is looked up within its type.
        ids |= {str(self._profiles[id_].get("profile_type")) for id_ in found}
        lives = [*(self._types[id_] for id_ in ids), *(self._profiles[id_] for id_ in found)]
        return [Nameable(e["id"], str(e.get("name") or ""), str(e.get("created_at") or "")) for e in lives]

    def _type_is_found(self, id_: str) -> bool:
        name = (self._types.get(id_) or {}).get("name")
        return bool(name) and self._type_names[name] == 1

    def _profile_is_found(self, id_: str) -> bool:
        live = self._profiles.get(id_) or {}
        key = (live.get("profile_type"), live.get("name"))
        return bool(key[1]) and self._profile_names[key] == 1 and self._type_is_found(str(key[0]))

    def type(self, id_: str, imports: set[str], declared: Mapping[str, Any] | None = None) -> Any:
        """Return the expression of a type's id.

        Args:
            id_: The id.
            imports: Gets the modules that the expression needs.
            declared: Within the module of types, those that stand before.

        """
        if id_ in self._layout.type_variables:
            variable = self._layout.type_variables[id_]
            if declared is not None:
                return Code(f"{variable}.id") if id_ in declared else Commented(id_, _not_above(variable))
            return self._of_module(TYPES, variable, imports)
        if id_ in self.names:
            return self._of_module(EXISTING, identifier(self.names[id_]), imports)
        return Commented(id_, self._why_by_id("access profile type", self._types.get(id_)))

    def profile(self, id_: str, module: str, imports: set[str], declared: set[str]) -> Any:
        """Return the expression of a profile's id.

        Args:
            id_: The id.
            module: The module that it is for.
            imports: Gets the modules that the expression needs.
            declared: The profiles that stand before in this module.

        """
        if id_ in self._layout.module_of:
            home, variable = self._layout.module_of[id_], self._layout.profile_variables[id_]
            if home != module:
                imports.add(f"profiles.{home}")
                return Code(f"profiles.{home}.{variable}.id")
            return Code(f"{variable}.id") if id_ in declared else Commented(id_, _not_above(variable))
        if id_ in self.names:
            return self._of_module(EXISTING, identifier(self.names[id_]), imports)
        return Commented(id_, self._why_by_id("access profile", self._profiles.get(id_)))

    def _of_module(self, module: str, variable: str, imports: set[str]) -> Code:
        if self._layout.one_file:
            return Code(f"{variable}.id")
        imports.add(module)
        return Code(f"{module}.{variable}.id")

    def _why_by_id(self, what: str, live: Mapping[str, Any] | None) -> str:
        if live is None:
            return f"An {what} that the key of the export does not see."
        return f"The {in_words(what, live)}: its name does not tell which one."

    def lookups(self) -> list[str]:
        """Return the statements that look up what the program does not declare: the types, then the profiles."""
        types = sorted((name, id_) for id_, name in self.names.items() if id_ in self._types)
        profiles = sorted((name, id_) for id_, name in self.names.items() if id_ not in self._types)
        found = []
        for name, id_ in types:
            call = Call("veza.get_access_profile_type", named={"name": self._types[id_]["name"]})
            found.append(assignment(identifier(name), call))
        for name, id_ in profiles:
            live = self._profiles[id_]
            of_type = Code(f"{identifier(self.names[live['profile_type']])}.id")
            call = Call("veza.get_access_profile", named={"name": live["name"], "profile_type": of_type})
            found.append(assignment(identifier(name), call))
        return found


def _not_above(variable: str) -> str:
    return f"The id of {variable}, which does not stand above."
