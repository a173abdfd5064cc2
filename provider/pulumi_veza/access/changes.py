"""What differs between two organisations, as rows that a person can decide on.

Somebody who loses a profile and keeps the entitlement by another path has no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from pulumi_veza.access.effective import Access, Grant, Path, best
from pulumi_veza.access.organisation import Entitlement, Organisation, Ref


class Class(str, Enum):
    """What a row says; the value is its name in reports."""

    LOST = "lost"
    GAINED = "gained"
    MAYBE_LOST = "potentially lost"
    MAYBE_GAINED = "potentially gained"
    UNGOVERNED = "kept, no longer governed"
    NO_EFFECT = "no effect yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Change:
    """What happens to one person's one entitlement; of an unknown, to a profile's members."""

    kind: Class
    identity_id: str | None
    """None where it is not known who is concerned."""
    entitlement: Entitlement | None
    """None where it is not known what."""
    path: Path
    """The path that ends or begins."""
    reason: str | None = None
    """Why it is not certain, or why it has no effect."""


@dataclass(frozen=True)
class AccessRequest:
    """A request that Veza opens when a member is added or removed."""

    operation: str
    """``PROVISION`` or ``DEPROVISION``."""
    identity_id: str
    profile: Ref


def compare(before: Access, after: Access) -> list[Change]:
    """Give every change of effective access, ordered by class, person, and entitlement."""
    rows = [*_people(before, after), *_unknowns(before, after)]
    order = list(Class)
    return sorted(
        rows,
        key=lambda row: (
            order.index(row.kind),
            row.identity_id or "",
            row.entitlement.key if row.entitlement else "",
            row.path,
        ),
    )


def access_requests(before: Organisation, after: Organisation) -> list[AccessRequest]:
    """Give the access requests that the change of members opens: only while a profile is running and published."""
    found = []
    for ref in sorted({*before.members, *after.members}):
        profile = after.profiles.get(ref)
        if profile is None or profile.idle:
            continue
        old, new = before.members.get(ref, {}).keys(), after.members.get(ref, {}).keys()
        found += [AccessRequest("PROVISION", who, ref) for who in sorted(new - old)]
        found += [AccessRequest("DEPROVISION", who, ref) for who in sorted(old - new)]
    return found


def _people(before: Access, after: Access) -> Iterator[Change]:
    old, new = before.memberships(), after.memberships()
    touched = _touched(before, after)
    for identity in sorted({*old, *new}):
        refs_before, refs_after = old.get(identity, []), new.get(identity, [])
        if refs_before != refs_after or touched.intersection(refs_before):
            yield from _Person(identity, before, after, refs_before, refs_after).changes()


def _touched(before: Access, after: Access) -> set[Ref]:
    """Name the profiles whose members may notice: the content or the state differs."""
    refs = {*before.organisation.profiles, *after.organisation.profiles}
    return {ref for ref in refs if before.content(ref) != after.content(ref) or _idle(before, ref) != _idle(after, ref)}


def _idle(access: Access, ref: Ref) -> str | None:
    profile = access.organisation.profiles.get(ref)
    return profile.idle if profile else "gone"


def _unknowns(before: Access, after: Access) -> Iterator[Change]:
    """Say of each profile that changes what cannot be known of it."""
    for ref in sorted(after.organisation.profiles):
        reasons = [*after.content(ref).unknown, *after.organisation.unknown_members.get(ref, ())]
        known_before = [*before.content(ref).unknown, *before.organisation.unknown_members.get(ref, ())]
        if reasons and reasons != known_before:
            for reason in reasons:
                yield Change(Class.UNKNOWN, None, None, (ref,), reason)


@dataclass(frozen=True)
class _Person:
    identity: str
    before: Access
    after: Access
    refs_before: list[Ref]
    refs_after: list[Ref]

    def changes(self) -> Iterator[Change]:
        old, new = self.before.grants(self.refs_before), self.after.grants(self.refs_after)
        for key in sorted({*old, *new}):
            change = self._change(old.get(key, []), new.get(key, []))
            if change:
                yield change

    def _change(self, old: list[Grant], new: list[Grant]) -> Change | None:
        had, has = best(old), best(new)
        if had and has:
            return None
        if had:
            return self._end(had, new)
        if has:
            unsure = "it was conditional before" if _conditional(old) else None
            return self._row(Class.MAYBE_GAINED if unsure else Class.GAINED, has, unsure)
        return self._uncertain(old, new)

    def _end(self, had: Grant, new: list[Grant]) -> Change:
        if kept := _conditional(new):
            return self._row(Class.MAYBE_LOST, had, f"conditional by {self._name(kept.path)}")
        if reasons := list(self._may_stay()):
            return self._row(Class.MAYBE_LOST, had, "; ".join(reasons))
        if new and new[0].idle:
            return self._row(Class.LOST, had, new[0].idle)
        if had.path[0] in self.refs_after:
            return self._taken_out(had)
        return self._row(Class.LOST, had)

    def _taken_out(self, had: Grant) -> Change:
        """Judge an entitlement that was taken out of a profile that the person stays a member of."""
        changed = self._changed_profile(had)
        profile = self.after.organisation.profiles.get(changed)
        withdraws = profile.withdraws if profile else True
        if withdraws is None:
            return self._row(Class.MAYBE_LOST, had, "the type does not say whether members lose what is taken out")
        if not withdraws:
            name = self.after.organisation.name(changed)
            return self._row(Class.UNGOVERNED, had, f"the type of {name} leaves members what is taken out of it")
        return self._row(Class.LOST, had)

    def _changed_profile(self, had: Grant) -> Ref:
        """Find the profile on the path whose own content broke it."""
        for here, following in zip(had.path, had.path[1:], strict=False):
            profile = self.after.organisation.profiles.get(here)
            if profile is None or following not in profile.inherits:
                return here
        return had.path[-1]

    def _may_stay(self) -> Iterator[str]:
        for ref in self.refs_after:
            yield from self.after.content(ref).unknown
        for ref in self.refs_before:
            if ref not in self.refs_after:
                yield from self.after.organisation.unknown_members.get(ref, ())

    def _uncertain(self, old: list[Grant], new: list[Grant]) -> Change | None:
        maybe_had, maybe_has = _conditional(old), _conditional(new)
        if maybe_has and not maybe_had:
            return self._row(Class.MAYBE_GAINED, maybe_has, "it has a condition")
        if maybe_had and not maybe_has:
            return self._row(Class.MAYBE_LOST, maybe_had, "it had a condition")
        if new and not old:
            return self._row(Class.NO_EFFECT, new[0], new[0].idle)
        return None

    def _row(self, kind: Class, grant: Grant, reason: str | None = None) -> Change:
        return Change(kind, self.identity, grant.entitlement, grant.path, reason)

    def _name(self, path: Iterable[Ref]) -> str:
        return " > ".join(self.after.organisation.name(ref) for ref in path)


def _conditional(grants: list[Grant]) -> Grant | None:
    return next((grant for grant in grants if grant.idle is None and grant.entitlement.conditional), None)
