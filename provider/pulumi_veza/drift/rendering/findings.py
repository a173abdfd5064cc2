"""The rows as the findings that every report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pulumi_veza.drift.document import DriftDocument, DriftRow
from pulumi_veza.drift.rendering.wording import message, steps, subject
from pulumi_veza.policies.drift_rules import DESCRIPTIONS, DriftRule
from pulumi_veza.reports.failing import FailCondition
from pulumi_veza.reports.findings import PROJECT_FILE, ReportedFinding, ReportedRule, ResultKind, Severity

_SEVERITIES: Final = {
    DriftRule.OBJECT_GONE: Severity.ERROR,
    DriftRule.CONTENT_DRIFT: Severity.ERROR,
    DriftRule.MEMBER_REMOVED: Severity.ERROR,
    DriftRule.MEMBER_ADDED: Severity.ERROR,
    DriftRule.UNMANAGED_PROFILE: Severity.NOTE,
    DriftRule.UNMANAGED_TYPE: Severity.NOTE,
}

RULES: Final = {
    rule: ReportedRule(
        rule.value, f"{DESCRIPTIONS[rule]}.", _SEVERITIES.get(rule, Severity.WARNING), DESCRIPTIONS[rule]
    )
    for rule in DriftRule
}
"""Every rule as reports list it, the most pressing first."""


def findings(document: DriftDocument, fail_on: Sequence[FailCondition[Any]] | None = None) -> list[ReportedFinding]:
    """Return a finding for each row, in the order of the document.

    Args:
        document: The document.
        fail_on: The conditions by which the command fails; None where they do not matter.

    """
    found = [_finding(row) for row in document.rows]
    if fail_on is None:
        return found
    judges = [each.about for each in fail_on if each.about]
    return [
        replace(finding, fails=row.counts and any(judge(row) for judge in judges))
        for finding, row in zip(found, document.rows, strict=True)
    ]


def _finding(row: DriftRow) -> ReportedFinding:
    rule = RULES[row.rule]
    is_open = row.rule is DriftRule.UNREADABLE
    todo = "; ".join(f"{name}: {step}" for name, step in steps(row) if name != "ignore")
    return ReportedFinding(
        rule=rule,
        severity=Severity.NONE if is_open else rule.severity,
        message=f"{message(row)}; {todo}" if todo else message(row),
        key=f"{row.urn or ''} {row.target} {row.member.id if row.member else ''}",
        source=row.source or PROJECT_FILE,
        urn=row.urn,
        name=subject(row),
        kind=ResultKind.OPEN if is_open else ResultKind.FAIL,
        status="could not be read" if is_open else row.status,
        suppression=row.exception if row.status == "ignored" else None,
    )
