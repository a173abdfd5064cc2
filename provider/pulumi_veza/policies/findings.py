"""What a rule finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pulumi_veza.plan.records import name_in
from pulumi_veza.reports.findings import Source
from pulumi_veza.reports.words import listed


class Outcome(str, Enum):
    """What a finding means; the value is its name in reports."""

    VIOLATION = "violation"
    UNDECIDED = "undecided until up"
    """A value that is not known yet decides; it is decided when it is known."""
    EXCEPTED = "excepted"
    """A violation that an exception allows until it expires."""
    NOTE = "note"
    """Said and never stopped: a conflict that was there before this change, or that it resolves."""


@dataclass(frozen=True)
class Finding:
    """One thing that a rule has to say of one resource, or of the stack."""

    outcome: Outcome
    message: str
    """Names the resource, the value, the limit and the way out, in one line."""
    urn: str | None = None
    """The resource; None where it is about the stack as a whole."""
    people: tuple[str, ...] = ()
    """The identities whom it concerns, where it concerns people."""
    rule: str = ""
    """The name of the rule; whoever runs the rule fills it in."""
    source: Source | None = None
    """Where the program declares the resource, where that is known."""
    others: tuple[str, ...] = ()
    """URNs of further resources that it is about as well: an exception for one of them covers it."""
    excepted_by: str | None = None
    """Who answers for the exception, and with which ticket."""

    @property
    def resource(self) -> str:
        """The resource's name in the program; empty where it is about the stack."""
        return name_in(self.urn) if self.urn else ""

    @property
    def names(self) -> set[str]:
        """The names and the URNs of every resource that it is about."""
        urns = [each for each in (self.urn, *self.others) if each]
        return {*urns, *map(name_in, urns)}

    @property
    def text(self) -> str:
        """The message, with the people."""
        if not self.people:
            return self.message
        return f"{self.message} ({listed(self.people)})"
