"""``pulumi-veza simulate``: the command of ``veza-simulator``, a distribution of its own."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import typer

from pulumi_veza.cli import exits

NOT_INSTALLED = "This needs the package 'veza_simulator': pip install ./simulator, in a checkout of pulumi-veza"


def add_to(application: typer.Typer) -> None:
    """Add the command; where the simulator is not installed, add one that says how to install it."""
    if find_spec("veza_simulator") is None:
        application.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(simulate)
        return
    from veza_simulator.cli import simulate as installed  # noqa: PLC0415 - it may be missing

    application.command()(installed)


def simulate() -> None:
    """Run an offline Veza tenant: for trying things out, for demonstrations, training and tests."""
    print(NOT_INSTALLED, file=sys.stderr)  # noqa: T201 - the command's output
    sys.exit(exits.NOT_CHECKED)
