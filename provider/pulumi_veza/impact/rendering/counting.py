"""How many people a change concerns, and what else is counted of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.reports.words import people, people_who


@dataclass(frozen=True)
class Count:
    """One of the numbers that sum up a change."""

    title: str
    number: int
    look: str = ""
    """Its class in the page's style sheet."""
    always: bool = False
    """Whether it is shown although it is 0."""


def counts(document: Document) -> list[Count]:
    """Return the counts that are to be shown."""
    summary = document.summary
    lost, maybe_lost, gained, maybe_gained, warning = (
        STYLES[effect].look
        for effect in (Effect.LOST, Effect.MAYBE_LOST, Effect.GAINED, Effect.MAYBE_GAINED, Effect.UNGOVERNED)
    )
    everything = [
        Count("People who lose something", summary.losing, lost, always=True),
        Count("People who may lose something", summary.potentially_losing, maybe_lost),
        Count("People who gain something", summary.gaining, gained, always=True),
        Count("Of these, people who lose one thing and gain another", summary.exchanging),
        Count("People who may gain something", summary.potentially_gaining, maybe_gained),
        Count("People who keep something that is no longer governed", summary.ungoverned, warning),
        Count("People who keep something that may be no longer governed", summary.potentially_ungoverned, warning),
        Count("People for whom it has no effect yet", summary.no_effect),
        Count("Access requests to provision", summary.provisions),
        Count("Access requests to de-provision", summary.deprovisions),
        Count("Sets whose removals the guard refuses", summary.removals_over, lost),
        Count("Conflicts to be resolved first", summary.conflicts, lost),
        Count("Things that could not be known", summary.unknowns, warning),
    ]
    return [each for each in everything if each.number or each.always]


def meaning_of_counts(document: Document) -> str:
    """Return what the counts are of where something is refused, as a sentence without its full stop; else empty."""
    if not document.refused_at:
        return ""
    kept = any(each.refused_at == "run" for each in document.conflicts)
    return f"Counted as if nothing were refused{', with what is not taken over as it is in Veza' if kept else ''}"


def certain_changes(document: Document) -> str:
    """Return how many people certainly lose, change and gain access, each person once; empty where nobody does."""
    summary = document.summary
    each = [
        people_who(count, verb)
        for count, verb in (
            (summary.losing - summary.exchanging, "lose"),
            (summary.exchanging, "change"),
            (summary.gaining - summary.exchanging, "gain"),
        )
        if count
    ]
    said = " and ".join(filter(None, [", ".join(each[:-1]), *each[-1:]]))
    return f"{said} access" if said else ""


def share(document: Document) -> str | None:
    """Return for how many of all people who are members something changes, and for how many who are not yet.

    None where it does for nobody.
    """
    return " and ".join(_share(document)) or None


def _share(document: Document) -> Iterator[str]:
    summary = document.summary
    # A document of an earlier release counts everybody who is a member before or after.
    known = summary.people_known if summary.members_before is None else summary.members_before
    touched = summary.people - summary.newcomers
    of_stack = "in this stack" if len(document.stacks) == 1 else "in these stacks"
    where = "that was looked at" if document.live else of_stack
    if known == 1 and touched:
        yield f"the only person who is a member of a profile {where}"
    elif known and touched:
        percent = "" if touched == known else f" ({touched * 100 / known:.1f} %)"
        of_all = f"all {people(known)}" if touched == known else f"{touched:,} of the {people(known)}"
        yield f"{of_all} who are members of a profile {where}{percent}"
    if summary.newcomers:
        are = "is not yet a member" if summary.newcomers == 1 else "are not yet members"
        yield f"{people(summary.newcomers)} who {are} of any profile {where}"
