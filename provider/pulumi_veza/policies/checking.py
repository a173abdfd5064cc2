"""Run the rules over a stack without the engine."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_veza.policies.exceptions import NAME, Entry, Ledger
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rule import Level, Rule
from pulumi_veza.policies.settings import PackSettings
from pulumi_veza.policies.stack import Stack
from pulumi_veza.reports.words import counted


@dataclass(frozen=True)
class Report:
    """The findings of a run of the rules over a stack."""

    findings: Sequence[Finding]
    """Ordered by rule as the catalogue lists them, then by outcome, resource and message."""
    settings: PackSettings
    resources: Sequence[str]
    """The URNs of the resources of this provider that the program declares."""

    def level(self, finding: Finding) -> Level:
        """Return the enforcement level of a finding's rule."""
        return self.settings.level(finding.rule)

    def stops(self, finding: Finding) -> bool:
        """Return whether the engine would stop because of a finding."""
        return finding.outcome is Outcome.VIOLATION and self.level(finding).stops

    @property
    def stopping(self) -> list[Finding]:
        """The findings because of which the engine would stop."""
        return [finding for finding in self.findings if self.stops(finding)]

    @property
    def rules(self) -> list[Rule]:
        """The rules that ran."""
        return self.settings.active

    @property
    def summary(self) -> str:
        """All counts in one line, with the findings that exceptions allowed."""
        stopping, counts = len(self.stopping), Counter(finding.outcome for finding in self.findings)
        return (
            f"{counted(len(self.rules), 'rule')}, {counted(len(self.resources), 'resource')}: {stopping} stopping, "
            f"{counts[Outcome.VIOLATION] - stopping} advisory, {counts[Outcome.UNDECIDED]} {Outcome.UNDECIDED.value}, "
            f"{counted(counts[Outcome.NOTE], 'note')}; {excepted(self.findings)}"
        )


def excepted(findings: Sequence[Finding]) -> str:
    """Format the number of findings that exceptions allowed, by rule."""
    by_rule = Counter(finding.rule for finding in findings if finding.outcome is Outcome.EXCEPTED)
    total = sum(by_rule.values())
    if not total:
        return "0 excepted"
    return f"{total} excepted ({', '.join(f'{rule} {count}' for rule, count in sorted(by_rule.items()))})"


ORDER: Final = {outcome: place for place, outcome in enumerate(Outcome)}
"""The order of the findings of one rule."""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings that are told together, each once and in the same order every time.

    The engine passes the resources in the order in which a run comes to them.
    """
    return sorted(
        dict.fromkeys(findings), key=lambda each: (ORDER[each.outcome], each.urn or "", each.message, each.people)
    )


def check(
    stack: Stack,
    settings: PackSettings | None = None,
    exceptions: Sequence[Entry] = (),
    *,
    today: datetime.date | None = None,
) -> Report:
    """Run every active rule, apply the exceptions and return the report.

    Args:
        stack: The stack to check.
        settings: The levels and options of the rules; the catalogue's defaults where it is left out.
        exceptions: The exceptions; those that have expired or allow nothing are findings themselves.
        today: The date by which exceptions expire; the present one where it is left out.

    """
    chosen = settings or PackSettings()
    ledger = Ledger(exceptions, today or datetime.date.today())
    found: list[Finding] = []
    for rule in chosen.active:
        findings = ledger.apply(rule.run(stack, chosen.options.get(rule.name)))
        found += in_order(findings)
    if chosen.level(NAME) is not Level.DISABLED:
        found += ledger.audit((rule.name for rule in chosen.active), [each.urn for each in stack.records])
    return Report(tuple(found), chosen, tuple(each.urn for each in stack.resources()))
