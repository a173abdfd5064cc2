"""``pulumi-veza requests``: what became of the access requests that the last changes opened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pulumi_veza.access_requests import following
from pulumi_veza.access_requests.document import RequestsDocument
from pulumi_veza.access_requests.outcomes import RequestOutcome
from pulumi_veza.access_requests.rendering import FORMATS
from pulumi_veza.cli import exits, inputs, options, outputs
from pulumi_veza.client.address import tenant_move
from pulumi_veza.plan.tenants import refuse_other_tenants
from pulumi_veza.reports.words import counted


def requests(  # noqa: PLR0917 - the options, which are given by name
    file: Annotated[
        Path | None,
        typer.Argument(
            help="What `pulumi stack export` wrote; - is the standard input. Without it, the state of the selected "
            "stack."
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, outputs.format_option(FORMATS, "How to show it")
    ] = "terminal",
    output: options.Output = None,
    wait: Annotated[bool, typer.Option("--wait", help="Look again until nothing is waiting any more.")] = False,
    timeout: Annotated[float, typer.Option(help="How many seconds to --wait at most.", min=0)] = 600,
    stack: options.Stack = None,
    cwd: options.Folder = None,
    full: options.Full = False,
) -> None:
    """Show what became of the access requests that the stack's last changes opened.

    It asks the tenant (VEZA_URL, VEZA_API_KEY). Exits with 0 where all are done, or not known to the tenant any more;
    with 1 where one failed or was rejected, still waits, or is in a state that is not known; with 2 where it could not
    be checked; with 64 where the command is wrong.
    """
    render = outputs.rendering(FORMATS, format)
    if file and (stack or cwd):
        raise typer.BadParameter("give either a file, or a stack's --stack and --cwd")
    render_options = outputs.render_options(output, full=full)
    with outputs.failing_to("check"):
        found = _document(file, stack, cwd, timeout if wait else None)
        outputs.write(render(found, render_options), output, format)
    if wait and (waiting := found.counts.get(RequestOutcome.WAITING.value)):
        typer.echo(f"--timeout {timeout:g}: {counted(waiting, 'access request')} still waiting", err=True)
    raise typer.Exit(exits.FINDING if found.findings else exits.NOTHING)


def _document(file: Path | None, stack: str | None, cwd: Path | None, seconds: float | None) -> RequestsDocument:
    from pulumi_veza.client.client import Client  # noqa: PLC0415 - only here is the network needed

    given = inputs.read(file) if file else inputs.export(stack, cwd)
    found = inputs.resources(given, exported=True)
    with Client() as client:
        refuse_other_tenants(found.records, found.tenants, client.url, tenant_move())
        opened = following.opened(found.records)
        statuses = following.read(client, [each.id for each in opened])
        if seconds is not None:
            with _progress() as shown:
                statuses = following.wait(client, statuses, seconds, shown)
        return following.report(found.records, opened, statuses, client)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Yield what shows the progress as a bar, on a terminal only."""
    from rich.console import Console  # noqa: PLC0415 - only here
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("Access requests"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        yield lambda settled, total: bar.update(task, completed=settled, total=total)
