"""A program as data: resources with references between them, that can be changed step by step.

It is written as text for the real engine, or as a list of resources for the engine of the tests on impact.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.support.programs import Code, program, resource

Json = dict[str, Any]


@dataclass(frozen=True)
class Ref:
    """The id of another resource of the program, by its key."""

    key: str

    def __repr__(self) -> str:
        return self.key


@dataclass
class Declared:
    """A resource. ``key`` stays the same when it is renamed; ids of others stand anywhere in its arguments."""

    kind: str
    key: str
    arguments: Json
    resource_name: str = ""
    aliases: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.resource_name = self.resource_name or self.key

    def __repr__(self) -> str:
        written = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.kind} {self.resource_name}({written})"

    @property
    def profile(self) -> Any:
        """The profile that a version or a set belongs to."""
        return self.arguments["profile_id"]

    @property
    def has_content(self) -> bool:
        """Whether a profile is declared with its content."""
        return bool({"entitlements", "inherits_from"} & self.arguments.keys())


class Program:
    """The resources that a program declares. A profile inherits only from those that were declared before it."""

    ORDER = ("AccessProfileType", "AccessProfile", "AccessProfileVersion", "MembershipSet")

    def __init__(self) -> None:
        self.declared: dict[str, Declared] = {}
        self.type_names: set[str] = set()
        """Every name that a type ever had: a type that was replaced stays in the tenant."""
        self.removed: list[tuple[Json, Json]] = []
        """The arguments of profiles that the program declares no more, each with those that its type had then."""
        self.swapped = False
        """Whether two profiles swap their names with the next program."""
        self.ever_swapped = False
        self.ever_deleted = False
        """Whether somebody deleted a profile by hand: it is made anew, as a new resource is."""
        self.renamed = False
        """Whether a resource has another name in the next program, without an alias."""
        self.returned = False
        """Whether the next program declares a profile that was removed."""
        self.retyped = False
        """Whether the next program replaces a type."""
        self._made = 0

    def add(self, kind: str, stem: str, **arguments: Any) -> Declared:
        """Declare another resource, under a new name."""
        self._made += 1
        key = f"{stem}{self._made}"
        self.declared[key] = Declared(kind, key, arguments)
        return self.declared[key]

    def new_name(self, stem: str) -> str:
        """Return a name that nothing has had."""
        self._made += 1
        return f"{stem} {self._made}"

    def of(self, kind: str) -> list[Declared]:
        """List the resources of a kind."""
        return [each for each in self.declared.values() if each.kind == kind]

    @property
    def types(self) -> list[Declared]:
        """List the types."""
        return self.of("AccessProfileType")

    @property
    def profiles(self) -> list[Declared]:
        """List the profiles."""
        return self.of("AccessProfile")

    @property
    def versions(self) -> list[Declared]:
        """List the versions."""
        return self.of("AccessProfileVersion")

    @property
    def sets(self) -> list[Declared]:
        """List the membership sets."""
        return self.of("MembershipSet")

    def sets_of(self, profile: Any) -> list[Declared]:
        """List the sets of one profile, given as a reference or an id."""
        return [each for each in self.sets if each.profile == profile]

    def name_of(self, profile: Any) -> str:
        """Return the name (or the id) of the profile that a set or a version belongs to."""
        return str(self.declared[profile.key].arguments["name"]) if isinstance(profile, Ref) else str(profile)

    def remove(self, key: str) -> None:
        """Remove a resource and what belongs to it."""
        del self.declared[key]
        for each in list(self.declared.values()):
            if each.arguments.get("profile_id") == Ref(key):
                self.remove(each.key)
            elif Ref(key) in each.arguments.get("inherits_from", ()):
                each.arguments["inherits_from"].remove(Ref(key))

    def settle(self) -> None:
        """Start the next change from here: what may not be in one change with another may follow it."""
        self.swapped = self.renamed = self.returned = self.retyped = False
        self.type_names |= {each.arguments["name"] for each in self.types}

    def resources(self) -> list[Declared]:
        """Copy the resources, in an order in which each comes after those that it refers to."""
        return deepcopy([each for kind in self.ORDER for each in self.of(kind)])

    def text(self) -> str:
        """Write the program in Python."""
        return program(*(self._statement(each) for kind in self.ORDER for each in self.of(kind)))

    def _statement(self, each: Declared) -> str:
        options = {"aliases": [Code(f"pulumi.Alias(name={name!r})") for name in each.aliases]} if each.aliases else None
        arguments = {name: self._resolved(value) for name, value in each.arguments.items()}
        return resource(each.kind, each.resource_name, options, **arguments)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return Code(f"{self.declared[value.key].resource_name.replace('-', '_')}.id")
        if isinstance(value, list):
            return [self._resolved(each) for each in value]
        return value
