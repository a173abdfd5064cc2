"""For a person in a hurry: one sentence, then tables, the losses first."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pulumi_veza.errors import one_line
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering.options import Options
from pulumi_veza.impact.rendering.wording import (
    SECTIONS,
    Line,
    Words,
    called,
    changes,
    counted,
    headline,
    people,
    stacks,
)

_ROWS: Final = 15
"""How many rows of a table are shown unless all are asked for."""

_NAMED: Final = 4
"""How many people of one row are named unless all are asked for."""

_COLORS: Final = {"lost": "red", "potentially lost": "red", "gained": "green", "potentially gained": "green"}


def render(document: Document, options: Options) -> str:
    """Write it as wide as the terminal is; with colours only where they are wanted."""
    console = Console(
        file=io.StringIO(),
        width=options.width,
        force_terminal=options.color,
        color_system="standard" if options.color else None,
        highlight=False,
        emoji=False,
    )
    _Screen(document, console, rows=None if options.full else _ROWS).show()
    assert isinstance(console.file, io.StringIO)  # noqa: S101 - given above
    lines = console.file.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _Screen:
    def __init__(self, document: Document, console: Console, rows: int | None) -> None:
        self.document, self.console, self.rows = document, console, rows
        self.words = Words(document)

    def show(self) -> None:
        document = self.document
        self.console.print(Text(headline(document), style="bold"))
        seen = ", with what the tenant holds now" if document.live else ""
        self.console.print(Text(f"{stacks(document)}{seen}", style="dim"))
        for conflict in document.conflicts:
            self.console.print(Text(f"Conflict: {_clean(conflict.what)}", style="red"))
        for removal in document.removals:
            if removal.level in {"over", "near", "confirmed"}:
                said = f"Removal {removal.level} the guard" if removal.level != "confirmed" else "Removal confirmed"
                where = _clean(self.words.profile(removal.profile))
                removed = f"{removal.removed:,} of {counted(removal.managed, 'member')} of {where}"
                self.console.print(Text(f"{said}: {removed} ({removal.limit})", style="yellow"))
        for effect, title in SECTIONS:
            lines = self.words.lines(effect) if effect != "unknown" else []
            if lines:
                heading = f"{title}: {people(self.words.concerned(effect))}"
                self._people(heading, lines, _COLORS.get(effect, "yellow"))
        self._profiles()
        self._requests()
        self._unknowns()

    def _people(self, title: str, lines: Sequence[Line], color: str) -> None:
        table = self._table(title, "Who", "What", "By", *(["Why"] if any(line.reason for line in lines) else []))
        for line in lines[: self.rows]:
            who = [_clean(called(each.id, each.name)) for each in line.people]
            if self.rows is not None and len(who) > _NAMED:
                who = [*who[:_NAMED], f"and {len(who) - _NAMED:,} more"]
            cells = ["\n".join(who), "\n".join(map(_clean, line.entitlements)), " > ".join(map(_clean, line.path))]
            if len(table.columns) > len(cells):
                cells.append(_clean(line.reason or ""))
            table.add_row(*map(escape, cells), style=color)
        self._print(table, len(lines))

    def _profiles(self) -> None:
        changing = [each for each in self.document.profiles if changes(each)]
        table = self._table("Profiles", "Profile", "Change", "State", "Members", "Entitlements")
        for each in changing[: self.rows]:
            state = each.state_after or each.state_before or ""
            if each.state_before and each.state_after and each.state_before != each.state_after:
                state = f"{each.state_before} > {each.state_after}"
            moved = f" (+{len(each.joining):,} -{len(each.leaving):,})" if each.joining or each.leaving else ""
            added, removed = len(each.entitlements_added), len(each.entitlements_removed)
            held = f"+{added:,} -{removed:,}" if added or removed else ""
            table.add_row(escape(_clean(each.name)), each.action, state, f"{each.members_after:,}{moved}", held)
        self._print(table, len(changing))

    def _requests(self) -> None:
        summary = self.document.summary
        if summary.provisions or summary.deprovisions:
            doubt = f", {summary.requests_in_doubt:,} of them not certain" if summary.requests_in_doubt else ""
            said = f"{summary.provisions:,} to provision and {summary.deprovisions:,} to de-provision"
            self.console.print(f"\nAccess requests that Veza opens: {said}{doubt}.")

    def _unknowns(self) -> None:
        table = self._table("Could not be known", "What", "Why", "People")
        for each in self.document.unknowns[: self.rows]:
            concerned = f"{each.people:,}" if each.people else ""
            table.add_row(escape(_clean(each.what)), escape(_clean(each.reason)), concerned)
        self._print(table, len(self.document.unknowns))

    def _table(self, title: str, *columns: str) -> Table:
        table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, expand=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        return table

    def _print(self, table: Table, total: int) -> None:
        if not total:
            return
        self.console.print()
        self.console.print(table)
        if self.rows is not None and total > self.rows:
            self.console.print(Text(f"... and {total - self.rows:,} more; --full shows them all", style="dim"))


def _clean(text: str) -> str:
    """Take out what would steer the terminal."""
    return one_line(text, longest=500)
