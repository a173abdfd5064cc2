"""The headline: the change in a sentence, and of what `pulumi up` refuses, what it does all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_veza.access.comparison import Effect
from pulumi_veza.errors import one_line
from pulumi_veza.impact.because_refused import PERHAPS
from pulumi_veza.impact.document import Document, Row
from pulumi_veza.impact.rendering.removals import refusals
from pulumi_veza.impact.rendering.wording import NO_CHANGE, change

_NOTHING_CHANGED: Final = "`pulumi up` will refuse this change{reasons}, and nothing is changed"

_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "preview": (_NOTHING_CHANGED, "If it were not refused"),
    "run": ("`pulumi up` will fail at a part of this change{reasons} and not finish it", "What it does before"),
    "end": ("`pulumi up` will refuse a part of this change{reasons}", "It does the rest"),
}
"""By where something is refused first: what that means, and what the numbers behind it are about."""

_NOTHING_ELSE: Final[Mapping[str, str]] = {
    "run": "What it does before changes nobody's access",
    "end": "The rest changes nobody's access",
}

_LONGEST_REASON: Final = 500
"""Characters of a reason in the headline, which nothing shortens."""


def headline(document: Document) -> str:
    """Return the change in one sentence, the losses first; before it what will be refused, or why nothing is known."""
    if stopped := document.stopped:
        if stopped.refused:
            refused = f"{_NOTHING_CHANGED.format(reasons='')}: {_brief(stopped.reason)}"
            return f"{_sentence(refused)} Nothing else could be checked."
        return _sentence(f"Nothing could be checked: {one_line(stopped.reason, longest=_LONGEST_REASON)}")
    said = change(_as_done(document))
    found = refusals(document)
    if not found or document.refused_at is None:
        return _sentence(f"{said[0].upper()}{said[1:]}")
    refused, about = _REFUSED[document.refused_at]
    if len(found) == 1:
        refused = f"{refused.format(reasons='')}: {_brief(found[0].what)}"
    else:
        refused = refused.format(reasons=f" for {len(found)} reasons")
    rest = _NOTHING_ELSE.get(document.refused_at) if said == NO_CHANGE else None
    return f"{_sentence(refused)} {_sentence(rest or f'{about}: {said}')}"


def title(document: Document) -> str:
    """Return the headline without the marks of code, which no title shows as such."""
    return headline(document).replace("`", "")


def _brief(reason: str) -> str:
    """Return the first part of a reason: what follows, such as the way out, stands below the headline."""
    return one_line(reason.partition("; ")[0], longest=_LONGEST_REASON)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


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
            "exchanging": sum({Effect.LOST, Effect.GAINED} <= {row.effect for row in person.rows} for person in people),
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
    effect = PERHAPS.get(row.effect, row.effect) if row.undone else row.effect
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
