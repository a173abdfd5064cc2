"""What differs between two organisations, as rows that a person can decide on.

Somebody who loses a profile and keeps the entitlement by another path has no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from pulumi_veza.access.effective import Access, Grant, Path, best
from pulumi_veza.access.organisation import HeldEntitlement, Ref


class Effect(str, Enum):
    """What a row says; the value is its name in reports."""

    LOST = "lost"
    GAINED = "gained"
    MAYBE_LOST = "potentially lost"
    MAYBE_GAINED = "potentially gained"
    UNGOVERNED = "kept, no longer governed"
    NO_EFFECT = "no effect yet"
    UNKNOWN = "unknown"


ORDER: Final = {kind: place for place, kind in enumerate(Effect)}
"""Losses come first: nobody asks for those."""


@dataclass(frozen=True)
class AccessChange:
    """What happens to one person's one entitlement; of an unknown, to a profile's members."""

    kind: Effect
    identity_id: str | None
    """None where it is not known who is concerned."""
    entitlement: HeldEntitlement | None
    """None where it is not known what."""
    path: Path
    """The path that ends or begins."""
    reason: str | None = None
    """Why it is not certain, or why it has no effect."""


def compare(before: Access, after: Access) -> list[AccessChange]:
    """Give every change of effective access, ordered by class, person, and entitlement."""
    rows = [*_people(before, after), *_unknowns(before, after)]
    return sorted(
        rows,
        key=lambda row: (
            ORDER[row.kind],
            row.identity_id or "",
            row.entitlement.key if row.entitlement else "",
            row.path,
            row.reason or "",
        ),
    )


def _people(before: Access, after: Access) -> Iterator[AccessChange]:
    old, new = before.memberships(), after.memberships()
    touched = _touched(before, after)
    for identity in sorted({*old, *new}):
        refs_before, refs_after = old.get(identity, []), new.get(identity, [])
        if (
            refs_before != refs_after
            or touched.intersection(refs_before)
            or _doubted(before, after, identity, refs_after)
        ):
            yield from _Person(identity, before, after, refs_before, refs_after).changes()


def _touched(before: Access, after: Access) -> set[Ref]:
    """Name the profiles whose members may notice: the content or the state differs."""
    refs = {*before.organisation.profiles, *after.organisation.profiles}
    return {ref for ref in refs if before.content(ref) != after.content(ref) or _idle(before, ref) != _idle(after, ref)}


def _doubted(before: Access, after: Access, identity: str, refs: Iterable[Ref]) -> bool:
    """Tell whether it became doubtful, or certain, that somebody is a member."""
    old, new = before.organisation.members, after.organisation.members
    return any(old[ref][identity].doubt != new[ref][identity].doubt for ref in refs)


def _idle(access: Access, ref: Ref) -> str | None:
    profile = access.organisation.profiles.get(ref)
    return profile.idle if profile else "gone"


def _unknowns(before: Access, after: Access) -> Iterator[AccessChange]:
    """Say of each profile that changes what cannot be known of it."""
    for ref in sorted({*after.organisation.profiles, *after.organisation.unknown_members}):
        known = {*before.content(ref).unknown, *before.organisation.unknown_members.get(ref, ())}
        reasons = [*after.content(ref).unknown, *after.organisation.unknown_members.get(ref, ())]
        for reason in dict.fromkeys(reasons):
            if reason not in known:
                yield AccessChange(Effect.UNKNOWN, None, None, (ref,), reason)
        if before.organisation.members.get(ref):
            for reason in before.content(ref).unknown:
                if reason not in reasons:
                    said = f"what members lose is not known: {reason}"
                    yield AccessChange(Effect.UNKNOWN, None, None, (ref,), said)


@dataclass(frozen=True)
class _Person:
    identity: str
    before: Access
    after: Access
    refs_before: list[Ref]
    refs_after: list[Ref]

    def changes(self) -> Iterator[AccessChange]:
        old = self.before.grants(self.refs_before, self.identity)
        new = self.after.grants(self.refs_after, self.identity)
        for key in sorted({*old, *new}):
            change = self._change(old.get(key, []), new.get(key, []))
            if change:
                yield change
        yield from self._of_unknown_content()

    def _of_unknown_content(self) -> Iterator[AccessChange]:
        """Say of which profile somebody begins or ceases to have what it gives, where that is not known."""
        begins = [ref for ref in self.refs_after if not (ref in self.refs_before and self._gave(self.before, ref))]
        ends = [ref for ref in self.refs_before if not (ref in self.refs_after and self._gave(self.after, ref))]
        for doing, moved, access in (("begins", begins, self.after), ("ends", ends, self.before)):
            for ref in moved:
                reasons = access.content(ref).unknown
                if reasons and self._gave(access, ref):
                    said = f"access by {access.organisation.name(ref)} {doing}, and not all of it is known: "
                    yield AccessChange(Effect.UNKNOWN, self.identity, None, (ref,), said + "; ".join(reasons))

    @staticmethod
    def _gave(access: Access, ref: Ref) -> bool:
        profile = access.organisation.profiles.get(ref)
        return profile is None or profile.idle is None

    def _change(self, old: list[Grant], new: list[Grant]) -> AccessChange | None:
        had, has = best(old), best(new)
        if had and has:
            return None
        if had:
            return self._end([grant for grant in old if grant.certain], had, new)
        if has:
            reasons = [*_doubts(old), *self._may_have_had()]
            return self._row(Effect.MAYBE_GAINED if reasons else Effect.GAINED, has, _said(reasons))
        return self._uncertain(old, new)

    def _end(self, old: Sequence[Grant], had: Grant, new: list[Grant]) -> AccessChange:
        if reasons := [*_doubts(new), *self._may_stay()]:
            return self._row(Effect.MAYBE_LOST, had, _said(reasons))
        # By whichever path somebody keeps it: that it is lost must be true of all of them.
        ends = [self._ending(grant) for grant in sorted(old, key=lambda grant: (len(grant.path), grant.path))]
        for kind in (Effect.UNGOVERNED, Effect.MAYBE_LOST):
            for end in ends:
                if end.kind is kind:
                    return end
        return ends[0] if ends[0].reason or not new else self._row(Effect.LOST, had, new[0].idle)

    def _ending(self, had: Grant) -> AccessChange:
        """Judge the end of one path."""
        if had.path[0] not in self.refs_after:
            return self._row(Effect.LOST, had)
        profile = self.after.organisation.profiles.get(had.path[0])
        if profile and profile.idle:
            return self._row(Effect.LOST, had, profile.idle)
        return self._taken_out(had)

    def _taken_out(self, had: Grant) -> AccessChange:
        """Judge an entitlement that was taken out of a profile that the person stays a member of."""
        changed = self._changed_profile(had)
        profile = self.after.organisation.profiles.get(changed)
        withdraws = profile.withdraws if profile else None
        name = self.after.organisation.name(changed)
        if withdraws is None:
            said = f"the type of {name} is not known to take away from members what is taken out of it"
            return self._row(Effect.MAYBE_LOST, had, said)
        if not withdraws:
            return self._row(Effect.UNGOVERNED, had, f"the type of {name} leaves members what is taken out of it")
        return self._row(Effect.LOST, had)

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

    def _may_have_had(self) -> Iterator[str]:
        for ref in self.refs_before:
            yield from self.before.content(ref).unknown
        for ref in self.refs_after:
            if ref not in self.refs_before:
                yield from self.before.organisation.unknown_members.get(ref, ())

    def _uncertain(self, old: list[Grant], new: list[Grant]) -> AccessChange | None:
        had, has = _doubtful(old), _doubtful(new)
        if has and not had:
            return self._row(Effect.MAYBE_GAINED, has, has.doubt)
        if had and not has:
            return self._row(Effect.MAYBE_LOST, had, had.doubt)
        if new and not old:
            return self._row(Effect.NO_EFFECT, new[0], new[0].idle)
        return None

    def _row(self, kind: Effect, grant: Grant, reason: str | None = None) -> AccessChange:
        return AccessChange(kind, self.identity, grant.entitlement, grant.path, reason)


def _doubtful(grants: Iterable[Grant]) -> Grant | None:
    return next((grant for grant in grants if grant.idle is None and grant.doubt), None)


def _doubts(grants: Iterable[Grant]) -> Iterator[str]:
    """Say why somebody may have it all the same."""
    return (grant.doubt for grant in grants if grant.idle is None and grant.doubt)


def _said(reasons: Iterable[str]) -> str | None:
    return "; ".join(dict.fromkeys(reasons)) or None
