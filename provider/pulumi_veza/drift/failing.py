"""The conditions of ``--fail-on``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pulumi_veza.drift.document import DriftDocument
from pulumi_veza.drift.rendering.wording import counts, share
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.reports.failing import FailConditions
from pulumi_veza.reports.words import counted

DEFAULT: Final = "any"
"""The condition where none is given."""

_UNMANAGED: Final = (DriftRule.UNMANAGED_PROFILE, DriftRule.UNMANAGED_TYPE, DriftRule.UNMANAGED_CONTENT)
_MEMBERS: Final = (DriftRule.MEMBER_ADDED, DriftRule.MEMBER_REMOVED, DriftRule.MEMBER_OF_UNKNOWN_SOURCE)


def _any(document: DriftDocument) -> str | None:
    found = [row for row in document.counting() if row.rule is not DriftRule.UNREADABLE]
    return "; ".join(counts(found)) if found else None


def _never(_: DriftDocument) -> None:
    return None


def _drift(document: DriftDocument) -> str | None:
    count = document.summary.refresh
    return f"`pulumi refresh` shows {counted(count, 'difference')}" if count else None


def _of_rules(*rules: DriftRule) -> Callable[[DriftDocument], str | None]:
    def met(document: DriftDocument) -> str | None:
        found = document.counting(*rules)
        return ", ".join(counts(found)) if found else None

    return met


def _expired(document: DriftDocument) -> str | None:
    count = document.summary.expired
    return f"the exceptions of {counted(count, 'finding')} have expired" if count else None


def _unreadable(document: DriftDocument) -> str | None:
    count = document.summary.unreadable
    return f"{counted(count, 'thing')} could not be read" if count else None


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
    {
        "any": _any,
        "drift": _drift,
        "members": _of_rules(*_MEMBERS),
        "unmanaged": _of_rules(*_UNMANAGED),
        "not-applied": _of_rules(DriftRule.NOT_APPLIED),
        "expired": _expired,
        "unreadable": _unreadable,
        "never": _never,
    },
    {"count>N": _count, "coverage<P": _coverage},
)
"""Every condition by what a user writes."""
