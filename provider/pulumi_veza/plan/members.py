"""The stages of membership sets: the members that each set adds and removes, and the access requests they open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_veza.access.organisation import Membership, Ref
from pulumi_veza.fields.field_types import UNKNOWN
from pulumi_veza.plan import records
from pulumi_veza.plan.draft import Draft, Request, SetChange
from pulumi_veza.plan.entries import entry, selector_of, target_before
from pulumi_veza.plan.records import Record, elements
from pulumi_veza.rules import members as rules
from pulumi_veza.rules.identity import excludes_others, manages_members
from pulumi_veza.rules.members import Departure, MembersDecision, MemberSituation
from pulumi_veza.rules.reasons import Reason, Why
from pulumi_veza.rules.removal_guard import Limit, judge_together


def change_members(draft: Draft) -> None:
    """Add and remove the members of the sets that the program declares."""
    changes = _Changes(draft)
    for record in draft.staying(records.MEMBERS):
        changes.apply(record)


def destroy_members(draft: Draft) -> None:
    """Remove the members of the sets that are deleted or replaced."""
    changes = _Changes(draft)
    for record in draft.records:
        if record.kind == records.MEMBERS and record.op in {"delete", "replace"} and record.urn not in draft.undeleted:
            changes.destroy(record)
    changes.judge_together()


@dataclass(frozen=True)
class _Step:
    """One set's change of one version's members."""

    record: Record
    ref: Ref
    decision: MembersDecision
    add: Collection[str]
    remove: Collection[str]
    maybe_removed: Mapping[str, Reason]
    """By identity that may be removed, the reason why it may stay."""
    total: int
    departure: Departure | None = None
    foreseen: bool = False


class _Changes:
    """Applies membership sets to the known members of the draft, one set after another."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._listing: dict[str, tuple[Ref, frozenset[str]]] = {}
        """By URN of a declared set that manages members, the version and the listed identities."""
        for record in draft.staying(records.MEMBERS):
            ref = draft.target(record)
            if ref and manages_members(record.new):
                self._listing[record.urn] = (ref, rules.listed(record.args))
        everybody = (each for members in draft.before.members.values() for each in members.values())
        self._at_first = {ref: dict(members) for ref, members in draft.after.members.items()}
        self._names = {each.id: each.name for each in everybody if each.name}

    def apply(self, record: Record) -> None:
        """Apply a declared set."""
        draft, ref = self._draft, self._draft.target(record)
        profile = draft.references.resolve(record, "profile_id")
        if ref is None or profile is None:
            subject = f"{record.kind} {record.name!r}"
            draft.after.unknown_members[Ref(record.urn)].append(Reason(Why.PROFILE_OF_RESOURCE_UNKNOWN, subject))
            return
        if ref != profile:
            selector = selector_of(record.new)
            draft.after.profiles[ref] = entry(draft.after, ref, profile, selector)
        self._note_unread_members(record, ref)
        if not _sends(record):
            return
        listed = elements(record.new.get("identity_ids"))
        if reason := listed.reason("identity_ids", f"{record.kind} {record.name!r}"):
            draft.after.unknown_members[ref].append(reason)
        situation = self._situation(record, ref)
        decision = rules.decide(situation)
        unsure = {} if listed.complete else dict.fromkeys(decision.remove, Reason(Why.MAY_BE_UNKNOWN_ELEMENT))
        self._step(
            _Step(
                record,
                ref,
                decision,
                decision.add,
                decision.remove - unsure.keys(),
                unsure,
                _total(decision),
                foreseen=_is_foreseen(record, situation, decision),
            )
        )
        self._note_retries(record, ref, decision)

    def destroy(self, record: Record) -> None:
        """Apply the removals of a set that is deleted or leaves its version."""
        old = record.managed
        if not manages_members(old) or record.schema.value(old, "on_destroy") != "remove":
            return
        ref = target_before(self._draft.after, old)
        if reason := elements(record.old.get("identity_ids")).reason("identity_ids", f"{record.kind} {record.name!r}"):
            self._draft.after.unknown_members[ref].append(Reason(Why.LEAVING_UNKNOWN, because=(reason,)))
        departure = self._departure(record)

        def decide(live: Mapping[str, Membership]) -> MembersDecision:
            return rules.decide_departure(
                departure,
                old,
                wanted=_guarded(record) if departure is Departure.MOVED else None,
                live=live,
                others_list=self._listed_elsewhere(ref, record.urn if record.op == "delete" else None),
                confirmations=self._draft.confirmations,
            )

        decision = decide(self._draft.after.members[ref])
        if departure is Departure.VANISHED:
            # The engine deletes in any order, so this one may be the first.
            decision = replace(decision, guard=decide(self._at_first.get(ref, {})).guard)
        members = self._draft.after.members[ref]
        total = len(members) if excludes_others(old) else len(rules.managed(old))
        total = decision.guard.removal.total if decision.guard else total
        self._step(_Step(record, ref, decision, (), decision.remove, {}, total, departure))

    def judge_together(self) -> None:
        """Judge the sets of each version that the program no longer declares together, in whatever order they go."""
        changes = self._draft.changes
        gone = [
            (index, each, each.decision.guard)
            for index, each in enumerate(changes)
            if each.departure is Departure.VANISHED and each.decision.guard
        ]
        unconfirmed: defaultdict[Ref, set[str]] = defaultdict(set)
        for _, change, guard in gone:
            if not guard.is_confirmed:
                unconfirmed[change.profile].update(guard.removal.removed)
        for index, change, guard in gone:
            ref = change.profile
            empties = not (self._draft.after.members[ref] or self._listed_elsewhere(ref, None))
            everybody = {*self._at_first.get(ref, ()), *self._draft.before.members.get(ref, ())}
            verdict = judge_together(guard, unconfirmed[ref], everybody, empties=empties)
            changes[index] = replace(change, decision=replace(change.decision, guard=verdict))

    def _departure(self, record: Record) -> Departure:
        if record.op == "replace":
            return Departure.MOVED
        # As the provider sees it: a program that declares anything of the stack has left this set out.
        declared = any(each.stays and each.stack == record.stack for each in self._draft.records)
        return Departure.VANISHED if declared else Departure.DESTROYED

    def _situation(self, record: Record, ref: Ref) -> MemberSituation:
        # The engine passes no old outputs to a create, not even to that of a replacement.
        old = {} if record.is_new else record.managed
        profile = self._draft.references.resolve(record, "profile_id") or ref
        return MemberSituation(
            str(profile),
            _guarded(record),
            old,
            self._draft.after.members[ref],
            self._listed_elsewhere(ref, record.urn),
            self._draft.confirmations,
        )

    def _note_retries(self, record: Record, ref: Ref, decision: MembersDecision) -> None:
        """Mark members as uncertain whose last change failed, as it may fail again."""
        failures: Mapping[str, Any] = record.managed["failures"]
        members = self._draft.after.members[ref]
        for who in sorted(decision.retried & rules.listed(record.args) & members.keys()):
            members[who] = replace(members[who], uncertainty=Reason(Why.FAILED_BEFORE, detail=str(failures[who])))

    def _note_unread_members(self, record: Record, ref: Ref) -> None:
        """Record that the members of an existing profile are unknown where no set has read them."""
        draft = self._draft
        if ref in draft.before.members or self._is_made_here(ref):
            may_exist = draft.before.unread.get(ref)
            if may_exist and excludes_others(record.new):
                draft.after.unknown_members[ref].append(Reason(Why.UNLISTED_IF_IT_EXISTS, may_exist.subject))
            return
        profile, name = draft.before.profiles.get(ref), draft.after.name(ref)
        for organisation in (draft.before, draft.after):
            organisation.unread.setdefault(ref, Reason(Why.MEMBERS_UNREAD, name))
        if profile is None or profile.urn is None or profile.taken_over:
            reason = Reason(Why.MEMBERS_UNREAD, name)
            for organisation in (draft.before, draft.after):
                if reason not in organisation.unknown_members[ref]:
                    organisation.unknown_members[ref].append(reason)
        if excludes_others(record.new):
            draft.after.unknown_members[ref].append(Reason(Why.UNLISTED_MEMBERS_UNREAD, name))

    def _is_made_here(self, ref: Ref) -> bool:
        made = ref in self._draft.after.profiles and ref not in self._draft.before.profiles
        return made and ref.startswith("urn:")

    def _listed_elsewhere(self, ref: Ref, but: str | None) -> frozenset[str]:
        ids = (ids for urn, (where, ids) in self._listing.items() if where == ref and urn != but)
        return frozenset[str]().union(*ids)

    def _step(self, step: _Step) -> None:
        members = self._draft.after.members[step.ref]
        uncertainty = self._draft.published.get(step.ref)
        before = self._draft.before
        # Veza refuses to add whom it does not know, so nothing comes of it.
        for who in sorted(set(step.add) - before.absent_identities):
            members[who] = Membership(who, self._names.get(who), uncertainty=uncertainty)
            doubt = uncertainty or before.unread.get(step.ref)
            self._open("PROVISION", who, step.ref, step.record, doubt)
        for who in sorted(step.remove):
            self._open("DEPROVISION", who, step.ref, step.record, uncertainty, late=step.departure is not None)
            if uncertainty:
                members[who] = replace(members[who], uncertainty=uncertainty)
            else:
                del members[who]
        for who, reason in sorted(step.maybe_removed.items()):
            members[who] = replace(members[who], uncertainty=reason)
            self._open("DEPROVISION", who, step.ref, step.record, reason)
        self._draft.changes.append(
            SetChange(
                step.record.urn,
                step.ref,
                step.decision,
                tuple(sorted(step.add)),
                tuple(sorted(step.remove)),
                tuple(sorted(step.maybe_removed)),
                step.total,
                step.departure,
                step.foreseen,
            )
        )

    def _open(
        self, operation: str, who: str, ref: Ref, record: Record, uncertainty: Reason | None, *, late: bool = False
    ) -> None:
        profile = self._draft.after.profiles.get(ref)
        # A destroy comes last, when every change of the profile has been made.
        order = None if late else self._order_of_changes(record, ref)
        if profile is None:
            uncertainty = uncertainty or Reason(Why.RUNNING_UNKNOWN, str(ref))
        elif profile.inactive_reason and not order:
            return
        else:
            uncertainty = uncertainty or profile.uncertainty or order
        self._draft.requests.append(Request(operation, who, ref, record.urn, uncertainty))

    def _order_of_changes(self, record: Record, ref: Ref) -> Reason | None:
        """Return the reason why it is unknown whether the profile is active when its members change, or None."""
        before, after = self._draft.before.profiles.get(ref), self._draft.after.profiles.get(ref)
        if before is None or after is None or bool(before.inactive_reason) == bool(after.inactive_reason):
            return None
        if self._draft.references.depends(record, "profile_id", ref):
            return None
        return Reason(Why.ORDER_OF_CHANGES, after.name)


def _total(decision: MembersDecision) -> int:
    return decision.guard.removal.total if decision.guard else 0


def _is_foreseen(record: Record, situation: MemberSituation, decision: MembersDecision) -> bool:
    """Return whether the provider, which at preview knows the state alone, refuses the removals there already."""
    if record.is_new or not decision.guard or not elements(record.new.get("identity_ids")).complete:
        return False
    # That nobody is left is judged of all sets of a profile together.
    return decision.guard.limit is Limit.EMPTYING or rules.decide(replace(situation, live=None)).refused


def _guarded(record: Record) -> Mapping[str, Any]:
    """Return the inputs of a set with the defaults of unknown options, as the guard needs a value of each."""
    unknown = (f for f in record.schema if record.args.get(f.name) is UNKNOWN)
    return {**record.args, **{f.name: f.input.default for f in unknown if not f.is_set and not f.required}}


def _sends(record: Record) -> bool:
    """Return whether a declared set sends requests: a change of its options alone does not."""
    if not manages_members(record.new):
        return False
    if record.op != "update":
        return record.is_new
    changed = record.schema.changed(record.managed, record.args)
    return rules.needs_sending(record.managed, record.args, changed)
