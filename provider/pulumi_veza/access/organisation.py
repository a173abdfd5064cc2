"""The profiles, types and members of an organisation, as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

from pulumi_veza.rules.identity import RUNNING, entitlement_identity
from pulumi_veza.rules.members import LiveMember
from pulumi_veza.rules.reasons import Reason, Why

Ref = NewType("Ref", str)
"""A reference to a profile or a type: its id, or the URN of the resource that will create it."""


@dataclass(frozen=True)
class HeldEntitlement:
    """An entitlement in a profile: an entity of a datasource that members get."""

    key: str
    """The identity, such as ``SalesforceGroup sf-prod/00G...``, with the entity that it is assigned to, if any."""
    entity_type: str
    datasource_id: str
    entity_id: str
    conditional: bool = False
    """Whether only members that fulfil a condition get it; only Veza knows who does."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> HeldEntitlement:
        """Return the entitlement with these fields, whose names are the same in the API and in programs."""
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
    """The type's fields under the API's names; an absent field is unknown."""
    urn: str | None = None
    """The resource that manages it, if any."""

    @property
    def removes_dropped_entitlements(self) -> bool | None:
        """Whether members lose an entitlement that is dropped from their profile; None where that is unknown."""
        value = self.fields.get("remove_entitlement_on_member_upon_update")
        return value if isinstance(value, bool) else None


@dataclass(frozen=True)
class Profile:
    """A profile with the content of its current version."""

    ref: Ref
    name: str
    profile_type: Ref | None = None
    state: str = RUNNING
    published: bool = True
    entitlements: Mapping[str, HeldEntitlement] = field(default_factory=dict)
    """The profile's own entitlements, by key."""
    inherits: frozenset[Ref] = frozenset()
    unknown: tuple[Reason, ...] = ()
    """The reasons why the content is not completely known."""
    uncertainty: Reason | None = None
    """The reason why members of the profile and of its heirs may not get its entitlements."""
    version: str | None = None
    """The selector of a version that is not the live one; such a version is an entry of its own and gives nothing."""
    number: int | None = None
    """The number of the live version; None where it is unknown."""
    draft: int | None = None
    """The number of the draft; None where there is none."""
    taken_over: bool = False
    """Whether the stack adopted the profile, so that fields that the stack does not write may have any value."""
    removes_dropped_entitlements: bool | None = None
    """Whether members lose an entitlement that is dropped from the profile, by its type; None where that is unknown."""
    labels: frozenset[str] = frozenset()
    urn: str | None = None
    """The resource that manages it, if any."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The known fields under the API's names. Those of a tenant have the content in ``current_version``, those of a
    state beside the metadata."""
    complete: bool = False
    """Whether a field that ``fields`` lacks is empty rather than unknown."""

    @property
    def inactive_reason(self) -> Reason | None:
        """The reason why members get nothing from the profile now; None where they do."""
        if self.version:
            return Reason(Why.NOT_LIVE, self.name, detail=self.version)
        if self.state != RUNNING:
            return Reason(Why.NOT_RUNNING, self.name, detail=self.state)
        return None if self.published else Reason(Why.NOT_PUBLISHED, self.name)


@dataclass(frozen=True)
class Membership(LiveMember):
    """A member of a version of a profile, possibly an uncertain one."""

    uncertainty: Reason | None = None
    """The reason why the identity may not be a member."""


@dataclass
class Organisation:
    """The types, profiles and members at one moment: now, or after a change."""

    types: dict[Ref, ProfileType] = field(default_factory=dict)
    profiles: dict[Ref, Profile] = field(default_factory=dict)
    members: defaultdict[Ref, dict[str, Membership]] = field(default_factory=lambda: defaultdict(dict))
    """By profile, then by identity."""
    unknown_members: defaultdict[Ref, list[Reason]] = field(default_factory=lambda: defaultdict(list))
    """By profile, the reasons why its members are not completely known."""
    unread: dict[Ref, Reason] = field(default_factory=dict)
    """By profile whose members neither a membership set nor a look at the tenant has read, the reason."""
    absent_identities: frozenset[str] = frozenset()
    """The ids of which the tenant says that there is no such identity."""
    absent_datasources: frozenset[str] = frozenset()
    """The ids of which the tenant says that there is no such datasource."""

    def name(self, ref: Ref) -> str:
        """Return the name of a profile, or its reference where the profile is unknown."""
        profile = self.profiles.get(ref)
        return profile.name if profile else str(ref)

    def removes_dropped_entitlements(self, profile_type: Ref | None) -> bool | None:
        """Return whether members lose entitlements dropped from profiles of a type; None where that is unknown."""
        found = self.types.get(profile_type) if profile_type else None
        return found.removes_dropped_entitlements if found else None

    def copy(self) -> Organisation:
        """Return a copy that can be changed independently."""
        found = Organisation(
            dict(self.types),
            dict(self.profiles),
            unread=dict(self.unread),
            absent_identities=self.absent_identities,
            absent_datasources=self.absent_datasources,
        )
        found.members.update({ref: dict(members) for ref, members in self.members.items()})
        found.unknown_members.update({ref: list(reasons) for ref, reasons in self.unknown_members.items()})
        return found


def version_ref(profile: Ref, selector: str | int) -> Ref:
    """Return the reference of a version that is not the live one."""
    return Ref(f"{profile}/versions/{selector}")
