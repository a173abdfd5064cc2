"""The whole export: read the tenant, write the folder, and report."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from pulumi_veza.client.settings import Settings
from pulumi_veza.errors import RefusedError
from pulumi_veza.export import folder as folders
from pulumi_veza.export.emails import read_emails
from pulumi_veza.export.manifest import Manifest
from pulumi_veza.export.objects import Walk
from pulumi_veza.export.project import project
from pulumi_veza.export.reading import ReadingSession, reading
from pulumi_veza.export.selection import Selection
from pulumi_veza.export.summary import summary
from pulumi_veza.export.walk import KnownNames, Progress, walk
from pulumi_veza.provider.absence import FIRST_VERSION


def export(
    folder: Path, selection: Selection, settings: Settings, progress: Progress, *, emails: bool, force: bool
) -> tuple[str, bool]:
    """Export a tenant into a folder; return the report, and whether nothing is left to decide.

    Raises:
        VezaError: the tenant cannot be read, or the folder cannot be used. It is as it was before.

    """
    with folders.held(folder):
        last = folders.opened(folder)
        known = last or Manifest()
        if last is not None and last.tenant != settings.url:
            raise RefusedError(
                f"{folder} is an export of {last.tenant}, and VEZA_URL is {settings.url}; give another folder, or "
                "correct the address"
            )
        with reading(settings) as session:
            found = walk(session, selection, KnownNames(known.types, known.profiles), progress)
            _refuse_hidden(session, known, found)
            addresses = read_emails(session.client, found.people, folder / folders.EMAILS, progress) if emails else {}
        new = project(found, known, folder.resolve().name, addresses)
        what = folders.changes(folder, known, new, force=force)
        folders.write(folder, what, new)
        (folder / folders.EMAILS).unlink(missing_ok=True)
    return summary(found, last, new.manifest, what, folder), not (found.left_out or what.outdated)


def _refuse_hidden(session: ReadingSession, known: Manifest, found: Walk) -> None:
    """Refuse an export that would drop a profile which the key only does not see any more."""
    listed = {each["id"] for each in found.all_profiles}
    for id_ in sorted((known.profiles.keys() & known.contents.keys()) - listed):
        answer = session.snapshot.absences.member_list_answer(id_, FIRST_VERSION)
        if answer is not HTTPStatus.NOT_FOUND:
            raise RefusedError(
                f"access profile {known.profiles[id_]!r} ({id_}) of the last export is not in the list of "
                f"{found.tenant}, but its member list answers {answer.value}: the API key may not see it any more; use "
                "a key whose owner may, or export what this key sees into another folder"
            )
