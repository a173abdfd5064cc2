"""Separation of duties over effective access: nobody has entitlements of both groups of a conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pulumi_veza.access.effective import CONDITION, Access, Path
from pulumi_veza.access.organisation import Ref
from pulumi_veza.plan.records import MEMBERS
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rule import Options, Pattern, matches
from pulumi_veza.policies.stack import Resource, Stack
from pulumi_veza.rules.reasons import Reason
from pulumi_veza.rules.wording import sentence

Standing = Literal["caused", "existed", "resolved", "present"]

STANDINGS: dict[Standing, str] = {
    "caused": "caused by this change",
    "existed": "existed before this change",
    "resolved": "resolved by this change",
    "present": "whether it existed before is not known here",
}


class DutyConflict(BaseModel):
    """Two groups of entitlements that nobody may have something of both of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, description="What is kept apart, for the message.")]
    a: Annotated[tuple[Pattern, ...], Field(description="Patterns of entitlements, written `TYPE DATASOURCE/ENTITY`.")]
    b: Annotated[tuple[Pattern, ...], Field(description="Patterns of entitlements, written `TYPE DATASOURCE/ENTITY`.")]


class SeparationOfDutiesOptions(Options):
    """Options of `separation_of_duties`."""

    conflicts: Annotated[tuple[DutyConflict, ...], Field(description="What nobody may have both of.")] = ()
    stop: Annotated[
        tuple[Standing, ...],
        Field(
            description="Which conflicts count as violations; the others are noted. `present` are those of which it is "
            "not known whether they existed before."
        ),
    ] = ("caused", "present")


@dataclass(frozen=True)
class _Side:
    """An entitlement of one group that a profile gives."""

    key: str
    path: Path
    uncertainty: Reason | None
    """The reason why members may not get it; a condition is none."""


def separation_of_duties(stack: Stack, options: SeparationOfDutiesOptions) -> Iterator[Finding]:
    """Check that nobody has, by whatever paths, something of both groups of a conflict."""
    if not options.conflicts:
        return
    before, after = stack.before.memberships(), stack.after.memberships()
    for conflict in options.conflicts:
        yield from _Apart(stack, conflict, options.stop).findings(before, after)


class _Apart:
    """The search for one conflict in one stack."""

    def __init__(self, stack: Stack, conflict: DutyConflict, stop: Sequence[Standing]) -> None:
        self.stack, self.conflict, self.stop = stack, conflict, stop
        self._sides: dict[tuple[int, str, Ref], _Side | None] = {}

    def findings(self, before: dict[str, list[Ref]], after: dict[str, list[Ref]]) -> Iterator[Finding]:
        found: defaultdict[tuple[Standing, Ref, Ref], list[str]] = defaultdict(list)
        unsure: defaultdict[tuple[Ref, Reason], list[str]] = defaultdict(list)
        for who in sorted({*before, *after}):
            had = self._pair(self.stack.before, before.get(who, []), who)
            has = self._pair(self.stack.after, after.get(who, []), who)
            if has:
                found[self._standing(had, has), has[0], has[1]].append(who)
            elif had and self.stack.before_known:
                found["resolved", had[0], had[1]].append(who)
            elif undecided := self._undecided_side(after.get(who, []), who):
                unsure[undecided].append(who)
        for (standing, a, b), people in sorted(found.items()):
            yield self._finding(standing, a, b, people)
        for (ref, reason), people in sorted(unsure.items()):
            yield self._undecided(ref, reason, people)
        yield from self._unknown_people()

    def _standing(self, had: tuple[Ref, Ref] | None, has: tuple[Ref, Ref]) -> Standing:
        if not self.stack.before_known:
            return "present"
        return "existed" if had and has else "caused"

    def _pair(self, access: Access, refs: Iterable[Ref], who: str) -> tuple[Ref, Ref] | None:
        """Return the profiles by which a member certainly has entitlements of group a and of group b, or None."""
        sure = [ref for ref in refs if self._sure(access, ref, who)]
        a = next((ref for ref in sure if self._certain(access, "a", ref)), None)
        b = next((ref for ref in sure if self._certain(access, "b", ref)), None)
        return (a, b) if a and b else None

    @staticmethod
    def _sure(access: Access, ref: Ref, who: str) -> bool:
        profile = access.organisation.profiles.get(ref)
        member = access.organisation.members[ref][who]
        return bool(profile and not profile.inactive_reason and not member.uncertainty)

    def _certain(self, access: Access, group: str, ref: Ref) -> bool:
        side = self._side(access, group, ref)
        return side is not None and side.uncertainty is None

    def _side(self, access: Access, group: str, ref: Ref) -> _Side | None:
        """Return an entitlement of a group that a profile gives, a certain one where there is one, or None.

        An entitlement with a condition counts as certain, as only Veza knows who fulfils the condition.
        """
        place = (id(access), group, ref)
        if place not in self._sides:
            patterns = self.conflict.a if group == "a" else self.conflict.b
            held = access.content(ref).entitlements
            sides = [
                _Side(key, path, uncertainty if uncertainty != CONDITION else None)
                for key, (_, path, uncertainty) in sorted(held.items())
                if matches(key, patterns)
            ]
            self._sides[place] = min(sides, key=lambda side: side.uncertainty is not None, default=None)
        return self._sides[place]

    def _undecided_side(self, refs: Iterable[Ref], who: str) -> tuple[Ref, Reason] | None:
        """Return the profile and the reason why a member may have both groups after `pulumi up`, or None."""
        access, groups, found = self.stack.after, set[str](), None
        for ref in refs:
            profile = access.organisation.profiles.get(ref)
            if profile is None or profile.inactive_reason:
                continue
            pending = next((each for each in access.content(ref).unknown if each.decided_during_up), None)
            for group in ("a", "b"):
                side = self._side(access, group, ref)
                reason = (side.uncertainty or access.organisation.members[ref][who].uncertainty) if side else pending
                if side or pending:
                    groups.add(group)
                if reason and reason.decided_during_up:
                    found = found or (ref, reason)
        # Without a known entitlement of either group everybody would be undecided.
        known = any(self._side(access, group, ref) for ref in refs for group in ("a", "b"))
        return found if groups == {"a", "b"} and known else None

    def _unknown_people(self) -> Iterator[Finding]:
        """Yield an undecided finding for each profile with an entitlement of a group and unknown members."""
        for ref, reasons in sorted(self.stack.organisation.unknown_members.items()):
            gives = any(self._side(self.stack.after, group, ref) for group in ("a", "b"))
            for reason in reasons:
                if gives and reason.decided_during_up:
                    yield self._undecided(ref, reason)

    def _finding(self, standing: Standing, a: Ref, b: Ref, people: Sequence[str]) -> Finding:
        access = self.stack.before if standing == "resolved" else self.stack.after
        both = (
            f"{self._gives(access, 'a', a)} and {self._gives(access, 'b', b)}, which {self.conflict.name} keeps apart"
        )
        if standing == "resolved":
            message = f"no longer gives {both}; {STANDINGS[standing]}"
        else:
            message = (
                f"gives {both}; {STANDINGS[standing]}; take these people out of one of the two, or write an exception "
                "with an owner and a date"
            )
        listing = self._listing(a, b, people)
        resource = next(iter(listing), None) or self._resource(a) or self._resource(b)
        outcome = Outcome.VIOLATION if standing in self.stop and standing != "resolved" else Outcome.NOTE
        if resource is None:
            return Finding(outcome, f"{access.organisation.name(a)!r} {message}", None, tuple(people))
        maker = resource.violation if outcome is Outcome.VIOLATION else resource.note
        return replace(maker(message, people), others=tuple(each.urn for each in listing))

    def _gives(self, access: Access, group: str, ref: Ref) -> str:
        side = self._side(access, group, ref)
        names = " -> ".join(access.organisation.name(each) for each in (side.path if side else (ref,)))
        return f"{side.key if side else group} (by {names})"

    def _undecided(self, ref: Ref, reason: Reason, people: Sequence[str] = ()) -> Finding:
        resource, message = self._resource(ref), f"{sentence(reason)}, and {self.conflict.name} depends on it"
        if resource is None:
            return Finding(Outcome.UNDECIDED, message, None, tuple(people))
        return Finding(
            Outcome.UNDECIDED, f"{resource}: {message}", resource.urn, tuple(people), source=resource.record.source
        )

    def _listing(self, a: Ref, b: Ref, people: Sequence[str]) -> list[Resource]:
        """Return the sets of either profile that list these people, changing ones first, as the place of the remedy."""
        sets = [*self.stack.about(MEMBERS, a), *self.stack.about(MEMBERS, b)]
        listing = [each for each in sets if not each.elements("identity_ids").known.keys().isdisjoint(people)]
        return sorted(listing, key=lambda each: each.record.op == "same")

    def _resource(self, ref: Ref) -> Resource | None:
        """Return the resource to report: a set of the profile, or else the profile itself, or None."""
        return next(iter(self.stack.about(MEMBERS, ref)), None) or self.stack.declared(ref)
