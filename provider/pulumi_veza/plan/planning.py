"""Two organisations from Pulumi's resources: the one that the state knows, and the one after the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.plan.content import Content
from pulumi_veza.plan.members import Members, Request, SetChange
from pulumi_veza.plan.records import HIDDEN, PROFILE, TYPE, UNKNOWN, Record
from pulumi_veza.plan.references import References
from pulumi_veza.plan.state import known, target

__all__ = ["HIDDEN", "UNKNOWN", "Plan", "Record", "Request", "SetChange", "organisations", "plan"]


@dataclass(frozen=True)
class Plan:
    """What the engine is going to do to an organisation."""

    before: Organisation
    after: Organisation
    requests: Sequence[Request]
    """The access requests that Veza opens, ordered by profile, person and operation."""
    sets: Sequence[SetChange]
    """The membership sets that add or remove somebody, or may."""
    refs: Mapping[str, Ref]
    """By URN, the type or the profile that a resource is; of a version and of a set, the version they are about."""


def organisations(records: Iterable[Record]) -> tuple[Organisation, Organisation]:
    """Give the organisation before and after. Of an exported state, where nothing changes, both are the same."""
    planned = plan(records)
    return planned.before, planned.after


def plan(records: Iterable[Record], live: Organisation | None = None) -> Plan:
    """Apply what the engine is going to do, exactly as the provider will; what it cannot know stays a reason.

    ``live`` is what the tenant holds, where it was asked: it is right where it differs from the state.
    """
    everything = sorted((each for each in records if each.kind), key=lambda record: (record.urn, record.op))
    before = known(everything, live)
    after = before.copy()
    references = References(everything, before)
    everything = [references.settled(each) for each in everything]
    content = Content(everything, references, before, after)
    content.apply()
    members = Members(everything, content)
    members.apply()
    # The engine deletes last, and what depends on something before that.
    members.destroy()
    content.destroy()
    refs: dict[str, Ref | None] = {}
    for each in everything:
        if each.kind in {TYPE, PROFILE}:
            refs[each.urn] = content.references.of(each) if each.stays else Ref(each.id or each.urn)
        elif each.stays:
            refs[each.urn] = content.target(each)
        else:
            profile, selector = Ref(str(each.old.get("profile_id"))), str(each.old.get("version", "current"))
            refs[each.urn] = target(before, profile, selector, each.old.get("version_number"))
    return Plan(
        before,
        after,
        sorted(set(members.requests), key=lambda each: (each.profile, each.identity_id, each.operation, each.urn)),
        members.changes,
        {urn: ref for urn, ref in refs.items() if ref},
    )
