"""The headline, and what `pulumi up` refuses: of what, for what reason, what it does all the same, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_veza.access.comparison import Effect
from pulumi_veza.errors import one_line
from pulumi_veza.impact.document import Document, RemovalImpact, Row
from pulumi_veza.impact.rendering.wording import ProfileNames, change, of_members, verdict
from pulumi_veza.rules.removal_guard import GuardLevel

NOTHING_CHANGED: Final = "`pulumi up` will refuse this change, and nothing is changed"

_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "preview": (NOTHING_CHANGED, "If it were not refused"),
    "run": ("`pulumi up` will fail at a part of this change and not finish it", "What it does before"),
    "end": ("`pulumi up` will refuse a part of this change", "It does the rest"),
}
"""By where something is refused first: what that means, and what the numbers behind it are about."""

_LONGEST_REASON: Final = 500
"""Characters of a reason in the headline, which nothing shortens."""


def headline(document: Document) -> str:
    """Return the change in one sentence, the losses first; before it what will be refused, or why nothing is known."""
    if stopped := document.stopped:
        if stopped.refused:
            return f"{_sentence(f'{NOTHING_CHANGED}: {_brief(stopped.reason)}')} Nothing else could be checked."
        return _sentence(f"Nothing could be checked: {one_line(stopped.reason, longest=_LONGEST_REASON)}")
    said = change(_as_done(document))
    found = refusals(document)
    if not found or document.refused_at is None:
        return _sentence(f"{said[0].upper()}{said[1:]}")
    refused, about = _REFUSED[document.refused_at]
    reason = f": {_brief(found[0].what)}" if len(found) == 1 else f", for {len(found)} reasons"
    return f"{_sentence(refused + reason)} {_sentence(f'{about}: {said}')}"


def _brief(reason: str) -> str:
    """Return the first part of a reason: what follows, such as the way out, stands below the headline."""
    return one_line(reason.partition("; ")[0], longest=_LONGEST_REASON)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


_PERHAPS: Final = {
    Effect.LOST: Effect.MAYBE_LOST,
    Effect.GAINED: Effect.MAYBE_GAINED,
    Effect.UNGOVERNED: Effect.MAYBE_UNGOVERNED,
}


def _as_done(document: Document) -> Document:
    """Return the document without what `pulumi up` leaves undone; what it may not get to is uncertain."""
    if document.refused_at not in {"run", "end"}:
        return document
    people = [
        person.model_copy(update={"rows": [_row_as_done(row) for row in person.rows if row.undone != "certain"]})
        for person in document.people
    ]
    done = document.model_copy(update={"people": people})
    requests = [each for each in document.requests if each.undone != "certain"]
    summary = document.summary.model_copy(
        update={
            "losing": done.concerned(Effect.LOST),
            "gaining": done.concerned(Effect.GAINED),
            "potentially_losing": done.concerned(Effect.MAYBE_LOST),
            "potentially_gaining": done.concerned(Effect.MAYBE_GAINED),
            "ungoverned": done.concerned(Effect.UNGOVERNED),
            "potentially_ungoverned": done.concerned(Effect.MAYBE_UNGOVERNED),
            "no_effect": done.concerned(Effect.NO_EFFECT),
            "provisions": sum(each.operation == "PROVISION" for each in requests),
            "deprovisions": sum(each.operation == "DEPROVISION" for each in requests),
            "requests_in_doubt": sum(bool(each.reason or each.undone) for each in requests),
        }
    )
    return done.model_copy(update={"summary": summary})


def _row_as_done(row: Row) -> Row:
    effect = _PERHAPS.get(row.effect, row.effect) if row.undone else row.effect
    return row.model_copy(update={"effect": effect})


def consequence(document: Document) -> str:
    """Return what `pulumi up` does beside what it refuses; empty where that is nothing, or it refuses nothing."""
    return _CONSEQUENCES.get(document.refused_at or "", "")


_CONSEQUENCES: Final[Mapping[str, str]] = {
    "run": (
        "What `pulumi up` has done until it fails stays done. What needs the refused part is not done, nor is anything "
        "removed that left the program; whatever else it has not begun by then waits for the next run."
    ),
    "end": (
        "What the program adds or changes is done before that. The refused part stays as it is; whatever else left the "
        "program may have to wait for the next run."
    ),
}


@dataclass(frozen=True)
class RefusalText:
    """What `pulumi up` will refuse, in words."""

    what: str
    people: tuple[str, ...] = ()
    """The identities that would lose their membership."""
    limit: str = ""
    """The limit that refuses it."""
    way_out: str = ""


def refusals(document: Document) -> list[RefusalText]:
    """Return what `pulumi up` will refuse, as far as it is known."""
    names = ProfileNames(document)
    stopped = document.stopped
    return [
        *([RefusalText(stopped.reason, way_out=_ONLY_THE_FIRST)] if stopped and stopped.refused else []),
        *(refusal(each, names) for each in document.removals if each.level is GuardLevel.OVER),
        *(RefusalText(each.what, way_out=each.instead or "") for each in document.conflicts if each.refused),
    ]


def refusal(removal: RemovalImpact, names: ProfileNames) -> RefusalText:
    """Return the removal of a set that the guard refuses."""
    what = f"the set {removal.name!r} would remove {of_members(removal, names)}"
    return RefusalText(what, tuple(removal.people), verdict(removal), way_out(removal))


_ONLY_THE_FIRST: Final = (
    "the preview stopped at this refusal, so another one is not seen; `pulumi-veza impact` without a file shows all"
)


def way_out(removal: RemovalImpact) -> str:
    """Return how a removal above its guard is confirmed; empty where nothing refuses it."""
    if removal.confirmation is None:
        return ""
    if removal.vanished:
        return (
            "the program no longer declares the set: declare it again, or confirm with "
            f"VEZA_ALLOW_REMOVALS={removal.confirmation}"
        )
    return (
        f'to confirm it, write allow_removals="{removal.confirmation}" in the set, or set '
        f"VEZA_ALLOW_REMOVALS={removal.confirmation} for one run"
    )
