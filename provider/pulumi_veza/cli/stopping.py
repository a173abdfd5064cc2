"""The document that `pulumi-veza impact` writes where nothing could be checked."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from pulumi_veza.cli import engine
from pulumi_veza.doctor import project
from pulumi_veza.errors import (
    ApiError,
    EngineCommandError,
    PreviewFailedError,
    RefusedError,
    RequestError,
    SettingsError,
    UnusableFileError,
    UnwritableFileError,
    VezaError,
)
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.stopping import stopped
from pulumi_veza.plan import preview_json

_OF_THE_CHANGE: Final = (PreviewFailedError, EngineCommandError, RequestError, ApiError, SettingsError, RefusedError)
"""Errors of the preview and of the tenant. Any other is about a file that was given, which is no answer to anything."""


def document(
    error: VezaError, files: Collection[Path], stacks: Sequence[str], folder: Path | None, valid_at: str | None
) -> Document | None:
    """Return a document that says why a change could not be checked; None where the error is not about a change.

    Args:
        error: Why it could not be checked.
        files: The previews that were given.
        stacks: The stacks that were to be previewed; without files the selected one where there is none.
        folder: The project's folder.
        valid_at: A mark that sorts documents by age.

    """
    if isinstance(error, UnwritableFileError) or (files and not isinstance(error, _OF_THE_CHANGE)):
        return None
    failed = error if isinstance(error, PreviewFailedError) else None
    named = set().union(*map(_in_file, files)) if files else _by_name(stacks, folder)
    names = {*named, *(failed.stacks if failed else ())}
    reason = failed.reason if failed else str(error)
    return stopped(reason, names, valid_at, refused=bool(failed and failed.refused))


def _in_file(file: Path) -> set[str]:
    """Return the stacks of a preview; none where it cannot be read."""
    try:
        return {record.stack for record in preview_json.preview(file.read_text(encoding="utf-8-sig"))} - {""}
    except (OSError, UnicodeDecodeError, UnusableFileError):
        return set()


def _by_name(stacks: Sequence[str], folder: Path | None) -> set[str]:
    """Return the stacks that were to be previewed, as ``project/stack``, as far as their names are known."""
    try:
        found = project.find(folder or Path())
        names = list(stacks) or [os.environ.get("PULUMI_STACK") or engine.stack_name(None, folder)]
    except (UnusableFileError, EngineCommandError):
        return set()
    name = found.settings.get("name") if found else None
    return {f"{name}/{each.rpartition('/')[2]}" for each in names} if name else set()
