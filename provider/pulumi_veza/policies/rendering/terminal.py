"""The terminal: what stops first, then the rest, then the totals."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.reports import glossary
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import visible

_OTHERS: Final = {
    Outcome.VIOLATION: ("advisory", "yellow"),
    Outcome.UNDECIDED: (Outcome.UNDECIDED.value, "cyan"),
    Outcome.NOTE: ("notes", "dim"),
    Outcome.EXCEPTED: ("excepted", "dim"),
}


def render(report: Report, options: RenderOptions) -> str:
    """Render the groups that have findings, and always the totals."""
    written = io.StringIO()
    console = Console(file=written, width=options.width, force_terminal=options.color, no_color=not options.color)
    stopping = report.stopping
    _group(console, "stops", "bold red", stopping)
    for outcome, (title, style) in _OTHERS.items():
        rest = [each for each in report.findings if each.outcome is outcome and not report.stops(each)]
        _group(console, title, style, rest)
    console.print(Text(report.summary), style="bold" if stopping else "", soft_wrap=True)
    if report.findings:
        console.print(Text(glossary.POINTER), style="dim", soft_wrap=True)
    return "\n".join(line.rstrip() for line in written.getvalue().split("\n"))


def _group(console: Console, title: str, style: str, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    console.print(Text(f"{title} ({len(findings)})"), style=style)
    for finding in findings:
        for line, indent in _lines(finding):
            console.print(Padding(Text(line), (0, 0, 0, indent)))
    console.print()


def _lines(finding: Finding) -> Iterable[tuple[str, int]]:
    place = f" {finding.source.words}" if finding.source else ""
    yield f"{finding.rule}{place}", 2
    yield finding.text, 4
    if finding.excepted_by:
        yield visible(f"excepted by {finding.excepted_by}"), 4
