"""Random organisations as programs, and random changes of them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.impact.small_engine import Declared, Id
from tests.support.tenant import Tenant

PEOPLE = [f"id-{name}" for name in ("ada", "ben", "cai", "dee", "eli")]
FOREIGN = "profile-foreign"
"""A profile that the stack does not manage."""

_PROFILES = [f"p{number}" for number in range(4)]
_GROUPS = [f"g{number}" for number in range(4)]

Program = list[Declared]


def seed(tenant: Tenant, *, overlapping: bool) -> None:
    """Empty the tenant, and put a type and a profile into it that are somebody else's.

    ``overlapping`` lets it give something that the profiles of the stack give as well.
    """
    tenant.reset()
    open_ = {"allow_create_relationships": True, "allow_inherit_entities": True}
    held = [entitlement("g0" if overlapping else "g9"), entitlement("g-foreign")]
    tenant.seed(
        types=[{"id": "type-foreign", "name": "Foreign", **open_}],
        profiles=[
            {
                "id": FOREIGN,
                # Called like its id: the state knows no other name of it.
                "name": FOREIGN,
                "profile_type": "type-foreign",
                "entities_to_create_relationships_to": held,
                "members": PEOPLE[:2],
            }
        ],
    )


def entitlement(group: str, *, conditional: bool = False) -> dict[str, Any]:
    """Give an entitlement as a program writes it."""
    fields = {"entity_type": "Group", "datasource_id": "ds", "entity_id": group}
    return {**fields, "condition": {"type": "SCIM", "condition_string": "x"}} if conditional else fields


@dataclass(frozen=True)
class _Members:
    """A membership set."""

    mode: str
    who: tuple[str, ...]
    on_destroy: str
    version: str
    on_member_failure: str


@dataclass(frozen=True)
class _Profile:
    """A profile with its content and its sets; what it inherits is named, as a change may rename the resource."""

    name: str
    resource: str
    profile_type: str
    state: str
    on_destroy: str
    content: Mapping[str, Any]
    parents: tuple[str, ...] | None
    version: Mapping[str, Any] | None
    """The options of the resource that the content is in, where it is not the profile's own."""
    sets: tuple[_Members, ...]


@dataclass
class Organisation:
    """Everything that a program declares."""

    types: dict[str, bool | None] = field(default_factory=dict)
    profiles: dict[str, _Profile] = field(default_factory=dict)
    foreign: _Members | None = None

    def program(self) -> Program:
        """Write it as a program."""
        found = [_type(name, withdraws) for name, withdraws in self.types.items()]
        for name in sorted(self.profiles):
            found += self._profile(self.profiles[name])
        for name in sorted(self.profiles):
            place = Id(f"AccessProfile.{self.profiles[name].resource}")
            found += [_set(f"{name}-{n}", place, each) for n, each in enumerate(self.profiles[name].sets)]
        return [*found, *([_set("foreign", FOREIGN, self.foreign)] if self.foreign else [])]

    def _profile(self, each: _Profile) -> Program:
        content = dict(each.content)
        if each.parents is not None:
            known = [name for name in each.parents if name == FOREIGN or name in self.profiles]
            content["inherits_from"] = [
                name if name == FOREIGN else Id(f"AccessProfile.{self.profiles[name].resource}") for name in known
            ]
        args = {
            "name": f"Profile {each.name}",
            "profile_type": Id(f"AccessProfileType.{each.profile_type}"),
            "state": each.state,
            "on_destroy": each.on_destroy,
        }
        if each.version is None:
            return [Declared("AccessProfile", each.resource, {**args, **content})]
        version = {"profile_id": Id(f"AccessProfile.{each.resource}"), **each.version, **content}
        return [
            Declared("AccessProfile", each.resource, args),
            Declared("AccessProfileVersion", each.resource, version),
        ]


def _type(name: str, withdraws: bool | None) -> Declared:
    args: dict[str, Any] = {"name": name, "allow_create_relationships": True, "allow_inherit_entities": True}
    if withdraws is not None:
        args["remove_entitlement_on_member_upon_update"] = withdraws
    return Declared("AccessProfileType", name, args)


def _set(name: str, profile: str | Id, each: _Members) -> Declared:
    args = {
        "profile_id": profile,
        "identity_ids": list(each.who),
        "mode": each.mode,
        "version": each.version,
        "on_destroy": each.on_destroy,
        "on_member_failure": each.on_member_failure,
        "max_removal_percent": 100,
        "allow_emptying": True,
    }
    return Declared("MembershipSet", name, args)


class Author:
    """Writes organisations and changes of them."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def organisation(self) -> Organisation:
        """Write one."""
        found = Organisation({"open": self._withdraws(), "strict": self._withdraws()})
        for name in self._some(_PROFILES, at_least=1):
            found.profiles[name] = self._profile(name)
        found.foreign = self._members(["additive", "authoritative"]) if self._rarely() else None
        return found

    def changed(self, was: Organisation) -> Organisation:
        """Write what it becomes: part of it is left, part of it changes a little, part of it is another."""
        other = self.organisation()
        types = {name: was.types[name] if self.dice.random() < 0.8 else other.types[name] for name in was.types}
        found = Organisation(types)
        for name in _PROFILES:
            fate = self.dice.random()
            here, there = was.profiles.get(name), other.profiles.get(name)
            if here and fate < 0.15:
                found.profiles[name] = here
            elif here and fate < 0.7:
                found.profiles[name] = self._altered(here)
            elif there:
                found.profiles[name] = there
        found.foreign = was.foreign if self.dice.random() < 0.5 else other.foreign
        return found

    def _altered(self, was: _Profile) -> _Profile:
        other = self._profile(was.name)
        part = self.dice.choice(
            ["resource", "state", "content", "content", "content", "parents", "sets", "sets", "sets", "profile_type"]
        )
        if part == "sets" and was.sets and self.dice.random() < 0.7:
            return replace(was, sets=tuple(self._moved(each) for each in was.sets))
        return replace(was, **{part: getattr(other, part)})

    def _moved(self, was: _Members) -> _Members:
        fate = self.dice.random()
        if fate < 0.5:
            return replace(was, who=tuple(self._some(PEOPLE)))
        if fate < 0.7:
            return replace(was, on_member_failure="error" if was.on_member_failure == "warn" else "warn")
        return replace(was, mode="additive") if fate < 0.8 and was.mode == "audit" else was

    def _profile(self, name: str) -> _Profile:
        content: dict[str, Any] = {}
        if self.dice.random() < 0.8:
            groups = self._some(_GROUPS)
            content["entitlements"] = [entitlement(each, conditional=self.dice.random() < 0.1) for each in groups]
        parents = None
        if self.dice.random() < 0.6:
            # Only from those before it, so that nothing goes round in a circle.
            parents = (*self._some(_PROFILES[: _PROFILES.index(name)]), *([FOREIGN] if self._rarely() else []))
        version = None
        if (content or parents) and self.dice.random() < 0.3:
            adopt, on_destroy = self.dice.choice(["identical", "always"]), self.dice.choice(["retain", "clear"])
            version = {"adopt": adopt, "on_destroy": on_destroy}
        modes = ["additive", "authoritative", "audit"]
        sets = [self._members(modes)] if self.dice.random() < 0.85 else []
        if sets and self.dice.random() < 0.5:
            # Two that each let nobody else be a member are refused.
            sets.append(self._members(["additive", "additive", "audit"]))
        return _Profile(
            name,
            self.dice.choice([name, name, name, f"{name}-renamed"]),
            self.dice.choice(["open", "strict"]),
            self.dice.choice(["RUNNING", "RUNNING", "RUNNING", "RUNNING", "PAUSED"]),
            self.dice.choice(["pause", "retain"]),
            content,
            parents,
            version,
            tuple(sets),
        )

    def _members(self, modes: Sequence[str]) -> _Members:
        return _Members(
            self.dice.choice(modes),
            tuple(self._some(PEOPLE)),
            self.dice.choice(["remove", "remove", "retain"]),
            self.dice.choice(["current", "current", "1"]),
            "warn",
        )

    def _withdraws(self) -> bool | None:
        return self.dice.choice([True, True, False, False, None])

    def _rarely(self) -> bool:
        return self.dice.random() < 0.1

    def _some(self, of: Sequence[str], *, at_least: int = 0) -> list[str]:
        count = self.dice.randint(min(at_least, len(of)), len(of))
        return sorted(self.dice.sample(list(of), count))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Program, Program]:
    """Draw an organisation and what it becomes."""
    # Drawn by dice of its own: drawn value by value, most organisations would be nearly empty.
    author = Author(random.Random(draw(st.integers(0, 2**32))))  # noqa: S311 - no secret
    first = author.organisation()
    return first.program(), author.changed(first).program()
