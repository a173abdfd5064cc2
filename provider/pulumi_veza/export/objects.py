"""What an export is made of: plain values, as the walk found them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_veza.errors import one_line
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.rules.members import LiveMember


@dataclass(frozen=True)
class ResourceEntry:
    """One resource: what the program says, and what the state is to hold."""

    kind: str
    """The class's name, such as ``AccessProfile``."""
    name: str
    """The resource's name in the program."""
    id: str
    """The Pulumi id."""
    arguments: JsonObject
    """What is written in the program: in state shape, and only what differs from the defaults."""
    inputs: JsonObject
    outputs: JsonObject


@dataclass(frozen=True)
class LeftOut:
    """Something that could not be exported."""

    what: str
    """The object or a part of it, such as ``members of access profile 'Sales' (p-1)``."""
    reason: str

    @property
    def line(self) -> str:
        """What and why, in one line."""
        return one_line(f"{self.what}: {self.reason}", longest=500)


@dataclass(frozen=True)
class ExportedType:
    """A type that is a resource of the program."""

    resource: ResourceEntry
    live: Mapping[str, Any]
    """The type under the API's names."""


@dataclass(frozen=True)
class ExportedProfile:
    """A profile that is a resource of the program, with its members."""

    resource: ResourceEntry
    live: Mapping[str, Any]
    """The profile under the API's names."""
    members: ResourceEntry | None = None
    """The set of the members that were added by hand; None where there are none."""
    others: Mapping[str, int] = field(default_factory=dict)
    """How many members have only other sources, by source."""
    unread: str = ""
    """Why nobody of the members is known to be added by hand; empty where that is known, or was not asked for."""


@dataclass(frozen=True)
class Walk:
    """What was read of a tenant, the oldest objects first."""

    tenant: str
    """The tenant's address."""
    types: Sequence[ExportedType]
    profiles: Sequence[ExportedProfile]
    all_types: Sequence[Mapping[str, Any]]
    """Every type of the tenant under the API's names, for lookups."""
    all_profiles: Sequence[Mapping[str, Any]]
    people: Mapping[str, str]
    """The names of the identities that a set lists, by id; the id where the API has no name."""
    left_out: Sequence[LeftOut] = ()


def in_words(what: str, live: Mapping[str, Any]) -> str:
    """Return an object with its name and id, such as ``access profile 'Sales' (p-1)``."""
    return f"{what} {live.get('name')!r} ({live['id']})"


def described(member: LiveMember) -> str:
    """Return the name of a member, or the id where the API has no name."""
    return member.name or member.id
