"""Check a stack without the engine."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_veza.policies.exceptions import NAME, Entry, Ledger
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rule import Level, Rule
from pulumi_veza.policies.settings import PackSettings
from pulumi_veza.policies.stack import Stack


@dataclass(frozen=True)
class Report:
    """What the rules found in a stack."""

    findings: Sequence[Finding]
    """Ordered by rule as the catalogue lists them, then by outcome, resource and message."""
    settings: PackSettings
    resources: int
    """How many resources of this provider were looked at."""

    def level(self, finding: Finding) -> Level:
        """Return how strictly the rule of a finding is enforced."""
        return self.settings.level(finding.rule)

    def stops(self, finding: Finding) -> bool:
        """Return whether the engine stops because of a finding."""
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
        """All counts in one line, those of the exceptions included."""
        stopping, counts = len(self.stopping), Counter(finding.outcome for finding in self.findings)
        return (
            f"{len(self.rules)} rules, {self.resources} resources: {stopping} that stop, "
            f"{counts[Outcome.VIOLATION] - stopping} advisory, {counts[Outcome.UNDECIDED]} {Outcome.UNDECIDED.value}, "
            f"{counts[Outcome.NOTE]} notes; {excepted(self.findings)}"
        )


def excepted(findings: Sequence[Finding]) -> str:
    """Return how many findings exceptions allowed, by rule."""
    by_rule = Counter(finding.rule for finding in findings if finding.outcome is Outcome.EXCEPTED)
    total = sum(by_rule.values())
    if not total:
        return "0 excepted"
    return f"{total} excepted ({', '.join(f'{rule} {count}' for rule, count in sorted(by_rule.items()))})"


ORDER: Final = {outcome: place for place, outcome in enumerate(Outcome)}
"""Findings of one rule are sorted by it."""


def check(
    stack: Stack,
    settings: PackSettings | None = None,
    exceptions: Sequence[Entry] = (),
    *,
    today: datetime.date | None = None,
) -> Report:
    """Run every active rule, apply the exceptions, and report exceptions that have expired or allow nothing."""
    chosen = settings or PackSettings()
    ledger = Ledger(exceptions, today or datetime.date.today())
    found: list[Finding] = []
    for rule in chosen.active:
        findings = ledger.apply(rule.run(stack, chosen.options.get(rule.name)))
        found += sorted(
            dict.fromkeys(findings), key=lambda each: (ORDER[each.outcome], each.urn or "", each.message, each.people)
        )
    if chosen.level(NAME) is not Level.DISABLED:
        found += ledger.audit(rule.name for rule in chosen.active)
    return Report(tuple(found), chosen, sum(1 for _ in stack.resources()))
