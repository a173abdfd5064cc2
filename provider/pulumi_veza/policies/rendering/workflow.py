"""Workflow commands of GitHub Actions: they put a finding at the line that declares the resource."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rendering.options import Options

SHOWN: Final = 10
"""GitHub shows that many annotations of each level of a step, and drops the rest without a word."""


def render(report: Report, options: Options) -> str:
    """Write one command a line, what stops first; what is excepted is only counted, by the last one."""
    lines = []
    count: Counter[str] = Counter()
    shown = [each for each in report.findings if each.outcome is not Outcome.EXCEPTED]
    for finding in sorted(shown, key=lambda each: not report.stops(each)):
        level = _level(report, finding)
        count[level] += 1
        # One place among the notices is kept for the totals at the end.
        if count[level] <= SHOWN - (level == "notice"):
            lines.append(_command(finding, level, options))
    left_out = len(shown) - len(lines)
    said = report.summary + (f"; {left_out} of them are shown only by --format terminal" if left_out else "")
    lines.append(f"::notice title=Policies::{_data(said)}")
    return "\n".join(lines) + "\n"


def _level(report: Report, finding: Finding) -> str:
    if report.stops(finding):
        return "error"
    return "warning" if finding.outcome is Outcome.VIOLATION else "notice"


def _command(finding: Finding, level: str, options: Options) -> str:
    file, line = options.path(finding.source)
    undecided = f"{finding.outcome.value}: " if finding.outcome is Outcome.UNDECIDED else ""
    title = _property(finding.rule)
    return f"::{level} file={_property(file)},line={line},title={title}::{_data(undecided + finding.text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
