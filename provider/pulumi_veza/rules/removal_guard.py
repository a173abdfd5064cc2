"""The removal guard: how many members one change may remove, and how a larger change is confirmed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

_SEPARATORS: Final = re.compile(r"[+,;\s]")

OFF_PERCENT: Final = 100
"""The ``max_removal_percent`` that switches the limit off."""


class Limit(str, Enum):
    """A limit of the guard; the value is the option's name."""

    EMPTYING = "allow_emptying"
    COUNT = "max_removals"
    PERCENT = "max_removal_percent"


class GuardLevel(str, Enum):
    """The guard's judgement of a removal; the value is its name in reports."""

    WITHIN = "within"
    """Less than half of every limit."""
    NEAR = "near"
    """Half of a limit or more."""
    OVER = "over"
    """Above a limit and not confirmed: refused."""
    CONFIRMED = "confirmed"
    """Above a limit, and confirmed by ``allow_removals``, in the program, the configuration or the environment."""
    DESTROYED = "destroyed"
    """The set itself is destroyed, which the guard does not stop."""


@dataclass(frozen=True)
class GuardOptions:
    """The guard of one membership set."""

    max_removal_percent: int
    max_removals: int | None
    allow_emptying: bool
    confirmations: frozenset[str] = frozenset()
    """Values that confirm removals, from the program, the configuration or the environment."""

    @classmethod
    def of(cls, values: Mapping[str, Any], confirmations: Iterable[str] = ()) -> GuardOptions:
        """Return the options in the inputs of a set, which must contain every option that has a default."""
        return cls(
            values[Limit.PERCENT.value],
            values.get(Limit.COUNT.value),
            values[Limit.EMPTYING.value],
            confirmations_in(values.get("allow_removals")) | frozenset(confirmations),
        )


def confirmations_in(text: object) -> frozenset[str]:
    """Return the values that confirm removals in a text: several are separated by ``+``, commas or blanks."""
    return frozenset(_SEPARATORS.sub(" ", str(text or "")).split())


OFF: Final[Mapping[Limit, int | bool]] = {Limit.EMPTYING: True, Limit.PERCENT: OFF_PERCENT}
"""By limit, the value of its option that switches it off."""


@dataclass(frozen=True)
class Removal:
    """Members that one change removes from a profile."""

    profile_id: str
    removed: frozenset[str]
    total: int
    """The number of members of which ``max_removal_percent`` is a part."""
    empties: bool
    """Whether the profile would have no members left."""

    @property
    def confirmation(self) -> str:
        """The value of ``allow_removals`` that confirms exactly this removal and no other."""
        return confirmation(self.profile_id, self.removed)

    def excess(self, options: GuardOptions) -> Limit | None:
        """Return the first limit that the removal exceeds."""
        count, percent = len(self.removed), options.max_removal_percent
        if count and self.empties and not options.allow_emptying:
            return Limit.EMPTYING
        if options.max_removals is not None and count > options.max_removals:
            return Limit.COUNT
        # A percentage of a small set would forbid every change: one person may always leave, unless 0 is written.
        allowed = max(100, percent * self.total) if percent else 0
        return Limit.PERCENT if count * 100 > allowed else None

    def approached(self, options: GuardOptions) -> Limit | None:
        """Return the first limit of which the removal reaches half or more."""
        count, percent = len(self.removed), options.max_removal_percent
        if options.max_removals is not None and count * 2 >= options.max_removals:
            return Limit.COUNT
        # One person may always leave, unless 0 is written.
        limited = percent < OFF_PERCENT and (count > 1 or not percent)
        return Limit.PERCENT if limited and count * 200 >= percent * self.total else None


def is_emptied(members: Collection[str], removals: Iterable[Removal], listed: Collection[str]) -> bool:
    """Return whether several removals together leave a version without members, unless a set lists somebody.

    The sets may spell one person's id in different cases.
    """
    left = _one_case(members).difference(*(_one_case(each.removed) for each in removals))
    return bool(members) and not listed and not left


def confirmation(profile_id: str, removed: Iterable[str]) -> str:
    """Return the value of ``allow_removals`` that confirms exactly these removals."""
    ids = sorted(removed)
    digest = hashlib.sha256("\0".join([profile_id, *ids]).encode()).hexdigest()
    return f"{len(ids)}-{digest[:10]}"


@dataclass(frozen=True)
class GuardVerdict:
    """The guard's verdict on a removal."""

    removal: Removal
    options: GuardOptions
    level: GuardLevel
    limit: Limit | None = None
    """The limit that is exceeded or approached."""
    confirmation: str = field(default="")
    """The value of ``allow_removals`` that confirms the removal."""
    is_confirmed: bool = False
    """Whether such a value was written, needed or not."""
    together: Removal | None = None
    """The removals of all sets that the program no longer declares, where it is these that exceed the limit."""

    @property
    def refused(self) -> bool:
        """Whether the change must not be made."""
        return self.level is GuardLevel.OVER


def judge(removal: Removal, options: GuardOptions, planned: Removal | None = None) -> GuardVerdict:
    """Judge a removal by the guard of its set.

    Args:
        removal: The removal that is about to happen.
        options: The guard of the set.
        planned: The removal that the preview judged, where the live members may lead to a different one. What it let
            pass is let pass again, and a part of it, unless nobody would be left. The value that confirms ``removal``
            confirms the planned one as well, or the next preview would refuse it; a confirmation of the planned removal
            also confirms a part of it, such as the rest after an interruption.

    """
    exact = removal.confirmation
    confirmed = exact in options.confirmations
    if planned and planned.removed > removal.removed:
        confirmed = confirmed or planned.confirmation in options.confirmations
    limit = removal.excess(options)
    if limit is not Limit.EMPTYING and planned and planned.removed >= removal.removed and not planned.excess(options):
        limit = None
    if limit is None:
        near = removal.approached(options) if removal.removed else None
        level = GuardLevel.NEAR if near else GuardLevel.WITHIN
        return GuardVerdict(removal, options, level, near, exact, confirmed)
    if planned and planned.excess(options) and planned.removed != removal.removed:
        exact = f"{planned.confirmation}+{exact}"
    level = GuardLevel.CONFIRMED if confirmed else GuardLevel.OVER
    return GuardVerdict(removal, options, level, limit, exact, confirmed)


def judge_together(
    verdict: GuardVerdict, others: Iterable[str], everybody: Iterable[str], *, empties: bool = False
) -> GuardVerdict:
    """Judge the removal of a set that the program no longer declares with the removals of the others of its version.

    Each of many sets of one person may pass its guard, and nobody would be left. The value that confirms the removal by
    itself confirms it beside the others as well, so that the engine may delete the sets in any order.

    Args:
        verdict: The verdict on the removal by itself.
        others: The members whom the other sets remove and for whom no value was written.
        everybody: The members before any of these sets is deleted.
        empties: Whether nobody is left when all of them are deleted.

    """
    removed, others = _one_case(verdict.removal.removed), _one_case(others)
    if verdict.refused or verdict.is_confirmed or not removed or others <= removed:
        return verdict
    together = Removal(verdict.removal.profile_id, removed | others, len(_one_case(everybody)), empties)
    limit = together.excess(verdict.options)
    return replace(verdict, level=GuardLevel.OVER, limit=limit, together=together) if limit else verdict


def _one_case(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(who.casefold() for who in ids)
