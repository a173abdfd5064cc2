"""``pulumi-veza policy``: the rules without the engine."""

from __future__ import annotations

import enum
import shutil
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pulumi_veza.access import reading
from pulumi_veza.cli import exits
from pulumi_veza.errors import VezaError
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
    try:
        report = run_rules(_stack(file), settings.load(config) if config else None, _exceptions(exceptions))
    except VezaError as error:
        _fail(str(error))
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"cannot read {file}: {error}")
    terminal = output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else 100
    text = FORMATS[format](report, Options(width=width, color=terminal, source_root=source_root))
    _write(text, output)
    raise typer.Exit(exits.FINDING if _found(report, fail_on) else exits.NOTHING)


def _stack(file: Path) -> Stack:
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    what = "the standard input" if str(file) == "-" else str(file)
    # Of what is deployed nothing is a change.
    if reading.is_state(text):
        return Stack(reading.state(text, what), before_known=False)
    return Stack(reading.preview(text, what))


def _exceptions(named: Path | None) -> tuple[exceptions_file.Entry, ...]:
    default = Path(exceptions_file.FILE)
    found = named or (default if default.exists() else None)
    return exceptions_file.load(found) if found else ()


def _found(report: Report, fail_on: FailOn) -> bool:
    if fail_on is FailOn.NEVER:
        return False
    counting = {FailOn.MANDATORY: set[Outcome](), FailOn.ADVISORY: {Outcome.VIOLATION}}
    outcomes = counting.get(fail_on, {Outcome.VIOLATION, Outcome.UNDECIDED})
    return bool(report.stopping) or any(finding.outcome in outcomes for finding in report.findings)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"cannot write {output}: {error.strerror or error}")


def _fail(text: str) -> NoReturn:
    typer.echo(f"could not check: {text}", err=True)
    raise typer.Exit(exits.NOT_CHECKED)
