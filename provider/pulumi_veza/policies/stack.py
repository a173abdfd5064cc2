"""What a rule looks at: the resources of a stack, and the two organisations that they make."""

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
    """A resource that the program declares, as a rule reads it."""

    record: Record

    def __str__(self) -> str:
        return f"{self.record.kind} {self.record.name!r}"

    @property
    def urn(self) -> str:
        """Its URN."""
        return self.record.urn

    @property
    def kind(self) -> str:
        """Which kind it is: ``AccessProfileType``, ``AccessProfile``, ``AccessProfileVersion``, ``MembershipSet``."""
        return self.record.kind or ""

    @property
    def values(self) -> Mapping[str, Any]:
        """What the program wants; sets are maps, as in the state."""
        return self.record.new

    def unknown(self, name: str) -> str | None:
        """Return why a value cannot be judged, or None where it can; a nested value that cannot be counts as well."""
        value = self.values.get(name)
        if not has_unknown(value):
            return None
        return sentence(Reason(Why.SECRET if has_hidden(value) else Why.UNKNOWN_VALUE, field=name))

    def text(self, name: str) -> str:
        """Give a text; empty where it is not written, or not known."""
        value = self.values.get(name)
        return "" if value is None or has_unknown(value) else str(value)

    def elements(self, name: str) -> Elements:
        """Give a set, told apart into what is known and what is not."""
        return elements(self.values.get(name))

    def violation(self, message: str, people: Sequence[str] = ()) -> Finding:
        """Say that a rule is broken; the message begins after the resource's name."""
        return Finding(Outcome.VIOLATION, f"{self} {message}", self.urn, tuple(people), source=self.record.source)

    def undecided(self, reason: Reason | str) -> Finding:
        """Say that a value that is not known decides."""
        said = sentence(reason) if isinstance(reason, Reason) else reason
        return Finding(Outcome.UNDECIDED, f"{self}: {said}", self.urn, source=self.record.source)

    def note(self, message: str, people: Sequence[str] = ()) -> Finding:
        """Say something that never stops."""
        return Finding(Outcome.NOTE, f"{self} {message}", self.urn, tuple(people), source=self.record.source)


@dataclass(frozen=True)
class Stack:
    """The resources of a stack before and after a change. What is expensive is worked out when a rule asks for it."""

    records: Sequence[Record]
    before_known: bool = True
    """Whether the records tell what there was before; where they do not, nothing can be called a change."""

    def resources(self, *kinds: str) -> Iterator[Resource]:
        """Give the resources that the program declares, of these kinds or of all four, ordered by URN."""
        if len(kinds) == 1:
            return iter(self._by_kind.get(kinds[0], ()))
        return (each for each in self._declared if not kinds or each.kind in kinds)

    @cached_property
    def _declared(self) -> Sequence[Resource]:
        # The engine shows them in an order of chance, and what is said of them must not depend on it.
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
        """Give the resources of a kind that are about a profile's live version, or about another one by its own ref."""
        return self._about.get((kind, ref), ()) if ref else ()

    @cached_property
    def plan(self) -> Plan:
        """What the engine is going to do to the organisation."""
        return plan(self.records)

    @property
    def organisation(self) -> Organisation:
        """What there will be."""
        return self.plan.after

    @cached_property
    def before(self) -> Access:
        """Who had what."""
        return Access(self.plan.before)

    @cached_property
    def after(self) -> Access:
        """Who will have what."""
        return Access(self.plan.after)

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources that the program declares, by URN."""
        return {each.urn: each for each in self.resources()}

    def profile(self, resource: Resource) -> Profile | None:
        """Give the profile that a resource is, or whose version it is about; None where that is not known."""
        ref = self.plan.refs.get(resource.urn)
        return self.organisation.profiles.get(ref) if ref else None

    def type_of(self, profile: Profile | None) -> ProfileType | None:
        """Give a profile's type where the stack knows it."""
        return self.organisation.types.get(profile.profile_type) if profile and profile.profile_type else None

    def declared(self, ref: Ref) -> Resource | None:
        """Give the resource that declares a profile or a type, where this stack does."""
        held = self.organisation.profiles.get(ref) or self.organisation.types.get(ref)
        return self.by_urn.get(held.urn) if held and held.urn else None


def pending(profile: Profile, name: str) -> Reason | None:
    """Return why one of a profile's lists is unknown before `pulumi up`; None where it is known, or never will be."""
    return next((each for each in profile.unknown if each.field == name and each.decided_during_up), None)
