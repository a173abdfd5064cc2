"""Convert the resources that the engine passes to a policy pack into a stack of records.

The engine passes inputs and dependencies, but neither ids nor the values before the change. An exported state provides
them; without one, changes cannot be recognised.
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
"""The arguments that contain ids of other resources."""


def wanted(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs among the values; for an unchanged resource the engine passes the outputs."""
    return {name: value for name, value in values.items() if name in SCHEMAS[kind].fields and value is not None}


def record(type_: str, urn: str, values: Mapping[str, Any], dependencies: Mapping[str, Sequence[str]]) -> Record:
    """Return the record of a resource that the engine passes, as a new one."""
    return Record(urn, type_, op="create", new_inputs=values, property_dependencies=dependencies)


def stack(
    shown: Sequence[Record], state: Sequence[Record] | None, confirmations: frozenset[str] = frozenset()
) -> Stack:
    """Return the stack of the resources that the engine passes, joined with the state if there is one."""
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
    return Stack([*linked(joined), *gone], confirmations=confirmations)


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
    """Return the records with inputs alone, and with unlisted members in the inputs of unchanged sets.

    Without a state, the output ``members`` of an unchanged set is the only source of unlisted members. Each is added to
    one set of the profile, so that nobody seems to be listed twice.
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
    """Return whether the record is a set with known identities that manages members; an audit does not."""
    return each.kind == MEMBERS and manages_members(each.new) and isinstance(each.new.get("identity_ids"), Mapping)


def linked(records: Sequence[Record]) -> list[Record]:
    """Return the records with ``UNKNOWN`` for each id of a resource whose own id the engine does not pass.

    The dependencies list the resources that the ids of a property come from. Where these are as many as the ids that
    belong to no other resource, each id belongs to one of them, and `plan` resolves it by the dependency.
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
