"""The exit codes of every command."""

from __future__ import annotations

from typing import Final

import pulumi_veza_cli

NOTHING: Final = 0
"""Nothing was found."""
FINDING: Final = 1
"""Something was found that somebody must decide on."""
NOT_CHECKED: Final = 2
"""It could not be checked: bad input, a missing package, or a fault of this program."""
USAGE: Final = 64
"""The command line is wrong."""
INTERRUPTED: Final = pulumi_veza_cli.INTERRUPTED
"""It was interrupted, as shells number it."""
