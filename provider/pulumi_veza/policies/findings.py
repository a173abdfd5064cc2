"""The result of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pulumi_veza.plan.records import name_in
from pulumi_veza.reports.findings import Source
from pulumi_veza.reports.words import listed


class Outcome(str, Enum):
    """The outcome of a rule for one resource; the value is its name in reports."""

    VIOLATION = "violation"
    UNDECIDED = "undecided until up"
    """A value that is not known yet decides; it is decided when it is known."""
    EXCEPTED = "excepted"
    """A violation that an exception allows until it expires."""
    NOTE = "note"
    """A remark that never stops: a conflict that existed before this change, or that it resolves."""


@dataclass(frozen=True)
class Finding:
    """What a rule found about one resource, or about the stack."""

    outcome: Outcome
    message: str
    """One line with the resource, the value, the limit and the way out."""
    urn: str | None = None
    """The resource; None where it is about the stack as a whole."""
    people: tuple[str, ...] = ()
    """The identities whom it concerns, where it concerns people."""
    rule: str = ""
    """The name of the rule, filled in by ``Rule.run``."""
    source: Source | None = None
    """Where the program declares the resource, where that is known."""
    others: tuple[str, ...] = ()
    """URNs of further resources: an exception for one of them covers the finding."""
    excepted_by: str | None = None
    """The owner, the ticket and the reason of the exception."""

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
