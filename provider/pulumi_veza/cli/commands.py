"""The commands of ``pulumi-veza``: each in its own module, put together here."""

from __future__ import annotations

from typing import Annotated

import typer

from pulumi_veza import __version__
from pulumi_veza.cli import exits
from pulumi_veza.cli.graph import graph
from pulumi_veza.cli.impact import impact
from pulumi_veza.cli.policy import policy
from pulumi_veza.cli.policy_pack import policy_pack
from pulumi_veza.cli.simulate import add_to as add_simulate
from pulumi_veza.cli.typer_private import set_usage_exit_code

application = typer.Typer(
    name="pulumi-veza",
    help="Veza Access Profiles as code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_simulate(application)
application.command()(impact)
application.command()(graph)
application.add_typer(policy, name="policy")
application.command()(policy_pack)
# The parser's own code of a mistake in the command line is what means NOT_CHECKED here.
set_usage_exit_code(exits.USAGE)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pulumi-veza {__version__}")
        raise typer.Exit


@application.callback()
def pulumi_veza(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Veza Access Profiles as code."""
