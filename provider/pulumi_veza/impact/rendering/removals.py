"""Removals in words: who is removed from which profile, what the guard makes of it, and how it is confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pulumi_veza.impact.document import Document, RemovalImpact
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.reports.words import counted, listed, people
from pulumi_veza.rules.removal_guard import GuardLevel

ENVIRONMENT: Final = "VEZA_ALLOW_REMOVALS"
"""The environment variable that confirms removals for one run: several values are separated by commas."""


@dataclass(frozen=True)
class RemovalText:
    """What happens, or what `pulumi up` will refuse, in words; each text is a sentence without a full stop."""

    what: str
    people: tuple[str, ...] = ()
    """The identities that lose their membership, or would."""
    limit: str = ""
    """What the limit of the guard makes of it."""
    way_out: str = ""
    removals: tuple[RemovalImpact, ...] = ()
    """The sets that remove them."""


def refusals(document: Document) -> list[RemovalText]:
    """Return what `pulumi up` will refuse, as far as it is known; what sets have in common is said once."""
    names = ProfileNames(document)
    stopped = document.stopped
    return [
        *([RemovalText(stopped.reason, way_out=_ONLY_THE_FIRST)] if stopped and stopped.refused else []),
        *refused_removals(document, names),
        *(RemovalText(each.what, way_out=each.instead or "") for each in document.conflicts if each.refused),
    ]


_ONLY_THE_FIRST: Final = (
    "the preview stopped at this refusal, so another one is not seen; `pulumi-veza impact` without a file shows all"
)


def refused_removals(document: Document, names: ProfileNames) -> list[RemovalText]:
    """Return the removals that guards refuse: those of one cause, such as an emptied file of people, as one."""
    over = [each for each in document.removals if each.level is GuardLevel.OVER]
    alike = [list(found) for _, found in groupby(sorted(over, key=_cause), _cause)]
    texts = [_refused(found[0], names) if len(found) == 1 else _refused_together(found, names) for found in alike]
    order = {each.urn: place for place, each in enumerate(over)}
    return sorted(texts, key=lambda text: order[text.removals[0].urn])


def _cause(removal: RemovalImpact) -> tuple[str, bool, str, bool]:
    """Return what sets have in common that are refused for one cause."""
    return removal.refused_at or "", removal.vanished, removal.limit or "", removal.removed == removal.managed


def _refused(removal: RemovalImpact, names: ProfileNames) -> RemovalText:
    what = f"the set {removal.name!r} would remove {_of_members([removal], names)}"
    return RemovalText(what, tuple(removal.people), _verdict(removal), _way_out([removal]), (removal,))


def _refused_together(removals: Sequence[RemovalImpact], names: ProfileNames) -> RemovalText:
    first, *_ = removals
    who = tuple(sorted({id_ for each in removals for id_ in each.people}))
    sets = counted(len(removals), "set")
    if first.removed == first.managed:
        profiles = listed({names[each.profile] for each in removals})
        what = f"{sets} would remove all members of {profiles} ({people(len(who))})"
    else:
        what = f"{sets} would remove {_of_members(removals, names)}"
    limit = f"in each of them {_verdict(first)}" if first.limit else ""
    return RemovalText(what, who, limit, _way_out(removals), tuple(removals))


def removed(removal: RemovalImpact, names: ProfileNames) -> RemovalText:
    """Return whom a set removes where nothing refuses it."""
    left = "is removed" if removal.removed == 1 else "are removed"
    what = f"{_of_members([removal], names)} {left}"
    return RemovalText(what, tuple(removal.people), _verdict(removal), removals=(removal,))


def _of_members(removals: Sequence[RemovalImpact], names: ProfileNames) -> str:
    count, total = sum(each.removed for each in removals), sum(each.managed for each in removals)
    percent = f" ({count * 100 / total:.0f} %)" if total else ""
    profiles = listed({names[each.profile] for each in removals})
    return f"{count:,} of {counted(total, 'member')} of {profiles}{percent}"


def _verdict(removal: RemovalImpact) -> str:
    return f"{removal.limit}, {_VERDICTS[removal.level]}" if removal.limit else ""


_VERDICTS: Final[Mapping[GuardLevel, str]] = {
    GuardLevel.OVER: "so the guard refuses it",
    GuardLevel.NEAR: "and this is close to it",
    GuardLevel.CONFIRMED: "and this removal is confirmed",
}
"""What each level of the guard that has a limit means."""


def _way_out(removals: Sequence[RemovalImpact]) -> str:
    """Return how removals above their guards are confirmed, with one value for all of them."""
    values = confirming(removals)
    if not values:
        return ""
    several = len(removals) > 1
    if removals[0].vanished:
        what, again = ("the sets", "them") if several else ("the set", "it")
        return f"the program no longer declares {what}: declare {again} again, or confirm with {ENVIRONMENT}={values}"
    if several:
        return (
            f"if all of them are to lose access, set {ENVIRONMENT}={values} for one run; if not, see whether a file or "
            "a list that the program reads people from is empty or cut short"
        )
    return f'to confirm it, write allow_removals="{values}" in the set, or set {ENVIRONMENT}={values} for one run'


def confirming(removals: Iterable[RemovalImpact]) -> str:
    """Return the value that confirms these removals together; empty where none needs it."""
    return ",".join(each.confirmation for each in removals if each.confirmation)


def sentences(text: RemovalText, who: str) -> list[str]:
    """Return a text as sentences without full stops; ``who`` has the people as a rendering writes them."""
    return [f"{text.what}{f': {who}' if who else ''}", *(capital(each) for each in (text.limit, text.way_out) if each)]


def capital(text: str) -> str:
    """Return a sentence with its first letter as a capital."""
    return f"{text[:1].upper()}{text[1:]}"
