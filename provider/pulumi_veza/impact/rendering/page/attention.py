"""The notices at the top of the page: conflicts, removals that their guard judges, and what could not be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_veza.impact.document import Document, RemovalImpact
from pulumi_veza.impact.rendering import rehearsed
from pulumi_veza.impact.rendering.page.sections import at
from pulumi_veza.impact.rendering.page.tables import clean
from pulumi_veza.impact.rendering.persons import PersonNames
from pulumi_veza.impact.rendering.refusals import consequence, way_out
from pulumi_veza.impact.rendering.wording import ProfileNames, offline, removed, unread
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import listed, people
from pulumi_veza.rules.removal_guard import GuardLevel

_REMOVALS = {
    GuardLevel.OVER: ("lost", "Removal that the guard refuses", ""),
    GuardLevel.DESTROYED: ("warning", "Removal that no guard stops", "The membership set itself is destroyed."),
    GuardLevel.NEAR: ("warning", "Removal close to what the guard allows", ""),
    GuardLevel.CONFIRMED: ("warning", "Removal above the guard, confirmed", ""),
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
    names, people_names = ProfileNames(document), PersonNames(document)
    judged = [
        (level, _removal(each, names, people_names, options))
        for level in _REMOVALS
        for each in document.removals
        if each.level == level and each.removed
    ]
    stopped = document.stopped
    return [
        *([Notice("lost", "Refused" if stopped.refused else "Not checked", clean(stopped.reason))] if stopped else []),
        *_rehearsal(document),
        *(shown for level, shown in judged if level is GuardLevel.OVER),
        *_conflicts(document, options),
        *(Notice("lost", "What is done all the same", clean(said)) for said in [consequence(document)] if said),
        *(shown for level, shown in judged if level is not GuardLevel.OVER),
        *_unknowns(document, options),
        *(
            Notice("warning", "To check", clean(each.what), clean(f"{each.reason}."), at(each.source, options))
            for each in document.hints
        ),
        *(Notice("quiet", "Could not be known", clean(said)) for said in (unread(document), offline(document)) if said),
    ]


def _conflicts(document: Document, options: RenderOptions) -> Iterator[Notice]:
    for each in sorted(document.conflicts, key=lambda each: not each.refused):
        kind = "Refused" if each.refused else "Conflict"
        more = clean(f"{each.instead[0].upper()}{each.instead[1:]}.") if each.instead else ""
        yield Notice("lost", kind, clean(each.what), more, at(each.source, options))


def _rehearsal(document: Document) -> Iterator[Notice]:
    found = document.rehearsal
    if found is None:
        return
    yield from (Notice("lost", "Refused in the rehearsal", clean(each)) for each in found.refusals)
    yield from (Notice("lost", "The rehearsal differs", clean(each)) for each in found.differences)
    said = ". ".join(rehearsed.sentences(document))
    yield Notice("quiet", "Rehearsal", clean(f"{said}."))
    yield from (Notice("quiet", "Not known to the twin", clean(each)) for each in found.notes)


def _removal(removal: RemovalImpact, names: ProfileNames, people_names: PersonNames, options: RenderOptions) -> Notice:
    look, kind, more = _REMOVALS[removal.level]
    of = f"{removed(removal, names)}."
    if removal.level is GuardLevel.OVER:
        of += f" They are: {listed(map(people_names.__getitem__, removal.people))}."
    instead = way_out(removal)
    said = f"{instead[0].upper()}{instead[1:]}." if instead else more
    return Notice(look, kind, clean(of), clean(said), at(removal.source, options))


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
