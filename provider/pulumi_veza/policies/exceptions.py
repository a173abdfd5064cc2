"""Exceptions, each of which allows violations of a rule until a date, in a YAML file.

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
from pulumi_veza.policies import drift_rules
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.reports.files import read_text
from pulumi_veza.reports.words import counted

FILE: Final = "veza-exceptions.yaml"
"""The default file, in the project's folder."""

VARIABLE: Final = "PULUMI_VEZA_EXCEPTIONS"
"""The environment variable with the path of another file."""

NAME: Final = "exceptions"
"""The name of the rule that reports expired and unused exceptions."""

DESCRIPTION: Final = "Exceptions have not expired, and allow something."
"""The description of that rule."""


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

    def __str__(self) -> str:
        return f"the exception of {self.owner} ({self.ticket}) from {self.rule} for {self.resource!r}"

    def covers(self, finding: Finding) -> bool:
        """Return whether the exception applies to a finding, or to some of its people."""
        if finding.rule != self.rule or finding.urn is None:
            return False
        if self.people is not None and not set(self.people) & set(finding.people):
            return False
        return self.resource in finding.names or any(fnmatch.fnmatchcase(name, self.resource) for name in finding.names)


class _ExceptionsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    exceptions: list[Entry]


def find_file(path: Path | str | None = None) -> Path | None:
    """Return the path of the file: the argument, or that of the environment, or the default file if it exists."""
    if chosen := path or os.environ.get(VARIABLE):
        return Path(chosen)
    return Path(FILE) if Path(FILE).exists() else None


def load(path: Path) -> tuple[Entry, ...]:
    """Read a file of exceptions.

    Raises:
        UnusableFileError: it cannot be used. The message is one line and names the correction.

    """
    return tuple(read_model(_ExceptionsFile, path, "a file of exceptions").exceptions)


def read_model(model: type[Any], path: Path, what: str) -> Any:
    """Read a YAML (or JSON) file into a model.

    Raises:
        UnusableFileError: it cannot be read, or does not fit the model.

    """
    try:
        data = yaml.safe_load(read_text(path))
    except OSError as error:
        raise UnusableFileError(f"{path}: {error.strerror}; name {what}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{path} is not YAML: {one_line(str(error))}") from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise UnusableFileError(f"{path} is not {what}: {first_problem(error)}") from None


def first_problem(error: ValidationError) -> str:
    """Format the first of pydantic's problems, with its location and the number of the others."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = ".".join(str(each) for each in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return one_line(f"{location + ': ' if location else ''}{first['msg']}{more}")


@dataclass
class Ledger:
    """Applies exceptions and counts what they allowed."""

    entries: Sequence[Entry] = ()
    today: datetime.date = field(default_factory=datetime.date.today)
    used: Counter[Entry] = field(default_factory=Counter, init=False)
    """By exception, the number of findings that it allowed, or would have allowed before it expired."""

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings with allowed violations as excepted; one that is allowed for some people is split."""
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
            reason = f"{entry.owner}, {entry.ticket}, until {entry.expires}: {entry.reason}"
            found.append(replace(finding, outcome=Outcome.EXCEPTED, people=tuple(theirs), excepted_by=reason))
            left = [who for who in finding.people if who not in theirs]
            if not left:
                return found
            finding = replace(finding, people=tuple(left))
        return [*found, finding]

    def audit(self, ran: Iterable[str]) -> list[Finding]:
        """Return a finding for each exception that has expired, or that allows nothing although its rule ran.

        The file is shared with `pulumi-veza diff`: of exceptions from its rules only a run of it knows.
        """
        found = []
        rules = set(ran)
        for entry in self.entries:
            if entry.rule in drift_rules.NAMES and entry.rule not in rules:
                continue
            if entry.expires < self.today:
                used = self.used[entry]
                again = f"{counted(used, 'finding')} {'counts' if used == 1 else 'count'} again"
                counts = again if used else "nothing needs it"
                message = f"{entry} expired on {entry.expires}, and {counts}; take it out, or have it decided anew"
            elif entry.rule in rules and not self.used[entry]:
                message = f"{entry} allows nothing any more; take it out"
            else:
                continue
            found.append(Finding(Outcome.VIOLATION, message, rule=NAME))
        return found
