"""Renderings of what the doctor found, and of what was learned of a tenant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from rich.table import Table
from rich.text import Text

from pulumi_veza.doctor.document import DoctorDocument
from pulumi_veza.doctor.examination import Status
from pulumi_veza.doctor.learning.behaviour import Behaviour, Sure
from pulumi_veza.reports.console import printed
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import counted

_COLORS: Final[Mapping[Status, str]] = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.PROBLEM: "red",
    Status.SKIPPED: "dim",
}
_SURE: Final[Mapping[Sure, str]] = {Sure.CERTAIN: "", Sure.LIKELY: "yellow", Sure.UNKNOWN: "dim"}


def terminal(document: DoctorDocument, options: RenderOptions) -> str:
    """Render a table of the checks, each with its remedy below, and the verdict as the last line."""
    shown = printed(options)
    table = Table(box=None, pad_edge=False, expand=False)
    for column in ("", "Check", "Finding"):
        table.add_column(column, overflow="fold", no_wrap=column != "Finding")
    for each in document.checks:
        finding = Text(each.finding, style="dim" if each.status is Status.SKIPPED else "")
        if each.remedy:
            finding.append(f"\n→ {each.remedy}", style="dim" if each.status is Status.SKIPPED else "bold")
        table.add_row(Text(each.status.value, style=_COLORS[each.status]), Text(each.id), finding)
    shown.console.print(table)
    shown.console.print()
    worst = next((each for each in (Status.PROBLEM, Status.WARNING) if document.counts.get(each.value)), Status.OK)
    shown.console.print(Text(verdict(document), style=f"bold {_COLORS[worst]}"), soft_wrap=True)
    return shown.text


def verdict(document: DoctorDocument) -> str:
    """Return in one line how all of it is, and where to begin."""
    counts = {each: document.counts.get(each.value, 0) for each in Status}
    skipped = f", {counts[Status.SKIPPED]:,} skipped" if counts[Status.SKIPPED] else ""
    if not counts[Status.PROBLEM] and not counts[Status.WARNING]:
        return f"All is well: {counted(counts[Status.OK], 'check')}{skipped}."
    found = [(counts[Status.PROBLEM], "problem"), (counts[Status.WARNING], "warning")]
    said = " and ".join(counted(count, word) for count, word in found if count)
    worst = Status.PROBLEM if counts[Status.PROBLEM] else Status.WARNING
    first = next(each.id for each in document.checks if each.status is worst)
    return f"{said}: begin with {first}. {counts[Status.OK]:,} checks are well{skipped}."


def learned(behaviour: Behaviour, file: str, options: RenderOptions) -> str:
    """Render what was learned of a tenant, what is known first."""
    shown = printed(options)
    table = Table(box=None, pad_edge=False, expand=False)
    for column in ("Switch", "Value", "Sure", "Why"):
        table.add_column(column, overflow="fold", no_wrap=column in {"Switch", "Sure"})
    everything = {**behaviour.switches, **behaviour.observations}
    for name, each in everything.items():
        if each.sure is not Sure.UNKNOWN:
            value = ", ".join(each.value) or "none" if isinstance(each.value, list) else str(each.value).lower()
            table.add_row(*(Text(text, style=_SURE[each.sure]) for text in (name, value, each.sure.value, each.why)))
    shown.console.print(table)
    wanted = {name: each for name, each in behaviour.switches.items() if each.sure is Sure.UNKNOWN and each.needs}
    if wanted:
        shown.console.print()
    for needs, names in _by_need(wanted).items():
        shown.console.print(Text(f"{needs} would tell: {', '.join(names)}.", style="dim"))
    shown.console.print()
    counts = Counter(each.sure for each in behaviour.switches.values())
    said = ", ".join(f"{counts[each]:,} {each.value}" for each in Sure if counts[each])
    last = f"{counted(len(behaviour.switches), 'switch', 'switches')}: {said}. Written to {file}."
    shown.console.print(Text(last, style="bold"), soft_wrap=True)
    return shown.text


def _by_need(unknown: Mapping[str, object]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, each in unknown.items():
        found.setdefault(str(getattr(each, "needs", "")), []).append(name)
    return {f"{needs[:1].upper()}{needs[1:]}": names for needs, names in found.items()}
