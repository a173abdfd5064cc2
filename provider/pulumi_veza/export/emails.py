"""The e-mail addresses of people: one request for each identity, several at a time, kept as they come."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path

from pulumi_veza.client.client import Client
from pulumi_veza.client.parallel import as_answered
from pulumi_veza.errors import NotFoundError, PermissionDeniedError, UnwritableFileError
from pulumi_veza.reports.files import read_text


def read_emails(
    client: Client, ids: Collection[str], file: Path, progress: Callable[[str, int, int | None], None]
) -> dict[str, str]:
    """Return the e-mail addresses of identities, by id; one that has none, or that the key may not read, is empty.

    Args:
        client: A client of the tenant.
        ids: The identities.
        file: Where addresses are kept as they come, so that an interrupted export goes on where it was.
        progress: Shows how many are done.

    Raises:
        VezaError: the tenant cannot be asked, or the file cannot be written.

    """
    found = {who: email for who, email in _kept(file, client.url).items() if who in ids}
    waiting = sorted(set(ids) - found.keys())
    progress("Identities", len(found), len(ids))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as kept:
            for who, email in as_answered(lambda id_: _email(client, id_), waiting):
                kept.write(json.dumps([client.url, who, email]) + "\n")
                kept.flush()
                found[who] = email
                progress("Identities", len(found), len(ids))
    except OSError as error:
        raise UnwritableFileError(f"cannot write {file}: {error.strerror or error}") from None
    return found


def _email(client: Client, identity_id: str) -> str:
    try:
        return client.get_identity(identity_id).email or ""
    except (NotFoundError, PermissionDeniedError):
        return ""


def _kept(file: Path, tenant: str) -> dict[str, str]:
    """Return what an interrupted export of this tenant has read."""
    try:
        lines = read_text(file).splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return {}
    found = {}
    for line in lines:
        try:
            of, who, email = json.loads(line)
        except ValueError:
            # The last one, where the export was killed.
            continue
        if of == tenant:
            found[who] = email
    return found
