"""The organisation in a tenant, read with the client."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from pulumi_veza.access.organisation import HeldEntitlement, Membership, Organisation, Profile, ProfileType, Ref
from pulumi_veza.client.models import as_received
from pulumi_veza.client.parallel import in_parallel
from pulumi_veza.provider.member_lists import list_members
from pulumi_veza.provider.snapshot import with_lists
from pulumi_veza.rules.identity import PUBLISHED, RUNNING
from pulumi_veza.rules.reasons import Reason, Why

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.models import AccessProfile


def organisation(client: Client, members_of: Collection[str] | None = None) -> Organisation:
    """Return every type, every profile with its live version, and the members of some profiles.

    Args:
        client: A client of the tenant. Nothing is changed; members are listed once for each profile.
        members_of: The ids of the profiles whose members are read; None for all profiles. Unknown ids are ignored.

    """
    found = Organisation()
    for each in client.list_access_profile_types():
        ref = Ref(str(each.id))
        found.types[ref] = ProfileType(ref, each.name or str(ref), as_received(each))
    for listed in client.list_access_profiles(member_details=False):
        profile = _profile(found, listed)
        found.profiles[profile.ref] = profile
    read_members(client, found, found.profiles if members_of is None else {Ref(each) for each in members_of})
    return found


def read_members(client: Client, found: Organisation, refs: Collection[Ref]) -> None:
    """List the members of profiles, several at a time, and add them to the organisation; unknown ids are ignored."""

    def members(ref: Ref) -> dict[str, Membership]:
        number = found.profiles[ref].number
        live = list_members(client, str(ref), number) if number else {}
        return {who: Membership(who, each.name, each.sources) for who, each in live.items()}

    ordered = sorted(found.profiles.keys() & set(refs))
    found.members.update(zip(ordered, in_parallel(members, ordered), strict=True))
    # The members of a version that the tenant does not name cannot be asked for.
    nameless = (found.profiles[ref] for ref in ordered if not found.profiles[ref].number)
    found.unread.update({each.ref: Reason(Why.MEMBERS_UNREAD, each.name) for each in nameless})


def _profile(found: Organisation, listed: AccessProfile) -> Profile:
    ref, version = Ref(str(listed.id)), listed.current_version
    name = listed.name or str(ref)
    of_type = Ref(listed.profile_type) if listed.profile_type else None
    held = version.entities_to_create_relationships_to or () if version else ()
    entitlements = [HeldEntitlement.of(entity.model_dump(exclude_none=True)) for entity in held]
    parents = version.inherit_entities_from_access_profiles or () if version else ()
    return Profile(
        ref,
        name,
        of_type,
        listed.state or RUNNING,
        published=version is None or version.state in {None, PUBLISHED} or version.state.isdecimal(),
        entitlements={each.key: each for each in entitlements},
        inherits=frozenset(Ref(parent) for parent in parents),
        unknown=() if version else (Reason(Why.NOT_IN_RESPONSE, name, "entitlements"),),
        uncertainty=None if listed.state else Reason(Why.STATE_NOT_IN_RESPONSE, name),
        number=listed.current_version_number or (version.version_number if version else None),
        draft=listed.draft_version_number or None,
        removes_dropped_entitlements=found.removes_dropped_entitlements(of_type),
        labels=frozenset(listed.labels or ()),
        fields=with_lists(as_received(listed)),
        complete=version is not None,
    )
