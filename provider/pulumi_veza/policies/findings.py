"""The result of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pulumi_veza.plan.records import name_in
from pulumi_veza.reports.findings import Source
from pulumi_veza.reports.words import listed, visible


class Outcome(str, Enum):
    """The outcome of a rule for one resource; the value is its name in reports."""

    VIOLATION = "violation"
    UNDECIDED = "undecided until up"
    """The outcome depends on a value that is unknown before `pulumi up`."""
    EXCEPTED = "excepted"
    """A violation that an exception allows until it expires."""
    NOTE = "note"
    """A remark that never stops: a conflict that existed before this change, or that it resolves."""


@dataclass(frozen=True)
class Finding:
    """A result of a rule about one resource, or about the stack as a whole."""

    outcome: Outcome
    message: str
    """One line with the resource, the value, the limit and the remedy."""
    urn: str | None = None
    """The URN of the resource; None for the stack as a whole."""
    people: tuple[str, ...] = ()
    """The identities that the finding concerns, where it concerns people."""
    rule: str = ""
    """The name of the rule, filled in by ``Rule.run``."""
    source: Source | None = None
    """The place in the program that declares the resource; None where it is unknown."""
    others: tuple[str, ...] = ()
    """URNs of further resources: an exception for one of them covers the finding."""
    excepted_by: str | None = None
    """The owner, the ticket and the reason of the exception."""
    about: str = ""
    """The resource in words, as the message begins; empty where it begins otherwise."""
    confirmed_by: str = ""
    """The value of ``VEZA_ALLOW_REMOVALS`` that lets it pass, so that no exception is offered; empty if there is none.
    """
    exceptable: bool = True
    """Whether an exception can allow it, as it cannot where `pulumi up` refuses the change in any case."""
    alike: str = ""
    """What findings of one kind have in common; empty where there are no others of its kind."""

    @property
    def resource(self) -> str:
        """The resource's name in the program; empty for the stack as a whole."""
        return name_in(self.urn) if self.urn else ""

    @property
    def names(self) -> set[str]:
        """The names and URNs of the resource and of ``others``, by which an exception may cover the finding."""
        urns = [each for each in (self.urn, *self.others) if each]
        return {*urns, *map(name_in, urns)}

    @property
    def text(self) -> str:
        """The message, with the people."""
        return visible(f"{self.message} ({listed(self.people)})" if self.people else self.message)
