"""The differences of the effective access in two organisations, as rows that a person can decide on.

A person who loses a profile and keeps the entitlement by another path has no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from pulumi_veza.access.effective import Access, Grant, Path, best
from pulumi_veza.access.organisation import HeldEntitlement, Ref
from pulumi_veza.rules.reasons import Reason, Why


class Effect(str, Enum):
    """The effect on an entitlement of a person; the value is its name in reports."""

    LOST = "lost"
    GAINED = "gained"
    MAYBE_LOST = "potentially lost"
    MAYBE_GAINED = "potentially gained"
    UNGOVERNED = "kept, no longer governed"
    NO_EFFECT = "no effect yet"
    UNKNOWN = "unknown"


ORDER: Final = {effect: place for place, effect in enumerate(Effect)}
"""The order of rows. Losses come first, as they need attention most."""


@dataclass(frozen=True)
class AccessChange:
    """The effect on one entitlement of one person; where these are unknown, on the members of a profile."""

    effect: Effect
    identity_id: str | None
    """None where the people are unknown."""
    entitlement: HeldEntitlement | None
    """None where the entitlement is unknown."""
    path: Path
    """The path that ends or begins."""
    reasons: tuple[Reason, ...] = ()
    """The reasons why the effect is uncertain, or why there is none yet."""


def compare(before: Access, after: Access) -> list[AccessChange]:
    """Return every change of effective access, ordered by effect, person, and entitlement."""
    rows = [*_people(before, after), *_unknowns(before, after)]
    return sorted(
        rows,
        key=lambda row: (
            ORDER[row.effect],
            row.identity_id or "",
            row.entitlement.key if row.entitlement else "",
            row.path,
            row.reasons,
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
            or _certainty_changed(before, after, identity, refs_after)
        ):
            yield from _Person(identity, before, after, refs_before, refs_after).changes()


def _touched(before: Access, after: Access) -> set[Ref]:
    """Return the profiles whose content or activity differs, which may change the access of their members."""
    refs = {*before.organisation.profiles, *after.organisation.profiles}
    return {
        ref
        for ref in refs
        if before.content(ref) != after.content(ref) or _inactive_reason(before, ref) != _inactive_reason(after, ref)
    }


def _certainty_changed(before: Access, after: Access, identity: str, refs: Iterable[Ref]) -> bool:
    """Return whether a person's membership of one of the profiles became uncertain or certain."""
    old, new = before.organisation.members, after.organisation.members
    return any(old[ref][identity].uncertainty != new[ref][identity].uncertainty for ref in refs)


def _inactive_reason(access: Access, ref: Ref) -> Reason | None:
    profile = access.organisation.profiles.get(ref)
    return profile.inactive_reason if profile else Reason(Why.PROFILE_UNKNOWN, ref)


def _unknowns(before: Access, after: Access) -> Iterator[AccessChange]:
    """Yield a row for every new reason why content or members of a profile are unknown."""
    for ref in sorted({*after.organisation.profiles, *after.organisation.unknown_members}):
        known = {*before.content(ref).unknown, *before.organisation.unknown_members.get(ref, ())}
        reasons = [*after.content(ref).unknown, *after.organisation.unknown_members.get(ref, ())]
        for reason in dict.fromkeys(reasons):
            if reason not in known:
                yield AccessChange(Effect.UNKNOWN, None, None, (ref,), (reason,))
        if before.organisation.members.get(ref):
            for reason in before.content(ref).unknown:
                if reason not in reasons:
                    lost = Reason(Why.LOSS_UNKNOWN, because=(reason,))
                    yield AccessChange(Effect.UNKNOWN, None, None, (ref,), (lost,))


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
        """Yield a row for every profile with unknown content by which access begins or ends."""
        begins = [ref for ref in self.refs_after if not (ref in self.refs_before and self._gave(self.before, ref))]
        ends = [ref for ref in self.refs_before if not (ref in self.refs_after and self._gave(self.after, ref))]
        for why, moved, access in ((Why.ACCESS_BEGINS, begins, self.after), (Why.ACCESS_ENDS, ends, self.before)):
            for ref in moved:
                unknown = access.content(ref).unknown
                if unknown and self._gave(access, ref):
                    reason = Reason(why, access.organisation.name(ref), because=unknown)
                    yield AccessChange(Effect.UNKNOWN, self.identity, None, (ref,), (reason,))

    @staticmethod
    def _gave(access: Access, ref: Ref) -> bool:
        profile = access.organisation.profiles.get(ref)
        return profile is None or profile.inactive_reason is None

    def _change(self, old: list[Grant], new: list[Grant]) -> AccessChange | None:
        had, has = best(old), best(new)
        if had and has:
            return None
        if had:
            return self._end([grant for grant in old if grant.certain], had, new)
        if has:
            reasons = (*_uncertainties(old), *self._may_have_had())
            return self._row(Effect.MAYBE_GAINED if reasons else Effect.GAINED, has, *reasons)
        return self._uncertain(old, new)

    def _end(self, old: Sequence[Grant], had: Grant, new: list[Grant]) -> AccessChange:
        if reasons := (*_uncertainties(new), *self._may_stay()):
            return self._row(Effect.MAYBE_LOST, had, *reasons)
        # The entitlement is lost only if it is lost by every path; any other end takes precedence.
        ends = [self._ending(grant) for grant in sorted(old, key=lambda grant: (len(grant.path), grant.path))]
        for effect in (Effect.UNGOVERNED, Effect.MAYBE_LOST):
            for end in ends:
                if end.effect is effect:
                    return end
        return ends[0] if ends[0].reasons or not new else self._row(Effect.LOST, had, new[0].inactive_reason)

    def _ending(self, had: Grant) -> AccessChange:
        """Return the effect of the end of one path."""
        if had.path[0] not in self.refs_after:
            return self._row(Effect.LOST, had)
        profile = self.after.organisation.profiles.get(had.path[0])
        if profile and profile.inactive_reason:
            return self._row(Effect.LOST, had, profile.inactive_reason)
        return self._dropped(had)

    def _dropped(self, had: Grant) -> AccessChange:
        """Return the effect of an entitlement being dropped from a profile whose member the person stays."""
        changed = self._changed_profile(had)
        profile = self.after.organisation.profiles.get(changed)
        removed = profile.removes_dropped_entitlements if profile else None
        name = self.after.organisation.name(changed)
        if removed is None:
            return self._row(Effect.MAYBE_LOST, had, Reason(Why.DROP_UNKNOWN, name))
        if not removed:
            return self._row(Effect.UNGOVERNED, had, Reason(Why.DROP_KEPT, name))
        return self._row(Effect.LOST, had)

    def _changed_profile(self, had: Grant) -> Ref:
        """Return the first profile on the path whose own content no longer leads on."""
        for here, following in zip(had.path, had.path[1:], strict=False):
            profile = self.after.organisation.profiles.get(here)
            if profile is None or following not in profile.inherits:
                return here
        return had.path[-1]

    def _may_stay(self) -> Iterator[Reason]:
        for ref in self.refs_after:
            yield from self.after.content(ref).unknown
        for ref in self.refs_before:
            if ref not in self.refs_after:
                yield from self.after.organisation.unknown_members.get(ref, ())

    def _may_have_had(self) -> Iterator[Reason]:
        for ref in self.refs_before:
            yield from self.before.content(ref).unknown
        for ref in self.refs_after:
            if ref not in self.refs_before:
                yield from self.before.organisation.unknown_members.get(ref, ())

    def _uncertain(self, old: list[Grant], new: list[Grant]) -> AccessChange | None:
        had, has = _uncertain(old), _uncertain(new)
        if has and not had:
            return self._row(Effect.MAYBE_GAINED, has, has.uncertainty)
        if had and not has:
            return self._row(Effect.MAYBE_LOST, had, had.uncertainty)
        if new and not old:
            return self._row(Effect.NO_EFFECT, new[0], new[0].inactive_reason)
        return None

    def _row(self, effect: Effect, grant: Grant, *reasons: Reason | None) -> AccessChange:
        distinct = tuple(dict.fromkeys(reason for reason in reasons if reason))
        return AccessChange(effect, self.identity, grant.entitlement, grant.path, distinct)


def _uncertain(grants: Iterable[Grant]) -> Grant | None:
    return next((grant for grant in grants if grant.inactive_reason is None and grant.uncertainty), None)


def _uncertainties(grants: Iterable[Grant]) -> Iterator[Reason]:
    """Yield the reasons why a person may have the entitlement by one of the uncertain grants."""
    for grant in grants:
        if grant.inactive_reason is None and grant.uncertainty:
            yield grant.uncertainty
