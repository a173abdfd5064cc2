"""Build the document of a change from the resources of one or several previews."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pulumi_veza.access.comparison import AccessChange, Effect, compare
from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import HeldEntitlement, Organisation, Ref
from pulumi_veza.impact import obstacles
from pulumi_veza.impact.causes import causes
from pulumi_veza.impact.document import (
    Cause,
    Document,
    EntitlementImpact,
    Person,
    RequestImpact,
    StackImpact,
    Summary,
    TypeImpact,
    Unknown,
)
from pulumi_veza.impact.live_findings import NOTHING_FOUND, LiveFindings
from pulumi_veza.impact.people import names_of, people_of
from pulumi_veza.impact.profiles import impacts
from pulumi_veza.impact.undone import with_undone
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan, plan
from pulumi_veza.plan.records import Record
from pulumi_veza.plan.tenants import recorded_tenants
from pulumi_veza.reports.words import listed
from pulumi_veza.rules.reasons import Why
from pulumi_veza.rules.removal_guard import GuardLevel
from pulumi_veza.rules.wording import sentence, sentences

_OF_MANY = frozenset({Why.MAY_EXIST, Why.MEMBERS_UNREAD, Why.UNLISTED_IF_IT_EXISTS, Why.ADOPTION_UNDECIDED})
"""What is said once of all profiles that it is true of."""

_NAMED = 5
"""How many of them are named."""

_KEPT = (Effect.UNGOVERNED, Effect.MAYBE_UNGOVERNED)
_OTHER = (*_KEPT, Effect.NO_EFFECT)
_CHANGING = frozenset({"create", "update", "replace", "delete"})


def build(
    everything: Iterable[Record],
    live: Organisation | None = None,
    valid_at: str | None = None,
    *,
    confirmations: frozenset[str] = frozenset(),
    tenants: Iterable[str] = (),
    refusals: Iterable[str] = (),
    found: LiveFindings = NOTHING_FOUND,
    not_looked: str | None = None,
) -> Document:
    """Return the document of a change.

    Args:
        everything: The resources of one preview, or of several.
        live: The organisation in the tenant, where it was read.
        valid_at: A mark that sorts documents by age; by default the time of the last change of the state.
        confirmations: Values that confirm removals, beside those in the programs.
        tenants: The addresses of the tenant that was read, or else of those that the previews were about; the state
            adds those that it has, unless a tenant was read.
        refusals: What the previews said that the provider will refuse.
        found: What a look at the tenant found beside the organisation.
        not_looked: Why the tenant was not looked at.

    """
    ours = sorted((each for each in everything if each.kind), key=lambda record: (record.urn, record.op))
    planned = plan(ours, live, confirmations)
    by_urn = {record.urn: record for record in sorted(ours, key=lambda record: record.op == "delete")}
    before, after = Access(planned.before), Access(planned.after)
    rows = compare(before, after)
    cause_of, names = causes(ours, planned, rows), names_of(planned)
    people, concerned, members_before = people_of(rows, cause_of, names), _concerned(rows), before.memberships()
    entitlements = _entitlements(rows, before, after)
    requests = _requests(planned, names)
    removals = obstacles.removals(planned, by_urn)
    refused = obstacles.unseen_refusals(ours, refusals, removals)
    conflicts = [*obstacles.conflicts(ours, planned), *found.conflicts, *refused]
    unknowns = _unknowns(rows, cause_of, planned, by_urn)
    hints = [*found.hints, *obstacles.hints(ours, planned)]
    document = Document(
        valid_at=valid_at or _last_change(ours),
        live=live is not None,
        not_looked=not_looked,
        tenants=sorted({*tenants, *(() if live else recorded_tenants(ours))}),
        stacks=_stacks(ours),
        summary=Summary(
            people=len(people),
            people_known=len({*members_before, *after.memberships()}),
            members_before=len(members_before),
            newcomers=sum(each.id not in members_before for each in people),
            losing=len(concerned[Effect.LOST]),
            gaining=len(concerned[Effect.GAINED]),
            exchanging=len(concerned[Effect.LOST] & concerned[Effect.GAINED]),
            potentially_losing=len(concerned[Effect.MAYBE_LOST]),
            potentially_gaining=len(concerned[Effect.MAYBE_GAINED]),
            ungoverned=len(concerned[Effect.UNGOVERNED]),
            potentially_ungoverned=len(concerned[Effect.MAYBE_UNGOVERNED]),
            no_effect=len(concerned[Effect.NO_EFFECT]),
            rows={kind.value: count for kind in Effect if (count := sum(row.effect is kind for row in rows))},
            entitlements=len(entitlements),
            provisions=sum(each.operation == "PROVISION" for each in requests),
            deprovisions=sum(each.operation == "DEPROVISION" for each in requests),
            requests_in_doubt=sum(each.reason is not None for each in requests),
            removals_over=sum(each.level is GuardLevel.OVER for each in removals),
            conflicts=len(conflicts),
            unknowns=len(unknowns),
            hints=len(hints),
        ),
        people=people,
        entitlements=entitlements,
        profiles=impacts(ours, planned, {ref for row in rows for ref in row.path}, by_urn, names),
        types=_types(ours, planned),
        requests=requests,
        removals=removals,
        conflicts=conflicts,
        unknowns=unknowns,
        hints=hints,
        causes=[],
    )
    document = with_undone(document, ours, planned, live, confirmations)
    return document.model_copy(update={"causes": _causes(document.people, by_urn)})


def _last_change(everything: Sequence[Record]) -> str | None:
    return max((record.modified for record in everything if record.modified), default=None)


def _concerned(rows: Iterable[AccessChange]) -> Mapping[Effect, set[str | None]]:
    """Return by effect the people with a row of it."""
    found: dict[Effect, set[str | None]] = {effect: set() for effect in Effect}
    for row in rows:
        found[row.effect].add(row.identity_id)
    return found


def _stacks(everything: Iterable[Record]) -> list[StackImpact]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in everything:
        found[record.stack].append(record)
    return [
        StackImpact(name=name, resources=len(each), changing=sum(record.op in _CHANGING for record in each))
        for name, each in sorted(found.items())
    ]


def _entitlements(rows: Sequence[AccessChange], before: Access, after: Access) -> list[EntitlementImpact]:
    counts: defaultdict[str, Counter[Effect]] = defaultdict(Counter)
    seen: dict[str, HeldEntitlement] = {}
    for row in rows:
        if row.entitlement:
            counts[row.entitlement.key][row.effect] += 1
            seen[row.entitlement.key] = row.entitlement
    holding_before, holding_after = _Holders.of(before, seen), _Holders.of(after, seen)
    for row in rows:
        if row.entitlement and row.identity_id and row.effect in (Effect.MAYBE_LOST, Effect.MAYBE_GAINED):
            held = (row.identity_id, row.entitlement.key)
            # Of what is certain on one side only, the other side is in doubt.
            if held in holding_before.certain:
                holding_after.possible.add(held)
            elif held in holding_after.certain:
                holding_before.possible.add(held)
        if row.entitlement and row.identity_id and row.effect in _KEPT:
            # Nobody takes it away, though no profile gives it any more.
            held = (row.identity_id, row.entitlement.key)
            (holding_after.certain if held in holding_before.certain else holding_after.possible).add(held)
    had, has, may_have_had, may_have = map(
        _by_key, (holding_before.certain, holding_after.certain, holding_before.possible, holding_after.possible)
    )
    return [
        EntitlementImpact(
            key=key,
            entity_type=seen[key].entity_type,
            datasource_id=seen[key].datasource_id,
            entity_id=seen[key].entity_id,
            holders_before=had[key],
            holders_after=has[key],
            possible_before=had[key] + may_have_had[key],
            possible_after=has[key] + may_have[key],
            gained=count[Effect.GAINED],
            lost=count[Effect.LOST],
            potentially_gained=count[Effect.MAYBE_GAINED],
            potentially_lost=count[Effect.MAYBE_LOST],
            other=sum(count[each] for each in _OTHER),
        )
        for key, count in sorted(counts.items())
    ]


@dataclass(frozen=True)
class _Holders:
    """Who has an entitlement: identities with the entitlement's key."""

    certain: set[tuple[str, str]]
    possible: set[tuple[str, str]]
    """Who may have it, and does not certainly."""

    @classmethod
    def of(cls, access: Access, wanted: Collection[str]) -> _Holders:
        found = cls(set(), set())
        for who, key, grant in access.holders() if wanted else ():
            if key in wanted:
                (found.certain if grant.certain else found.possible).add((who, key))
        return found


def _by_key(held: Iterable[tuple[str, str]]) -> Counter[str]:
    return Counter(key for _, key in held)


def _types(everything: Iterable[Record], planned: Plan) -> list[TypeImpact]:
    found = []
    for record in everything:
        ref = planned.refs.get(record.urn)
        if record.kind == records.TYPE and record.op == "replace" and ref:
            of_it = [each.ref for each in planned.after.profiles.values() if each.profile_type == ref]
            found.append(
                TypeImpact(
                    name=str(record.new.get("name", record.name)),
                    old_name=str(record.old["name"]) if "name" in record.old else None,
                    urn=record.urn,
                    old_id=record.id,
                    profiles=sorted(map(str, of_it)),
                    source=obstacles.place(record),
                )
            )
    return found


def _requests(planned: Plan, names: Mapping[str, str]) -> list[RequestImpact]:
    return [
        RequestImpact(
            operation="PROVISION" if each.operation == "PROVISION" else "DEPROVISION",
            identity_id=each.identity_id,
            name=names.get(each.identity_id),
            profile=each.profile,
            reason=sentence(each.uncertainty) if each.uncertainty else None,
        )
        for each in planned.requests
    ]


def _unknowns(
    rows: Iterable[AccessChange],
    cause_of: Mapping[AccessChange, str | None],
    planned: Plan,
    by_urn: Mapping[str, Record],
) -> list[Unknown]:
    """Return what is unknown; profiles of which nobody has read the members are one, however many they are."""
    groups: defaultdict[tuple[str, str], list[AccessChange]] = defaultdict(list)
    for row in rows:
        if row.effect is Effect.UNKNOWN:
            alike = row.identity_id is None and row.reasons[0].why in _OF_MANY
            what = "" if alike else _subject(row.path[0], planned, by_urn)
            reasons = [replace(each, subject="") for each in row.reasons] if alike else row.reasons
            groups[what, sentences(reasons)].append(row)
    found = []
    for (what, reason), alike_rows in groups.items():
        refs = sorted({row.path[0] for row in alike_rows})
        first = by_urn.get(cause_of[alike_rows[0]] or "")
        found.append(
            Unknown(
                what=what or listed({_subject(ref, planned, by_urn) for ref in refs}, most=_NAMED),
                reason=reason if what or len(refs) > 1 else sentences(alike_rows[0].reasons),
                people=len({row.identity_id for row in alike_rows if row.identity_id}),
                profiles=[str(ref) for ref in refs if ref in planned.after.profiles or ref in planned.before.profiles],
                source=obstacles.place(first),
            )
        )
    return sorted(found, key=lambda each: (each.what, each.reason))


def _subject(ref: Ref, planned: Plan, by_urn: Mapping[str, Record]) -> str:
    """Return the name of a profile, or of the resource whose URN the reference is."""
    for organisation in (planned.after, planned.before):
        if ref in organisation.profiles:
            return organisation.name(ref)
    record = by_urn.get(ref)
    return f"{record.kind} {record.name!r}" if record else str(ref)


def _causes(people: Sequence[Person], by_urn: Mapping[str, Record]) -> list[Cause]:
    urns = {row.cause for person in people for row in person.rows if row.cause}
    return [
        Cause(
            urn=urn,
            kind=by_urn[urn].kind or "",
            name=by_urn[urn].name,
            action=by_urn[urn].op,
            source=obstacles.place(by_urn[urn]),
        )
        for urn in sorted(urns & by_urn.keys())
    ]
