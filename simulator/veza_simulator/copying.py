"""A copy of another tenant: its objects are put as they are, whatever the rules for new ones say."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from veza_simulator import objects
from veza_simulator.clock import now
from veza_simulator.enumerations import ADDED_BY_HAND
from veza_simulator.fields import Body, Required, blank, stored
from veza_simulator.problems import invalid
from veza_simulator.rules import ENTITLEMENTS, INHERITS
from veza_simulator.store import Document
from veza_simulator.tenant import Tenant

_StoredType: Any = stored("StoredType", objects.ProfileType)
_StoredProfile: Any = stored("StoredProfile", objects.Profile)
_StoredVersion: Any = stored("StoredVersion", objects.Version)


class CopiedMember(Body):
    """A member of a copied version, by one of its sources."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    identity_id: Required
    """The id of the identity."""
    created_from: str = ADDED_BY_HAND
    """How it became a member; one identity may be listed once for each of its sources."""
    workflow: str = ""
    """The workflow that added it."""


class CopiedVersion(_StoredVersion):  # type: ignore[misc]  # made from the declared fields
    """A version of a copied profile, with its members."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    version_number: int
    """The number."""
    members: list[CopiedMember] = Field(default=[])
    """The members, in the order of the member list."""


class CopiedProfile(_StoredProfile):  # type: ignore[misc]  # made from the declared fields
    """A copied profile, with the versions that could be read."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: Required
    """The id."""
    versions: list[CopiedVersion] = Field(default=[])
    """The versions; a current version that is not among them has no content."""


class CopiedType(_StoredType):  # type: ignore[misc]  # made from the declared fields
    """A copied type."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: Required
    """The id."""
    integrations: list[str] | None = None
    """Its integrations; null for those of the entitlements that it creates."""


class Copy(Body):
    """Types and profiles of another tenant, with its ids; nothing in them is held against a rule.

    Its identities are those that some profile has as a member, so a member who is none of them is accepted: the switch
    `strict_identities` is turned off where it is unset.
    """

    model_config = ConfigDict(use_attribute_docstrings=True)

    tenant: str = ""
    """The address of the tenant; empty where it is not to be known."""
    anonymised: bool = False
    """Whether people and names were replaced."""
    types: list[CopiedType] = Field(default=[])
    """The access profile types."""
    profiles: list[CopiedProfile] = Field(default=[])
    """The access profiles, in any order."""


def add(tenant: Tenant, copy: Copy) -> None:
    """Put the copied objects into the tenant; refuse an id that is there already."""
    if tenant.quirks.strict_identities is None:
        tenant.quirks = tenant.quirks.model_copy(update={"strict_identities": False})
    for kind in copy.types:
        if tenant.store.get("types", kind.id) is not None:
            raise invalid(f"there is a type {kind.id!r} already")
        document = kind.model_dump(exclude={"integrations"} if kind.integrations is None else None)
        tenant.store.put("types", _dated(document))
    for profile in copy.profiles:
        if tenant.store.profile(profile.id) is not None:
            raise invalid(f"there is a profile {profile.id!r} already")
        _add_profile(tenant, profile)


def _add_profile(tenant: Tenant, profile: Any) -> None:
    store, current = tenant.store, profile.current_version_number
    store.put_profile(_dated(profile.model_dump(exclude={"versions"})))
    versions = {each.version_number: each for each in profile.versions}
    if current not in versions:
        store.put_version(profile.id, _dated({**blank(objects.Version), "version_number": current}))
    for number, version in versions.items():
        document = _dated(version.model_dump(exclude={"members"}))
        for entity in document[ENTITLEMENTS]:
            entity["created_at"] = entity["created_at"] or document["created_at"]
        store.put_version(profile.id, document)
        if number == current:
            store.set_parents(profile.id, document[INHERITS])
        for member in version.members:
            store.members.add(profile.id, number, [member.identity_id], member.created_from, member.workflow)


def _dated(document: Document) -> Document:
    """Return an object with times, as lists are ordered by them."""
    created = document["created_at"] or now()
    return {**document, "created_at": created, "updated_at": document["updated_at"] or created}
