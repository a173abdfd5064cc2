"""``pulumi-veza graph``: who inherits from whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_veza.access import tenant
from pulumi_veza.cli import inputs, options, outputs
from pulumi_veza.graph import FORMATS
from pulumi_veza.plan import planning

if TYPE_CHECKING:
    from pulumi_veza.graph.inheritance import Graph


def graph(  # noqa: PLR0917 - the options, which are given by name
    file: Annotated[
        Path | None,
        typer.Argument(
            help="What `pulumi preview --json --show-sames` or `pulumi stack export` wrote; - is the standard input. "
            "Without it, the state of the selected stack."
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, outputs.format_option(FORMATS, "How to draw it")
    ] = "text",
    output: options.Output = None,
    around: Annotated[
        str | None, typer.Option(help="Only this profile (its name or id), what it inherits, and its heirs.")
    ] = None,
    live: Annotated[bool, typer.Option(help="Draw the whole tenant (VEZA_URL, VEZA_API_KEY), not a stack.")] = False,
    stack: options.Stack = None,
    cwd: options.Folder = None,
) -> None:
    """Draw which profiles inherit from which, and what a preview changes about it.

    Exits with 0; with 2 where it could not be drawn; with 64 where the command is wrong.
    """
    render = outputs.rendering(FORMATS, format)
    if sum([file is not None, live, bool(stack or cwd)]) > 1:
        raise typer.BadParameter("give one of a file, --live, or a stack's --stack and --cwd")
    with outputs.failing_to("draw"):
        found = _live() if live else _stack(file, stack, cwd)
        outputs.write(render(found.around(around) if around else found), output, format)


def _stack(file: Path | None, stack: str | None, cwd: Path | None) -> Graph:
    from pulumi_veza.graph.inheritance import graph as drawn  # noqa: PLC0415 - networkx takes long to load

    found = inputs.resources(inputs.read(file) if file else inputs.export(stack, cwd))
    before, after = planning.organisations(found.records)
    return drawn(after, None if found.deployed else before)


def _live() -> Graph:
    from pulumi_veza.client.client import Client  # noqa: PLC0415 - only here is the network needed
    from pulumi_veza.graph.inheritance import graph as drawn  # noqa: PLC0415

    with Client() as client:
        return drawn(tenant.organisation(client))
