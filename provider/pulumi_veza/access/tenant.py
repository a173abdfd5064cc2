"""An organisation from what a tenant holds now."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from pulumi_veza.access.organisation import (
    Membership,
    Organisation,
    Profile,
    ProfileType,
    Ref,
    entitlement,
    type_fields,
    withdraws,
)

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.models import AccessProfile


def organisation(client: Client, members_of: Collection[str] | None = None) -> Organisation:
    """Read every type and every profile with its live version, and the members of the profiles asked for.

    Args:
        client: A client of the tenant; only reading calls are made, one for each profile whose members are read.
        members_of: The ids of the profiles whose members are read; those of all where it is left out. An id that the
            tenant does not know is left out of the answer.

    """
    found = Organisation()
    for each in client.list_access_profile_types():
        ref = Ref(str(each.id))
        found.types[ref] = ProfileType(ref, each.name or str(ref), type_fields(each.model_dump(exclude_none=True)))
    for listed in client.list_access_profiles():
        profile = _profile(found, listed)
        found.profiles[profile.ref] = profile
    read_members(client, found, found.profiles if members_of is None else {Ref(each) for each in members_of})
    return found


def read_members(client: Client, found: Organisation, refs: Collection[Ref]) -> None:
    """Add the members of profiles to what was read; an id that the tenant does not know is passed over."""
    for ref in sorted(found.profiles.keys() & set(refs)):
        number = found.profiles[ref].number
        members = client.list_access_profile_members(str(ref), number) if number else ()
        found.members[ref] = {
            member.identity_id: Membership(member.identity_id, member.identity_name or None, member.created_from)
            for member in members
            if member.identity_id
        }


def _profile(found: Organisation, listed: AccessProfile) -> Profile:
    ref, version = Ref(str(listed.id)), listed.current_version
    name = listed.name or str(ref)
    of_type = Ref(listed.profile_type) if listed.profile_type else None
    held = version.entities_to_create_relationships_to or () if version else ()
    entitlements = [entitlement(entity.model_dump(exclude_none=True)) for entity in held]
    parents = version.inherit_entities_from_access_profiles or () if version else ()
    return Profile(
        ref,
        name,
        of_type,
        listed.state or "RUNNING",
        published=version is None or version.state in {None, "PUBLISHED"} or version.state.isdecimal(),
        entitlements={each.key: each for each in entitlements},
        inherits=frozenset(Ref(parent) for parent in parents),
        unknown=() if version else (f"entitlements of {name} are not in the tenant's answer",),
        doubt=None if listed.state else f"the tenant does not say whether profile {name} is running",
        number=listed.current_version_number or (version.version_number if version else None),
        draft=listed.draft_version_number or None,
        withdraws=withdraws(found, of_type),
        labels=frozenset(listed.labels or ()),
    )
