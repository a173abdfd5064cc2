"""The whole export: read the tenant, write the folder, and report."""

from __future__ import annotations

from pathlib import Path

from pulumi_veza.client.settings import Settings
from pulumi_veza.errors import RefusedError
from pulumi_veza.export import folder as folders
from pulumi_veza.export.emails import read_emails
from pulumi_veza.export.manifest import Manifest
from pulumi_veza.export.project import project
from pulumi_veza.export.reading import reading
from pulumi_veza.export.selection import Selection
from pulumi_veza.export.summary import summary
from pulumi_veza.export.walk import KnownNames, Progress, walk


def export(
    folder: Path, selection: Selection, settings: Settings, progress: Progress, *, emails: bool, force: bool
) -> tuple[str, bool]:
    """Export a tenant into a folder; return the report, and whether nothing is left to decide.

    Raises:
        VezaError: the tenant cannot be read, or the folder cannot be used. It is as it was before.

    """
    last = folders.opened(folder)
    known = last or Manifest()
    if last is not None and last.tenant != settings.url:
        raise RefusedError(
            f"{folder} is an export of {last.tenant}, and VEZA_URL is {settings.url}; give another folder, or correct "
            "the address"
        )
    with reading(settings) as session:
        found = walk(session, selection, KnownNames(known.types, known.profiles), progress)
        addresses = read_emails(session.client, found.people, folder / folders.EMAILS, progress) if emails else {}
    new = project(found, known, folder.resolve().name, addresses)
    what = folders.changes(folder, known, new, force=force)
    folders.write(folder, what, new)
    (folder / folders.EMAILS).unlink(missing_ok=True)
    return summary(found, last, new.manifest, what, folder), not (found.left_out or what.outdated)
