"""Build the document of drift from the resources of previews or states, and what was read from the tenant."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence

from pulumi_veza.drift import differences, membership, unmanaged
from pulumi_veza.drift.coverage import coverage
from pulumi_veza.drift.document import DriftDocument, DriftRow, DriftStack, DriftSummary
from pulumi_veza.drift.ignores import applied
from pulumi_veza.drift.membership import ListedMembers
from pulumi_veza.drift.reading import TenantRead, managed, profile_ids
from pulumi_veza.drift.rows import RowMaker
from pulumi_veza.drift.steps import with_steps
from pulumi_veza.plan.planning import plan
from pulumi_veza.plan.records import PROFILE, Record
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.policies.exceptions import Entry


def build(
    everything: Sequence[Record],
    tenant: TenantRead,
    *,
    program: bool,
    exceptions: Sequence[Entry] = (),
    today: datetime.date | None = None,
) -> DriftDocument:
    """Return the document of drift.

    Args:
        everything: The resources of previews or states.
        tenant: What was read of them, and beside them.
        program: Whether they say what the program declares.
        exceptions: The exceptions; those of the policies are left aside.
        today: The date by which exceptions expire; the present one where it is left out.

    """
    today = today or datetime.date.today()
    ours = sorted((each for each in everything if each.kind), key=lambda record: (record.urn, record.op))
    listed = membership.listed_members(ours, tenant)
    found = list(_rows(ours, tenant, listed))
    ran = frozenset(DriftRule) - ({DriftRule.NOT_APPLIED} if not program else set())
    if any(row.rule is DriftRule.UNREADABLE for row in found):
        # An exception may be needed for what nobody has seen.
        ran = frozenset()
    rows, notes = applied(found, exceptions, today, ran=ran)
    rows = sorted(map(with_steps, rows), key=_order)
    return DriftDocument(
        tenant=tenant.url,
        program=program,
        stacks=_stacks(ours),
        summary=_summary(rows, len(tenant.resources)),
        rows=rows,
        coverage=coverage(ours, tenant, listed),
        notes=notes,
    )


def _rows(everything: Sequence[Record], tenant: TenantRead, listed: dict[str, ListedMembers]) -> Iterator[DriftRow]:
    make = RowMaker(tenant.profiles)
    for read in tenant.resources:
        yield from differences.of_object(read, make)
        ids = profile_ids(read.record)
        others = {who for each in ids if each in listed for who in listed[each].of_others(read.record.urn)}
        yield from membership.of_set(read, next((tenant.members.get(each) for each in ids), None), others, make)
    reads = {(read.record.urn, read.record.id, read.record.op): read for read in tenant.resources}
    refused = {each.urn for each in plan(everything, None).sets if each.decision.refused}
    there = differences.namesakes(everything, tenant)
    for record in everything:
        held = reads.get((record.urn, record.id, record.op))
        rows = differences.not_applied(record, held, make, there.get(record.urn, ()))
        yield from (row.model_copy(update={"refused": record.urn in refused}) for row in rows)
    yield from _unlisted(everything, tenant, listed, make)
    yield from unmanaged.content(everything, tenant, make)
    named = {id_ for ids in there.values() for id_ in ids}
    yield from unmanaged.profiles(everything, tenant, named)
    yield from unmanaged.types(everything, tenant, named)


def _unlisted(
    everything: Sequence[Record], tenant: TenantRead, listed: dict[str, ListedMembers], make: RowMaker
) -> Iterator[DriftRow]:
    """Yield the rows about members whom no set lists, and about member lists that could not be read."""
    resources: dict[str, Record] = {}
    for record in sorted(everything, key=lambda each: each.kind != PROFILE):
        if record.op != "read":
            for profile_id in profile_ids(record):
                resources.setdefault(profile_id, record)
    failed = {read.record.urn for read in tenant.resources if read.unreadable}
    for profile_id, members in tenant.members.items():
        resource, sets = resources.get(profile_id), listed.get(profile_id, ListedMembers())
        if members.unreadable and not any(each.urn in failed for each in sets.sets):
            if resource:
                yield make.row(DriftRule.UNREADABLE, resource, change="changed", detail=members.unreadable)
            else:
                yield unmanaged.members_unreadable(tenant.profiles[profile_id], members.unreadable)
        elif resource and sets.known and not members.unreadable:
            yield from membership.unlisted(resource, members, sets, make)


def _order(row: DriftRow) -> tuple[int, str, str, str, str, str]:
    ranks = list(DriftRule)
    who = row.member.id if row.member else ""
    return (
        ranks.index(row.rule),
        row.urn or "",
        row.name or "",
        row.id or "",
        row.field or "",
        f"{row.element or ''} {who}",
    )


def _stacks(everything: Sequence[Record]) -> list[DriftStack]:
    counts = Counter(record.stack for record in managed(everything))
    names = {record.stack for record in everything}
    return [DriftStack(name=name, resources=counts[name]) for name in sorted(names)]


def _summary(rows: Sequence[DriftRow], resources: int) -> DriftSummary:
    counting = [row for row in rows if row.counts]
    seen = [row for row in counting if row.rule is not DriftRule.UNREADABLE]
    counts = Counter(row.rule for row in counting)
    return DriftSummary(
        rows={rule.value: counts[rule] for rule in DriftRule if counts[rule]},
        open=len(seen),
        refresh=sum(row.refresh for row in seen),
        unreadable=counts[DriftRule.UNREADABLE],
        ignored=sum(row.status == "ignored" for row in rows),
        expired=sum(row.status == "expired" for row in rows),
        resources=resources,
    )
