"""An organisation's profiles, types and members, as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

Ref = NewType("Ref", str)
"""Names a profile or a type: its id, or the URN of the resource that will create it."""


@dataclass(frozen=True)
class Entitlement:
    """Something in a system that members get."""

    key: str
    """Its identity, as everywhere: ``SalesforceGroup sf-prod/00G...``."""
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
    entitlements: Mapping[str, Entitlement] = field(default_factory=dict)
    """By key."""
    inherits: frozenset[Ref] = frozenset()
    unknown: tuple[str, ...] = ()
    """Why part of the content is not known, one reason each."""
    withdraws: bool | None = None
    """Whether members lose what is taken out of it: the type's ``remove_entitlement_on_member_upon_update``."""
    labels: frozenset[str] = frozenset()
    urn: str | None = None
    """The resource that manages it, if one does."""

    @property
    def idle(self) -> str | None:
        """Why its members get nothing now, or None while they do."""
        if self.state != "RUNNING":
            return f"profile {self.name} is {self.state}"
        return None if self.published else f"the version of profile {self.name} is not published"


@dataclass(frozen=True)
class Membership:
    """Somebody is a member of a profile's current version."""

    identity_id: str
    name: str | None = None
    by_hand: bool = True
    """Added by hand or by the API, rather than by Veza for a reason of its own."""


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
