"""Builds the document from the resources of one or several previews."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pulumi_veza.access import tenant
from pulumi_veza.access.comparison import AccessChange, Effect, compare
from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import HeldEntitlement, Organisation, Ref
from pulumi_veza.impact import obstacles
from pulumi_veza.impact.causes import Causes
from pulumi_veza.impact.document import (
    Cause,
    Document,
    EntitlementImpact,
    Person,
    RequestImpact,
    Row,
    StackImpact,
    Summary,
    TypeImpact,
    Unknown,
)
from pulumi_veza.impact.profiles import Profiles
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan, plan
from pulumi_veza.plan.records import Record
from pulumi_veza.reports.findings import Source
from pulumi_veza.rules.removal_guard import GuardLevel
from pulumi_veza.rules.wording import sentence, sentences

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client

_CHANGING = frozenset({"create", "update", "replace", "delete"})


def build(everything: Iterable[Record], live: Organisation | None = None, valid_at: str | None = None) -> Document:
    """Say what a change does to people.

    Args:
        everything: The resources of one preview, or of several.
        live: What the tenant holds, where it was asked.
        valid_at: A mark that sorts; without one it is the time at which the state was changed last.

    """
    ours = sorted((each for each in everything if each.kind), key=lambda record: (record.urn, record.op))
    return _Building(ours, plan(ours, live), live=live is not None).document(valid_at or _last_change(ours))


def profiles_of(everything: Iterable[Record]) -> set[str]:
    """Name the profiles, by id, whose members the change is about: those that a live tenant is to be asked for."""
    found = set()
    for record in everything:
        if record.kind == records.PROFILE and record.id:
            found.add(record.id)
        elif record.kind in {records.MEMBERS, records.VERSION}:
            ids = [record.old.get("profile_id"), record.new.get("profile_id")]
            found.update(str(each) for each in ids if each and not records.has_unknown(each))
    return found


def live_organisation(everything: Iterable[Record], client: Client) -> Organisation:
    """Ask a tenant what the change is about: first the members of its profiles, then who else has what it touches.

    Every type and profile is listed once; members are read, a request each, of the profiles that the stack is about,
    and of those that give what somebody gains or loses: somebody may have it by one of them.
    """
    ours = [each for each in everything if each.kind]
    found = tenant.organisation(client, profiles_of(ours))
    planned = plan(ours, found)
    adopted = {ref for ref in planned.refs.values() if ref in found.profiles and ref not in found.members}
    if adopted:
        tenant.read_members(client, found, adopted)
        planned = plan(ours, found)
    rows = compare(Access(planned.before), Access(planned.after))
    touched = {row.entitlement.key for row in rows if row.entitlement}
    access = Access(found)
    giving = {
        ref
        for ref, profile in found.profiles.items()
        if ref not in found.members
        and not profile.inactive_reason
        and touched & access.content(ref).entitlements.keys()
    }
    tenant.read_members(client, found, giving)
    return found


def _last_change(everything: Sequence[Record]) -> str | None:
    return max((record.modified for record in everything if record.modified), default=None)


class _Building:
    def __init__(self, everything: Sequence[Record], planned: Plan, *, live: bool) -> None:
        self.everything, self.plan, self.live = everything, planned, live
        self.before, self.after = Access(planned.before), Access(planned.after)
        self.rows = compare(self.before, self.after)
        self.by_urn = {record.urn: record for record in sorted(everything, key=lambda record: record.op == "delete")}
        self.causes = Causes(everything, planned)
        self.names = _names(planned)

    def document(self, valid_at: str | None) -> Document:
        people, unknowns = self._people(), self._unknowns()
        requests = self._requests()
        removals = obstacles.removals(self.plan, self.by_urn)
        conflicts = obstacles.conflicts(self.everything, self.plan)
        entitlements = self._entitlements()
        on_paths = {ref for row in self.rows for ref in row.path}
        return Document(
            valid_at=valid_at,
            live=self.live,
            stacks=self._stacks(),
            summary=Summary(
                people=len(people),
                people_known=len({*self.before.memberships(), *self.after.memberships()}),
                losing=self._concerned(Effect.LOST),
                gaining=self._concerned(Effect.GAINED),
                potentially_losing=self._concerned(Effect.MAYBE_LOST),
                potentially_gaining=self._concerned(Effect.MAYBE_GAINED),
                ungoverned=self._concerned(Effect.UNGOVERNED),
                no_effect=self._concerned(Effect.NO_EFFECT),
                rows={kind.value: count for kind in Effect if (count := sum(row.effect is kind for row in self.rows))},
                entitlements=len(entitlements),
                provisions=sum(each.operation == "PROVISION" for each in requests),
                deprovisions=sum(each.operation == "DEPROVISION" for each in requests),
                requests_in_doubt=sum(each.reason is not None for each in requests),
                removals_over=sum(each.level is GuardLevel.OVER for each in removals),
                conflicts=len(conflicts),
                unknowns=len(unknowns),
            ),
            people=people,
            entitlements=entitlements,
            profiles=Profiles(self.plan, self.by_urn, self.names).impacts(self.everything, on_paths),
            types=self._types(),
            requests=requests,
            removals=removals,
            conflicts=conflicts,
            unknowns=unknowns,
            causes=self._causes(people),
        )

    def _concerned(self, kind: Effect) -> int:
        return len({row.identity_id for row in self.rows if row.effect is kind})

    def _stacks(self) -> list[StackImpact]:
        found: defaultdict[str, list[Record]] = defaultdict(list)
        for record in self.everything:
            found[record.stack].append(record)
        return [
            StackImpact(name=name, resources=len(each), changing=sum(record.op in _CHANGING for record in each))
            for name, each in sorted(found.items())
        ]

    def _people(self) -> list[Person]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.identity_id is not None:
                found[row.identity_id].append(self._row(row))
        return [Person(id=who, name=self.names.get(who), rows=rows) for who, rows in sorted(found.items())]

    def _row(self, row: AccessChange) -> Row:
        return Row(
            effect=row.effect,
            entitlement=row.entitlement.key if row.entitlement else None,
            path=[str(ref) for ref in row.path],
            reason=sentences(row.reasons) or None,
            cause=self.causes.of(row),
        )

    def _entitlements(self) -> list[EntitlementImpact]:
        counts: defaultdict[str, Counter[Effect]] = defaultdict(Counter)
        seen: dict[str, HeldEntitlement] = {}
        for row in self.rows:
            if row.entitlement:
                counts[row.entitlement.key][row.effect] += 1
                seen[row.entitlement.key] = row.entitlement
        had, has = self._holders(self.before, seen), self._holders(self.after, seen)
        return [
            EntitlementImpact(
                key=key,
                entity_type=seen[key].entity_type,
                datasource_id=seen[key].datasource_id,
                entity_id=seen[key].entity_id,
                holders_before=had[key],
                holders_after=has[key],
                gained=count[Effect.GAINED],
                lost=count[Effect.LOST],
                potentially_gained=count[Effect.MAYBE_GAINED],
                potentially_lost=count[Effect.MAYBE_LOST],
                other=count[Effect.UNGOVERNED] + count[Effect.NO_EFFECT],
            )
            for key, count in sorted(counts.items())
        ]

    @staticmethod
    def _holders(access: Access, wanted: Iterable[str]) -> Counter[str]:
        keys = set(wanted)
        return Counter(key for _, key, _ in access.holders() if key in keys) if keys else Counter()

    def _types(self) -> list[TypeImpact]:
        found = []
        for record in self.everything:
            ref = self.plan.refs.get(record.urn)
            if record.kind == records.TYPE and record.op == "replace" and ref:
                of_it = [each.ref for each in self.plan.after.profiles.values() if each.profile_type == ref]
                found.append(
                    TypeImpact(
                        name=str(record.new.get("name", record.name)),
                        urn=record.urn,
                        old_id=record.id,
                        profiles=sorted(map(str, of_it)),
                        source=obstacles.place(record),
                    )
                )
        return found

    def _requests(self) -> list[RequestImpact]:
        return [
            RequestImpact(
                operation="PROVISION" if each.operation == "PROVISION" else "DEPROVISION",
                identity_id=each.identity_id,
                name=self.names.get(each.identity_id),
                profile=each.profile,
                reason=sentence(each.uncertainty) if each.uncertainty else None,
            )
            for each in self.plan.requests
        ]

    def _unknowns(self) -> list[Unknown]:
        found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        sources: dict[tuple[str, str], Source | None] = {}
        for row in self.rows:
            if row.effect is not Effect.UNKNOWN:
                continue
            record = self.by_urn.get(self.causes.of(row) or "")
            key = (self._said(row.path[0]), sentences(row.reasons))
            sources.setdefault(key, obstacles.place(record))
            found[key] |= {row.identity_id} if row.identity_id else set()
        return [
            Unknown(what=what, reason=reason, people=len(who), source=sources[what, reason])
            for (what, reason), who in sorted(found.items())
        ]

    def _said(self, ref: Ref) -> str:
        """Name a profile, or the resource that its reference is the URN of."""
        record = self.by_urn.get(ref)
        if ref in self.plan.after.profiles or ref in self.plan.before.profiles:
            return self.plan.after.name(ref) if ref in self.plan.after.profiles else self.plan.before.name(ref)
        return f"{record.kind} {record.name!r}" if record else str(ref)

    def _causes(self, people: Sequence[Person]) -> list[Cause]:
        urns = {row.cause for person in people for row in person.rows if row.cause}
        return [
            Cause(
                urn=urn,
                kind=self.by_urn[urn].kind or "",
                name=self.by_urn[urn].name,
                action=self.by_urn[urn].op,
                source=obstacles.place(self.by_urn[urn]),
            )
            for urn in sorted(urns & self.by_urn.keys())
        ]


def _names(planned: Plan) -> dict[str, str]:
    everybody = (
        each
        for organisation in (planned.before, planned.after)
        for members in organisation.members.values()
        for each in members.values()
    )
    return {each.id: each.name for each in everybody if each.name}
