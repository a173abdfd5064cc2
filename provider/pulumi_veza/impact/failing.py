"""The conditions of ``--fail-on``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pulumi_veza.impact.document import GAINS, LOSSES, Document
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.reports.failing import FailConditions
from pulumi_veza.reports.words import counted, people, people_who


def _losses(document: Document) -> str | None:
    concerned = document.concerned(*LOSSES)
    return f"{people_who(concerned, 'lose')} access, or may" if concerned else None


def _gains(document: Document) -> str | None:
    concerned = document.concerned(*GAINS)
    return f"{people_who(concerned, 'gain')} access, or may" if concerned else None


def _any(document: Document) -> str | None:
    if document.empty:
        return None
    if document.summary.people:
        return f"access changes for {people(document.summary.people)}, or may"
    return headline(document)[:-1]


def _conflicts(document: Document) -> str | None:
    count, over = document.summary.conflicts, document.summary.removals_over
    said = [f"there {'is' if count == 1 else 'are'} {counted(count, 'conflict')}"] if count else []
    said += (
        [f"{'the guard of a set refuses' if over == 1 else f'the guards of {over:,} sets refuse'} removals"]
        if over
        else []
    )
    return " and ".join(said) or None


def _refused(document: Document) -> str | None:
    return f"`pulumi up` will refuse {counted(document.refused, 'thing')}" if document.refused else None


def _unknown(document: Document) -> str | None:
    count = document.summary.unknowns
    return f"{counted(count, 'thing')} could not be known" if count else None


def _count(limit: float) -> Callable[[Document], str | None]:
    def met(document: Document) -> str | None:
        concerned = document.summary.people
        return f"access changes for {people(concerned)}, more than {limit:g}" if concerned > limit else None

    return met


def _percent(limit: float) -> Callable[[Document], str | None]:
    def met(document: Document) -> str | None:
        known, concerned = document.summary.people_known, document.summary.people
        share = concerned * 100 / known if known else 0.0
        reason = f"access changes for {share:.1f} % of {people(known)}, more than {limit:g} %"
        return reason if share > limit else None

    return met


CONDITIONS: Final[FailConditions[Document]] = FailConditions(
    {
        "losses": _losses,
        "gains": _gains,
        "any": _any,
        "refused": _refused,
        "conflicts": _conflicts,
        "unknown": _unknown,
    },
    {"count>N": _count, "percent>P": _percent},
)
"""Every condition by what a user writes."""
