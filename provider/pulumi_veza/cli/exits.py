"""The exit codes of every command."""

from __future__ import annotations

from typing import Final

import typer

NOTHING: Final = 0
"""Nothing was found."""
FINDING: Final = 1
"""Something was found that somebody must decide on; or the command lacks a package."""
NOT_CHECKED: Final = 2
"""It could not be checked."""
USAGE: Final = 64
"""The command line is wrong."""


def separate_usage() -> None:
    """Make usage errors exit with ``USAGE``: the parser's own code is that of ``NOT_CHECKED``."""
    usage = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError")
    usage.exit_code = USAGE  # type: ignore[attr-defined]  # a ClassVar of the parser's own hierarchy
