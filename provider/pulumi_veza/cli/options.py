"""The options that several commands have, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from pulumi_veza.cli import exits
from pulumi_veza.errors import UnwritableFileError
from pulumi_veza.policies import exceptions
from pulumi_veza.reports.files import refuse_unwritable


def _writable(file: Path | None) -> Path | None:
    """Return the file, or end the command before it has done anything."""
    try:
        if file is not None:
            refuse_unwritable(file)
    except UnwritableFileError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(exits.NOT_CHECKED) from None
    return file


Output: TypeAlias = Annotated[Path | None, typer.Option(help="Write it to this file.", callback=_writable)]

Stack: TypeAlias = Annotated[str | None, typer.Option(help="The stack; the selected one without it.")]

Stacks: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="Run the preview of this stack; of several, one after another.")
]

Folder: TypeAlias = Annotated[Path | None, typer.Option(help="The project's folder; the current one without it.")]
"""The type of ``--cwd``."""

SourceRoot: TypeAlias = Annotated[
    str, typer.Option(help="The project's folder inside the repository, for the places of findings.")
]

Budget: TypeAlias = Annotated[int, typer.Option(help="How many bytes Markdown may have.", min=1000)]

Full: TypeAlias = Annotated[bool, typer.Option("--full", help="Show every row in the terminal.")]

ValidAt: TypeAlias = Annotated[
    str | None,
    typer.Option(help="A number or a time that grows with every run, so that a comment knows the newer one."),
]

AccessConditions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="gains, losses, any, refused, conflicts, unknown, count>N (people) or percent>P: then exit with 1."
    ),
]
"""The type of ``--fail-on`` for an impact document."""

Exceptions: TypeAlias = Annotated[
    Path | None, typer.Option(help=f"The file of exceptions; {exceptions.FILE} is read where it is there.")
]
