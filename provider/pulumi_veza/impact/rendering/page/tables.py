"""Tables of the page: the first rows are written as HTML, and all of them, for the script, as numbers of cells.

Most cells occur many times (an entitlement, a path, a cause), so each is kept once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pulumi_veza.impact.rendering.effects import MINUS
from pulumi_veza.reports.words import visible

FIRST: Final = 200
"""Rows of a table that the page has without its script, and that the script shows at a time."""

Part = tuple[str, str]
"""How a piece of text looks (a class of the style), and the text."""
Cell = tuple[Part, ...]


def clean(text: str) -> str:
    """Escape, as Python does, what controls the display or cannot be encoded; a line break becomes a blank."""
    return visible(re.sub(r"[\t\n\r]", " ", text))


class Cells:
    """All cells of a page, each of them once."""

    def __init__(self) -> None:
        self.known: list[Cell] = []
        """Each at the place of its number."""
        self._numbers: dict[Cell, int] = {}
        self._keys: dict[int, int] = {}

    def add(self, *parts: Part, key: int | None = None) -> int:
        """Return the number of a cell; it is sorted by ``key`` where it has one, and by its text otherwise."""
        cell = tuple((look, clean(text)) for look, text in parts if text)
        number = self._numbers.get(cell)
        if number is None:
            number = self._numbers[cell] = len(self.known)
            self.known.append(cell)
        if key is not None:
            self._keys[number] = key
        return number

    def count(self, value: int, sign: str = "") -> int:
        """Add a number; one that is not 0 gets the sign."""
        look = {MINUS: "number lost", "+": "number gained"}.get(sign, "number") if value else "number none"
        return self.add((look, f"{sign if value else ''}{value:,}"), key=value)

    def dump(self, tables: Iterable[Table]) -> str:
        """Serialize what the script reads, as JSON in which no character has a meaning for HTML."""
        rows = {each.id: each.rows for each in tables}
        text = json.dumps({"cells": self.known, "keys": self._keys, "tables": rows}, separators=(",", ":"))
        return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@dataclass(frozen=True)
class Column:
    """A column: its title, and how it looks (a class of the style)."""

    title: str
    look: str = ""
    always: bool = True
    """Whether it is there although all of its cells are empty."""


@dataclass(frozen=True)
class Choice:
    """A choice of the filter: the rows that have one cell in one column."""

    title: str
    cell: int
    count: int


@dataclass(frozen=True)
class Table:
    """A table with everything that is known, and the first rows of it as cells."""

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[int]]
    cells: Cells
    grouped: bool = False
    """Whether rows about the same are put together: those with the same first cell, which come one after the other."""
    about: tuple[str, str] | None = None
    """What the first column is about, in the singular and in the plural."""
    choices: Sequence[Choice] = ()
    """Of the filter by the second column."""

    @property
    def subjects(self) -> int:
        """How many there are in the first column."""
        return len({row[0] for row in self.rows})

    @property
    def searched(self) -> bool:
        """Whether it is long enough for a search."""
        return bool(self.choices) or len(self.rows) > 10  # noqa: PLR2004 - what is seen at a glance

    @property
    def said(self) -> str:
        """How many rows there are, in the words of the script."""
        said = f"{len(self.rows):,} {'row' if len(self.rows) == 1 else 'rows'}"
        if self.about:
            said += f" about {self.subjects:,} {self.about[self.subjects != 1]}"
        return said + (f"; 1 to {FIRST:,} shown" if len(self.rows) > FIRST else "") + "."

    @property
    def groups(self) -> list[list[list[Cell]]]:
        """The first rows as cells: the groups, or one that has them all."""
        first = self.rows[:FIRST]
        parted = [list(rows) for _, rows in groupby(first, lambda row: row[0])] if self.grouped else [list(first)]
        return [[[self.cells.known[number] for number in row] for row in rows] for rows in parted]


def table(
    id_: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[int]],
    cells: Cells,
    *,
    grouped: bool = False,
    about: tuple[str, str] | None = None,
    choices: Sequence[Choice] = (),
) -> Table:
    """Return a table without its empty columns."""
    kept = [place for place, each in enumerate(columns) if each.always or any(cells.known[row[place]] for row in rows)]
    return Table(
        id_,
        caption,
        [columns[place] for place in kept],
        [[row[place] for place in kept] for row in rows] if len(kept) < len(columns) else rows,
        cells,
        grouped,
        about,
        choices,
    )
