"""The words that the renderings share: the headline, the counts, names of people and profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.document import Document, Person, RemovalImpact, Row
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.reports.words import counted, people, people_who


def headline(document: Document) -> str:
    """Return the change in one sentence, the losses first."""
    summary = document.summary
    certain = [
        people_who(count, verb) for count, verb in ((summary.losing, "lose"), (summary.gaining, "gain")) if count
    ]
    parts = [f"{' and '.join(certain)} access"] if certain else []
    doubtful = [
        f"{people(count)} may {verb}"
        for count, verb in ((summary.potentially_losing, "lose"), (summary.potentially_gaining, "gain"))
        if count
    ]
    if doubtful:
        parts.append(f"{' and '.join(doubtful)} access")
    parts += _kept(document)
    in_doubt = summary.requests_in_doubt
    if certain_requests := summary.provisions + summary.deprovisions - in_doubt:
        more = f" and may open {in_doubt:,} more" if in_doubt else ""
        parts.append(f"Veza opens {counted(certain_requests, 'access request')}{more}")
    elif in_doubt:
        parts.append(f"Veza may open {counted(in_doubt, 'access request')}")
    if summary.removals_over:
        parts.append(f"{counted(summary.removals_over, 'removal')} above the guard")
    if summary.conflicts:
        parts.append(counted(summary.conflicts, "conflict"))
    if summary.unknowns:
        parts.append(f"{counted(summary.unknowns, 'thing')} could not be known")
    if not parts and document.rehearsal and document.rehearsal.refusals:
        return "What would change is not known: the rehearsal was refused."
    if not parts:
        return "No change of access." if not summary.no_effect else "No change of access yet."
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _kept(document: Document) -> Iterator[str]:
    summary = document.summary
    if summary.ungoverned:
        yield f"{people_who(summary.ungoverned, 'keep')} access that is no longer governed"
    if summary.potentially_ungoverned:
        yield f"{people_who(summary.potentially_ungoverned, 'keep')} access that may be no longer governed"


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
        Count("People who may gain something", summary.potentially_gaining, maybe_gained),
        Count("People who keep something ungoverned", summary.ungoverned, warning),
        Count("People who keep something, perhaps ungoverned", summary.potentially_ungoverned, warning),
        Count("People for whom it has no effect yet", summary.no_effect),
        Count("Access requests to provision", summary.provisions),
        Count("Access requests to de-provision", summary.deprovisions),
        Count("Removals above their guard", summary.removals_over, lost),
        Count("Conflicts", summary.conflicts, lost),
        Count("Things that could not be known", summary.unknowns, warning),
    ]
    return [each for each in everything if each.number or each.always]


def stacks(document: Document) -> str:
    """Return the names of the stacks."""
    names = ", ".join(stack.name for stack in document.stacks)
    return f"Stack{'s' if len(document.stacks) > 1 else ''} {names}" if names else "No resource of Veza"


def tenants(document: Document) -> str:
    """Return the addresses of the tenants; empty where none is known."""
    return f"Tenant{'s' if len(document.tenants) > 1 else ''} {', '.join(document.tenants)}" if document.tenants else ""


def share(document: Document) -> str | None:
    """Return for how many of all people in view something changes; None where it does for nobody."""
    known, touched = document.summary.people_known, document.summary.people
    return f"{touched:,} of {people(known)} in view ({touched * 100 / known:.1f} %)." if known and touched else None


class ProfileNames:
    """The names of a document's profiles."""

    def __init__(self, document: Document) -> None:
        self._names = {profile.ref: profile.name for profile in document.profiles}

    def __getitem__(self, ref: str) -> str:
        return self._names.get(ref, ref)

    def path(self, refs: Iterable[str]) -> tuple[str, ...]:
        """Return the names along a path."""
        return tuple(self[ref] for ref in refs)


def about(document: Document, identity_id: str) -> str:
    """Return what a live tenant says of a person: title, department, and that the identity is inactive."""
    known = document.identities.get(identity_id)
    if known is None:
        return ""
    inactive = "inactive" if known.active is False else ""
    return ", ".join(filter(None, [known.email, known.title, known.department, inactive]))


def offline(document: Document) -> str:
    """Return that the tenant was not looked at, and what is not known thereby; empty where nothing changes."""
    if not document.offline or document.empty:
        return ""
    why = f" ({document.not_looked})" if document.not_looked else ""
    return (
        f"The tenant was not looked at{why}: this is what the state of these stacks knows. Not known are what exists "
        "already and would be taken over, members whom no set of these stacks lists, what people have by other "
        "profiles, and most names."
    )


def unread(document: Document) -> str:
    """Return of how many people a live tenant was not asked for title and department; empty where of none."""
    count = document.identities_unread
    return f"Title, department and whether they are active are not known of {people(count)}." if count else ""


@dataclass(frozen=True)
class Line:
    """What several people gain or lose alike, by one path."""

    people: tuple[Person, ...]
    entitlements: tuple[str, ...]
    path: tuple[str, ...]
    """By name."""
    reason: str | None


def lines(document: Document, effect: Effect, names: ProfileNames) -> list[Line]:
    """Return the rows of one effect, merged into one line for all people who share path, entitlements and reason."""

    def way(row: Row) -> tuple[tuple[str, ...], list[str], str]:
        # By name first: ids differ from tenant to tenant.
        return names.path(row.path), row.path, row.reason or ""

    found: dict[tuple[tuple[str, ...], tuple[str, ...], str], list[Person]] = {}
    for person in document.people:
        rows = sorted((row for row in person.rows if row.effect == effect), key=way)
        for (path, _, reason), alike in groupby(rows, way):
            keys = tuple(row.entitlement for row in alike if row.entitlement)
            found.setdefault((path, keys, reason), []).append(person)
    return [Line(tuple(who), keys, path, reason or None) for (path, keys, reason), who in found.items()]


def heading(document: Document, effect: Effect) -> str:
    """Return the heading of an effect, with how many people it concerns."""
    return f"{STYLES[effect].title}: {people(document.concerned(effect))}"


def way_out(removal: RemovalImpact) -> str:
    """Return how a removal above its guard is confirmed; empty where nothing refuses it."""
    if removal.confirmation is None:
        return ""
    if removal.vanished:
        return (
            "the program no longer declares the set: declare it again, or confirm with "
            f"VEZA_ALLOW_REMOVALS={removal.confirmation}"
        )
    return f'confirm with allow_removals="{removal.confirmation}" or VEZA_ALLOW_REMOVALS={removal.confirmation}'
