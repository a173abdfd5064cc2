"""``--approved``: whether a change is the one that was approved."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typer

from pulumi_veza.cli import inputs
from pulumi_veza.errors import RefusedError, one_line
from pulumi_veza.impact import document
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering.approval import differences
from pulumi_veza.reports.words import counted

_SHOWN: Final = 50
"""How many differences are printed."""


def load(file: Path) -> Document:
    """Return the document that was approved.

    Raises:
        OSError: it cannot be read.
        UnusableFileError: it is no such document. The message is one line.
        RefusedError: nothing could be checked when it was made.

    """
    given = inputs.read(file)
    found = document.load(given.text, given.name)
    refuse_stopped(found, given.name)
    return found


def refuse_stopped(found: Document, name: str) -> None:
    """Raise an error for a document about which nothing can be said.

    Raises:
        RefusedError: nothing could be checked when it was made.

    """
    if found.stopped:
        raise RefusedError(f"{name} says that nothing could be checked: {one_line(found.stopped.reason)}")


def is_approved(found: Document, approved: Document) -> bool:
    """Return whether a change is the one that was approved; print that it is, or what differs."""
    if found.digest == approved.digest:
        typer.echo(f"this is what was approved ({found.digest})", err=True)
        return True
    lines = differences(approved, found)
    typer.echo(f"this is not what was approved: {counted(len(lines), 'difference')}", err=True)
    for line in lines[:_SHOWN]:
        typer.echo(f"  {one_line(line, longest=1000)}", err=True)
    if len(lines) > _SHOWN:
        typer.echo(f"  ... and {len(lines) - _SHOWN:,} more", err=True)
    return False
