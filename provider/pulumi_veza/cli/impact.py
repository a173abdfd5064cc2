"""``pulumi-veza impact``: who gains and loses what by a change."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated

import typer

from pulumi_veza.cli import approving, exits, inputs, looking, options, outputs, stopping
from pulumi_veza.cli.inputs import Input
from pulumi_veza.cli.saving import Saving
from pulumi_veza.client.address import tenant_move
from pulumi_veza.client.settings import Settings
from pulumi_veza.errors import UnusableFileError, VezaError
from pulumi_veza.impact import building, document, failing
from pulumi_veza.impact.identities import with_identities
from pulumi_veza.impact.looking import look
from pulumi_veza.impact.rendering import FORMATS, marks
from pulumi_veza.plan import preview_json
from pulumi_veza.plan.planning import confirmations
from pulumi_veza.plan.records import Record
from pulumi_veza.plan.tenants import refuse_other_tenants
from pulumi_veza.reports.options import COMMENT_BYTES


def impact(  # noqa: PLR0917 - the options, which are given by name
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="What `pulumi preview --json --show-sames` wrote, one file a stack; or one document that "
            "--format json wrote. - is the standard input. Without any, the preview is run.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, outputs.format_option(FORMATS, "How to show it")
    ] = "terminal",
    output: options.Output = None,
    fail_on: options.AccessConditions = None,
    live: Annotated[
        bool | None,
        typer.Option(
            "--live/--offline",
            help="Look at the tenant (VEZA_URL, VEZA_API_KEY, or the stack's configuration), or at the state alone. "
            "Without either it looks where it has an address and a key.",
        ),
    ] = None,
    stack: options.Stacks = None,
    cwd: options.Folder = None,
    valid_at: options.ValidAt = None,
    over: Annotated[
        Path | None,
        typer.Option(help="The comment that is there: where it is newer, it is written again instead of this one."),
    ] = None,
    source_root: options.SourceRoot = "",
    budget: options.Budget = COMMENT_BYTES,
    full: options.Full = False,
    approved: Annotated[
        Path | None,
        typer.Option(help="The document that was approved: anything else that happens to people ends with 1."),
    ] = None,
    save_preview: Annotated[
        Path | None, typer.Option(help="Write the preview that is run to this file, for `pulumi-veza policy check`.")
    ] = None,
    save_plan: Annotated[
        Path | None, typer.Option(help="Write the plan of the preview to this file, for `pulumi up --plan`.")
    ] = None,
) -> None:
    """Show who gains and who loses what, before anything is done.

    Exits with 0; with 1 where --fail-on is met, or where it is not what was --approved; with 2 where it could not be
    checked; with 64 where the command is wrong.
    """
    render = outputs.rendering(FORMATS, format)
    wanted = outputs.fail_conditions(failing.CONDITIONS, fail_on or ())
    if files and (stack or cwd):
        raise typer.BadParameter("give either files or what to run the preview of, not both")
    saving = Saving(save_preview, save_plan)
    if saving.wanted and (files or len(stack or ()) > 1):
        raise typer.BadParameter("--save-preview and --save-plan are of one preview, which is run here: give no file")
    render_options = outputs.render_options(output, budget=budget, full=full, source_root=source_root)

    def write(found: document.Document) -> None:
        there = inputs.read(over).text if over else None
        text = render(found, render_options)
        if there is not None and marks.is_newer(there, found):
            typer.echo("the comment that is there is newer: it stays", err=True)
            text = there
        outputs.write(text, output, format)

    with outputs.failing_to("check"):
        agreed = approving.load(approved) if approved else None
        try:
            found = _document(files or [], stack or [], cwd, live=live, valid_at=valid_at, saving=saving)
        except VezaError as error:
            stopped = stopping.document(error, files or [], stack or [], cwd, valid_at)
            # The terminal is told by the line about the failure.
            if stopped and (output or format != "terminal"):
                write(stopped)
            raise
        if wanted or agreed:
            approving.refuse_stopped(found, str(files[0]) if files else "the document")
        write(found)
    met = outputs.conditions_met(found, wanted)
    as_approved = agreed is None or approving.is_approved(found, agreed)
    raise typer.Exit(exits.NOTHING if as_approved and not met else exits.FINDING)


def _document(
    files: Sequence[Path],
    stacks: Sequence[str],
    cwd: Path | None,
    *,
    live: bool | None,
    valid_at: str | None,
    saving: Saving,
) -> document.Document:
    given = [inputs.read(file) for file in files]
    names: Sequence[str | None] = stacks or [None]
    if len(given) == 1 and _is_document(given[0]):
        if live:
            raise typer.BadParameter("a saved document is shown as it is: --live belongs to where it is made")
        return document.load(given[0].text, given[0].name)
    if not files:
        given = [saving.preview(name, cwd) for name in names]
    records: list[Record] = []
    names_of: dict[str, str] = {}
    confirmed: set[str] = set()
    announced: set[str] = set()
    refused: list[str] = []
    configurations = []
    for place, each in enumerate(given):
        if _is_document(each):
            raise UnusableFileError(f"{each.name} is a document: one is shown by itself, previews are merged")
        found = preview_json.read(each.text, each.name, ran=each.ran)
        saving.drop_unusable_plan(found.records)
        for name in sorted({record.stack for record in found.records} - {""}):
            if other := names_of.get(name):
                both = f"{other} twice" if other == each.name else f"{other} and {each.name}"
                raise typer.BadParameter(f"{both}: a preview of {name} is given twice; give one of each stack")
            names_of[name] = each.name
        records += found.records
        confirmed |= confirmations(found.configuration)
        announced.update(found.tenants)
        refused += found.refusals
        run = {} if files or live is False else looking.configuration_of(found.configuration, names[place], cwd)
        configurations.append({**found.configuration, **run})
    values = frozenset(confirmed)
    settings = looking.settings_of(live, configurations)
    if isinstance(settings, str):
        return building.build(
            records,
            valid_at=valid_at,
            confirmations=values,
            tenants=announced,
            refusals=refused,
            not_looked=settings,
        )
    return _live(records, valid_at, announced, values, refused, settings)


def _is_document(given: Input) -> bool:
    try:
        return document.is_document(json.loads(given.text))
    except (ValueError, RecursionError):
        return False


def _live(
    records: Sequence[Record],
    valid_at: str | None,
    announced: Collection[str],
    confirmed: frozenset[str],
    refused: Sequence[str],
    settings: Settings,
) -> document.Document:
    """Return the document of a change of what the tenant holds."""
    from pulumi_veza.client.client import Client  # noqa: PLC0415 - only here is the network needed

    with looking.or_offline(), Client(settings=settings) as client:
        refuse_other_tenants(records, announced, client.url, tenant_move())
        seen = look(records, client)
        found = building.build(
            records,
            seen.organisation,
            valid_at,
            confirmations=confirmed,
            tenants=[client.url],
            refusals=refused,
            found=seen.findings,
        )
        return with_identities(found, client, seen.identities)
