"""The commands of ``pulumi-veza``: each is a function in a module of its own, and one line of ``COMMANDS``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Final

import typer

from pulumi_veza import __version__
from pulumi_veza.cli import exits
from pulumi_veza.cli.diff import diff
from pulumi_veza.cli.doctor import doctor
from pulumi_veza.cli.ending import guarded
from pulumi_veza.cli.export import export
from pulumi_veza.cli.glossary import glossary
from pulumi_veza.cli.graph import graph
from pulumi_veza.cli.impact import impact
from pulumi_veza.cli.policy import check
from pulumi_veza.cli.policy_pack import policy_pack
from pulumi_veza.cli.rehearse import rehearse
from pulumi_veza.cli.requests import requests
from pulumi_veza.cli.simulate import add_to as add_simulate
from pulumi_veza.cli.typer_private import set_usage_exit_code

COMMANDS: Final[Mapping[str, Callable[..., None]]] = {
    "impact": impact,
    "graph": graph,
    "policy check": check,
    "policy-pack": policy_pack,
    "requests": requests,
    "doctor": doctor,
    "export": export,
    "diff": diff,
    "rehearse": rehearse,
    "glossary": glossary,
}
"""The functions by what a user types; the first of two words is a group."""

GROUPS: Final[Mapping[str, str]] = {"policy": "Check policies without the engine."}
"""What the commands of each group are about."""

application = typer.Typer(
    name="pulumi-veza",
    help="Veza Access Profiles as code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _paragraphs(function: Callable[..., None]) -> str:
    """Return what a command does, a line for each paragraph, which the terminal breaks where it ends."""
    paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    return "\n\n".join(each.replace("\n", " ") for each in paragraphs)


def _register() -> None:
    groups: dict[str, typer.Typer] = {}
    for words, function in COMMANDS.items():
        group, _, name = words.rpartition(" ")
        if group and group not in groups:
            groups[group] = typer.Typer(help=GROUPS[group], no_args_is_help=True)
            # A group with a single command would be that command without a callback.
            groups[group].callback()(lambda: None)
            application.add_typer(groups[group], name=group)
        groups.get(group, application).command(name, help=_paragraphs(function))(guarded(function))


# The command of another distribution.
add_simulate(application)
_register()
# The parser's own exit code of a wrong command line is that of NOT_CHECKED.
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
