"""The input of a rule: the resources of a stack, and the organisation before and after the change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import Organisation, Profile, ProfileType, Ref
from pulumi_veza.plan.planning import Plan, plan
from pulumi_veza.plan.records import Elements, Record, elements, has_hidden, has_unknown
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.rules.reasons import Reason, Why
from pulumi_veza.rules.wording import sentence


@dataclass(frozen=True)
class Resource:
    """A resource that the program declares, with the findings that a rule may make of it."""

    record: Record

    def __str__(self) -> str:
        return f"{self.record.kind} {self.record.name!r}"

    @property
    def urn(self) -> str:
        """The URN."""
        return self.record.urn

    @property
    def kind(self) -> str:
        """The kind: ``AccessProfileType``, ``AccessProfile``, ``AccessProfileVersion`` or ``MembershipSet``."""
        return self.record.kind or ""

    @property
    def values(self) -> Mapping[str, Any]:
        """The inputs in the program; sets are maps, as in the state."""
        return self.record.new

    def unknown(self, name: str) -> str | None:
        """Return the reason why a value or a part of it is unknown or secret, or None where it is known."""
        value = self.values.get(name)
        if not has_unknown(value):
            return None
        return sentence(Reason(Why.SECRET if has_hidden(value) else Why.UNKNOWN_VALUE, field=name))

    def text(self, name: str) -> str:
        """Return a text value; empty where it is not written or not known."""
        value = self.values.get(name)
        return "" if value is None or has_unknown(value) else str(value)

    def elements(self, name: str) -> Elements:
        """Return the elements of a set, split into known and unknown ones."""
        return elements(self.values.get(name))

    def violation(self, message: str, people: Sequence[str] = (), *, alike: str = "") -> Finding:
        """Return a violation.

        Args:
            message: Continues a sentence that begins with the resource's name.
            people: The identities that it concerns.
            alike: What violations of one kind have in common, which are shown as one with their count; the message
                where it is left out.

        """
        return self._finding(Outcome.VIOLATION, f" {message}", people, alike or message)

    def undecided(self, reason: Reason | str) -> Finding:
        """Return a finding that an unknown value decides, with the reason why it is unknown."""
        said = sentence(reason) if isinstance(reason, Reason) else reason
        # Nobody can do anything about the reason before `pulumi up`.
        return self._finding(Outcome.UNDECIDED, f": {said}", alike="undecided")

    def note(self, message: str, people: Sequence[str] = ()) -> Finding:
        """Return a note, which never stops the engine; ``message`` is as for `violation`."""
        return self._finding(Outcome.NOTE, f" {message}", people, message)

    def _finding(self, outcome: Outcome, said: str, people: Sequence[str] = (), alike: str = "") -> Finding:
        source = self.record.source
        return Finding(outcome, f"{self}{said}", self.urn, tuple(people), source=source, about=str(self), alike=alike)


@dataclass(frozen=True)
class Stack:
    """The resources of a stack before and after a change. Expensive attributes are computed on first use."""

    records: Sequence[Record]
    before_known: bool = True
    """Whether the records contain the values before the change; without them changes cannot be recognised."""
    confirmations: frozenset[str] = frozenset()
    """Values that confirm removals, from the environment or the stack's configuration."""

    def resources(self, *kinds: str) -> Iterator[Resource]:
        """Return the resources that the program declares, of these kinds or of all four, ordered by URN."""
        if len(kinds) == 1:
            return iter(self._by_kind.get(kinds[0], ()))
        return (each for each in self._declared if not kinds or each.kind in kinds)

    @cached_property
    def _declared(self) -> Sequence[Resource]:
        # The engine passes them in a random order, and messages must not depend on it.
        ordered = sorted(self.records, key=lambda record: record.urn)
        return [Resource(record) for record in ordered if record.kind and record.stays]

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Resource]]:
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for each in self._declared:
            found[each.kind].append(each)
        return found

    @cached_property
    def _about(self) -> Mapping[tuple[str, Ref], Sequence[Resource]]:
        found: defaultdict[tuple[str, Ref], list[Resource]] = defaultdict(list)
        for each in self._declared:
            if ref := self.plan.refs.get(each.urn):
                found[each.kind, ref].append(each)
        return found

    def about(self, kind: str, ref: Ref | None) -> Sequence[Resource]:
        """Return the resources of a kind that manage a profile, or its version with this reference."""
        return self._about.get((kind, ref), ()) if ref else ()

    @cached_property
    def plan(self) -> Plan:
        """The plan of the change."""
        return plan(self.records, confirmations=self.confirmations)

    @property
    def organisation(self) -> Organisation:
        """The organisation after the change."""
        return self.plan.after

    @cached_property
    def before(self) -> Access:
        """The effective access before the change."""
        return Access(self.plan.before)

    @cached_property
    def after(self) -> Access:
        """The effective access after the change."""
        return Access(self.plan.after)

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources that the program declares, by URN."""
        return {each.urn: each for each in self.resources()}

    def profile(self, resource: Resource) -> Profile | None:
        """Return the profile that a resource is, or whose version it manages; None where that is unknown."""
        ref = self.plan.refs.get(resource.urn)
        return self.organisation.profiles.get(ref) if ref else None

    def type_of(self, profile: Profile | None) -> ProfileType | None:
        """Return a profile's type, or None where it is unknown."""
        return self.organisation.types.get(profile.profile_type) if profile and profile.profile_type else None

    def declared(self, ref: Ref) -> Resource | None:
        """Return the resource of this stack that declares a profile or a type, or None."""
        held = self.organisation.profiles.get(ref) or self.organisation.types.get(ref)
        return self.by_urn.get(held.urn) if held and held.urn else None


def pending(profile: Profile, name: str) -> Reason | None:
    """Return the reason why a list of a profile is unknown, if `pulumi up` resolves it, or else None."""
    return next((each for each in profile.unknown if each.field == name and each.decided_during_up), None)
