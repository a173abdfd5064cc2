"""``pulumi-veza export``: the tenant as a Pulumi project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_veza.cli import exits, outputs
from pulumi_veza.cli.progress import bars
from pulumi_veza.cli.twin import write_twin

if TYPE_CHECKING:
    from pulumi_veza.export.selection import Selection
    from pulumi_veza.export.verification import Verification

Patterns = list[str] | None


def export(  # noqa: PLR0917 - the options, which are given by name
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="The project's folder: new, empty, or that of an earlier export."),
    ] = None,
    type: Annotated[  # noqa: A002 - the option's name
        Patterns, typer.Option(help="Only types of this name (a pattern such as 'Team*'), with their profiles.")
    ] = None,
    label: Annotated[Patterns, typer.Option(help="Only profiles with this label (a pattern).")] = None,
    integration: Annotated[Patterns, typer.Option(help="Only profiles of this integration (a pattern).")] = None,
    name: Annotated[Patterns, typer.Option(help="Only profiles of this name (a pattern).")] = None,
    members: Annotated[bool, typer.Option(help="Whether the members that were added by hand are exported.")] = True,
    emails: Annotated[
        bool, typer.Option("--emails", help="Read the e-mail address of each member, with one request for each.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that were edited by hand.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Import it into a temporary stack and preview it there.")
    ] = False,
    twin: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a twin of the tenant, to rehearse on, instead of a project."),
    ] = None,
    anonymise: Annotated[
        bool, typer.Option("--anonymise", help="Replace people, names and texts in the twin.")
    ] = False,
    identities: Annotated[
        bool, typer.Option("--identities", help="Read title, department and e-mail of each member for the twin.")
    ] = False,
) -> None:
    """Write what the tenant has as a Pulumi project, with the file that takes it over without a change.

    It asks the tenant (VEZA_URL, VEZA_API_KEY) and changes nothing there. Exits with 0; with 1 where something is left
    out, a file that was edited by hand is out of date, or --verify finds a change; with 2 where it could not be
    exported; with 64 where the command is wrong.
    """
    if (folder is None) == (twin is None):
        raise typer.BadParameter("give either DIR, for a project, or --twin FILE, for a twin")
    if twin is not None:
        if type or label or integration or name or emails or force or verify or not members:
            raise typer.BadParameter("a twin is the whole tenant: --twin takes --anonymise and --identities alone")
        with outputs.failing_to("export"):
            raise typer.Exit(write_twin(twin, anonymise=anonymise, identities=identities))
    if anonymise or identities:
        raise typer.BadParameter("--anonymise and --identities belong to --twin")
    assert folder is not None  # noqa: S101 - one of the two is given
    from pulumi_veza.export.selection import Selection  # noqa: PLC0415 - only this command needs it

    selection = Selection(tuple(type or ()), tuple(label or ()), tuple(integration or ()), tuple(name or ()), members)
    with outputs.failing_to("export"):
        text, complete = _exported(folder, selection, emails=emails, force=force)
        outputs.write(text, None)
    with outputs.failing_to("verify"):
        if verify:
            found = _verified(folder)
            outputs.write(found.text, None)
            complete = complete and not found.changes
    raise typer.Exit(exits.NOTHING if complete else exits.FINDING)


def _exported(folder: Path, selection: Selection, *, emails: bool, force: bool) -> tuple[str, bool]:
    """Export, and return what to print and whether nothing is left to decide."""
    from pulumi_veza.client import settings  # noqa: PLC0415 - only here is the network needed
    from pulumi_veza.export import exporting  # noqa: PLC0415

    configured = settings.load({})
    with bars() as progress:
        return exporting.export(folder, selection, configured, progress, emails=emails, force=force)


def _verified(folder: Path) -> Verification:
    from pulumi_veza.cli.scratch_stack import ScratchStack  # noqa: PLC0415
    from pulumi_veza.export.project import IMPORT_FILE  # noqa: PLC0415
    from pulumi_veza.export.verification import verification  # noqa: PLC0415

    with bars() as progress, ScratchStack(folder, "verify") as stack:
        progress("Import", 0, None)
        file = str((folder / IMPORT_FILE).resolve())
        stack.run("import", "--file", file, "--generate-code=false", "--protect=false", "--yes")
        progress("Preview", 0, None)
        return verification(stack.run("preview", "--json", may_fail=True).stdout)
