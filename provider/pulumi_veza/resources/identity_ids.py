"""Identity ids that a program probably confuses with something else."""

from __future__ import annotations

from pulumi_veza.fields.field_types import UNKNOWN
from pulumi_veza.fields.spelling import looks_like_email
from pulumi_veza.provider.kind import Operation
from pulumi_veza.reports.words import counted, listed


def hint_at_emails(op: Operation) -> None:
    """Print which ids of a set are probably e-mail addresses; a tenant may have such ids, so they are not refused."""
    ids = op.args["identity_ids"]
    known = [each for each in ids.values() if each is not UNKNOWN] if ids is not UNKNOWN else []
    if emails := list(filter(looks_like_email, known)):
        op.info(
            f"{counted(len(emails), 'identity id')} of it may be an e-mail address ({listed(emails, most=3)}): an "
            "identity id is the UUID that the identity has in Lifecycle Management, where its page shows it; the API "
            "finds nobody by an e-mail address"
        )
