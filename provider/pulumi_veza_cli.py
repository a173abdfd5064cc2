"""The entry point of the command ``pulumi-veza``.

It is beside the package, as the import of anything in the package loads all of it first, which takes a moment in which
somebody may press Ctrl-C.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import Final

INTERRUPTED: Final = 130
"""The exit code of a command that was interrupted, as shells number it."""

_SOON: Final = 0.05
"""Seconds until a dropped interrupt comes again, by when its callback has returned."""


def main() -> None:
    """Run the command line."""
    keep_interrupts()
    try:
        from pulumi_veza.cli import main as run  # noqa: PLC0415 - an interrupt meanwhile is caught here

        run()
    except KeyboardInterrupt:
        sys.exit(interrupted())


def keep_interrupts() -> None:
    """Let an interrupt come again that Python drops, as it does with every exception inside a callback of its own.

    Example: the callback of a weak reference, which the import of a module runs as well.
    """
    before = sys.unraisablehook

    def hook(dropped: sys.UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            before(dropped)
            return
        timer = threading.Timer(_SOON, _interrupt)
        timer.daemon = True
        # At the end of the process no thread can be started, and nothing is left to interrupt.
        with contextlib.suppress(RuntimeError):
            timer.start()

    sys.unraisablehook = hook


def interrupted() -> int:
    """Print that the command was interrupted; return the exit code."""
    print("interrupted: nothing more was done", file=sys.stderr)  # noqa: T201 - the command's output
    return INTERRUPTED


def _interrupt() -> None:
    thread = threading.main_thread().ident
    if thread is not None and hasattr(signal, "pthread_kill"):
        # As the terminal does, so that a wait of the main thread ends.
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
