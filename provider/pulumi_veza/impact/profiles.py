"""The impact on profiles: their state, members, content and inheritance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pulumi_veza.access.organisation import Membership, Profile, Ref
from pulumi_veza.impact.document import MemberImpact, ProfileImpact
from pulumi_veza.impact.obstacles import place
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.reasons import Why
from pulumi_veza.rules.wording import sentence

_ACTIONS = frozenset({"create", "update", "replace", "delete"})


def impacts(
    everything: Sequence[Record],
    plan: Plan,
    on_paths: Iterable[Ref],
    by_urn: Mapping[str, Record],
    names: Mapping[str, str],
) -> list[ProfileImpact]:
    """Return every profile that changes, that is on a path, or from which one of these inherits, ordered by name.

    Args:
        everything: The resources of this provider.
        plan: Their plan.
        on_paths: The profiles on the paths of the rows.
        by_urn: The resources by URN.
        names: The names of people by identity.

    """
    refs = set(on_paths) | {change.profile for change in plan.sets}
    owners: dict[Ref, Record] = {}
    for record in everything:
        ref = plan.refs.get(record.urn)
        if ref is None or record.kind == records.TYPE:
            continue
        if record.op not in {"same", "read"}:
            refs.add(ref)
        if record.kind == records.PROFILE:
            owners[ref] = record
    for ref in list(refs):
        refs.update(_ancestors(plan, ref))
    known = {*plan.before.profiles, *plan.after.profiles}
    found = [_impact(plan, ref, owners.get(ref), names) for ref in refs if ref in known or ref not in by_urn]
    return sorted(found, key=lambda each: (each.name, each.ref))


def _ancestors(plan: Plan, ref: Ref) -> Iterator[Ref]:
    """Yield the profiles that a profile inherits from, before or after the change, also indirectly."""
    seen = {ref}
    waiting = [ref]
    while waiting:
        here = waiting.pop()
        for organisation in (plan.before, plan.after):
            profile = organisation.profiles.get(here)
            for parent in profile.inherits if profile else ():
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
                    yield parent


def _impact(plan: Plan, ref: Ref, record: Record | None, names: Mapping[str, str]) -> ProfileImpact:
    before, after = plan.before, plan.after
    old, new = before.profiles.get(ref), after.profiles.get(ref)
    known = new or old
    had, has = before.members.get(ref, {}), after.members.get(ref, {})
    became_uncertain = (who for who in had.keys() & has.keys() if has[who].uncertainty and not had[who].uncertainty)
    return ProfileImpact.model_validate(
        {
            "ref": ref,
            "name": _title(known) if known else str(ref),
            "urn": record.urn if record else None,
            "stack": record.stack if record else None,
            "action": _action(plan, ref, record),
            "state_before": state_of(old),
            "state_after": state_of(new),
            "members_before": len(had),
            "members_after": len(has),
            "may_exist": _may_exist(plan, ref),
            "members_known": ref not in after.unread,
            "joining": [_member(has[who], names) for who in sorted(has.keys() - had.keys())],
            "leaving": [_member(had[who], names) for who in sorted(had.keys() - has.keys())]
            + [_member(has[who], names) for who in sorted(became_uncertain)],
            "inherits": sorted(new.inherits) if new else [],
            "inherited_before": sorted(old.inherits) if old else [],
            "entitlements_added": sorted(_content(new) - _content(old)),
            "entitlements_removed": sorted(_content(old) - _content(new)),
            "source": place(record),
        }
    )


def _action(plan: Plan, ref: Ref, record: Record | None) -> str:
    if record and record.urn in plan.refusals:
        return "same"
    if record and record.op == "create" and ref in plan.before.profiles:
        return "adopt"
    if record and record.op in _ACTIONS:
        return record.op
    return "same"


def _may_exist(plan: Plan, ref: Ref) -> bool:
    reason = plan.before.unread.get(ref)
    return reason is not None and reason.why is Why.MAY_EXIST


def _member(member: Membership, names: Mapping[str, str]) -> MemberImpact:
    reason = sentence(member.uncertainty) if member.uncertainty else None
    return MemberImpact(id=member.id, name=names.get(member.id), reason=reason)


def _title(profile: Profile) -> str:
    return f"{profile.name} (version {profile.version})" if profile.version else profile.name


def state_of(profile: Profile | None) -> str | None:
    """Return the state of a profile, and whether it is not published; None where there is no profile."""
    if profile is None:
        return None
    return profile.state if profile.published and not profile.version else f"{profile.state}, not published"


def _content(profile: Profile | None) -> set[str]:
    return set(profile.entitlements) if profile else set()
