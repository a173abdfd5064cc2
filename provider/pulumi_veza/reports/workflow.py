"""Workflow commands of GitHub Actions, which annotate lines of a pull request."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final

from pulumi_veza.reports import glossary
from pulumi_veza.reports.findings import ReportedFinding, ResultKind, Severity
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import counted, listed, visible

SHOWN: Final = 10
"""GitHub shows that many annotations of each level per step, and drops the rest without a word."""

_QUOTED: Final = 5
"""How many of the findings at one line an annotation quotes; it names the resources of all."""

_LINE_BREAK: Final = "%0A"

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

    Suppressed findings are left out. Findings of one rule at one line, such as those of a loop, are one annotation.

    Args:
        title: The heading of the last line, which holds the summary.
        findings: What to annotate.
        options: The project's folder inside the repository is taken from them.
        summary: Returns the summary for the number of findings that are not shown.

    """
    shown = [finding for finding in findings if not finding.suppression]
    lines = []
    left_out = 0
    count: Counter[str] = Counter()
    for alike in _at_one_line(sorted(shown, key=lambda each: each.severity is not Severity.ERROR)):
        command = _COMMANDS[alike[0].severity]
        count[command] += 1
        # One of the notices is the summary.
        if count[command] <= SHOWN - (command == _NOTICE):
            lines.append(_annotation(command, alike, options))
            left_out += max(len(alike) - _QUOTED, 0)
        else:
            left_out += len(alike)
    said = summary(left_out)
    lines.append(f"::{_NOTICE} title={_property(title)}::{_data(glossary.pointed(said) if shown else said)}")
    return "\n".join(lines) + "\n"


def _at_one_line(findings: Sequence[ReportedFinding]) -> Iterable[list[ReportedFinding]]:
    """Return the findings, put together where rule, severity and line are the same."""
    groups: defaultdict[Hashable, list[ReportedFinding]] = defaultdict(list)
    for place, finding in enumerate(findings):
        at = (finding.source.file, finding.source.line) if finding.source else place
        groups[finding.rule, finding.severity, finding.kind, at].append(finding)
    return groups.values()


def _annotation(command: str, findings: Sequence[ReportedFinding], options: RenderOptions) -> str:
    first = findings[0]
    where = ""
    if first.source:
        at = options.locate(first.source)
        where = f"file={_property(at.file)},line={at.line},"
    names = sorted({each.name for each in findings if each.name})
    about = names[0] if len(names) == 1 else counted(len(names), "resource") if names else ""
    title = f"{first.rule.title}: {about}" if about else first.rule.title
    text = [_data(_message(each, options)) for each in findings[:_QUOTED]]
    if len(findings) > 1:
        text.insert(0, _data(f"{len(findings)} findings at this line: {listed(names)}" if names else ""))
    if len(findings) > _QUOTED:
        text.append(f"... and {len(findings) - _QUOTED:,} more")
    return f"::{command} {where}title={_property(title)}::{_LINE_BREAK.join(filter(None, text))}"


def _message(finding: ReportedFinding, options: RenderOptions) -> str:
    status = f"{finding.status}: " if finding.kind is ResultKind.OPEN else ""
    return f"{status}{finding.message}{options.inside(finding.source)}"


def _data(text: str) -> str:
    # A text without line breaks needs no other escape.
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
