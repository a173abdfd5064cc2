"""``pulumi-veza doctor``: what may be wrong here, and how the tenant answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_veza import __version__
from pulumi_veza.cli import exits, options, outputs
from pulumi_veza.errors import UnusableFileError

if TYPE_CHECKING:
    from pulumi_veza.doctor.document import DoctorDocument
    from pulumi_veza.doctor.surroundings import Surroundings


def doctor(  # noqa: PLR0917 - the options, which are given by name
    stack: options.Stack = None,
    cwd: options.Folder = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as a versioned document.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings, too.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Send nothing: look at this machine only.")] = False,
    bundle: Annotated[
        Path | None, typer.Option(help="Write what a bug report needs to this file, without keys, names and addresses.")
    ] = None,
    with_address: Annotated[
        bool, typer.Option("--with-address", help="Leave the tenant's address in the --bundle.")
    ] = False,
    learn: Annotated[
        Path | None,
        typer.Option(
            help="Find by reads alone how the tenant (VEZA_URL, VEZA_API_KEY) answers what the documents leave open, "
            "and write it to this file, for `pulumi-veza simulate --like`."
        ),
    ] = None,
) -> None:
    """Look for what may be wrong here: versions, settings, network, permissions, the engine. Changes nothing.

    Exits with 0 where all is well; with 1 where there is a problem, with --strict also where there is a warning; with 2
    where it could not look; with 64 where the command is wrong.
    """
    if learn and (json or strict or offline or bundle or with_address or stack or cwd):
        raise typer.BadParameter("--learn goes alone: it asks the tenant, and writes one file")
    if with_address and not bundle:
        raise typer.BadParameter("--with-address is about the --bundle FILE; give both")
    if learn:
        _learn(learn)
        return
    with outputs.failing_to("look"):
        found = _examined(cwd or Path(), stack, offline=offline, bundle=bundle, with_address=with_address, json=json)
    raise typer.Exit(exits.FINDING if found.findings(strict=strict) else exits.NOTHING)


def _examined(
    folder: Path, stack: str | None, *, offline: bool, bundle: Path | None, with_address: bool, json: bool
) -> DoctorDocument:
    from pulumi_veza.doctor import bundle as bundles  # noqa: PLC0415 - takes long to load
    from pulumi_veza.doctor import document, rendering  # noqa: PLC0415
    from pulumi_veza.doctor.catalogue import CHECKS  # noqa: PLC0415
    from pulumi_veza.doctor.examination import examine  # noqa: PLC0415
    from pulumi_veza.doctor.surroundings import Surroundings  # noqa: PLC0415

    if not folder.is_dir():
        raise UnusableFileError(f"--cwd {folder}: there is no such folder")
    surroundings: Surroundings = Surroundings(folder, stack, offline=offline)
    try:
        with _progress(len(CHECKS)) as shown:
            checks = list(examine(CHECKS, surroundings, lambda check: shown(check.id)))
        found = document.report(checks, surroundings)
        if bundle:
            outputs.write(bundles.bundle(found, surroundings, with_address=with_address), bundle)
    finally:
        surroundings.close()
    if json:
        outputs.write(document.dump(found), None, "json")
    else:
        outputs.write(rendering.terminal(found, outputs.render_options(None)), None)
    if bundle:
        typer.echo(f"bundle written to {bundle}: read it before you send it", err=True)
    return found


def _learn(file: Path) -> None:
    from pulumi_veza.client.settings import load  # noqa: PLC0415 - takes long to load
    from pulumi_veza.doctor import rendering  # noqa: PLC0415
    from pulumi_veza.doctor.learning import behaviour, catalogue, reading  # noqa: PLC0415

    with outputs.failing_to("learn"):
        settings = load({})
        with _progress(None) as shown:
            seen = reading.look(settings, shown)
        found = catalogue.behaviour(seen, f"pulumi-veza {__version__}")
        outputs.write(behaviour.dump(found, catalogue.questions()), file)
        outputs.write(rendering.learned(found, str(file), outputs.render_options(None)), None)


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[..., None]]:
    """Yield what shows the progress as a bar, on a terminal only: what is looked at, and how much of it is done."""
    from rich.console import Console  # noqa: PLC0415 - only here
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total)
        steps = iter(range(10_000))

        def show(name: str, done: int | None = None, of: int | None = None) -> None:
            bar.update(task, description=name, completed=next(steps) if done is None else done, total=of or total)

        yield show
