"""What differs of managed objects: gone, changed by hand, or not deployed yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pulumi_veza.drift.document import DriftRow
from pulumi_veza.drift.reading import NOT_SHOWN, ResourceRead, TenantRead
from pulumi_veza.drift.rows import RowMaker, in_program, is_secret, shown
from pulumi_veza.fields.field_types import FieldType, SetOf, identity_in
from pulumi_veza.fields.schema import Field
from pulumi_veza.plan import records
from pulumi_veza.plan.records import Record, has_unknown
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.rules.identity import CONTENT_LISTS

IDENTITY_IDS = "identity_ids"
"""The field of a membership set that `membership` compares, person by person."""


def of_object(read: ResourceRead, make: RowMaker) -> Iterator[DriftRow]:
    """Yield the rows about the object of a resource, without those about members."""
    record = read.record
    if read.unreadable:
        yield make.row(DriftRule.UNREADABLE, record, change="changed", detail=read.unreadable)
    for name in read.hidden:
        yield make.row(DriftRule.UNREADABLE, record, field=name, change="changed", detail=NOT_SHOWN)
    if read.gone:
        yield make.row(DriftRule.OBJECT_GONE, record, change="removed", refresh=True)
    if read.outputs is None:
        return
    for name in record.schema.changed(read.outputs, read.state):
        if name != IDENTITY_IDS:
            yield from _of_field(read, read.outputs, record.schema[name], make)


def _of_field(read: ResourceRead, live: Mapping[str, Any], field: Field, make: RowMaker) -> Iterator[DriftRow]:
    record, name = read.record, field.name
    rule = DriftRule.CONTENT_DRIFT if name in CONTENT_LISTS else DriftRule.ATTRIBUTE_DRIFT
    if isinstance(field.type, SetOf) and not is_secret(record, name):
        elements = list(_of_elements(rule, read, live, field, make))
        if elements:
            yield from elements
            return
    yield make.row(
        rule,
        record,
        field=name,
        change="changed",
        program=shown(record, name, in_program(record, name)),
        state=shown(record, name, read.state.get(name)),
        live=shown(record, name, live.get(name)),
        agrees=_agrees(record, field, live),
        refresh=True,
    )


def _agrees(record: Record, field: Field, live: Mapping[str, Any]) -> bool:
    """Return whether the program, and not only the state, says what the tenant holds."""
    if record.new_inputs is None or has_unknown(record.new.get(field.name)):
        return False
    return record.schema.same(field, live, record.args)


def _of_elements(
    rule: DriftRule, read: ResourceRead, live: Mapping[str, Any], field: Field, make: RowMaker
) -> Iterator[DriftRow]:
    record, name = read.record, field.name
    of: FieldType = field.type.of if isinstance(field.type, SetOf) else field.type
    before, now = read.state.get(name) or {}, live.get(name) or {}
    written = in_program(record, name)
    wanted: Mapping[str, Any] = written if isinstance(written, Mapping) else {}
    known = record.new_inputs is not None and (written is None or isinstance(written, Mapping))
    for key in sorted(before.keys() | now.keys()):
        if of.canon(before.get(key)) == of.canon(now.get(key)) and (key in before) is (key in now):
            continue
        change = "changed" if key in before and key in now else "added" if key in now else "removed"
        agrees = known and (key in wanted) is (key in now) and of.canon(wanted.get(key)) == of.canon(now.get(key))
        yield make.row(
            rule,
            record,
            field=name,
            element=identity_in(key),
            change=change,
            program=shown(record, name, wanted.get(key), element=True),
            state=shown(record, name, before.get(key), element=True),
            live=shown(record, name, now.get(key), element=True),
            agrees=agrees,
            refresh=True,
        )


def not_applied(
    record: Record, read: ResourceRead | None, make: RowMaker, there: Collection[str] = ()
) -> Iterator[DriftRow]:
    """Yield the rows about what the program says and the state does not.

    Args:
        record: The resource.
        read: What was read of it; None for a new resource.
        make: Makes the rows.
        there: The ids of the objects in the tenant that have the name of a new resource.

    """
    rule = DriftRule.NOT_APPLIED
    if record.op == "create":
        detail = f"Veza has one of this name: {', '.join(sorted(there))}" if there else None
        yield make.row(rule, record, change="added", detail=detail)
    elif record.op in {"delete", "retain"}:
        yield make.row(rule, record, change="removed")
    elif record.op in {"update", "replace"}:
        live = {**read.outputs, **read.newly_managed} if read and read.outputs is not None else None
        fields = list(_changed(record))
        for field in fields:
            name = field.name
            agrees = live is not None and _agrees(record, field, live)
            if agrees and name not in (read.newly_managed if read else ()) and _has_drifted(record, field, live or {}):
                # The row about its drift says so.
                continue
            yield make.row(
                rule,
                record,
                field=name,
                change="changed",
                program=shown(record, name, in_program(record, name)),
                state=shown(record, name, record.old.get(name)),
                live=shown(record, name, (live or {}).get(name)),
                agrees=agrees,
            )
        if not fields:
            yield make.row(rule, record, change="changed", detail=_why(record))


def namesakes(everything: Iterable[Record], tenant: TenantRead) -> dict[str, list[str]]:
    """Return by the URN of a resource that is not created yet the ids of the tenant's objects that have its name."""
    by_name: defaultdict[tuple[str | None, object], list[str]] = defaultdict(list)
    for kind, held in ((records.PROFILE, tenant.profiles), (records.TYPE, tenant.types)):
        for id_, each in held.items():
            if each.get("name"):
                by_name[kind, each["name"]].append(id_)
    new = (record for record in everything if record.op == "create" and not record.old)
    return {each.urn: found for each in new if (found := by_name.get((each.kind, each.new.get("name"))))}


def _has_drifted(record: Record, field: Field, live: Mapping[str, Any]) -> bool:
    return not record.schema.same(field, live, record.old_inputs or {})


def _changed(record: Record) -> Iterator[Field]:
    """Yield the fields whose value in the program is known and is not that of the state."""
    for field in record.schema:
        old, new = record.old.get(field.name), record.new.get(field.name)
        if not (has_unknown(old) or has_unknown(new)) and not record.schema.same(field, record.old, record.args):
            yield field


def _why(record: Record) -> str:
    if record.kind == records.MEMBERS and record.old.get("failures"):
        return "a change of members failed, and is tried again"
    return "a value of it is secret, or is known only during `pulumi up`"
