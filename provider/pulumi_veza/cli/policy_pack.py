"""``pulumi-veza policy-pack``: where the policy pack is."""

from __future__ import annotations

import importlib
from pathlib import Path

import typer

from pulumi_veza import policies
from pulumi_veza.cli import end_without


def policy_pack() -> None:
    """Print the folder of the policy pack, for `pulumi preview --policy-pack "$(pulumi-veza policy-pack)"`."""
    try:
        importlib.import_module("pulumi_policy")
    except ModuleNotFoundError as error:
        end_without(error, "policy")
    typer.echo(str(Path(policies.__file__).parent / "pack"))
