"""What somebody changed by hand in a tenant since the state was written, which no step of a preview shows."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_veza.access.organisation import Organisation, Profile
from pulumi_veza.plan import records, state
from pulumi_veza.plan.entries import target_before
from pulumi_veza.plan.records import Record
from pulumi_veza.rules import members as rules
from pulumi_veza.rules.identity import CONTENT_LISTS, manages_members


def changed_by_hand(everything: Iterable[Record], live: Organisation) -> list[str]:
    """Return the names of the profiles whose state, content or listed members differ from the state of the stack.

    Args:
        everything: The resources of a preview.
        live: The organisation in the tenant, with all members.

    """
    ours = [record for record in everything if record.kind and record.existed and record.id]
    held = state.known(ours)
    found = {
        ref
        for ref, profile in held.profiles.items()
        if (now := live.profiles.get(ref)) is not None and profile.urn is not None and _differs(profile, now)
    }
    for record in ours:
        if record.kind == records.MEMBERS and record.op != "read" and manages_members(record.managed):
            ref = target_before(held, record.managed)
            there = live.members.get(ref)
            if there is not None and rules.listed(record.managed) - record.managed["failures"].keys() - there.keys():
                found.add(ref)
    return sorted(live.name(ref) for ref in found if ref in live.profiles)


def _differs(held: Profile, now: Profile) -> bool:
    """Return whether what is known of both is not the same; a number stands for a state that no document names."""
    not_known = {reason.field for reason in (*held.unknown, *now.unknown)}
    content = (held.entitlements.keys() != now.entitlements.keys(), held.inherits != now.inherits)
    differs = [field for field, differs in zip(CONTENT_LISTS, content, strict=True) if differs]
    return (held.state != now.state and not now.state.isdecimal()) or not not_known.issuperset(differs)
