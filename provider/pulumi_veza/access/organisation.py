"""An organisation's profiles, types and members, as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NewType

Ref = NewType("Ref", str)
"""Names a profile or a type: its id, or the URN of the resource that will create it."""


BY_MEMBERSHIP = "ACCESS_PROFILE_MEMBERSHIP"
"""The source (``created_from``) of members that were added by hand or by the API."""


@dataclass(frozen=True)
class HeldEntitlement:
    """Something in a system that members get."""

    key: str
    """Its identity, as everywhere: ``SalesforceGroup sf-prod/00G...``, and what it is assigned to where it says so."""
    entity_type: str
    datasource_id: str
    entity_id: str
    conditional: bool = False
    """Only members that fulfil its condition get it, and who does is known to Veza alone."""


@dataclass(frozen=True)
class ProfileType:
    """What the model needs of a type, and what its profiles are checked against."""

    ref: Ref
    name: str
    fields: Mapping[str, object] = field(default_factory=dict)
    """The type's fields under the API's names; one that is absent is unknown."""
    urn: str | None = None


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
    unknown: tuple[str, ...] = ()
    """Why part of the content is not known, one reason each."""
    doubt: str | None = None
    """Why it is not certain that its members, and those of its heirs, get what it is said to hold."""
    version: str | None = None
    """Which version this is, where it is not the live one: such a version is an entry of its own and gives nothing."""
    number: int | None = None
    """The number of the live version, where it is known."""
    draft: int | None = None
    """The number of the draft, where there is one."""
    taken_over: bool = False
    """Whether it existed before the stack took it over, so that what the stack does not write may hold anything."""
    withdraws: bool | None = None
    """Whether members lose what is taken out of it: the type's ``remove_entitlement_on_member_upon_update``."""
    labels: frozenset[str] = frozenset()
    urn: str | None = None
    """The resource that manages it, if one does."""

    @property
    def idle(self) -> str | None:
        """Why its members get nothing now, or None while they do."""
        if self.version:
            return f"version {self.version} of profile {self.name} is not the live one"
        if self.state != "RUNNING":
            return f"profile {self.name} is {self.state}"
        return None if self.published else f"the version of profile {self.name} is not published"


@dataclass(frozen=True)
class Membership:
    """Somebody is a member of a version of a profile."""

    identity_id: str
    name: str | None = None
    source: str | None = BY_MEMBERSHIP
    """Where the membership comes from (``created_from``); None where the API does not say."""
    doubt: str | None = None
    """Why it is not certain that this is a member, or None."""

    @property
    def by_hand(self) -> bool:
        """Whether it was added by hand or by the API: what an authoritative set removes unless it lists it."""
        return self.source == BY_MEMBERSHIP

    @property
    def removable(self) -> bool:
        """Whether a set that listed it may remove it: no other source is known to hold it."""
        return self.source is None or self.source == BY_MEMBERSHIP or self.source.isdecimal()


@dataclass
class Organisation:
    """Everything at one moment: now, or after a change."""

    types: dict[Ref, ProfileType] = field(default_factory=dict)
    profiles: dict[Ref, Profile] = field(default_factory=dict)
    members: defaultdict[Ref, dict[str, Membership]] = field(default_factory=lambda: defaultdict(dict))
    """By profile, then by identity."""
    unknown_members: defaultdict[Ref, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By profile, why some of its members are not known, one reason each."""

    def name(self, ref: Ref) -> str:
        """Name a profile for people; one that is not known here is named by its id."""
        profile = self.profiles.get(ref)
        return profile.name if profile else str(ref)

    def copy(self) -> Organisation:
        """Give one of its own to change."""
        found = Organisation(dict(self.types), dict(self.profiles))
        found.members.update({ref: dict(members) for ref, members in self.members.items()})
        found.unknown_members.update({ref: list(reasons) for ref, reasons in self.unknown_members.items()})
        return found


def version_ref(profile: Ref, selector: str | int) -> Ref:
    """Name a version that is not the live one."""
    return Ref(f"{profile}/versions/{selector}")


def entitlement_key(fields: Mapping[str, object]) -> str:
    """Identify an entitlement by its fields, as the state and every message of the provider show it."""

    def part(name: str) -> str:
        return str(fields.get(name) or "")

    key = f"{part('entity_type')} {part('datasource_id')}/{part('entity_id')}"
    if fields.get("assigned_to_entity_type") or fields.get("assigned_to_entity_id"):
        key += f" to {part('assigned_to_entity_type')} {part('assigned_to_entity_id')}"
    return key


def entitlement(fields: Mapping[str, object]) -> HeldEntitlement:
    """Build an entitlement from its fields, under the names that the API and the program share."""
    return HeldEntitlement(
        entitlement_key(fields),
        str(fields.get("entity_type") or ""),
        str(fields.get("datasource_id") or ""),
        str(fields.get("entity_id") or ""),
        conditional=bool(fields.get("condition")),
    )


OPTIONS: Final = frozenset({"adopt", "on_destroy"})
"""What a resource says to the provider, not to the API."""

_TYPE_OUTPUTS: Final = frozenset(
    {"id", "integrations", "profiles_count", "enabled", "rbac_id", "created_at", "updated_at"}
)


def type_fields(values: Mapping[str, Any]) -> dict[str, object]:
    """Take from what is known of a type the fields that somebody wrote."""
    kept = values.keys() - OPTIONS - _TYPE_OUTPUTS
    return {name: values[name] for name in sorted(kept) if not name.startswith("__")}


def withdraws(organisation: Organisation, profile_type: Ref | None) -> bool | None:
    """Tell whether members lose what is taken out of profiles of a type, where it is known."""
    found = organisation.types.get(profile_type) if profile_type else None
    value = found.fields.get("remove_entitlement_on_member_upon_update") if found else None
    return value if isinstance(value, bool) else None
