"""One finding about one resource, as every report shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Severity(str, Enum):
    """How severe a finding is; the value is SARIF's level."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NONE = "none"
    """Reported and never judged."""


class ResultKind(str, Enum):
    """Whether a finding is a failure, an open question or a remark; the value is SARIF's kind."""

    FAIL = "fail"
    OPEN = "open"
    INFORMATIONAL = "informational"


@dataclass(frozen=True)
class Source:
    """The line of a program that leads to a resource: that declares it, or calls the component that does."""

    file: str = field(metadata={"description": "Relative to the project's folder where it is inside of it."})
    line: int
    declared_at: Source | None = field(
        default=None,
        metadata={
            "description": "The line inside of a component or a function that declares the resource, where the other "
            "one only calls that; null where it declares the resource itself."
        },
    )

    @property
    def words(self) -> str:
        """The place in one line."""
        inside = f", declared in {self.declared_at.words}" if self.declared_at else ""
        return f"{self.file}:{self.line}{inside}"


PROJECT_FILE: Final = Source("Pulumi.yaml", 1)
"""The source of a finding that no line of the program declares."""


@dataclass(frozen=True)
class ReportedRule:
    """A rule as a report lists it."""

    name: str
    description: str
    severity: Severity
    title: str
    """The heading of its annotations."""
    help: str = ""
    """What it means for somebody who does not know the words, where the description is not enough."""


@dataclass(frozen=True)
class ReportedFinding:
    """A finding with everything that a report needs of it."""

    rule: ReportedRule
    severity: Severity
    message: str
    key: str
    """Identifies the finding within its rule: equal for the same finding of a later run."""
    source: Source | None = None
    urn: str | None = None
    """The resource, where a report is to link it."""
    name: str = ""
    """What the finding is about, in the program's words."""
    kind: ResultKind | None = None
    """None where every finding of the report is a failure."""
    status: str = ""
    """The outcome in words, for formats without a field for it."""
    fails: bool | None = None
    """Whether the command fails for it; None where its severity decides."""
    suppression: str | None = None
    """Who suppressed it and why; None where it counts."""
