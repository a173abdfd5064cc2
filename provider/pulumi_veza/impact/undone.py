"""What `pulumi up` leaves undone where it refuses a part of a change.

What is refused in the preview leaves everything undone. A create that is refused in the run leaves undone whatever
needs it and every removal, which come last; what else was not begun by then may be left undone as well. The delete of a
set that is refused at the end leaves undone itself and the deletes of what it needs; the other deletes, which the
engine runs in any order, may be left undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pulumi_veza.access.comparison import Effect
from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.impact.because_refused import with_consequences
from pulumi_veza.impact.document import Document, EntitlementImpact, MemberImpact, Person, ProfileImpact
from pulumi_veza.impact.partial_run import PartialRun
from pulumi_veza.plan.planning import Plan, plan
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.members import Departure

Certainty = Literal["certain", "possible"] | None


def with_undone(
    document: Document,
    ours: Sequence[Record],
    planned: Plan,
    live: Organisation | None,
    confirmations: frozenset[str],
) -> Document:
    """Return the document with a mark at everything that `pulumi up` does not do, or may not do.

    Args:
        document: The document, in which what is refused has its stage.
        ours: The resources of this provider.
        planned: Their plan.
        live: The organisation in the tenant, where it was read.
        confirmations: Values that confirm removals, beside those in the programs.

    """
    held = _held_back(document, ours, planned)
    if held is None:
        return document

    def outcome(urns: Collection[str]) -> PartialRun:
        left = _without(ours, urns)
        return PartialRun.of(left, plan(left, live, confirmations, undeleted=frozenset(urns)))

    most = outcome(held.certain)
    least = outcome({*held.certain, *held.possible}) if held.possible else most
    return with_consequences(_marked(document, _Outcomes(most, least)), most, least)


@dataclass(frozen=True)
class _HeldBack:
    """The URNs of the resources that are certainly not changed, and of those that may not be."""

    certain: frozenset[str]
    possible: frozenset[str]


def _held_back(document: Document, ours: Sequence[Record], planned: Plan) -> _HeldBack | None:
    """Return what is held back; None where nothing is."""
    if document.refused_at == "preview":
        return _HeldBack(frozenset(each.urn for each in ours), frozenset())
    deletes = frozenset(each.urn for each in ours if each.op in {"delete", "replace"})
    if document.refused_at == "run":
        refused = {urn for each in document.conflicts if each.refused_at == "run" for urn in each.urns}
        refused |= {each.urn for each in document.removals if each.refused_at == "run"}
        gone = frozenset(each.urn for each in ours if each.op == "delete")
        changing = frozenset(each.urn for each in ours if each.op not in {"same", "read", "retain"})
        certain = frozenset(_needing(refused, ours)) | gone
        return _HeldBack(certain, changing - certain)
    if document.refused_at == "end":
        alone = {
            each.urn
            for each in planned.sets
            if each.departure is Departure.VANISHED and each.decision.guard
            if each.decision.refused and each.decision.guard.together is None
        }
        certain = frozenset(_needed(alone, ours)) & deletes
        return _HeldBack(certain, deletes - certain)
    return None


def _needing(urns: Iterable[str], ours: Sequence[Record]) -> set[str]:
    """Return resources with all that take a value from them, also indirectly."""
    found = set(urns)
    while more := {each.urn for each in ours if each.urn not in found and found & _sources(each)}:
        found |= more
    return found


def _needed(urns: Iterable[str], ours: Sequence[Record]) -> set[str]:
    """Return resources with all that they take a value from, also indirectly, which are deleted after them."""
    sources = {each.urn: _sources(each) for each in ours}
    found: set[str] = set()
    waiting = list(urns)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += sources.get(here, ())
    return found


def _sources(record: Record) -> set[str]:
    return {urn for urns in record.property_dependencies.values() for urn in urns}


def _without(ours: Iterable[Record], urns: Collection[str]) -> list[Record]:
    """Return the resources as they are where these are neither created nor updated."""
    found = []
    for record in ours:
        if record.urn not in urns or record.op in {"same", "read", "retain", "delete"}:
            found.append(record)
        elif record.op != "create":
            found.append(replace(record, op="same", new_inputs=record.old_inputs))
    return found


@dataclass(frozen=True)
class _Outcomes:
    """What is done at most, and what is done for certain."""

    most: PartialRun
    least: PartialRun

    def of_row(self, who: str, entitlement: str | None, effect: Effect) -> Certainty:
        if not self.most.has(who, entitlement, effect, exactly=False):
            return "certain"
        return None if self.least.has(who, entitlement, effect, exactly=True) else "possible"

    def of_member(self, who: str, profile: str, *, joins: bool) -> Certainty:
        ref = Ref(profile)
        if (who in self.most.members.get(ref, ())) is not joins:
            return "certain"
        return None if (who in self.least.members.get(ref, ())) is joins else "possible"

    def of_state(self, profile: ProfileImpact) -> Certainty:
        ref, before, after = Ref(profile.ref), profile.state_before, profile.state_after
        if before == after or self.least.states.get(ref) == after:
            return None
        return "possible" if self.most.states.get(ref) == after else "certain"

    def of_request(self, operation: str, who: str, profile: str) -> Certainty:
        key = (operation, who, profile)
        return "certain" if key not in self.most.requests else None if key in self.least.requests else "possible"


def _marked(document: Document, outcomes: _Outcomes) -> Document:
    people = [
        person.model_copy(
            update={
                "rows": [
                    row.model_copy(update={"undone": outcomes.of_row(person.id, row.entitlement, row.effect)})
                    for row in person.rows
                ]
            }
        )
        for person in document.people
    ]
    requests = [
        each.model_copy(update={"undone": outcomes.of_request(each.operation, each.identity_id, each.profile)})
        for each in document.requests
    ]
    profiles = [_marked_profile(each, outcomes) for each in document.profiles]
    entitlements = document.entitlements
    if document.refused_at != "preview":
        entitlements = [_as_held(each, people) for each in entitlements]
    return document.model_copy(
        update={"people": people, "requests": requests, "profiles": profiles, "entitlements": entitlements}
    )


def _as_held(entitlement: EntitlementImpact, people: Iterable[Person]) -> EntitlementImpact:
    """Return an entitlement with how many people have it after the change, without what is left undone."""
    count = Counter(
        (row.effect, row.undone)
        for person in people
        for row in person.rows
        if row.entitlement == entitlement.key and row.undone
    )
    lost, maybe_lost, gained, maybe_gained = (
        {undone: count[effect, undone] for undone in ("certain", "possible")}
        for effect in (Effect.LOST, Effect.MAYBE_LOST, Effect.GAINED, Effect.MAYBE_GAINED)
    )
    most = entitlement.holders_after if entitlement.possible_after is None else entitlement.possible_after
    return entitlement.model_copy(
        update={
            "holders_after": entitlement.holders_after
            + (lost["certain"] + maybe_lost["certain"])
            - (gained["certain"] + gained["possible"]),
            "possible_after": most
            + (lost["certain"] + lost["possible"])
            - (gained["certain"] + maybe_gained["certain"]),
        }
    )


def _marked_profile(profile: ProfileImpact, outcomes: _Outcomes) -> ProfileImpact:
    def marked(members: Iterable[MemberImpact], *, joins: bool) -> list[MemberImpact]:
        # Who may leave is among those who leave, and a member still.
        return [
            each
            if each.reason
            else each.model_copy(update={"undone": outcomes.of_member(each.id, profile.ref, joins=joins)})
            for each in members
        ]

    return profile.model_copy(
        update={
            "joining": marked(profile.joining, joins=True),
            "leaving": marked(profile.leaving, joins=False),
            "state_undone": outcomes.of_state(profile),
        }
    )
