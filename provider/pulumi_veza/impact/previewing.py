"""Runs ``pulumi preview`` and gives its JSON."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pulumi_veza.errors import EngineCommandError, one_line


def preview(folder: Path | None = None, stack: str | None = None, arguments: Sequence[str] = ()) -> str:
    """Run a preview and give what it writes.

    Args:
        folder: The project's; the current one where it is left out.
        stack: The stack; the selected one where it is left out.
        arguments: More arguments of ``pulumi preview``.

    Raises:
        EngineCommandError: there is no ``pulumi``, or the preview failed. The text is one line.

    """
    found = shutil.which("pulumi")
    if found is None:
        raise EngineCommandError(
            "there is no `pulumi` on the PATH: install it, or give what `pulumi preview --json --show-sames` wrote"
        )
    command = [found, "preview", "--json", "--show-sames", "--non-interactive"]
    command += [*(["--stack", stack] if stack else []), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"}
    done = subprocess.run(  # noqa: S603 - the user's own engine, with the user's own arguments
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode and not done.stdout.strip():
        said = one_line(done.stderr, longest=500) or f"it ended with exit code {done.returncode}"
        raise EngineCommandError(f"`pulumi preview` failed: {said}")
    return done.stdout
