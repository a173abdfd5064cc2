"""Tables and colours as text, as ``rich`` prints them for a terminal; an id is never broken, as it is copied."""

from __future__ import annotations

import io
import operator
import textwrap
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from pulumi_veza.reports.options import RenderOptions


@dataclass(frozen=True)
class Printed:
    """What is printed for a terminal."""

    console: Console
    _written: io.StringIO

    def paragraph(self, text: str, *, style: str = "", indent: int = 0) -> None:
        """Print a text, wrapped between words; a word that is longer than the terminal is wide stays whole."""
        margin = " " * indent
        wrapped = textwrap.fill(
            text,
            self.console.width,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.console.print(Text(wrapped, style=style), soft_wrap=True)

    def table(self, table: Table) -> None:
        """Print a table as wide as the terminal is, or wider where a word would have to be broken."""
        width = self.console.width
        if table.title:
            # The table itself would wrap it to its own width.
            self.paragraph(str(table.title), style=str(table.title_style))
            table.title = None
        ranges = [_range(column) for column in table.columns]
        gaps = _GAP * len(ranges)
        # The widest columns give room first, down to their longest words.
        most = max((long for _, long in ranges), default=0)
        fits = (sum(max(short, min(long, cap)) for short, long in ranges) <= width - gaps for cap in range(most, 0, -1))
        cap = most - sum(1 for _ in takewhile(operator.not_, fits))
        for column, (short, long) in zip(table.columns, ranges, strict=True):
            column.width = max(short, min(long, cap))
        self.console.width = max(width, sum(column.width or 0 for column in table.columns) + gaps)
        self.console.print(table)
        self.console.width = width

    @property
    def text(self) -> str:
        """What was printed, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._written.getvalue().splitlines()) + "\n"


def printed(options: RenderOptions) -> Printed:
    """Return an empty text as wide and colourful as the terminal."""
    written = io.StringIO()
    console = Console(
        file=written,
        width=options.width,
        force_terminal=options.color,
        color_system="standard" if options.color else None,
        highlight=False,
        emoji=False,
    )
    return Printed(console, written)


_GAP: Final = 2
"""Blanks behind a column."""


def _range(column: Column) -> tuple[int, int]:
    """Return the widths of the longest word and of the longest line in a column."""
    lines = [
        line
        for cell in (column.header, *column.cells)
        for line in (cell if isinstance(cell, Text) else Text.from_markup(str(cell))).split()
    ]
    words = (Text(word).cell_len for line in lines for word in line.plain.split())
    return max(words, default=0), max((line.cell_len for line in lines), default=0)
