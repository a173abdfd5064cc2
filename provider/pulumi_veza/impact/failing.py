"""The conditions of ``--fail-on``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pulumi_veza.errors import UnknownConditionError
from pulumi_veza.impact.document import GAINS, LOSSES, Document
from pulumi_veza.impact.rendering.wording import headline
from pulumi_veza.reports.words import counted, people, people_who


@dataclass(frozen=True)
class FailCondition:
    """A condition of ``--fail-on``."""

    text: str
    """The condition as the user wrote it."""
    met: Callable[[Document], str | None]
    """Returns the reason why a document meets the condition, or None where it does not."""


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
    count = document.summary.conflicts + document.summary.removals_over
    return f"there is {counted(count, 'conflict')}" if count else None


def _unknown(document: Document) -> str | None:
    count = document.summary.unknowns
    return f"{counted(count, 'thing')} could not be known" if count else None


_NAMED: Final = {"losses": _losses, "gains": _gains, "any": _any, "conflicts": _conflicts, "unknown": _unknown}
_MEASURED = re.compile(r"(count|percent)\s*>\s*(\d+(?:\.\d+)?)")


def conditions(texts: Iterable[str]) -> list[FailCondition]:
    """Parse conditions, separated by commas in each text.

    Raises:
        UnknownConditionError: a condition does not exist. The message lists those that do.

    """
    return [_condition(each.strip()) for text in texts for each in text.split(",")]


def _condition(text: str) -> FailCondition:
    if text in _NAMED:
        return FailCondition(text, _NAMED[text])
    measured = _MEASURED.fullmatch(text)
    if measured is None:
        raise UnknownConditionError(
            f"--fail-on {text or 'with nothing'}: there is no such condition; write {', '.join(_NAMED)}, count>N or "
            "percent>P"
        )
    limit = float(measured[2])
    return FailCondition(text, _count(limit) if measured[1] == "count" else _percent(limit))


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


def reasons(document: Document, wanted: Iterable[FailCondition]) -> list[str]:
    """Return a line for every condition that the document meets: the condition and the reason."""
    return [f"{each.text}: {reason}" for each in wanted if (reason := each.met(document))]
