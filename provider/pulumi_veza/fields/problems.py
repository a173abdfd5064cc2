"""The problems of one resource: the reasons to refuse it, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Failure:
    """One reason why a resource is refused; ``property`` is empty where the engine must not print its value."""

    property: str
    reason: str


MOST_FAILURES: Final = 20
"""The most failures of one list that are shown."""


class Problems:
    """Collects the failures and the doubts of one resource."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self.warnings: list[str] = []
        """What is doubtful about single fields, in words; no reason to refuse the resource."""

    def warn(self, path: str, reason: str) -> None:
        """Add what is doubtful about the field at ``path``."""
        self.warnings.append(f"{path} {reason}")

    def shorten(self, before: int, path: str) -> None:
        """Keep the first failures of a list at ``path`` after ``before`` earlier ones, and count the others."""
        kept = before + MOST_FAILURES
        if (others := len(self.failures) - kept) > 0:
            self.failures[kept:] = [Failure("", f"{path}: {others} more elements have such problems")]

    def add(self, path: str, reason: str, *, show_value: bool = False) -> None:
        """Add the refusal of the field at ``path``.

        With ``show_value`` the engine is told the property and prints its value, which must be neither a secret nor ten
        thousand identities. The reason names the field in any case. The value of a nested field is never printed, as
        the engine does not find it.
        """
        named = path if show_value and path.isidentifier() else ""
        self.failures.append(Failure(named, f"{path}: {reason}"))
