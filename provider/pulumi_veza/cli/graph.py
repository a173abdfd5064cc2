"""``pulumi-veza graph``: who inherits from whom."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from pulumi_veza.access import reading, resources, tenant
from pulumi_veza.cli import exits
from pulumi_veza.errors import VezaError

if TYPE_CHECKING:
    from pulumi_veza.graph.inheritance import Graph

FORMATS = ("text", "mermaid", "dot", "svg")


def graph(  # noqa: PLR0917 - the options, which are given by name
    file: Annotated[
        Path | None,
        typer.Argument(
            help="What `pulumi preview --json --show-sames` or `pulumi stack export` wrote; - is the standard input. "
            "Without it, the state of the selected stack."
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option(help=f"How to draw it: {', '.join(FORMATS)}.", metavar="NAME")
    ] = "text",
    output: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    around: Annotated[
        str | None, typer.Option(help="Only this profile (its name or id), what it inherits, and its heirs.")
    ] = None,
    live: Annotated[bool, typer.Option(help="Draw the whole tenant (VEZA_URL, VEZA_API_KEY), not a stack.")] = False,
    stack: Annotated[str | None, typer.Option(help="The stack, where no file is given.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="The project's folder, where no file is given.")] = None,
) -> None:
    """Draw which profiles inherit from which, and what a preview changes about it.

    Exits with 0; with 2 where it could not be drawn; with 64 where the command is wrong.
    """
    if format not in FORMATS:
        raise typer.BadParameter(f"--format {format}: there is no such format; write one of {', '.join(FORMATS)}")
    if sum([file is not None, live, bool(stack or cwd)]) > 1:
        raise typer.BadParameter("give one of a file, --live, or a stack's --stack and --cwd")
    from pulumi_veza.graph import FORMATS as RENDERINGS  # noqa: PLC0415 - networkx takes long to load

    try:
        found = _live() if live else _stack(file, stack, cwd)
        text = RENDERINGS[format](found.around(around) if around else found)
    except VezaError as error:
        _fail(str(error))
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"cannot read {file}: {error}")
    _write(text, output)


def _stack(file: Path | None, stack: str | None, cwd: Path | None) -> Graph:
    from pulumi_veza.graph.exporting import exported  # noqa: PLC0415 - networkx takes long to load
    from pulumi_veza.graph.inheritance import graph as drawn  # noqa: PLC0415

    if file is None:
        text, what = exported(cwd, stack), "the state"
    elif str(file) == "-":
        text, what = sys.stdin.read(), "the standard input"
    else:
        text, what = file.read_text(encoding="utf-8"), str(file)
    if reading.is_state(text):
        before, after = resources.organisations(reading.state(text, what))
        return drawn(after)
    before, after = resources.organisations(reading.preview(text, what))
    return drawn(after, before)


def _live() -> Graph:
    from pulumi_veza.api import Client  # noqa: PLC0415 - only here is the network needed
    from pulumi_veza.graph.inheritance import graph as drawn  # noqa: PLC0415

    with Client() as client:
        return drawn(tenant.organisation(client))


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"cannot write {output}: {error.strerror or error}")


def _fail(text: str) -> NoReturn:
    typer.echo(f"could not draw: {text}", err=True)
    raise typer.Exit(exits.NOT_CHECKED)
