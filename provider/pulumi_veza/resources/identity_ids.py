"""Identity ids as a program writes them: what cannot be meant, and what is probably another id."""

from __future__ import annotations

from typing import Any

from pulumi_veza.fields.field_types import UNKNOWN
from pulumi_veza.fields.problems import MOST_FAILURES, Problems
from pulumi_veza.fields.spelling import differing_in_case, looks_like_email
from pulumi_veza.provider.kind import Operation
from pulumi_veza.reports.words import counted, listed


def refuse_two_spellings(identity_ids: Any, problems: Problems) -> None:
    """Add the ids of one set that differ only in case: a tenant that ignores it would add and remove one person."""
    pairs = differing_in_case(_known(identity_ids))
    for one, other in pairs[:MOST_FAILURES]:
        problems.add(
            "identity_ids",
            f"{one!r} and {other!r} differ only in case, which a tenant may take for one person; write the id once, as "
            "Lifecycle Management has it",
        )
    if len(pairs) > MOST_FAILURES:
        problems.add("identity_ids", f"{len(pairs) - MOST_FAILURES} more ids differ only in case")


def hint_at_emails(op: Operation) -> None:
    """Print where ids are found that are probably meant by e-mail addresses; a tenant may have such ids."""
    if emails := list(filter(looks_like_email, _known(op.args["identity_ids"]))):
        op.info(
            f"{counted(len(emails), 'identity id')} of it may be an e-mail address ({listed(emails, most=3)}): an "
            "identity id is the UUID that the identity has in Lifecycle Management, where its page shows it; the API "
            "finds nobody by an e-mail address"
        )


def _known(identity_ids: Any) -> list[str]:
    return [] if identity_ids is UNKNOWN else [each for each in identity_ids.values() if each is not UNKNOWN]
