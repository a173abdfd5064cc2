"""How much of the tenant the stacks manage, by profile type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pulumi_veza.drift.document import TypeCoverage
from pulumi_veza.drift.membership import ListedMembers
from pulumi_veza.drift.reading import TenantRead
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.plan.records import PROFILE, TYPE, Record
from pulumi_veza.rules.identity import is_removable


def coverage(
    everything: Sequence[Record], tenant: TenantRead, listed: Mapping[str, ListedMembers]
) -> list[TypeCoverage]:
    """Return a row for each type of the tenant, by name; what could not be read is counted apart.

    Args:
        everything: The resources.
        tenant: What was read.
        listed: Whom the sets list, by profile.

    """
    managed = {record.kind: set[str]() for record in everything}
    for record in everything:
        if record.id and record.existed and record.op != "read":
            managed[record.kind].add(record.id)
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for id_, profile in tenant.profiles.items():
        by_type[str(profile.get("profile_type") or "")].append(id_)
    names = {id_: str(each.get("name") or id_) for id_, each in tenant.types.items()}
    ours = managed.get(PROFILE, set())
    found = [
        _of_type(
            TypeCoverage(
                id=type_id or None,
                name=names.get(type_id, type_id or "(no type told)"),
                managed=type_id in managed.get(TYPE, set()),
                profiles=len(by_type[type_id]),
                profiles_managed=len(ours.intersection(by_type[type_id])),
            ),
            [tenant.profiles[each] for each in by_type[type_id]],
            tenant,
            listed,
        )
        for type_id in {*tenant.types, *by_type}
    ]
    return sorted(found, key=lambda each: (each.name, each.id or ""))


def _of_type(
    row: TypeCoverage, profiles: Sequence[JsonObject], tenant: TenantRead, listed: Mapping[str, ListedMembers]
) -> TypeCoverage:
    counts = dict.fromkeys(
        ("memberships", "memberships_managed", "memberships_by_policy", "members_not_asked", "members_unreadable"), 0
    )
    for profile in profiles:
        id_ = str(profile["id"])
        read, sets = tenant.members.get(id_), listed.get(id_, ListedMembers())
        if read is None:
            counts["members_not_asked"] += 1
        elif read.unreadable or not sets.known:
            counts["members_unreadable"] += 1
        else:
            theirs = {who.casefold() for who in sets.deployed}
            by_policy = [
                who
                for who, each in read.members.items()
                if who.casefold() not in theirs and not is_removable(each.sources)
            ]
            counts["memberships"] += len(read.members)
            counts["memberships_managed"] += sum(who.casefold() in theirs for who in read.members)
            counts["memberships_by_policy"] += len(by_policy)
    return row.model_copy(update=counts)
