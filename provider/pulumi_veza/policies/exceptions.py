"""Exceptions: what a rule forbids and somebody answers for, until a date.

::

    exceptions:
      - rule: separation-of-duties
        resource: seller
        people: [id-karin.holm]
        owner: ana.ruiz@example.com
        reason: Acting head of sales until the position is filled.
        ticket: GOV-311
        expires: 2027-01-31
"""

from __future__ import annotations

import datetime
import fnmatch
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_veza.errors import UnusableFileError, one_line
from pulumi_veza.policies.findings import Finding, Outcome

FILE: Final = "veza-exceptions.yaml"
"""The file that is read where none is named: in the project's folder."""

VARIABLE: Final = "PULUMI_VEZA_EXCEPTIONS"
"""Names the file in the environment, where it is not ``FILE``."""

NAME: Final = "exceptions"
"""The rule under whose name expired and unused exceptions are found."""

DESCRIPTION: Final = "Exceptions have not expired, and allow something."
"""What that rule checks."""


class Entry(BaseModel):
    """One exception."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Annotated[str, Field(min_length=1, description="The name of the rule.")]
    resource: Annotated[
        str, Field(min_length=1, description="The resource's name in the program or its URN; `*` and `?` are patterns.")
    ]
    people: Annotated[
        tuple[str, ...] | None,
        Field(min_length=1, description="The identities it is for, where the rule is about people; all if left out."),
    ] = None
    owner: Annotated[str, Field(min_length=1, description="Who answers for it.")]
    reason: Annotated[str, Field(min_length=1, description="Why it is right.")]
    ticket: Annotated[str, Field(min_length=1, description="Where it was decided.")]
    expires: Annotated[datetime.date, Field(description="The last day on which it holds, as 2027-01-31.")]

    @property
    def words(self) -> str:
        """Name it in a message."""
        return f"the exception of {self.owner} ({self.ticket}) from {self.rule} for {self.resource!r}"

    def covers(self, finding: Finding) -> bool:
        """Tell whether it is about a finding, its people aside."""
        if finding.rule != self.rule or finding.urn is None:
            return False
        if self.people is not None and not set(self.people) & set(finding.people):
            return False
        return self.resource in finding.names or any(fnmatch.fnmatchcase(name, self.resource) for name in finding.names)


class _ExceptionsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    exceptions: list[Entry]


def place(given: Path | str | None = None) -> Path | None:
    """Say which file to read: the one that is given, or named in the environment, or the usual one if it is there."""
    named = given or os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return Path(FILE) if Path(FILE).exists() else None


def load(path: Path) -> tuple[Entry, ...]:
    """Read a file of exceptions. Raises UnusableFileError, in one line that says what to correct."""
    return tuple(read_model(_ExceptionsFile, path, "a file of exceptions").exceptions)


def read_model(model: type[Any], path: Path, what: str) -> Any:
    """Read a file in YAML (so also JSON) into a model. Raises UnusableFileError."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableFileError(f"{path}: {error.strerror}; name {what}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{path} is not YAML: {one_line(str(error))}") from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise UnusableFileError(f"{path} is not {what}: {first_problem(error)}") from None


def first_problem(error: ValidationError) -> str:
    """Say where the first of pydantic's problems is, and what it is."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(each) for each in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return one_line(f"{place + ': ' if place else ''}{first['msg']}{more}")


@dataclass
class Ledger:
    """Applies exceptions and keeps count of what they allowed."""

    entries: Sequence[Entry] = ()
    today: datetime.date = field(default_factory=datetime.date.today)
    used: Counter[Entry] = field(default_factory=Counter, init=False)
    """By exception, how many findings it allowed, or would have allowed before it expired."""

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """Mark the violations that an exception allows; where it is for some of the people, the rest stays."""
        return [each for finding in findings for each in self._judge(finding)]

    def _judge(self, finding: Finding) -> list[Finding]:
        if finding.outcome is not Outcome.VIOLATION:
            return [finding]
        found = []
        for entry in self.entries:
            if not entry.covers(finding):
                continue
            self.used[entry] += 1
            if entry.expires < self.today:
                continue
            theirs = finding.people if entry.people is None else [who for who in finding.people if who in entry.people]
            said = f"{entry.owner}, {entry.ticket}, until {entry.expires}: {entry.reason}"
            found.append(replace(finding, outcome=Outcome.EXCEPTED, people=tuple(theirs), excepted_by=said))
            left = [who for who in finding.people if who not in theirs]
            if not left:
                return found
            finding = replace(finding, people=tuple(left))
        return [*found, finding]

    def audit(self, ran: Iterable[str]) -> list[Finding]:
        """Give the exceptions that have expired, and those that allow nothing; ``ran`` are the rules that looked."""
        found = []
        looked = set(ran)
        for entry in self.entries:
            if entry.expires < self.today:
                counts = f"{self.used[entry]} findings count again" if self.used[entry] else "nothing needs it"
                said = f"{entry.words} expired on {entry.expires}, and {counts}; take it out, or have it decided anew"
            elif entry.rule in looked and not self.used[entry]:
                said = f"{entry.words} allows nothing any more; take it out"
            else:
                continue
            found.append(Finding(Outcome.VIOLATION, said, rule=NAME))
        return found
