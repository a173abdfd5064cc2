"""An organisation's profiles, types and members, as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

from pulumi_veza.rules.identity import entitlement_identity
from pulumi_veza.rules.members import LiveMember
from pulumi_veza.rules.reasons import Reason, Why

Ref = NewType("Ref", str)
"""A reference to a profile or a type: its id, or the URN of the resource that will create it."""


@dataclass(frozen=True)
class HeldEntitlement:
    """Something in a system that members get."""

    key: str
    """Its identity, as everywhere: ``SalesforceGroup sf-prod/00G...``, and what it is assigned to where that is set."""
    entity_type: str
    datasource_id: str
    entity_id: str
    conditional: bool = False
    """Only members that fulfil its condition get it, and who does is known to Veza alone."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> HeldEntitlement:
        """Build an entitlement from its fields, under the names that the API and the program share."""
        return cls(
            entitlement_identity(fields),
            str(fields.get("entity_type") or ""),
            str(fields.get("datasource_id") or ""),
            str(fields.get("entity_id") or ""),
            conditional=bool(fields.get("condition")),
        )


@dataclass(frozen=True)
class ProfileType:
    """A profile type."""

    ref: Ref
    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The type's fields under the API's names; one that is absent is unknown."""
    urn: str | None = None

    @property
    def removes_dropped_entitlements(self) -> bool | None:
        """Whether members lose an entitlement that is dropped from their profile; None where it is unknown."""
        value = self.fields.get("remove_entitlement_on_member_upon_update")
        return value if isinstance(value, bool) else None


@dataclass(frozen=True)
class Profile:
    """A profile with the content of its current version."""

    ref: Ref
    name: str
    profile_type: Ref | None = None
    state: str = "RUNNING"
    published: bool = True
    entitlements: Mapping[str, HeldEntitlement] = field(default_factory=dict)
    """By key."""
    inherits: frozenset[Ref] = frozenset()
    unknown: tuple[Reason, ...] = ()
    """Why part of the content is unknown."""
    uncertainty: Reason | None = None
    """Why it is uncertain that its members, and those of its heirs, get what it holds."""
    version: str | None = None
    """Which version this is, where it is not the live one: such a version is an entry of its own and gives nothing."""
    number: int | None = None
    """The number of the live version, where it is known."""
    draft: int | None = None
    """The number of the draft, where there is one."""
    taken_over: bool = False
    """Whether it existed before the stack took it over, so that what the stack does not write may hold anything."""
    removes_dropped_entitlements: bool | None = None
    """Whether members lose what is dropped from it: what its type says."""
    labels: frozenset[str] = frozenset()
    urn: str | None = None
    """The resource that manages it, if one does."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What is known of it under the API's names. A tenant's response has the content in ``current_version``; what a
    state tells has it beside the metadata."""
    complete: bool = False
    """Whether a field that ``fields`` lacks is empty rather than unknown."""

    @property
    def inactive_reason(self) -> Reason | None:
        """Why its members get nothing now, or None while they do."""
        if self.version:
            return Reason(Why.NOT_LIVE, self.name, detail=self.version)
        if self.state != "RUNNING":
            return Reason(Why.NOT_RUNNING, self.name, detail=self.state)
        return None if self.published else Reason(Why.NOT_PUBLISHED, self.name)


@dataclass(frozen=True)
class Membership(LiveMember):
    """Somebody is a member of a version of a profile."""

    uncertainty: Reason | None = None
    """Why it is uncertain that this is a member."""


@dataclass
class Organisation:
    """Everything at one moment: now, or after a change."""

    types: dict[Ref, ProfileType] = field(default_factory=dict)
    profiles: dict[Ref, Profile] = field(default_factory=dict)
    members: defaultdict[Ref, dict[str, Membership]] = field(default_factory=lambda: defaultdict(dict))
    """By profile, then by identity."""
    unknown_members: defaultdict[Ref, list[Reason]] = field(default_factory=lambda: defaultdict(list))
    """By profile, why some of its members are unknown."""

    def name(self, ref: Ref) -> str:
        """Return the name of a profile for people; of an unknown one, its id."""
        profile = self.profiles.get(ref)
        return profile.name if profile else str(ref)

    def removes_dropped_entitlements(self, profile_type: Ref | None) -> bool | None:
        """Return whether members lose what is dropped from profiles of a type; None where it is unknown."""
        found = self.types.get(profile_type) if profile_type else None
        return found.removes_dropped_entitlements if found else None

    def copy(self) -> Organisation:
        """Return a copy that can be changed."""
        found = Organisation(dict(self.types), dict(self.profiles))
        found.members.update({ref: dict(members) for ref, members in self.members.items()})
        found.unknown_members.update({ref: list(reasons) for ref, reasons in self.unknown_members.items()})
        return found


def version_ref(profile: Ref, selector: str | int) -> Ref:
    """Return the reference of a version that is not the live one."""
    return Ref(f"{profile}/versions/{selector}")
