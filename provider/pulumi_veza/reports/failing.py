"""The conditions of ``--fail-on``: named ones, and ones with a limit such as ``count>10``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from pulumi_veza.errors import UnknownConditionError

D = TypeVar("D")

Judge = Callable[[D], "str | None"]
"""Returns the reason why a document meets a condition, or None where it does not."""

_WHOLE: Final = 100
_MEASURED: Final = re.compile(r"(\w+)\s*([<>])\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class FailCondition(Generic[D]):
    """A condition of ``--fail-on``."""

    text: str
    """The condition as the user wrote it."""
    met: Judge[D]
    about: Callable[[Any], bool] | None = None
    """Returns whether a part of the document, such as a row, is among what it judges; None where it judges totals."""


@dataclass(frozen=True)
class FailConditions(Generic[D]):
    """The conditions of one command."""

    named: Mapping[str, Judge[D]]
    measured: Mapping[str, Callable[[float], Judge[D]]]
    """By a condition with a letter for its limit, such as ``count>N``, what returns the condition of a limit; the limit
    ``P`` is in percent."""
    about: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    """By a named condition, which parts of the document it judges."""

    def parse(self, texts: Iterable[str]) -> list[FailCondition[D]]:
        """Parse conditions, separated by commas in each text.

        Raises:
            UnknownConditionError: a condition does not exist. The message lists those that do.

        """
        return [self._condition(each.strip()) for text in texts for each in text.split(",")]

    def _condition(self, text: str) -> FailCondition[D]:
        if text in self.named:
            return FailCondition(text, self.named[text], self.about.get(text))
        found = _MEASURED.fullmatch(text)
        limited = {each[:-1]: of for each, of in self.measured.items()}.get(f"{found[1]}{found[2]}") if found else None
        if found is None or limited is None:
            *names, last = [*self.named, *self.measured]
            raise UnknownConditionError(
                f"--fail-on {text or 'with nothing'}: there is no such condition; write {', '.join(names)} or {last}"
            )
        limit = float(found[3])
        if limit > _WHOLE and f"{found[1]}{found[2]}P" in self.measured:
            raise UnknownConditionError(f"--fail-on {text}: the limit is in percent; write one up to {_WHOLE}")
        return FailCondition(text, limited(limit))


def reasons(document: D, wanted: Iterable[FailCondition[D]]) -> dict[str, str]:
    """Return by every condition that the document meets the reason."""
    return {each.text: reason for each in wanted if (reason := each.met(document))}
