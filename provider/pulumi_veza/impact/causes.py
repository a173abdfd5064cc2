"""The cause of each change of access: the resource whose own change leads to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pulumi_veza.access.comparison import AccessChange, Effect
from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.reasons import Reason

_ENDS = frozenset({Effect.LOST, Effect.MAYBE_LOST, Effect.UNGOVERNED, Effect.MAYBE_UNGOVERNED})


@dataclass(frozen=True)
class _ChangingResources:
    """The changing resources of a plan, by what they change."""

    plan: Plan
    joined: Mapping[tuple[Ref, str], str]
    """By profile and identity, the URN of the set that adds the member."""
    left: Mapping[tuple[Ref, str], str]
    """By profile and identity, the URN of the set that removes the member, or may."""
    resources: Mapping[Ref, Mapping[str, str]]
    """By profile and kind, the URN of the changing resource."""


def causes(everything: Sequence[Record], plan: Plan, rows: Iterable[AccessChange]) -> dict[AccessChange, str | None]:
    """Return, by row, the URN of the resource that causes it; None where several do, or none of the stack."""
    changes = _changes(everything, plan)
    return {row: _cause(row, changes) for row in rows}


def _changes(everything: Sequence[Record], plan: Plan) -> _ChangingResources:
    joined: dict[tuple[Ref, str], str] = {}
    left: dict[tuple[Ref, str], str] = {}
    for change in plan.sets:
        joined.update({(change.profile, who): change.urn for who in change.added})
        left.update({(change.profile, who): change.urn for who in (*change.removed, *change.maybe_removed)})
    resources: defaultdict[Ref, dict[str, str]] = defaultdict(dict)
    for record in everything:
        ref = plan.refs.get(record.urn)
        if ref and record.kind and record.op not in {"same", "read"}:
            resources[ref].setdefault(record.kind, record.urn)
    return _ChangingResources(plan, joined, left, dict(resources))


def _cause(row: AccessChange, changes: _ChangingResources) -> str | None:
    member_of = row.path[0]
    if row.identity_id is None:
        return _content(member_of, changes) or _resource(member_of, records.MEMBERS, changes)
    moved = changes.left if row.effect in _ENDS else changes.joined
    found = moved.get((member_of, row.identity_id))
    if found is None and row.effect is Effect.UNKNOWN:
        found = changes.left.get((member_of, row.identity_id))
    if found:
        return found
    if _inactive_reason(changes.plan.before, member_of) != _inactive_reason(changes.plan.after, member_of):
        return _resource(member_of, records.PROFILE, changes) or _resource(member_of, records.VERSION, changes)
    for ref in row.path:
        if _changed(ref, changes.plan) and (urn := _content(ref, changes)):
            return urn
    return None


def _changed(ref: Ref, plan: Plan) -> bool:
    """Return whether the content of a profile changes."""
    old, new = plan.before.profiles.get(ref), plan.after.profiles.get(ref)
    if old is None or new is None:
        return old is not new
    return (old.entitlements, old.inherits, old.unknown) != (new.entitlements, new.inherits, new.unknown)


def _content(ref: Ref, changes: _ChangingResources) -> str | None:
    """Return the URN of the changing resource that writes a profile's content."""
    return _resource(ref, records.VERSION, changes) or _resource(ref, records.PROFILE, changes)


def _resource(ref: Ref, kind: str, changes: _ChangingResources) -> str | None:
    if ref.startswith("urn:") and not changes.resources.get(ref):
        return str(ref)
    return changes.resources[ref].get(kind) if ref in changes.resources else None


def _inactive_reason(organisation: Organisation, ref: Ref) -> Reason | None:
    profile = organisation.profiles.get(ref)
    return profile.inactive_reason if profile else None
