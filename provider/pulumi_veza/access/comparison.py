"""The differences of the effective access in two organisations, as rows that a person can decide on.

A person who loses a profile and keeps the entitlement by another path has no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    MAYBE_UNGOVERNED = "potentially kept, no longer governed"
    """It is kept in any case; it may be that no profile gives it any more."""
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
    touched = changed_profiles(before, after)
    doubts = _doubts(before, after)
    for identity in sorted({*old, *new}):
        refs_before, refs_after = old.get(identity, []), new.get(identity, [])
        if (
            refs_before != refs_after
            or touched.intersection(refs_before)
            or _certainty_changed(before, after, identity, refs_after)
        ):
            yield from _Person(identity, before, after, refs_before, refs_after, doubts).changes()


def changed_profiles(before: Access, after: Access) -> set[Ref]:
    """Return the profiles whose content or activity differs, which may change the access of their members.

    What they inherit is content: the heirs of a profile that changes are among them.
    """
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
    for ref in sorted(after.organisation.unread.keys() & changed_profiles(before, after)):
        yield AccessChange(Effect.UNKNOWN, None, None, (ref,), (after.organisation.unread[ref],))


@dataclass(frozen=True)
class _Doubts:
    """The profiles whose members nobody has read, by what they give."""

    before: Mapping[str, Sequence[Ref]]
    after: Mapping[str, Sequence[Ref]]


def _doubts(before: Access, after: Access) -> _Doubts:
    existing = [ref for ref in before.organisation.unread if ref in before.organisation.profiles]
    # Of a profile that may exist, nothing is known but what it is to hold.
    others = [ref for ref in before.organisation.unread if ref not in before.organisation.profiles]
    had = {key: list(refs) for key, refs in before.givers(existing).items()}
    for key, refs in after.givers(others).items():
        had.setdefault(key, []).extend(refs)
    return _Doubts(had, after.givers(after.organisation.unread))


def _by_unread(reason: Reason) -> Reason:
    """Return the reason why one person may have it by a profile whose members nobody has read."""
    return Reason(Why.GIVEN_IF_IT_EXISTS if reason.why is Why.MAY_EXIST else Why.GIVEN_TO_MEMBERS, reason.subject)


@dataclass(frozen=True)
class _Person:
    identity: str
    before: Access
    after: Access
    refs_before: list[Ref]
    refs_after: list[Ref]
    doubts: _Doubts

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
            reasons = (*_uncertainties(old), *self._may_have_had(has.entitlement.key))
            return self._row(Effect.MAYBE_GAINED if reasons else Effect.GAINED, has, *reasons)
        return self._uncertain(old, new)

    def _end(self, old: Sequence[Grant], had: Grant, new: list[Grant]) -> AccessChange:
        end = self._certain_end(old, had, new)
        doubts = (*_uncertainties(new), *self._may_stay(had.entitlement.key))
        return _doubted(end, had.path, doubts) if doubts else end

    def _certain_end(self, old: Sequence[Grant], had: Grant, new: list[Grant]) -> AccessChange:
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

    def _may_stay(self, key: str) -> Iterator[Reason]:
        """Yield the reasons why the person may still have an entitlement after the change."""
        for ref in self.refs_after:
            yield from self.after.content(ref).unknown
        for ref in self.refs_before:
            if ref not in self.refs_after:
                yield from self.after.organisation.unknown_members.get(ref, ())
        for ref in self.doubts.after.get(key, ()):
            if ref not in self.refs_after and ref not in self.refs_before:
                yield _by_unread(self.after.organisation.unread[ref])

    def _may_have_had(self, key: str) -> Iterator[Reason]:
        """Yield the reasons why the person may have an entitlement before the change already."""
        for ref in self.refs_before:
            yield from self.before.content(ref).unknown
        for ref in self.refs_after:
            if ref not in self.refs_before:
                yield from self.before.organisation.unknown_members.get(ref, ())
        for ref in self.doubts.before.get(key, ()):
            if ref not in self.refs_before:
                yield _by_unread(self.before.organisation.unread[ref])

    def _uncertain(self, old: list[Grant], new: list[Grant]) -> AccessChange | None:
        had, has = _uncertain(old), _uncertain(new)
        if has and not had:
            return self._row(Effect.MAYBE_GAINED, has, has.uncertainty)
        if had and not has:
            doubtful = [grant for grant in old if grant.inactive_reason is None]
            ends = [self._ending(grant) for grant in doubtful]
            end = next((each for each in ends if each.effect is not Effect.UNGOVERNED), ends[0])
            return _doubted(end, had.path, [grant.uncertainty for grant in doubtful if grant.uncertainty])
        if new and not old:
            return self._row(Effect.NO_EFFECT, new[0], new[0].inactive_reason)
        return None

    def _row(self, effect: Effect, grant: Grant, *reasons: Reason | None) -> AccessChange:
        distinct = tuple(dict.fromkeys(reason for reason in reasons if reason))
        return AccessChange(effect, self.identity, grant.entitlement, grant.path, distinct)


def _doubted(end: AccessChange, path: Path, doubts: Iterable[Reason]) -> AccessChange:
    """Return an end that may not come: who would keep the entitlement, no longer governed, loses it in no case."""
    kept = end.effect is Effect.UNGOVERNED
    reasons = (*end.reasons, *doubts) if kept else (*doubts, *(() if end.effect is Effect.LOST else end.reasons))
    return replace(
        end,
        effect=Effect.MAYBE_UNGOVERNED if kept else Effect.MAYBE_LOST,
        path=end.path if kept else path,
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _uncertain(grants: Iterable[Grant]) -> Grant | None:
    return next((grant for grant in grants if grant.inactive_reason is None and grant.uncertainty), None)


def _uncertainties(grants: Iterable[Grant]) -> Iterator[Reason]:
    """Yield the reasons why a person may have the entitlement by one of the uncertain grants."""
    for grant in grants:
        if grant.inactive_reason is None and grant.uncertainty:
            yield grant.uncertainty
