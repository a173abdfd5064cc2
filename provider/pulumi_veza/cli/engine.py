"""The Pulumi CLI, started for what it prints."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pulumi_veza.errors import EngineCommandError, one_line
from pulumi_veza.provider.lifecycle import GUARD

_STREAMING: Final = "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
"""Makes the preview's JSON a stream of events, which is another format."""


_OF_TENANT: Final = ("VEZA_URL", "VEZA_API_KEY")


def preview_json_text(stack: str | None = None, folder: Path | None = None, *, save_plan: Path | None = None) -> str:
    """Run ``pulumi preview`` and return its JSON.

    Args:
        stack: The selected one where it is left out.
        folder: The project's; the current one where it is left out.
        save_plan: The file for the plan that ``pulumi up --plan`` takes.

    Raises:
        EngineCommandError: there is no ``pulumi``, or the preview failed. The message is one line.

    """
    # The engine runs in the project's folder, which may be another one.
    plan = ["--save-plan", str(save_plan.resolve())] if save_plan else []
    done = _run(
        ["preview", "--json", "--show-sames", *plan],
        stack,
        folder,
        instead="what `pulumi preview --json --show-sames` wrote",
    )
    # A preview that found a mistake exits with an error, and its JSON describes the mistake.
    if done.returncode and not done.stdout.strip():
        raise _failed("pulumi preview", done)
    return done.stdout


def export_state_text(stack: str | None = None, folder: Path | None = None, *, show_secrets: bool = False) -> str:
    """Run ``pulumi stack export`` and return the state.

    Args:
        stack: The selected one where it is left out.
        folder: The project's; the current one where it is left out.
        show_secrets: Whether secret values are in it as plain text, which must not be printed then.

    Raises:
        EngineCommandError: there is no ``pulumi``, or the export failed. The message is one line.

    """
    plain = ["--show-secrets"] if show_secrets else []
    done = _run(["stack", "export", *plain], stack, folder, instead="a file of `pulumi stack export`")
    if done.returncode:
        raise _failed("pulumi stack export", done)
    return done.stdout


def configuration_text(stack: str | None = None, folder: Path | None = None) -> str:
    """Run ``pulumi config`` and return a stack's configuration as JSON, secrets as plain text.

    Raises:
        EngineCommandError: there is no ``pulumi``, or it failed. The message is one line.

    """
    done = _run(["config", "--json", "--show-secrets"], stack, folder)
    if done.returncode:
        raise _failed("pulumi config", done)
    return done.stdout


def stack_name(stack: str | None = None, folder: Path | None = None) -> str:
    """Return the name of a stack as it is in URNs; that of the selected one where ``stack`` is left out.

    Raises:
        EngineCommandError: there is no ``pulumi``, or no such stack. The message is one line.

    """
    done = _run(["stack", "--show-name"], stack, folder)
    if done.returncode:
        raise _failed("pulumi stack", done)
    return done.stdout.strip().rpartition("/")[2]


def _run(
    arguments: Sequence[str], stack: str | None, folder: Path | None, *, instead: str | None = None
) -> subprocess.CompletedProcess[str]:
    found = shutil.which("pulumi")
    if found is None:
        or_else = f", or give {instead}" if instead else ", then run this again"
        raise EngineCommandError(f"there is no `pulumi` on the PATH: install it{or_else}")
    # Nothing but a preview runs the program and the provider, which need the tenant.
    hidden = {_STREAMING} if arguments[0] == "preview" else {_STREAMING, *_OF_TENANT}
    return subprocess.run(  # noqa: S603 - the user's own engine, with the user's own arguments
        [found, *arguments, "--non-interactive", *(["--stack", stack] if stack else [])],
        cwd=folder,
        env={**{name: value for name, value in os.environ.items() if name not in hidden}, GUARD: "report"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _failed(command: str, done: subprocess.CompletedProcess[str]) -> EngineCommandError:
    if "no Pulumi.yaml project file found" in done.stderr:
        return EngineCommandError(
            f"`{command}` finds no Pulumi.yaml in this folder or above it: change to the folder of the program"
        )
    printed = one_line(done.stderr, longest=500) or f"it ended with exit code {done.returncode}"
    return EngineCommandError(f"`{command}` failed: {printed}")
