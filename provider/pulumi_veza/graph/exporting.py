"""Runs ``pulumi stack export`` and gives the state."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from pulumi_veza.errors import EngineCommandError, one_line


def exported(folder: Path | None = None, stack: str | None = None) -> str:
    """Export the state of a stack: the selected one of the current folder, unless another is named.

    Raises EngineCommandError, in one line.
    """
    found = shutil.which("pulumi")
    if found is None:
        raise EngineCommandError(
            "there is no `pulumi` on the PATH: install it, or give a file of `pulumi stack export`"
        )
    command = [found, "stack", "export", "--non-interactive", *(["--stack", stack] if stack else [])]
    done = subprocess.run(  # noqa: S603 - the user's own engine
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        said = one_line(done.stderr, longest=500) or f"it ended with exit code {done.returncode}"
        raise EngineCommandError(f"`pulumi stack export` failed: {said}")
    return done.stdout
