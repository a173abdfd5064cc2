"""How the renderings speak of a change: counted people, paths by name, one sentence that says it all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pulumi_veza.impact.document import Document, Effect, Person, ProfileImpact, Row

SECTIONS: tuple[tuple[Effect, str], ...] = (
    ("lost", "Lost"),
    ("potentially lost", "Potentially lost"),
    ("gained", "Gained"),
    ("potentially gained", "Potentially gained"),
    ("kept, no longer governed", "Kept, but no longer governed"),
    ("no effect yet", "No effect yet"),
    ("unknown", "Not known"),
)
"""The effects in the order in which a person wants to read them."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """Say how many there are: ``1 person``, ``2,000 people``."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def people(count: int) -> str:
    """Say how many people."""
    return counted(count, "person", "people")


def who(count: int, verb: str) -> str:
    """Say how many people do something: ``1 person loses``, ``2 people lose``."""
    return f"{people(count)} {verb}{'s' if count == 1 else ''}"


def headline(document: Document) -> str:
    """Say in one sentence what happens; the losses first."""
    summary = document.summary
    certain = [who(count, verb) for count, verb in ((summary.losing, "lose"), (summary.gaining, "gain")) if count]
    said = [f"{' and '.join(certain)} access"] if certain else []
    doubtful = [
        f"{people(count)} may {verb}"
        for count, verb in ((summary.potentially_losing, "lose"), (summary.potentially_gaining, "gain"))
        if count
    ]
    if doubtful:
        said.append(f"{' and '.join(doubtful)} access")
    if summary.ungoverned:
        said.append(f"{who(summary.ungoverned, 'keep')} access that is no longer governed")
    in_doubt = summary.requests_in_doubt
    if certain_requests := summary.provisions + summary.deprovisions - in_doubt:
        more = f" and may open {in_doubt:,} more" if in_doubt else ""
        said.append(f"Veza opens {counted(certain_requests, 'access request')}{more}")
    elif in_doubt:
        said.append(f"Veza may open {counted(in_doubt, 'access request')}")
    if summary.removals_over:
        said.append(f"{counted(summary.removals_over, 'removal')} above the guard")
    if summary.conflicts:
        said.append(counted(summary.conflicts, "conflict"))
    if summary.unknowns:
        said.append(f"{counted(summary.unknowns, 'thing')} could not be known")
    if not said:
        return "No change of access." if not summary.no_effect else "No change of access yet."
    sentence = "; ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."


def counts(document: Document) -> list[tuple[str, str]]:
    """Give the counts, each with its name."""
    summary = document.summary
    rows = [
        ("People who lose something", f"{summary.losing:,}"),
        ("People who may lose something", f"{summary.potentially_losing:,}"),
        ("People who gain something", f"{summary.gaining:,}"),
        ("People who may gain something", f"{summary.potentially_gaining:,}"),
        ("People who keep something ungoverned", f"{summary.ungoverned:,}"),
        ("People for whom it has no effect yet", f"{summary.no_effect:,}"),
        ("Access requests to provision", f"{summary.provisions:,}"),
        ("Access requests to de-provision", f"{summary.deprovisions:,}"),
        ("Removals above their guard", f"{summary.removals_over:,}"),
        ("Conflicts", f"{summary.conflicts:,}"),
        ("Things that could not be known", f"{summary.unknowns:,}"),
    ]
    always = {"People who lose something", "People who gain something"}
    return [(name, value) for name, value in rows if value != "0" or name in always]


def changes(profile: ProfileImpact) -> bool:
    """Tell whether anything changes about a profile, and not only about those that it inherits from."""
    return bool(
        profile.action != "same"
        or profile.joining
        or profile.leaving
        or profile.entitlements_added
        or profile.entitlements_removed
        or profile.state_before != profile.state_after
        or set(profile.inherits) != set(profile.inherited_before)
    )


def stacks(document: Document) -> str:
    """Name the stacks."""
    names = ", ".join(stack.name for stack in document.stacks)
    return f"Stack{'s' if len(document.stacks) > 1 else ''} {names}" if names else "No resource of Veza"


def share(document: Document) -> str | None:
    """Say for how many of all people in view something changes, where it does for anybody."""
    known, touched = document.summary.people_known, document.summary.people
    return f"{touched:,} of {people(known)} in view ({touched * 100 / known:.1f} %)." if known and touched else None


@dataclass(frozen=True)
class Line:
    """What some people gain or lose by one path, all of them the same."""

    people: tuple[Person, ...]
    entitlements: tuple[str, ...]
    path: tuple[str, ...]
    """By name."""
    reason: str | None


class Words:
    """Looks up names of a document's profiles."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names = {profile.ref: profile.name for profile in document.profiles}

    def path(self, refs: Iterable[str]) -> tuple[str, ...]:
        """Name the profiles of a path."""
        return tuple(self._names.get(ref, ref) for ref in refs)

    def profile(self, ref: str) -> str:
        """Name a profile."""
        return self._names.get(ref, ref)

    def lines(self, effect: Effect) -> list[Line]:
        """Give what happens to people in one way, a line for each path, and for all who share it."""

        def way(row: Row) -> tuple[tuple[str, ...], list[str], str]:
            # By name first: ids differ from tenant to tenant.
            return self.path(row.path), row.path, row.reason or ""

        found: dict[tuple[tuple[str, ...], tuple[str, ...], str], list[Person]] = {}
        for person in self._document.people:
            rows = sorted((row for row in person.rows if row.effect == effect), key=way)
            for (path, _, reason), alike in groupby(rows, way):
                keys = tuple(row.entitlement for row in alike if row.entitlement)
                found.setdefault((path, keys, reason), []).append(person)
        return [Line(tuple(who), keys, path, reason or None) for (path, keys, reason), who in found.items()]

    def concerned(self, effect: Effect) -> int:
        """Count the people to whom something happens in one way."""
        return sum(any(row.effect == effect for row in person.rows) for person in self._document.people)


def called(person_id: str, name: str | None) -> str:
    """Name somebody: the name where it is known, and always the id."""
    return f"{name} ({person_id})" if name else person_id
