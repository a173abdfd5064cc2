"""The twin of a tenant, read and written: what `export --twin` and `rehearse` share."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pulumi_veza.cli import exits
from pulumi_veza.errors import UnwritableFileError
from pulumi_veza.reports.words import counted, people

if TYPE_CHECKING:
    from pulumi_veza.twin.document import Json
    from pulumi_veza.twin.reading import Progress

_SHOWN: Final = 20
"""How many parts that could not be read are listed; the others are counted."""


def write_twin(file: Path, *, anonymise: bool = False, identities: bool = False) -> int:
    """Write the twin of the tenant (VEZA_URL, VEZA_API_KEY) to a file, whole or not at all.

    Args:
        file: Where to.
        anonymise: Whether to replace people, names and texts.
        identities: Whether to read the title, department and e-mail of every member as well, one request each.

    Returns:
        The exit code: a finding where a part of the tenant could not be read, each of which is printed.

    Raises:
        VezaError: the tenant cannot be read, or the file cannot be written. The message is one line.

    """
    from pulumi_veza.client.client import Client  # noqa: PLC0415 - only here is the network needed
    from pulumi_veza.twin import anonymising, document, reading  # noqa: PLC0415

    if not file.parent.is_dir():
        raise UnwritableFileError(f"cannot write {file}: there is no folder {file.parent}; create it first")
    with Client() as client, progress() as shown:
        content = reading.read(client, shown, identities=identities)
    found = document.document(content)
    document.save(anonymising.anonymised(found) if anonymise else found, file)
    typer.echo(f"{file}: {_sum(found)}", err=True)
    print_unreadable(content.unreadable)
    return exits.FINDING if content.unreadable else exits.NOTHING


def print_unreadable(lines: Sequence[str]) -> None:
    """Print the parts of a tenant that could not be read, a line each."""
    for each in lines[:_SHOWN]:
        typer.echo(f"not in the twin: {each}", err=True)
    if len(lines) > _SHOWN:
        typer.echo(f"not in the twin: {len(lines) - _SHOWN:,} more", err=True)


def _sum(found: Json) -> str:
    copied = found["copy_of"]
    rows = [row for each in copied["profiles"] for version in each["versions"] for row in version["members"]]
    who = {row["identity_id"] for row in rows}
    return (
        f"{counted(len(copied['types']), 'type')}, {counted(len(copied['profiles']), 'profile')}, "
        f"{counted(len(rows), 'membership')} of {people(len(who))}"
    )


@contextmanager
def progress() -> Iterator[Progress]:
    """Yield what shows how far a tenant has been read: a bar for each part, on a terminal only."""
    from rich.console import Console  # noqa: PLC0415 - only here
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bars:

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(f"Reading {what}", total=None)
            bars.update(tasks[what], completed=done, total=total)

        yield show
