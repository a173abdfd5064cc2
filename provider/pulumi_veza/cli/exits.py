"""The exit codes of every command."""

from __future__ import annotations

from typing import Final

NOTHING: Final = 0
"""Nothing was found."""
FINDING: Final = 1
"""Something was found that somebody must look at."""
NOT_CHECKED: Final = 2
"""It could not be checked: nothing is known about it."""
USAGE: Final = 64
"""The command was not written as it has to be."""
