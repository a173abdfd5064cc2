"""The engine's error messages, as one line without what the engine puts around them."""

from __future__ import annotations

import re
from typing import Final

from pulumi_veza.errors import one_line

_LONGEST: Final = 2000
_COLOUR: Final = re.compile(r"<\{%[^%]*%\}>")
_TRACEBACK: Final = "Traceback (most recent call last)"
PROGRAM_FAILED: Final = "the program failed: "
"""The beginning of what is left of a program's traceback."""
_PREFIXES: Final = ("error: ", "Exception calling application: ", "Veza: ")
_SUMMARIES: Final = frozenset(
    {"update failed", "preview failed", "Resource monitor has terminated, shutting down", "resource monitor shut down"}
)
"""What the engine says of a failed run beside the error that it failed with."""


def cleaned(message: str) -> str:
    """Return a message in one line; nothing for a mere summary. Of a program's traceback it is the last line."""
    plain = _COLOUR.sub("", message).strip()
    if _TRACEBACK in plain:
        plain = f"{PROGRAM_FAILED}{plain.splitlines()[-1].strip()}"
    text = one_line(plain, longest=_LONGEST)
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    return "" if text in _SUMMARIES else text
