"""The exit codes of every command."""

from __future__ import annotations

from typing import Final

NOTHING: Final = 0
"""Nothing was found."""
FINDING: Final = 1
"""Something was found that somebody must decide on; or the command lacks a package."""
NOT_CHECKED: Final = 2
"""It could not be checked."""
USAGE: Final = 64
"""The command line is wrong."""
