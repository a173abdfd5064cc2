"""Workflow commands of GitHub Actions, which annotate lines of a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from pulumi_veza.reports.findings import ReportedFinding, ResultKind, Severity
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import visible

SHOWN: Final = 10
"""GitHub shows that many annotations of each level per step, and drops the rest without a word."""

_NOTICE: Final = "notice"
_COMMANDS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: _NOTICE,
    Severity.NONE: _NOTICE,
}


def render(
    title: str, findings: Iterable[ReportedFinding], options: RenderOptions, summary: Callable[[int], str]
) -> str:
    """Render one command per line, errors first.

    Suppressed findings are left out.

    Args:
        title: The heading of the last line, which holds the summary.
        findings: What to annotate.
        options: The project's folder inside the repository is taken from them.
        summary: Returns the summary for the number of findings that exceed what GitHub shows.

    """
    shown = [finding for finding in findings if not finding.suppression]
    lines = []
    count: Counter[str] = Counter()
    for finding in sorted(shown, key=lambda each: each.severity is not Severity.ERROR):
        command = _COMMANDS[finding.severity]
        count[command] += 1
        # One of the notices is the summary.
        if count[command] <= SHOWN - (command == _NOTICE):
            lines.append(_annotation(command, finding, options))
    lines.append(f"::{_NOTICE} title={_property(title)}::{_data(summary(len(shown) - len(lines)))}")
    return "\n".join(lines) + "\n"


def _annotation(command: str, finding: ReportedFinding, options: RenderOptions) -> str:
    where = ""
    if finding.source:
        at = options.locate(finding.source)
        where = f"file={_property(at.file)},line={at.line},"
    status = f"{finding.status}: " if finding.kind is ResultKind.OPEN else ""
    return f"::{command} {where}title={_property(finding.rule.title)}::{_data(status + finding.message)}"


def _data(text: str) -> str:
    # A text without line breaks needs no other escape.
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
