"""A stack as the engine shows it to a policy pack, made into records.

A pack sees what the program wants, and what it depends on. It sees neither ids nor what there was before, so the state
may be given to it; without one, nothing can be called a change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pulumi_veza.plan.records import MEMBERS, PROFILE, TYPE, UNKNOWN, VERSION, Record
from pulumi_veza.policies.stack import Stack
from pulumi_veza.resources import SCHEMAS
from pulumi_veza.rules.identity import manages_members

REFERENCES: Final = ("profile_type", "profile_id", "inherits_from", "allow_inherited_from_types")
"""The arguments that name other resources, by their ids."""


def wanted(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Take what the program wrote from what the engine shows: of what does not change it shows the outputs."""
    return {name: value for name, value in values.items() if name in SCHEMAS[kind].fields and value is not None}


def record(type_: str, urn: str, values: Mapping[str, Any], dependencies: Mapping[str, Sequence[str]]) -> Record:
    """Make a record of one resource that the engine shows, as if it were new."""
    return Record(urn, type_, op="create", new_inputs=values, property_dependencies=dependencies)


def stack(shown: Sequence[Record], state: Sequence[Record] | None) -> Stack:
    """Join what the engine shows with the state, if there is one."""
    ours = [each for each in shown if each.kind]
    if state is None:
        return Stack(linked(_with_members(ours)), before_known=False)
    held = {each.urn: each for each in state if each.kind}
    joined = [_joined(each, held.get(each.urn)) for each in ours]
    gone = [
        replace(each, op="delete", new_inputs=None)
        for urn, each in held.items()
        if each.op != "read" and urn not in {shown.urn for shown in ours}
    ]
    return Stack([*linked(joined), *gone])


def _joined(shown: Record, held: Record | None) -> Record:
    kind = str(shown.kind)
    new = wanted(kind, shown.new)
    if held is None:
        return replace(shown, new_inputs=new)
    schema = SCHEMAS[kind]
    changed = schema.changed(held.old_inputs or {}, new)
    op = "update" if changed else "same"
    if any(schema[name].input.replace for name in changed):
        op = "replace"
    return replace(held, op=op, new_inputs=new, property_dependencies=shown.property_dependencies)


def _with_members(shown: Sequence[Record]) -> list[Record]:
    """Take what the program wrote; without a state, a set that does not change tells who else is a member.

    Somebody whom no set lists is counted in one set of the profile, so that nobody seems to be listed twice.
    """
    taken = [replace(each, new_inputs=wanted(str(each.kind), each.new)) for each in shown]
    counted: defaultdict[str, set[str]] = defaultdict(set)
    for each in filter(_makes_members, taken):
        counted[str(each.new.get("profile_id"))].update(each.new["identity_ids"])
    return [_with_others(each, outputs, counted) for each, outputs in zip(taken, shown, strict=True)]


def _with_others(each: Record, outputs: Record, counted: Mapping[str, set[str]]) -> Record:
    members = outputs.new.get("members")
    if not _makes_members(each) or not isinstance(members, Mapping):
        return each
    counted_here = counted[str(each.new.get("profile_id"))]
    others = {who: who for who in members if who not in counted_here}
    counted_here.update(others)
    return replace(each, new_inputs={**each.new, "identity_ids": {**others, **each.new["identity_ids"]}})


def _makes_members(each: Record) -> bool:
    """Tell whether those whom it lists are members by it; an audit lists them only."""
    return each.kind == MEMBERS and manages_members(each.new) and isinstance(each.new.get("identity_ids"), Mapping)


def linked(records: Sequence[Record]) -> list[Record]:
    """Say of each id that comes from a resource whose own id is not shown that it is that resource's.

    The dependencies tell which resources a property's ids come from. Where there are as many of those as there are
    ids that nobody else has, each id is one of them, and it makes no difference which is which.
    """
    by_urn = {each.urn: each for each in records}
    known = {each.id for each in records if each.id}
    return [_linked(each, by_urn, known) for each in records]


def _linked(each: Record, by_urn: Mapping[str, Record], known: Iterable[str]) -> Record:
    changed = dict(each.new)
    for name in REFERENCES:
        value = changed.get(name)
        sources = [urn for urn in each.property_dependencies.get(name, ()) if urn in by_urn and not by_urn[urn].id]
        sources = [urn for urn in sources if by_urn[urn].kind in {TYPE, PROFILE, VERSION}]
        if isinstance(value, str) and len(sources) == 1:
            changed[name] = UNKNOWN
        elif isinstance(value, Mapping):
            strange = [key for key, id_ in value.items() if id_ != UNKNOWN and id_ not in known]
            if strange and len(strange) + sum(id_ == UNKNOWN for id_ in value.values()) == len(sources):
                kept = {key: id_ for key, id_ in value.items() if key not in strange}
                changed[name] = {**kept, **{f"(unknown {key})": UNKNOWN for key in strange}}
    return replace(each, new_inputs=changed)
