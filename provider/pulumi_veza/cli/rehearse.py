"""``pulumi-veza rehearse``: a change made on a twin of the tenant, before it is made on the tenant."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from pulumi_veza.cli import exits, options, outputs
from pulumi_veza.cli.simulate import NOT_INSTALLED
from pulumi_veza.impact import failing
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.reports.options import COMMENT_BYTES
from pulumi_veza.reports.words import counted, listed


def rehearse(  # noqa: PLR0917 - the options, which are given by name
    tenant: Annotated[
        Path | None,
        typer.Option(
            help="A file that `pulumi-veza export --twin` wrote: then the tenant itself is not asked for anything."
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, outputs.format_option(FORMATS, "How to show it")
    ] = "terminal",
    output: options.Output = None,
    fail_on: options.AccessConditions = None,
    like: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Let the twin answer as a file of `pulumi-veza doctor --learn` says."),
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Refresh the copied state from the twin first.")] = False,
    stack: options.Stack = None,
    cwd: options.Folder = None,
    valid_at: options.ValidAt = None,
    source_root: options.SourceRoot = "",
    budget: options.Budget = COMMENT_BYTES,
    full: options.Full = False,
) -> None:
    """Make the change on a twin of the tenant, and show what it did to people and what was refused.

    It copies the state of the stack into a temporary backend, reads the tenant (VEZA_URL, VEZA_API_KEY, or the stack's
    configuration), starts a simulated tenant with the same objects, and runs `pulumi preview` and `pulumi up` there.
    Nothing is written to the tenant, and all of it is removed at the end. Exits with 0 where it went through and did
    what was predicted; with 1 where something was refused, failed or differs, or --fail-on is met; with 2 where it
    could not be rehearsed; with 64 where the command is wrong.
    """
    render = outputs.rendering(FORMATS, format)
    wanted = outputs.fail_conditions(failing.CONDITIONS, fail_on or ())
    render_options = outputs.render_options(output, budget=budget, full=full, source_root=source_root)
    if find_spec("veza_simulator") is None:
        typer.echo(NOT_INSTALLED, err=True)
        raise typer.Exit(exits.NOT_CHECKED)
    with outputs.failing_to("rehearse"), _interruptible():
        from pulumi_veza.cli.rehearsing import rehearsed  # noqa: PLC0415 - it takes long to load

        found = rehearsed(tenant, stack, cwd, like=like, refresh=refresh, valid_at=valid_at)
        outputs.write(render(found, render_options), output, format)
    met = outputs.conditions_met(found, wanted)
    rehearsal = found.rehearsal
    if met or (rehearsal and rehearsal.findings):
        raise typer.Exit(exits.FINDING)
    if rehearsal and rehearsal.unread:
        unread = f"the members of {counted(len(rehearsal.unread), 'profile')} could not be read"
        names = listed(rehearsal.unread, most=5)
        typer.echo(f"could not check: {unread}: {names}; nobody knows what it does to them", err=True)
        raise typer.Exit(exits.NOT_CHECKED)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Treat a request to end, and the end of the terminal, as an interrupt, so that nothing is left behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's arguments
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {each: signal.signal(each, interrupt) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
