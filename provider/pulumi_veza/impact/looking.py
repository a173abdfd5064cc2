"""A look at the tenant: the organisation with everybody whom the change may concern, and what it finds beside that."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi_veza.access import tenant
from pulumi_veza.access.comparison import changed_profiles, compare
from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.client.identities import IdentitiesRead, read_identities
from pulumi_veza.client.parallel import in_parallel
from pulumi_veza.errors import NotFoundError, VezaError
from pulumi_veza.impact import live_findings
from pulumi_veza.impact.document import Hint
from pulumi_veza.impact.identities import most_identities
from pulumi_veza.impact.live_findings import NOTHING_FOUND, LiveFindings
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan, plan
from pulumi_veza.plan.records import Record

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client


@dataclass(frozen=True)
class Look:
    """What was seen of a tenant."""

    organisation: Organisation
    findings: LiveFindings = NOTHING_FOUND
    identities: IdentitiesRead = field(default_factory=IdentitiesRead)
    """The identities of those who join."""


def look(everything: Iterable[Record], client: Client) -> Look:
    """Return what a tenant tells of a change; only reading calls are sent."""
    ours = [each for each in everything if each.kind]
    found = live_organisation(ours, client)
    found.absent_datasources, unreadable = _absent_datasources(ours, client)
    planned = plan(ours, found)
    joining = sorted({who for change in planned.sets for who in change.added})
    identities = read_identities(client, joining, most=most_identities(client))
    # Who is a member somewhere is known, whatever else the tenant says.
    found.absent_identities = identities.missing - {who for members in found.members.values() for who in members}
    seen = live_findings.of_look(ours, found, plan(ours, found), identities)
    if unreadable:
        seen = replace(seen, hints=(*seen.hints, unreadable))
    return Look(found, seen, identities)


def live_organisation(everything: Iterable[Record], client: Client) -> Organisation:
    """Return the organisation in a tenant, with the members whom the change may concern.

    Every type and profile is listed once. Members are listed of the profiles in the stack, of those whose content or
    activity changes, which heirs of these are, and of those that give an entitlement that a person gains or loses, as
    the person may have it by such a profile.
    """
    ours = [each for each in everything if each.kind]
    found = tenant.organisation(client, profiles_of(ours))
    # Whom an adopted profile has for members changes what is planned, so the plan is made again.
    while unread := _unread(plan(ours, found), found):
        tenant.read_members(client, found, unread)
    planned = plan(ours, found)
    before, after = Access(planned.before), Access(planned.after)
    touched = {row.entitlement.key for row in compare(before, after) if row.entitlement}
    others = [ref for ref in found.profiles if ref not in found.members]
    givers = (before.givers(others), after.givers(others))
    tenant.read_members(client, found, {ref for each in givers for key in touched for ref in each.get(key, ())})
    return found


def profiles_of(everything: Iterable[Record]) -> set[str]:
    """Return the ids of the profiles that the resources are about."""
    found = set()
    for record in everything:
        if record.kind == records.PROFILE and record.id:
            found.add(record.id)
        elif record.kind in {records.MEMBERS, records.VERSION}:
            ids = [record.old.get("profile_id"), record.new.get("profile_id")]
            found.update(str(each) for each in ids if each and not records.has_unknown(each))
    return found


def _unread(planned: Plan, found: Organisation) -> set[Ref]:
    """Return the profiles of the tenant that the plan is about, or changes, and whose members have not been read."""
    about = {*planned.refs.values(), *changed_profiles(Access(planned.before), Access(planned.after))}
    return {ref for ref in about if ref in found.profiles and ref not in found.members}


def _absent_datasources(ours: Collection[Record], client: Client) -> tuple[frozenset[str], Hint | None]:
    """Return the datasources that changes name and that the tenant says there are not, and why that is not known."""
    named = live_findings.datasources_named(ours)
    if not named:
        return frozenset(), None

    def is_absent(id_: str) -> bool:
        try:
            client.get_lifecycle_manager_datasource(id_)
        except NotFoundError:
            return True
        return False

    try:
        known = {each.id for each in client.list_lifecycle_manager_datasources()}
        # A key that sees none sees no proof either, and one that sees less gets a shorter list: so each is asked for.
        missing = sorted(named - known) if known else []
        absent = in_parallel(is_absent, missing)
    except VezaError as error:
        return frozenset(), live_findings.unreadable_datasources(named, error)
    return frozenset(id_ for id_, gone in zip(missing, absent, strict=True) if gone), None
