"""The conditions of ``--fail-on``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pulumi_veza.drift.document import DriftDocument, DriftRow
from pulumi_veza.drift.rendering.wording import counts, share
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.reports.failing import FailConditions
from pulumi_veza.reports.words import counted

DEFAULT: Final = "any"
"""The condition where none is given."""

_ABOUT: Final[Mapping[str, Callable[[DriftRow], bool]]] = {
    "any": lambda row: row.rule is not DriftRule.UNREADABLE,
    "drift": lambda row: row.refresh and row.rule is not DriftRule.UNREADABLE,
    "members": lambda row: (
        row.rule in {DriftRule.MEMBER_ADDED, DriftRule.MEMBER_REMOVED, DriftRule.MEMBER_OF_UNKNOWN_SOURCE}
    ),
    "unmanaged": lambda row: (
        row.rule in {DriftRule.UNMANAGED_PROFILE, DriftRule.UNMANAGED_TYPE, DriftRule.UNMANAGED_CONTENT}
    ),
    "not-applied": lambda row: row.rule is DriftRule.NOT_APPLIED,
    "expired": lambda row: row.status == "expired" and row.rule is not DriftRule.UNREADABLE,
    "unreadable": lambda row: row.rule is DriftRule.UNREADABLE,
    "never": lambda _: False,
}
"""By a named condition, which of the rows that count it judges."""

_IN_WORDS: Final[Mapping[str, Callable[[int], str]]] = {
    "drift": lambda count: f"`pulumi refresh` shows {counted(count, 'difference')}",
    "expired": lambda count: f"the exceptions of {counted(count, 'finding')} have expired",
}
"""By a condition, how its reason counts the rows; the others count them by rule."""


def _named(name: str) -> Callable[[DriftDocument], str | None]:
    def met(document: DriftDocument) -> str | None:
        found = [row for row in document.counting() if _ABOUT[name](row)]
        if not found:
            return None
        return _IN_WORDS[name](len(found)) if name in _IN_WORDS else "; ".join(counts(found))

    return met


def _count(limit: float) -> Callable[[DriftDocument], str | None]:
    def met(document: DriftDocument) -> str | None:
        found = document.summary.open
        return f"there are {counted(found, 'finding')}, more than {limit:g}" if found > limit else None

    return met


def _coverage(limit: float) -> Callable[[DriftDocument], str | None]:
    def met(document: DriftDocument) -> str | None:
        managed = sum(each.profiles_managed for each in document.coverage)
        everything = sum(each.profiles for each in document.coverage)
        known = everything and managed * 100 / everything < limit
        return f"{share(managed, everything)} of the profiles are managed, less than {limit:g} %" if known else None

    return met


CONDITIONS: Final[FailConditions[DriftDocument]] = FailConditions(
    {name: _named(name) for name in _ABOUT}, {"count>N": _count, "coverage<P": _coverage}, _ABOUT
)
"""Every condition by what a user writes."""
