"""The only module that touches what typer does not document.

``tests/package/test_private_names.py`` checks every name here against the installed typer and says what to do where one
is gone.
"""

from __future__ import annotations

import typer


def set_usage_exit_code(code: int) -> None:
    """Set the exit code of a mistake in the command line; the parser's own is 2.

    The parser's base class of such mistakes is a part of typer in its newer versions and of click in the others.
    """
    usage = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError")
    usage.exit_code = code  # type: ignore[attr-defined]  # a ClassVar of the parser's own hierarchy
