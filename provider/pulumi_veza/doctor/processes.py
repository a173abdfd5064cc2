"""Other programs, run for what they print and for no longer than a few seconds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pulumi_veza.errors import one_line

SECONDS: Final = 20.0
"""How long a program may take."""

_QUIET: Final = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
}
"""Keep the engine from looking for a new version and from downloading plugins."""


@dataclass(frozen=True)
class Ran:
    """How a program ended."""

    code: int | None
    """Its exit code; None where it did not end in time, or could not be started."""
    out: str = ""
    error: str = ""
    """The last line of its error, or why there is none."""


def run(command: Sequence[str], folder: Path, extra: Mapping[str, str] | None = None) -> Ran:
    """Run a program in a folder, without an input."""
    environment = {**os.environ, **_QUIET, **(extra or {})}
    try:
        done = subprocess.run(  # noqa: S603 - the user's own programs
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(None, error=f"it did not end within {SECONDS:g} s")
    except OSError as error:
        return Ran(None, error=error.strerror or str(error))
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return Ran(done.returncode, done.stdout, one_line(lines[-1]) if lines else f"exit code {done.returncode}")
