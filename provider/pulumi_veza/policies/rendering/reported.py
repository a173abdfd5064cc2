"""What the rules found, as the findings that every report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pulumi_veza.policies import exceptions
from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.grouping import grouped
from pulumi_veza.policies.rule import Level
from pulumi_veza.reports.findings import PROJECT_FILE, ReportedFinding, ReportedRule, ResultKind, Severity

_SEVERITIES: Final[Mapping[Level, Severity]] = {
    **{level: Severity.ERROR for level in Level if level.stops},
    Level.ADVISORY: Severity.WARNING,
    Level.DISABLED: Severity.NONE,
}
_KINDS: Final[Mapping[Outcome, ResultKind]] = {
    Outcome.VIOLATION: ResultKind.FAIL,
    Outcome.EXCEPTED: ResultKind.FAIL,
    Outcome.UNDECIDED: ResultKind.OPEN,
    Outcome.NOTE: ResultKind.INFORMATIONAL,
}


def rules(report: Report) -> list[ReportedRule]:
    """Return the rules that ran, in the order of the catalogue, and the one about exceptions."""
    described = [(rule.name, rule.description) for rule in report.rules]
    described.append((exceptions.NAME, exceptions.DESCRIPTION))
    return [
        ReportedRule(name, description, _SEVERITIES[report.settings.level(name)], title=name)
        for name, description in described
    ]


def findings(report: Report) -> list[ReportedFinding]:
    """Return everything that the rules found, in the order of the report."""
    by_name = {rule.name: rule for rule in rules(report)}
    return [_reported(finding, by_name[finding.rule], report) for finding in report.findings]


def groups(report: Report) -> list[ReportedFinding]:
    """Return what the rules found with the findings of one kind as one, at the place of the first."""
    by_name = {rule.name: rule for rule in rules(report)}
    found = ((group, _reported(group.first, by_name[group.first.rule], report)) for group in grouped(report.findings))
    return [replace(first, message=group.text) for group, first in found]


def _reported(finding: Finding, rule: ReportedRule, report: Report) -> ReportedFinding:
    kind = _KINDS[finding.outcome]
    return ReportedFinding(
        rule=rule,
        severity=rule.severity if kind is ResultKind.FAIL else Severity.NONE,
        message=finding.text,
        key=f"{finding.urn or ''} {finding.message}",
        source=finding.source or PROJECT_FILE,
        urn=finding.urn,
        name=finding.resource or "the stack",
        kind=kind,
        status=report.level(finding).value if finding.outcome is Outcome.VIOLATION else finding.outcome.value,
        suppression=finding.excepted_by,
    )
