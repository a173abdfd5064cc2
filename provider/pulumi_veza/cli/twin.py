"""The twin of a tenant, read and written: what `export --twin` and `rehearse` share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pulumi_veza.cli import exits
from pulumi_veza.cli.progress import bars
from pulumi_veza.errors import UnwritableFileError
from pulumi_veza.reports.words import counted, people

if TYPE_CHECKING:
    from pulumi_veza.twin.document import Json

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
    with Client() as client, bars() as shown:
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
    rows = [row for each in copied["profiles"] for version in each["versions"] for row in version.get("members", ())]
    who = {row["identity_id"] for row in rows}
    return (
        f"{counted(len(copied['types']), 'type')}, {counted(len(copied['profiles']), 'profile')}, "
        f"{counted(len(rows), 'membership')} of {people(len(who))}"
    )
