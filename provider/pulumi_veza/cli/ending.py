"""How a command ends that did not end by itself: interrupted, without a reader, or by a fault of this program."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TextIO, TypeVar

from typing_extensions import ParamSpec

from pulumi_veza import __version__
from pulumi_veza.cli import exits
from pulumi_veza.errors import one_line
from pulumi_veza_cli import interrupted

P = ParamSpec("P")
R = TypeVar("R")

PACKAGE = Path(__file__).parents[1]


def write_any_text() -> None:
    """Let the standard output and the standard error escape the characters that the terminal cannot show.

    Where the caller has closed one of them, what is written to it goes nowhere.
    """
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command, so that an interrupt and a reader that is gone end it as they should."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        # Here, as the parser has endings of its own for both.
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            sys.exit(interrupted())
        except BrokenPipeError:
            drop_output()
            sys.exit(exits.NOT_CHECKED)

    return wrapper


def crashed(error: Exception) -> int:
    """Print one line about an exception that nobody foresaw; return the exit code, which is no finding's."""
    if os.environ.get("VEZA_DEBUG"):
        traceback.print_exception(error)
        how = "the traceback above"
    else:
        how = "the traceback that VEZA_DEBUG=1 prints"
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    print(  # noqa: T201 - the command's output
        f"this is a fault of pulumi-veza {__version__} and not of what it was given: {one_line(what)}{_place(error)}; "
        f"report it to its maintainers with {how}",
        file=sys.stderr,
    )
    return exits.NOT_CHECKED


def _place(error: Exception) -> str:
    """Return the last line of this package that an exception passed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    return f" ({Path(ours[-1].filename).relative_to(PACKAGE).as_posix()}:{ours[-1].lineno})" if ours else ""


def drop_output() -> None:
    """Write what is still to be written to nowhere: its reader has read enough, as ``head`` does."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
