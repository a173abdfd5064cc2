"""The words that the renderings share: the change in a sentence, the counts, names of people and profiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.document import (
    Document,
    EntitlementImpact,
    MemberImpact,
    Person,
    ProfileImpact,
    RequestImpact,
    Row,
    TypeImpact,
)
from pulumi_veza.impact.rendering.counting import certain_changes
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.reports.words import counted, listed, people, people_who
from pulumi_veza.rules.wording import state_in_words

NO_CHANGE: Final = "no change of access"


def change(document: Document) -> str:
    """Return the change in one sentence without its full stop and its capital letter."""
    summary = document.summary
    parts = [certain] if (certain := certain_changes(document)) else []
    doubtful = [
        f"{people(count)} may {verb}"
        for count, verb in ((summary.potentially_losing, "lose"), (summary.potentially_gaining, "gain"))
        if count
    ]
    if doubtful:
        parts.append(f"{' and '.join(doubtful)} access{_in_all(document)}")
    parts += _kept(document)
    in_doubt = summary.requests_in_doubt
    if certain_requests := summary.provisions + summary.deprovisions - in_doubt:
        more = f" and may open {in_doubt:,} more" if in_doubt else ""
        parts.append(f"Veza opens {counted(certain_requests, 'access request')}{more}")
    elif in_doubt:
        parts.append(f"Veza may open {counted(in_doubt, 'access request')}")
    if conflicts := sum(not each.refused for each in document.conflicts):
        parts.append(f"{counted(conflicts, 'conflict')} must be resolved first")
    if summary.unknowns:
        parts.append(f"{counted(summary.unknowns, 'thing')} could not be known")
    if not parts and document.rehearsal and document.rehearsal.refusals:
        return "what would change is not known: the rehearsal was refused"
    if not parts:
        # Of a profile that starts or stops it is not known whether that is done, where a part is refused.
        though = "" if document.refused_at else _although(document)
        return f"{NO_CHANGE}{though}" if not summary.no_effect else f"{NO_CHANGE} yet"
    return "; ".join(parts)


def _in_all(document: Document) -> str:
    """Return of how many people that is said, where some are counted more than once; empty where nobody is."""
    summary = document.summary
    certain = summary.losing + summary.gaining - summary.exchanging
    counted_so_far = certain + summary.potentially_losing + summary.potentially_gaining
    effects = {Effect.LOST, Effect.GAINED, Effect.MAYBE_LOST, Effect.MAYBE_GAINED}
    concerned = sum(any(row.effect in effects for row in person.rows) for person in document.people)
    return f" ({people(concerned)} in all)" if concerned < counted_so_far else ""


def _although(document: Document) -> str:
    """Return why nobody's access changes although profiles start or stop; empty where none does."""
    alike: dict[str, list[ProfileImpact]] = {}
    for each in document.profiles:
        if each.state_before and each.state_after and each.state_before != each.state_after:
            alike.setdefault(each.state_after, []).append(each)
    if not alike:
        return ""
    moved = [
        f"{listed((each.name for each in found), most=_NAMED)} {'is' if len(found) == 1 else 'are'} "
        f"{state_in_words(after)}"
        for after, found in sorted(alike.items())
    ]
    everybody = [each for found in alike.values() for each in found]
    it = "it" if len(everybody) == 1 else "them"
    if any(each.members_before or each.members_after or not each.members_known for each in everybody):
        why = f"nobody has anything by {it} alone"
    else:
        why = f"nobody is a member of {it}, and profiles that inherit from {it} give the same as before"
    return f" although {' and '.join(moved)}: {why}"


_NAMED: Final = 4
"""How many profiles a headline names."""


def _kept(document: Document) -> Iterator[str]:
    summary = document.summary
    if summary.ungoverned:
        yield f"{people_who(summary.ungoverned, 'keep')} access that is no longer governed"
    if summary.potentially_ungoverned:
        yield f"{people_who(summary.potentially_ungoverned, 'keep')} access that may be no longer governed"


def stacks(document: Document) -> str:
    """Return the names of the stacks."""
    names = ", ".join(stack.name for stack in document.stacks)
    if document.stopped and not names:
        return "Which stack is not known"
    return f"Stack{'s' if len(document.stacks) > 1 else ''} {names}" if names else "No resource of Veza"


def tenants(document: Document) -> str:
    """Return the addresses of the tenants; empty where none is known."""
    return f"Tenant{'s' if len(document.tenants) > 1 else ''} {', '.join(document.tenants)}" if document.tenants else ""


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
        "already and would be taken over, members whom no set of these stacks lists (an authoritative set removes "
        "those who were added by hand), what people have by other profiles, and most names."
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
        return names.path(row.path), row.path, why(document, row)

    found: dict[tuple[tuple[str, ...], tuple[str, ...], str], list[Person]] = {}
    for person in document.people:
        rows = sorted((row for row in person.rows if row.effect == effect), key=way)
        for (path, _, reason), alike in groupby(rows, way):
            keys = tuple(row.entitlement for row in alike if row.entitlement)
            found.setdefault((path, keys, reason), []).append(person)
    return [Line(tuple(who), keys, path, reason or None) for (path, keys, reason), who in found.items()]


def why(document: Document, part: Row | MemberImpact | RequestImpact) -> str:
    """Return why something is not certain, has no effect or is not done; empty where it is certain and done."""
    # Where nothing is done, headings say so.
    undone = UNDONE[part.undone] if part.undone and document.refused_at != "preview" else ""
    because = BECAUSE_REFUSED if isinstance(part, Row) and part.because_refused else ""
    return "; ".join(filter(None, [undone, because, part.reason]))


BECAUSE_REFUSED: Final = "this comes about only because a part of the change is refused"


def requests_opened(document: Document, number: str) -> str:
    """Return how many access requests Veza opens, and for how many of them that is not certain.

    Args:
        document: The document.
        number: How many there are, in words.

    """
    if nothing := of_nothing_done(document):
        return f"Access requests that Veza would open: {number}{nothing}"
    undone = Counter(each.undone for each in document.requests)
    if undone["certain"] == len(document.requests) > 0:
        return f"Access requests that Veza would open: {number}, for what is not done"
    doubt = "".join(
        f", {count:,} of them {said}"
        for count, said in (
            (document.summary.requests_in_doubt, "not certain"),
            (undone["certain"], "for what is not done"),
            (undone["possible"], "for what may be left undone"),
        )
        if count
    )
    return f"Access requests that Veza opens: {number}{doubt}"


def as_if_not_refused(document: Document) -> Document:
    """Return a document of which nothing is done without the marks at its profiles: their heading says so."""
    if document.refused_at != "preview":
        return document
    unmarked = [
        profile.model_copy(
            update={
                "state_undone": None,
                "joining": [each.model_copy(update={"undone": None}) for each in profile.joining],
                "leaving": [each.model_copy(update={"undone": None}) for each in profile.leaving],
            }
        )
        for profile in document.profiles
    ]
    return document.model_copy(update={"profiles": unmarked})


def of_nothing_done(document: Document) -> str:
    """Return what a heading adds where nothing of the change is done; else empty."""
    return ", if it were not refused" if document.refused_at == "preview" else ""


UNDONE: Final[Mapping[str, str]] = {
    "certain": "this is not done, as it is refused or needs what is refused",
    "possible": "this may be left undone, as the run ends at what is refused",
}
"""What the mark of something that is left undone means."""


def heading(document: Document, effect: Effect) -> str:
    """Return the heading of an effect, with how many people it concerns, and for how many of them it is not done."""
    of_all = document.concerned(effect)
    text = f"{STYLES[effect].title}: {people(of_all)}"
    if nothing := of_nothing_done(document):
        return f"{text}{nothing}"
    marks = [{row.undone for row in person.rows if row.effect == effect} - {None} for person in document.people]
    undone = sum("certain" in each for each in marks)
    possible = sum(each == {"possible"} for each in marks)
    said = [
        f"which {verb}{'' if count == of_all else f' for {count:,} of them'}"
        for count, verb in ((undone, "is not done"), (possible, "may be left undone"))
        if count
    ]
    return f"{text}, {' and '.join(said)}" if said else f"{text}{_also(document, effect)}"


def _also(document: Document, effect: Effect) -> str:
    """Return of how many of the people who lose or gain something the other is true as well; empty where of none."""
    other = {Effect.LOST: (Effect.GAINED, "gain"), Effect.GAINED: (Effect.LOST, "lose")}.get(effect)
    if other is None:
        return ""
    done = [{row.effect for row in person.rows if row.undone != "certain"} for person in document.people]
    both = sum({effect, other[0]} <= effects for effects in done)
    return f", {both:,} of whom also {other[1]}{'s' if both == 1 else ''} something" if both else ""


def replaced(type_: TypeImpact) -> str:
    """Return what becomes of a profile type that is replaced, as a sentence without a full stop."""
    by = type_.name if type_.name != type_.old_name else "another one of this name"
    moved = f"{counted(len(type_.profiles), 'profile')} move{'s' if len(type_.profiles) == 1 else ''} to the new one"
    return f"Type {type_.old_name or type_.name} is replaced by {by}; {moved}; the old type stays in Veza"


def operation(of_request: str) -> str:
    """Return what an access request does, in the words of Veza's own pages."""
    return "de-provision" if of_request == "DEPROVISION" else of_request.lower()


def changed(profile: ProfileImpact) -> str:
    """Return in a word what is done to a profile; other resources can change its members and its content as well."""
    if profile.may_exist:
        return "Created, or taken over if it exists"
    holds = profile.entitlements_added or profile.entitlements_removed
    moved = profile.joining or profile.leaving
    if profile.action == "update" and not (holds or moved or profile.state_before != profile.state_after):
        return "Only its settings"
    if profile.action != "same":
        return _ACTIONS[profile.action]
    return (
        "Its members"
        if moved and not holds
        else "What it holds"
        if holds and not moved
        else "Its members, what it holds"
    )


_ACTIONS: Final = {
    "create": "Created",
    "update": "Updated",
    "replace": "Replaced",
    "delete": "Leaves the stack",
    "adopt": "Exists, is taken over",
}


def state(profile: ProfileImpact) -> str:
    """Return the state of a profile after the change, and what it was where that is another; empty if not known."""
    before, after = (
        # Behind a comma stands that it is not published.
        "".join([state_in_words(found), comma, rest])
        for each in (profile.state_before, profile.state_after)
        for found, comma, rest in [(each or "").partition(",")]
    )
    if not (before and after and before != after):
        return after or before
    if profile.state_undone == "certain":
        return f"{before} (would be {after}, which is not done)"
    return f"{after} (was {before}{'; this may be left undone' if profile.state_undone else ''})"


def moves(profile: ProfileImpact, listing: Callable[[Sequence[MemberImpact]], str]) -> list[str]:
    """Return who joins and who leaves a profile, who may, and who would; nothing where nobody does.

    Args:
        profile: The profile.
        listing: The names of some of its people, as one text.

    """
    found = []
    for members, verb in ((profile.joining, "join"), (profile.leaving, "leave")):
        refused = [each for each in members if each.undone == "certain"]
        doubtful = [each for each in members if each.undone != "certain" and (each.reason or each.undone)]
        certain = [each for each in members if not each.reason and not each.undone]
        for who, words in (
            (certain, people_who(len(certain), verb)),
            (doubtful, f"{people(len(doubtful))} may {verb}"),
            (refused, f"{people(len(refused))} would {verb}, which is not done"),
        ):
            if who:
                found.append(f"{words}: {listing(who)}")
    return found


def members_after(profile: ProfileImpact) -> str:
    """Return how many members a profile has after the change: from whom it certainly has to whom it may have."""
    joining, leaving = (Counter(each.undone for each in members) for members in (profile.joining, profile.leaving))
    after = profile.members_after + leaving["certain"] - joining["certain"]
    doubtful = sum(bool(each.reason and each.undone != "certain") for each in (*profile.joining, *profile.leaving))
    unsure = sum(each.undone == "possible" and not each.reason for each in profile.joining)
    known = span(after - doubtful - unsure, after + leaving["possible"])
    return known if profile.members_known else f"{known} or more"


def holders(entitlement: EntitlementImpact) -> tuple[str, str]:
    """Return how many people have an entitlement before and after: from those who certainly do to those who may."""
    before, after = entitlement.possible_before, entitlement.possible_after
    return (
        span(entitlement.holders_before, entitlement.holders_before if before is None else before),
        span(entitlement.holders_after, entitlement.holders_after if after is None else after),
    )


def without_holding(document: Document) -> Mapping[str, list[str]]:
    """Return by entitlement how many people keep it ungoverned or do not have it yet, in words."""
    count: Counter[tuple[str, Effect]] = Counter()
    for person in document.people:
        count.update({(row.entitlement, row.effect) for row in person.rows if row.entitlement})
    words = {
        Effect.UNGOVERNED: "no longer governed",
        Effect.MAYBE_UNGOVERNED: "perhaps no longer governed",
        Effect.NO_EFFECT: "without effect yet",
    }
    return {
        each.key: [f"{count[each.key, effect]:,} {said}" for effect, said in words.items() if count[each.key, effect]]
        for each in document.entitlements
    }


def span(least: int, most: int) -> str:
    """Format a number that is not certain by the least and the most: ``1 to 6``."""
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"
