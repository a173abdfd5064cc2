"""A check: what it looks at, what it found, and how all of them are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pulumi_veza.errors import VezaError, one_line

if TYPE_CHECKING:
    from pulumi_veza.doctor.surroundings import Surroundings

_LONGEST = 600


class Status(str, Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It works, and may not for long, or not everywhere."""
    PROBLEM = "problem"
    """Something does not work."""
    SKIPPED = "skipped"
    """There was nothing to look at, or no way to."""


@dataclass(frozen=True)
class Diagnosis:
    """What a check found, in one line, and what to do about it, in another."""

    status: Status
    finding: str
    remedy: str = ""


@dataclass(frozen=True)
class HealthCheck:
    """A check of the catalogue.

    Its ``id`` is stable for ever: jobs and bug reports rely on it.
    """

    id: str
    looks_at: str
    examine: Callable[[Surroundings], Diagnosis]
    """Must change nothing. An error of this package that it raises is a problem."""
    online: bool = False
    """Whether it sends anything, so that it is skipped offline."""


@dataclass(frozen=True)
class Examined:
    """A check with what it found."""

    check: HealthCheck
    diagnosis: Diagnosis


def ok(finding: str, remedy: str = "") -> Diagnosis:
    """Return that nothing is wrong; ``remedy`` is a hint."""
    return Diagnosis(Status.OK, finding, remedy)


def warning(finding: str, remedy: str) -> Diagnosis:
    """Return that something may go wrong."""
    return Diagnosis(Status.WARNING, finding, remedy)


def problem(finding: str, remedy: str) -> Diagnosis:
    """Return that something is wrong."""
    return Diagnosis(Status.PROBLEM, finding, remedy)


def skipped(finding: str, remedy: str = "") -> Diagnosis:
    """Return why there was nothing to look at."""
    return Diagnosis(Status.SKIPPED, finding, remedy)


def examine(
    checks: Iterable[HealthCheck], surroundings: Surroundings, progress: Callable[[HealthCheck], None]
) -> Iterator[Examined]:
    """Run checks one after another; ``progress`` is called before each."""
    for check in checks:
        progress(check)
        diagnosis = _diagnosis(check, surroundings)
        texts = (
            one_line(surroundings.redacted(text), longest=_LONGEST) for text in (diagnosis.finding, diagnosis.remedy)
        )
        yield Examined(check, Diagnosis(diagnosis.status, *texts))


def _diagnosis(check: HealthCheck, surroundings: Surroundings) -> Diagnosis:
    if check.online and surroundings.offline:
        return skipped("not looked at: --offline")
    if check.online and (reason := surroundings.unreachable):
        return skipped(f"not tried: {reason}")
    try:
        return check.examine(surroundings)
    except VezaError as error:
        return problem(str(error), "correct what it names, then run the doctor again")
    except OSError as error:
        return problem(f"it could not be looked at: {error.strerror or error}", "run the doctor where it can be read")
