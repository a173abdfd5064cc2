"""``pulumi-veza policy``: the rules without the engine."""

from __future__ import annotations

import enum
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from pulumi_veza.cli import exits, streams
from pulumi_veza.plan import preview_json
from pulumi_veza.policies import exceptions as exceptions_file
from pulumi_veza.policies import settings
from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.checking import check as run_rules
from pulumi_veza.policies.findings import Outcome
from pulumi_veza.policies.rendering import FORMATS, Options
from pulumi_veza.policies.stack import Stack

policy = typer.Typer(help="Check policies without the engine.", no_args_is_help=True)


@policy.callback()
def policies() -> None:
    """Check policies without the engine."""


class FailOn(str, enum.Enum):
    """What ends the command with 1."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    UNDECIDED = "undecided"
    NEVER = "never"


@policy.command()
def check(  # noqa: PLR0917 - the options, which are given by name
    file: Annotated[
        Path,
        typer.Argument(
            help="What `pulumi preview --json --show-sames` or `pulumi stack export` wrote; - is the standard input."
        ),
    ],
    config: Annotated[
        Path | None, typer.Option(help="The rules' configuration, as `pulumi preview --policy-pack-config` takes it.")
    ] = None,
    exceptions: Annotated[
        Path | None, typer.Option(help=f"The file of exceptions; {exceptions_file.FILE} is read where it is there.")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, typer.Option(help=f"How to show it: {', '.join(FORMATS)}.", metavar="NAME")
    ] = "terminal",
    output: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(help="What ends with 1: mandatory rules; advisory ones as well; also what is undecided; nothing."),
    ] = FailOn.MANDATORY,
    source_root: Annotated[str, typer.Option(help="The project's folder inside the repository, for places.")] = "",
) -> None:
    """Check the rules on a preview, or on what is deployed.

    Exits with 0; with 1 where something is found that --fail-on names; with 2 where it could not be checked; with 64
    where the command is wrong.
    """
    if format not in FORMATS:
        raise typer.BadParameter(f"--format {format}: there is no such format; write one of {', '.join(FORMATS)}")
    terminal = output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else 100
    options = Options(width=width, color=terminal, source_root=source_root)
    with streams.or_could_not("check"):
        report = run_rules(_stack(file), settings.load(config) if config else None, _exceptions(exceptions))
        streams.write(FORMATS[format](report, options), output)
    raise typer.Exit(exits.FINDING if _found(report, fail_on) else exits.NOTHING)


def _stack(file: Path) -> Stack:
    text, what = streams.read(file)
    # Of what is deployed nothing is a change.
    if preview_json.is_state(text):
        return Stack(preview_json.state(text, what), before_known=False)
    return Stack(preview_json.preview(text, what))


def _exceptions(named: Path | None) -> tuple[exceptions_file.Entry, ...]:
    found = exceptions_file.place(named)
    return exceptions_file.load(found) if found else ()


def _found(report: Report, fail_on: FailOn) -> bool:
    if fail_on is FailOn.NEVER:
        return False
    counting = {FailOn.MANDATORY: set[Outcome](), FailOn.ADVISORY: {Outcome.VIOLATION}}
    outcomes = counting.get(fail_on, {Outcome.VIOLATION, Outcome.UNDECIDED})
    return bool(report.stopping) or any(finding.outcome in outcomes for finding in report.findings)
