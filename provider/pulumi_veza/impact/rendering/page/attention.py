"""The notices at the top of the page: conflicts, removals that their guard judges, and what could not be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_veza.impact.document import Document, RemovalImpact
from pulumi_veza.impact.rendering import rehearsed
from pulumi_veza.impact.rendering.page.sections import at
from pulumi_veza.impact.rendering.page.tables import clean
from pulumi_veza.impact.rendering.wording import ProfileNames, offline, unread, way_out
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import counted, people
from pulumi_veza.rules.removal_guard import GuardLevel

_REMOVALS = {
    GuardLevel.OVER: ("lost", "Removal above its guard", "pulumi up refuses it."),
    GuardLevel.DESTROYED: ("warning", "Removal that no guard stops", "The membership set itself goes."),
    GuardLevel.NEAR: ("warning", "Removal near its guard", "It is half of what is allowed, or more."),
    GuardLevel.CONFIRMED: ("warning", "Removal above its guard, confirmed", "A confirmation lets it pass."),
}


@dataclass(frozen=True)
class Notice:
    """A notice; the texts are cleaned."""

    look: str
    kind: str
    text: str
    more: str = ""
    place: str | None = None


def notices(document: Document, options: RenderOptions) -> list[Notice]:
    """Return the notices, the most severe first."""
    names = ProfileNames(document)
    removals = {level: [each for each in document.removals if each.level == level] for level in _REMOVALS}
    return [
        *_rehearsal(document),
        *(Notice("lost", "Conflict", clean(each.what), "", at(each.source, options)) for each in document.conflicts),
        *(_removal(each, names, options) for level in _REMOVALS for each in removals[level] if each.removed),
        *_unknowns(document, options),
        *(
            Notice("warning", "To check", clean(each.what), clean(f"{each.reason}."), at(each.source, options))
            for each in document.hints
        ),
        *(Notice("quiet", "Could not be known", clean(said)) for said in (unread(document), offline(document)) if said),
    ]


def _rehearsal(document: Document) -> Iterator[Notice]:
    found = document.rehearsal
    if found is None:
        return
    yield from (Notice("lost", "Refused in the rehearsal", clean(each)) for each in found.refusals)
    yield from (Notice("lost", "The rehearsal differs", clean(each)) for each in found.differences)
    said = ". ".join(rehearsed.sentences(document))
    yield Notice("quiet", "Rehearsal", clean(f"{said}."))
    yield from (Notice("quiet", "Not known to the twin", clean(each)) for each in found.notes)


def _removal(removal: RemovalImpact, names: ProfileNames, options: RenderOptions) -> Notice:
    look, kind, more = _REMOVALS[removal.level]
    of = f"It takes {removal.removed:,} of {counted(removal.managed, 'member')} out of {names[removal.profile]}."
    limit = f" The limit: {removal.limit}." if removal.limit else ""
    instead = f" To go on: {way_out(removal)}." if removal.confirmation else ""
    return Notice(look, kind, clean(of), clean(f"{more}{limit}{instead}"), at(removal.source, options))


def _unknowns(document: Document, options: RenderOptions) -> Iterator[Notice]:
    for each in document.unknowns:
        concerned = f" It concerns {people(each.people)}." if each.people else ""
        yield Notice(
            "quiet",
            "Could not be known",
            clean(each.what),
            clean(f"{each.reason}.{concerned}"),
            at(each.source, options),
        )
