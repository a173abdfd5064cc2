"""The exit codes of every command."""

from __future__ import annotations

from typing import Final

import typer

NOTHING: Final = 0
"""Nothing was found."""
FINDING: Final = 1
"""Something was found that somebody must look at."""
NOT_CHECKED: Final = 2
"""It could not be checked: nothing is known about it."""
USAGE: Final = 64
"""The command was not written as it has to be."""


def separate_usage() -> None:
    """Let a mistake in the command line end with ``USAGE``: on its own it ends with what means ``NOT_CHECKED`` here."""
    usage = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError")
    usage.exit_code = USAGE  # type: ignore[attr-defined]  # a ClassVar of the parser's own hierarchy
