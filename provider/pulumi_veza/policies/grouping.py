"""Findings of one kind as one: the first in full, the others counted and by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_veza.policies.findings import Finding
from pulumi_veza.reports.words import listed

NAMED: Final = 3
"""How many of the others are named."""


@dataclass(frozen=True)
class Group:
    """Findings of one rule that say the same of several resources."""

    first: Finding
    others: Sequence[Finding] = ()

    @property
    def more(self) -> str:
        """The others in words; empty where there are none."""
        if not self.others:
            return ""
        named = {each.about for each in self.others} - {self.first.about}
        return f"and {len(self.others):,} more alike" + (f": {listed(named, most=NAMED)}" if named else "")

    @property
    def text(self) -> str:
        """The message of the first, and the others in words with how to list all of them."""
        if not self.others:
            return self.first.text
        how = "; `pulumi-veza policy check --full` lists all" if len(self.others) > NAMED else ""
        return f"{self.first.text} ({self.more}{how})"


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Return the findings as groups, in the order of the first of each."""
    found: defaultdict[Hashable, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[_kind(finding)].append(finding)
    return [Group(first, others) for first, *others in found.values()]


def _kind(finding: Finding) -> Hashable:
    """Return what findings of one kind have in common, and no other finding has."""
    return finding.rule, finding.outcome, finding.alike or finding, finding.people, finding.excepted_by
