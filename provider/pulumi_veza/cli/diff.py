"""``pulumi-veza diff``: the program, the state and the tenant compared."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_veza.cli import engine, exits, inputs, options, outputs
from pulumi_veza.cli.inputs import Input, Resources
from pulumi_veza.client.address import tenant_move
from pulumi_veza.drift import failing, ignores
from pulumi_veza.drift.document import KIND, DriftDocument
from pulumi_veza.drift.rendering import FORMATS
from pulumi_veza.errors import UnusableFileError
from pulumi_veza.plan.records import Record, has_hidden
from pulumi_veza.plan.tenants import refuse_other_tenants
from pulumi_veza.policies import exceptions as exceptions_file
from pulumi_veza.reports.options import COMMENT_BYTES
from pulumi_veza.reports.words import counted

if TYPE_CHECKING:
    from pulumi_veza.client.settings import Settings
    from pulumi_veza.policies.exceptions import Entry


def diff(  # noqa: PLR0917 - the options, which are given by name
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="What `pulumi preview --json --show-sames` or `pulumi stack export` wrote, one file a stack; or one "
            "document that --format json wrote. - is the standard input. Without any, the preview is run.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str, outputs.format_option(FORMATS, "How to show it")
    ] = "terminal",
    output: options.Output = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="any, drift, members, unmanaged, not-applied, expired, unreadable, count>N (findings), coverage<P "
            "(percent of the profiles) or never: then exit with 1.",
            show_default=failing.DEFAULT,
        ),
    ] = None,
    state_only: Annotated[
        bool, typer.Option("--state-only", help="Run no program: compare the state alone with the tenant.")
    ] = False,
    all_members: Annotated[
        bool, typer.Option("--all-members", help="Count the members of unmanaged profiles, too: one request for each.")
    ] = False,
    exceptions: options.Exceptions = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Add an entry to this file of exceptions for each finding that has none.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for the entries of --baseline.")] = None,
    expires: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day on which the entries of --baseline hold."),
    ] = None,
    reason: Annotated[
        str, typer.Option(help="Why the entries of --baseline are right.")
    ] = "It was there before the tenant was managed as code.",
    ticket: Annotated[str, typer.Option(help="Where the entries of --baseline were decided.")] = "baseline",
    stack: options.Stacks = None,
    cwd: options.Folder = None,
    source_root: options.SourceRoot = "",
    budget: options.Budget = COMMENT_BYTES,
    full: options.Full = False,
) -> None:
    """Show what was changed by hand, what nothing manages, and what is not applied yet. Nothing is changed.

    It asks the tenant (VEZA_URL, VEZA_API_KEY, or the stack's configuration), and takes no lock. Exits with 0; with 1
    where --fail-on is met; with 2 where it, or a part of it, could not be checked; with 64 where the command is wrong.
    """
    render = outputs.rendering(FORMATS, format)
    wanted = outputs.fail_conditions(failing.CONDITIONS, fail_on or [failing.DEFAULT])
    if files and (stack or cwd or state_only):
        raise typer.BadParameter("give either files or what to run the engine for, not both")
    if baseline and (owner is None or expires is None):
        raise typer.BadParameter("--baseline needs --owner, who answers for its entries, and --expires, their last day")
    if expires and expires.date() < datetime.date.today():
        raise typer.BadParameter(
            f"--expires {expires.date()} is past, so the entries would allow nothing: give a later day"
        )
    render_options = outputs.render_options(output, budget=budget, full=full, source_root=source_root, fail_on=wanted)
    with outputs.failing_to("check"):
        given = [inputs.read(file) for file in files or ()]
        found = _saved(given)
        if found is None:
            resources = [inputs.resources(each) for each in given] or _run(stack or [None], cwd, state_only=state_only)
            entries = _exceptions(exceptions, baseline)
            configured = None if given else inputs.settings(stack[0] if stack else None, cwd)
            found = _compared(resources, entries, configured, all_members=all_members)
        if baseline and owner and expires:
            answers = ignores.BaselineAnswers(owner, reason, ticket, expires.date())
            _write_baseline(baseline, found, answers)
            raise typer.Exit(exits.NOTHING)
        outputs.write(render(found, render_options), output, format)
        if found.summary.open and not given:
            _say_unfinished(stack or [None], cwd)
    if outputs.conditions_met(found, wanted, by_default=not fail_on):
        raise typer.Exit(exits.FINDING)
    if count := found.summary.unreadable:
        typer.echo(f"could not check: {counted(count, 'thing')} could not be read", err=True)
        raise typer.Exit(exits.NOT_CHECKED)


def _saved(given: Sequence[Input]) -> DriftDocument | None:
    """Return the document, where the input is one."""
    documents = [each for each in given if _is_document(each)]
    if not documents:
        return None
    if len(given) > 1:
        raise UnusableFileError(f"{documents[0].name} is a document: one is shown by itself, previews are merged")
    return KIND.load(documents[0].text, documents[0].name)


def _is_document(given: Input) -> bool:
    try:
        return KIND.is_one(json.loads(given.text))
    except (ValueError, RecursionError):
        return False


def _run(stacks: Sequence[str | None], cwd: Path | None, *, state_only: bool) -> list[Resources]:
    """Return the resources of stacks, with what is secret in their states, which is compared and never shown."""
    found = []
    for stack in stacks:
        if not state_only:
            found.append(inputs.resources(inputs.preview(stack, cwd)))
        if state_only or any(_has_secrets(record) for record in found[-1].records):
            found.append(inputs.resources(inputs.export(stack, cwd, show_secrets=True)))
    return found


def _say_unfinished(stacks: Iterable[str | None], cwd: Path | None) -> None:
    """Print which stacks have operations of which the state does not know how they ended."""
    for stack in stacks:
        state = json.loads(engine.export_state_text(stack, cwd))
        if pending := state.get("deployment", {}).get("pending_operations"):
            typer.echo(
                f"{f'stack {stack}' if stack else 'the stack'}: a run is on, or was killed, and the state does not "
                f"know how {counted(len(pending), 'operation')} ended: what they did may look like changes by hand. "
                "Compare again after the run, or after the `pulumi up` that follows a killed one",
                err=True,
            )


def _has_secrets(record: Record) -> bool:
    return bool(record.kind) and (has_hidden(record.old_inputs) or has_hidden(record.old_outputs))


def _merged(resources: Iterable[Resources]) -> list[Record]:
    """Return the resources of previews and states; of a stack that has both, the state with the preview's program."""
    from pulumi_veza.drift.reading import without_program  # noqa: PLC0415 - the client takes long to load

    deployed: dict[tuple[str, str | None], Record] = {}
    previewed: list[Record] = []
    for each in resources:
        if each.deployed:
            deployed |= {(record.urn, record.id): record for record in without_program(each.records)}
        else:
            previewed += each.records
    found = []
    for record in previewed:
        held = deployed.pop((record.urn, record.id), None)
        if held is None or record.old_outputs is None:
            found.append(record)
        else:
            found.append(replace(record, old_inputs=held.old_inputs, old_outputs=held.old_outputs))
    stacks = {record.stack for record in previewed}
    return [*found, *(record for record in deployed.values() if record.stack not in stacks)]


def _compared(
    resources: Sequence[Resources], entries: Sequence[Entry], configured: Settings | None, *, all_members: bool
) -> DriftDocument:
    from pulumi_veza.drift import building, reading  # noqa: PLC0415 - only here is the network needed

    everything = _merged(resources)
    if not any(record.kind for record in everything):
        raise UnusableFileError(
            "there is no resource of Veza in what is compared, so everything in the tenant would be unmanaged: check "
            "the stack, write a preview with --show-sames, or begin with `pulumi-veza export`"
        )
    announced = [tenant for each in resources for tenant in each.tenants]
    with reading.opened(configured) as session:
        refuse_other_tenants(everything, announced, session.settings.url, tenant_move())
        found = reading.read(everything, session, all_members=all_members)
        program = any(not each.deployed for each in resources)
        return building.build(everything, found, program=program, exceptions=entries)


def _exceptions(path: Path | None, baseline: Path | None) -> tuple[Entry, ...]:
    files = [exceptions_file.find_file(path), baseline if baseline and baseline.exists() else None]
    return tuple(entry for file in dict.fromkeys(files) if file for entry in exceptions_file.load(file))


def _write_baseline(file: Path, found: DriftDocument, answers: ignores.BaselineAnswers) -> None:
    added = ignores.write_baseline(file, found.rows, answers)
    typer.echo("; ".join([f"{counted(added, 'entry', 'entries')} added to {file}", *ignores.left_open(found.rows)]))
