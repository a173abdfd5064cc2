"""``pulumi-veza policy``: the rules without the engine."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from pulumi_veza.cli import exits, inputs, options, outputs
from pulumi_veza.plan.planning import confirmations
from pulumi_veza.policies import exceptions as exceptions_file
from pulumi_veza.policies import settings
from pulumi_veza.policies.checking import Report
from pulumi_veza.policies.checking import check as run_rules
from pulumi_veza.policies.findings import Outcome
from pulumi_veza.policies.rendering import FORMATS
from pulumi_veza.policies.stack import Stack


class FailOn(str, enum.Enum):
    """What ends the command with 1."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    UNDECIDED = "undecided"
    NEVER = "never"


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
    exceptions: options.Exceptions = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, outputs.format_option(FORMATS, "How to show it")
    ] = "terminal",
    output: options.Output = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(help="What ends with 1: mandatory rules; advisory ones as well; also what is undecided; nothing."),
    ] = FailOn.MANDATORY,
    source_root: options.SourceRoot = "",
    full: options.Full = False,
) -> None:
    """Check the rules on a preview, or on what is deployed.

    Exits with 0; with 1 where something is found that --fail-on names; with 2 where it could not be checked; with 64
    where the command is wrong.
    """
    render = outputs.rendering(FORMATS, format)
    render_options = outputs.render_options(output, source_root=source_root, full=full)
    with outputs.failing_to("check"):
        report = run_rules(_stack(file), settings.load(config) if config else None, _exceptions(exceptions))
        outputs.write(render(report, render_options), output, format)
    raise typer.Exit(exits.FINDING if _found(report, fail_on) else exits.NOTHING)


def _stack(file: Path) -> Stack:
    found = inputs.resources(inputs.read(file))
    return Stack(found.records, before_known=not found.deployed, confirmations=confirmations(found.configuration))


def _exceptions(path: Path | None) -> tuple[exceptions_file.Entry, ...]:
    found = exceptions_file.find_file(path)
    return exceptions_file.load(found) if found else ()


def _found(report: Report, fail_on: FailOn) -> bool:
    if fail_on is FailOn.NEVER:
        return False
    counting = {FailOn.MANDATORY: set[Outcome](), FailOn.ADVISORY: {Outcome.VIOLATION}}
    outcomes = counting.get(fail_on, {Outcome.VIOLATION, Outcome.UNDECIDED})
    return bool(report.stopping) or any(finding.outcome in outcomes for finding in report.findings)
