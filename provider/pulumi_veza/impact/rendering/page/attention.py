"""The notices at the top of the page: conflicts, removals that their guard judges, and what could not be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering import rehearsed
from pulumi_veza.impact.rendering.headline import consequence
from pulumi_veza.impact.rendering.page.sections import at
from pulumi_veza.impact.rendering.page.tables import clean
from pulumi_veza.impact.rendering.persons import PersonNames
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.impact.rendering.removals import RemovalText, capital, refused_removals, removed, sentences
from pulumi_veza.impact.rendering.wording import offline, unread
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
    texts = [*refused_removals(document, names)]
    texts += [removed(each, names) for each in document.removals if each.level is not GuardLevel.OVER and each.removed]
    judged = [
        (level, _removal(text, level, people_names, options))
        for level in _REMOVALS
        for text in texts
        if text.removals[0].level == level
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


def _removal(text: RemovalText, level: GuardLevel, people_names: PersonNames, options: RenderOptions) -> Notice:
    look, kind, more = _REMOVALS[level]
    what, *after = sentences(text, listed(map(people_names.__getitem__, text.people)))
    said = ". ".join([*after, *([more] if more else [])])
    return Notice(look, kind, clean(f"{capital(what)}."), clean(said), at(text.removals[0].source, options))


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
