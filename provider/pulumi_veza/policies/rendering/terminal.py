"""The terminal: what stops first, then the rest, then the totals."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.exceptions import to_write
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.grouping import NAMED, Group, grouped
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
    """Render what was found, findings of one kind as one unless everything is to be shown, and always the totals."""
    written = io.StringIO()
    console = Console(file=written, width=options.width, force_terminal=options.color, no_color=not options.color)
    stopping = report.stopping
    _section(console, ("stops", "bold red"), stopping, report, full=options.full)
    for outcome, heading in _OTHERS.items():
        rest = [each for each in report.findings if each.outcome is outcome and not report.stops(each)]
        _section(console, heading, rest, report, full=options.full)
    console.print(Text(report.summary), style="bold" if stopping else "", soft_wrap=True)
    if report.findings:
        console.print(Text(glossary.POINTER), style="dim", soft_wrap=True)
    return "\n".join(line.rstrip() for line in written.getvalue().split("\n"))


def _section(
    console: Console, heading: tuple[str, str], findings: Sequence[Finding], report: Report, *, full: bool
) -> None:
    if not findings:
        return
    title, style = heading
    console.print(Text(f"{title} ({len(findings)})"), style=style)
    for group in [Group(each) for each in findings] if full else grouped(findings):
        first = group.first
        console.print(Padding(Text(f"{first.rule}{_place(first)}"), (0, 0, 0, 2)))
        for line in _lines(group):
            console.print(Padding(Text(line), (0, 0, 0, 4)))
        if report.stops(first) and first.urn and not first.confirmed_by:
            # In one line, however long, as it is there to be copied.
            console.print(Text(f"    to except it: - {to_write(first, report.resources)}"), soft_wrap=True)
    console.print()


def _place(finding: Finding) -> str:
    return f" {finding.source.words}" if finding.source else ""


def _lines(group: Group) -> Iterator[str]:
    yield group.first.text
    if group.others:
        more = f"; --full lists all {len(group.others) + 1:,}" if len(group.others) > NAMED else ""
        yield f"{group.more}{more}"
    if group.first.excepted_by:
        yield visible(f"excepted by {group.first.excepted_by}")
