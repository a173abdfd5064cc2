"""Tables and colours as text, as ``rich`` prints them for a terminal."""

from __future__ import annotations

import io
from dataclasses import dataclass

from rich.console import Console

from pulumi_veza.reports.options import RenderOptions


@dataclass(frozen=True)
class Printed:
    """What is printed for a terminal."""

    console: Console
    _written: io.StringIO

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
