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
import difflib
import fnmatch
import math
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_veza.errors import UnusableFileError, one_line
from pulumi_veza.plan.records import name_in
from pulumi_veza.policies import drift_rules
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.reports.files import read_text
from pulumi_veza.reports.words import LISTED, counted

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

    def names(self, known: Iterable[str]) -> bool:
        """Return whether the exception is for one of these names or URNs of resources."""
        return any(name == self.resource or fnmatch.fnmatchcase(name, self.resource) for name in known)

    def covers(self, finding: Finding) -> bool:
        """Return whether the exception applies to a finding, or to some of its people."""
        if finding.rule != self.rule or finding.urn is None:
            return False
        if self.people is not None and not set(self.people) & set(finding.people):
            return False
        return self.names(finding.names)


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


def to_write(finding: Finding, urns: Collection[str] = ()) -> str:
    """Return an exception for a finding as it is written in the file, with what is left to the owner as dots.

    Args:
        finding: The finding, about a resource.
        urns: The URNs of the stack's resources: where two of one kind have one name, as in two components, the
            exception needs the URN.

    """
    urn = str(finding.urn)
    alike = [each for each in urns if each != urn and _kind_and_name(each) == _kind_and_name(urn)]
    said: dict[str, Any] = {"rule": finding.rule, "resource": urn if alike else finding.resource}
    if 0 < len(finding.people) <= LISTED:
        said["people"] = list(finding.people)
    written = yaml.safe_dump(said, default_flow_style=True, sort_keys=False, width=math.inf, allow_unicode=True).strip()
    return f"{written[:-1]}, owner: ..., reason: ..., ticket: ..., expires: YYYY-MM-DD}}"


_UNNEEDED: Final = "nothing needs it"


def _kind_and_name(urn: str) -> tuple[str, str]:
    """Return the last part of a URN's types, which is the resource's own, and its name."""
    types, _, name = urn.rpartition("::")
    return types.rpartition("::")[2].rpartition("$")[2], name


def _useless(entry: Entry, urns: Collection[str] | None) -> str:
    """Return why an exception allows nothing, and what to do."""
    if urns is None:
        return (
            "covers no finding: take it out if what it was for is resolved, else write its resource as the findings of "
            "the rule do"
        )
    names = sorted({name_in(each) for each in urns})
    if entry.names([*urns, *names]):
        return "is no longer needed, as nothing there breaks the rule; take it out"
    # A message calls the resource AccessProfile 'sales'.
    quoted = re.fullmatch(r"\w+ ['\"](.+)['\"]", entry.resource)
    near = difflib.get_close_matches(quoted[1] if quoted else entry.resource, names, n=3)
    guess = f"did you mean {' or '.join(map(repr, near))}?" if near else "write its name in the program, or take it out"
    return f"allows nothing, as the program declares no resource of that name; {guess}"


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
        if finding.outcome is not Outcome.VIOLATION or not finding.exceptable:
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

    def audit(self, ran: Iterable[str], urns: Collection[str] | None = None) -> list[Finding]:
        """Return a finding for each exception that has expired, or that allows nothing although its rule ran.

        The file is shared with `pulumi-veza diff`: of exceptions from its rules only a run of it knows.

        Args:
            ran: The names of the rules that ran.
            urns: The URNs of the resources that an exception may be for; None where it may be for something else.

        """
        found = []
        rules = set(ran)
        for entry in self.entries:
            if entry.rule in drift_rules.NAMES and entry.rule not in rules:
                continue
            if entry.expires < self.today:
                used = self.used[entry]
                counts = f"{counted(used, 'finding')} {'counts' if used == 1 else 'count'} again" if used else _UNNEEDED
                message = f"{entry} expired on {entry.expires}, and {counts}; take it out, or have it decided anew"
            elif entry.rule in rules and not self.used[entry]:
                message = f"{entry} {_useless(entry, urns)}"
            elif entry.rule not in rules and (near := difflib.get_close_matches(entry.rule, rules, n=1, cutoff=0.8)):
                message = f"{entry} allows nothing, as there is no such rule; did you mean {near[0]!r}?"
            else:
                continue
            found.append(Finding(Outcome.VIOLATION, message, rule=NAME))
        return found
