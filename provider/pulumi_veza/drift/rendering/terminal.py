"""The terminal: one line when all is well, else the rows with their next steps and the coverage."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pulumi_veza.drift.document import DriftDocument, DriftRow
from pulumi_veza.drift.rendering.wording import (
    compared,
    coverage_cells,
    covered,
    headline,
    message,
    place,
    steps,
)
from pulumi_veza.errors import one_line
from pulumi_veza.policies.drift_rules import DESCRIPTIONS, DriftRule
from pulumi_veza.reports import glossary
from pulumi_veza.reports.console import printed
from pulumi_veza.reports.options import RenderOptions

_ROWS: Final = 15
"""How many rows of one rule are shown unless ``full`` is set."""

_COLORS: Final = {
    DriftRule.OBJECT_GONE: "red",
    DriftRule.CONTENT_DRIFT: "red",
    DriftRule.MEMBER_REMOVED: "red",
    DriftRule.MEMBER_ADDED: "red",
    DriftRule.UNREADABLE: "magenta",
}


def render(document: DriftDocument, options: RenderOptions) -> str:
    """Render as wide as the terminal is; ``full`` shows every row, the ignored ones and the coverage as well."""
    shown = printed(options)
    console = shown.console
    counting = document.counting()
    console.print(Text(_clean(headline(document)), style="bold"), soft_wrap=True)
    if counting or options.full:
        console.print(Text(_clean(place(document)), style="dim"), soft_wrap=True)
        for rule in DriftRule:
            _print_rule(console, rule, [row for row in counting if row.rule is rule], options)
        if options.full:
            _print_ignored(console, [row for row in document.rows if not row.counts])
        _print_coverage(console, document)
        console.print(Text(glossary.POINTER, style="dim"), soft_wrap=True)
    for note in document.notes:
        console.print(Text(_clean(note), style="yellow"), soft_wrap=True)
    return shown.text


def _print_rule(console: Console, rule: DriftRule, rows: list[DriftRow], options: RenderOptions) -> None:
    if not rows:
        return
    console.print()
    console.print(Text(f"{rule.value}: {DESCRIPTIONS[rule]} ({len(rows):,})", style="bold"), soft_wrap=True)
    shown = rows if options.full else rows[:_ROWS]
    for row in shown:
        at = f" {row.source.words}" if row.source else ""
        console.print(Padding(Text(_clean(message(row) + at), style=_COLORS.get(rule, "yellow")), (0, 0, 0, 2)))
        for name, step in steps(row):
            # In one line, to be copied.
            console.print(Text(f"    {name}: {_clean(step)}", style="dim"), soft_wrap=True)
    if len(rows) > len(shown):
        console.print(Text(f"  ... and {len(rows) - len(shown):,} more; --full shows them all", style="dim"))


def _print_ignored(console: Console, rows: list[DriftRow]) -> None:
    if rows:
        console.print()
        console.print(Text(f"Ignored by exceptions ({len(rows):,})", style="bold"))
    for row in rows:
        console.print(Padding(Text(_clean(f"{row.rule.value}: {message(row)}"), style="dim"), (0, 0, 0, 2)))


def _print_coverage(console: Console, document: DriftDocument) -> None:
    rows = covered(document)
    if not rows:
        return
    table = Table(title="Managed", title_justify="left", title_style="bold", box=None, pad_edge=False, expand=False)
    for column in ("Type", "Profiles", "Memberships"):
        table.add_column(column, overflow="fold")
    for each in rows:
        table.add_row(*(escape(_clean(cell)) for cell in coverage_cells(each)))
    console.print()
    console.print(table)
    console.print(Text(f"{compared(document)}.", style="dim"))


def _clean(text: str) -> str:
    """Remove what would control the terminal."""
    return one_line(text, longest=1500)
