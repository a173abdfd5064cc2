"""A rehearsal in sentences, which every rendering shows."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rehearsal_outcome import Rehearsal, RehearsedAccess
from pulumi_veza.reports.words import counted, people

AS_PREDICTED = "What was predicted is what happened"
"""What is said of a rehearsal that did nothing else."""

_PAST = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "same": "unchanged",
}


def sentences(document: Document) -> Iterator[str]:
    """Yield what the rehearsal did, a sentence each; nothing where there was none."""
    found = document.rehearsal
    if found is None:
        return
    if not found.done:
        yield f"Rehearsed on a twin of the tenant: it did not go through ({counted(len(found.refusals), 'refusal')})"
        if not found.changes:
            return
    else:
        yield f"Rehearsed on a twin of the tenant: `pulumi up` went through ({_changes(found)})"
    before, after = (
        f"{grants:,} among {people(who)}"
        for grants, who in ((found.grants_before, found.people_before), (found.grants_after, found.people_after))
    )
    moved = f"{len(found.lost):,} lost, {len(found.gained):,} gained"
    yield f"Entitlements, each counted for each person who has it: {before} before, {after} after; {moved}"
    provisions = sum(each.operation == "PROVISION" for each in found.requests)
    yield (
        f"Access requests that it opened: {provisions:,} to provision and "
        f"{len(found.requests) - provisions:,} to de-provision"
    )
    if found.done:
        differences = len(found.differences)
        unread = f"not known of {counted(len(found.unread), 'profile')}, whose members could not be read"
        if differences:
            yield f"It differs from the prediction: {counted(differences, 'difference')}"
        else:
            yield f"Whether what was predicted happens is {unread}" if found.unread else AS_PREDICTED


def moved(found: Rehearsal) -> Iterator[tuple[str, RehearsedAccess]]:
    """Yield what people lost and gained, the losses first, each with the word for it."""
    yield from (("lost", each) for each in found.lost)
    yield from (("gained", each) for each in found.gained)


def _changes(found: Rehearsal) -> str:
    changed = [f"{count:,} {_PAST.get(op, op)}" for op, count in found.changes.items() if op != "same" and count]
    return ", ".join(changed) or "nothing to change"
