"""Small stacks as records, in as few words as a test needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_veza.access.comparison import AccessChange, compare
from pulumi_veza.access.effective import Access
from pulumi_veza.plan.planning import Plan, plan
from pulumi_veza.plan.records import OURS, Record

OPTIONS = {"mode": "additive", "max_removal_percent": 20, "allow_emptying": False, "on_destroy": "remove"}


def urn(kind: str, name: str) -> str:
    """Return the URN of a resource."""
    return f"urn:pulumi:dev::test::{OURS}{kind}::{name}"


def group(name: str, **more: Any) -> dict[str, Any]:
    """Return an entitlement."""
    return {"entity_type": "Group", "datasource_id": "ds", "entity_id": name, **more}


def groups(*names: str) -> dict[str, Any]:
    """Return entitlements as the state holds them."""
    return {f"Group ds/{name}": group(name) for name in names}


def texts(*names: str) -> dict[str, str]:
    """Return texts as the state holds a set of them."""
    return {name: name for name in names}


def record(kind: str, name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, **more: Any) -> Record:
    """Return a record; what is done to it follows from what it was and will be."""
    op = "create" if old is None else "delete" if new is None else "same" if old == new else "update"
    outputs = more.pop("outputs", {})
    defaults: dict[str, Any] = {
        "urn": urn(kind, name),
        "type": f"{OURS}{kind}",
        "id": f"id-{name}" if old is not None else None,
        "op": op,
        "old_inputs": old,
        "old_outputs": {**old, **outputs} if old is not None else None,
        "new_inputs": new,
    }
    return Record(**{**defaults, **more})


def profile(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None = None, **more: Any) -> Record:
    """Return a profile of type ``open``; leave ``new`` out where nothing changes, and give ``{}`` for a deletion."""
    common = {"name": name, "profile_type": "id-open", "state": "RUNNING", "on_destroy": "pause"}
    was = {**common, **old} if old is not None else None
    will = was if new is None else {**common, **new} if new != {} else None
    outputs = {"current_version_number": 1, "draft_version_number": 0, **more.pop("outputs", {})}
    return record("AccessProfile", name, was, will, outputs=outputs, **more)


def of_type(withdraws: bool | None = True) -> Record:
    """Return the type."""
    fields = {"name": "open", "allow_inherit_entities": True, "allow_create_relationships": True}
    if withdraws is not None:
        fields["remove_entitlement_on_member_upon_update"] = withdraws
    return record("AccessProfileType", "open", fields, fields)


def members(
    of: str,
    old: Iterable[str] | None,
    new: Iterable[str] | None,
    *,
    name: str = "",
    others: Iterable[str] = (),
    **more: Any,
) -> Record:
    """Return the members of a profile, by the ids of people; ``others`` are members whom the set does not list."""
    options = {**OPTIONS, **more.pop("options", {}), "profile_id": f"id-{of}", "version": "current"}
    was = {**options, "identity_ids": texts(*old), **more.pop("before", {})} if old is not None else None
    will = {**options, "identity_ids": texts(*new)} if new is not None else None
    everybody = {
        who: {"id": who, "name": None, "source": "ACCESS_PROFILE_MEMBERSHIP", "managed": who in (old or ())}
        for who in [*(old or ()), *others]
    }
    outputs = {"version_number": 1, "members": everybody, **more.pop("outputs", {})}
    return record("MembershipSet", name or f"of-{of}", was, will, outputs=outputs, **more)


def changes(*records: Record) -> list[AccessChange]:
    """Return what a plan changes."""
    planned = plan(records)
    return compare(Access(planned.before), Access(planned.after))


def rows(*records: Record) -> list[str]:
    """Return what a plan changes, a line each: ``ada lost Group ds/a by p``."""
    planned = plan(records)
    return [_line(row, planned) for row in compare(Access(planned.before), Access(planned.after))]


def _line(row: AccessChange, planned: Plan) -> str:
    def named(ref: Any) -> str:
        known = planned.after if ref in planned.after.profiles else planned.before
        return known.name(ref)

    what = row.entitlement.key.removeprefix("Group ds/") if row.entitlement else "?"
    return f"{row.identity_id or '?'} {row.effect.value} {what} by {' > '.join(map(named, row.path))}"


def requests(*records: Record) -> list[str]:
    """Return the access requests of a plan, a line each; one that is not certain ends with a question mark."""
    opened = plan(records).requests
    return [
        f"{each.operation} {each.identity_id} in {each.profile}{'?' if each.uncertainty else ''}" for each in opened
    ]
