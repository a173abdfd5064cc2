"""The obstacles to a change: removals that a guard judges, resources that conflict, and what may be a mistake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pulumi_veza.access.organisation import Ref
from pulumi_veza.impact.document import ConflictImpact, Hint, RemovalImpact, StageName
from pulumi_veza.impact.refused_creates import refused_creates
from pulumi_veza.plan import records
from pulumi_veza.plan.draft import SetChange
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record
from pulumi_veza.reports.findings import Source
from pulumi_veza.reports.words import counted, people_who
from pulumi_veza.reports.words import listed as listed_words
from pulumi_veza.rules import wording
from pulumi_veza.rules.identity import excludes_others, manages_members, writes_content
from pulumi_veza.rules.members import Departure, listed
from pulumi_veza.rules.removal_guard import GuardLevel


def place(record: Record | None) -> Source | None:
    """Return where the program declares a resource, or None where that is unknown."""
    return record.source if record else None


def removals(plan: Plan, by_urn: Mapping[str, Record]) -> list[RemovalImpact]:
    """Return the removals of every set, with the verdict of its guard, ordered by URN."""
    found = []
    for change in plan.sets:
        guard = change.decision.guard
        vanished = change.departure is Departure.VANISHED
        # Of one that vanishes, everybody whom its delete removes where it comes first.
        removed = guard.removal.removed if vanished and guard else change.removed
        if not removed:
            continue
        level = guard.level if guard else GuardLevel.DESTROYED
        found.append(
            RemovalImpact.model_validate(
                {
                    "urn": change.urn,
                    "name": records.name_in(change.urn),
                    "profile": change.profile,
                    "removed": len(removed),
                    "people": sorted(removed),
                    "managed": change.total,
                    "level": level.value,
                    "limit": wording.allowance(guard) if guard and guard.limit else None,
                    "vanished": vanished,
                    "confirmation": guard.confirmation if guard and guard.refused else None,
                    "refused_at": _refused_at(change) if guard and guard.refused else None,
                    "source": place(by_urn.get(change.urn)),
                }
            )
        )
    return sorted(found, key=lambda each: (each.urn, each.level))


def _refused_at(change: SetChange) -> StageName:
    """Return where the provider refuses the removals of a set."""
    if change.departure is Departure.VANISHED:
        return "end"
    # The version that a set is pointed away from is known by its state.
    return "preview" if change.foreseen or change.departure is Departure.MOVED else "run"


def conflicts(everything: Sequence[Record], plan: Plan) -> list[ConflictImpact]:
    """Return the resources that conflict over one object, and the creates that the provider will refuse."""
    found = [*refused_creates(everything, plan), *_twice(everything, plan), *_sets(everything, plan)]
    found += _unguarded(everything, plan)
    return sorted(found, key=lambda each: (each.what, each.urns))


def unseen_refusals(
    everything: Sequence[Record], refusals: Iterable[str], known: Iterable[RemovalImpact]
) -> list[ConflictImpact]:
    """Return the removals that the provider will refuse and that are not seen here, as a list of people is secret.

    Args:
        everything: The resources.
        refusals: What the provider said that it will refuse.
        known: The removals that are seen.

    """
    confirmations = {each.confirmation for each in known if each.confirmation}
    hidden = [
        each
        for each in everything
        if each.kind == records.MEMBERS
        and records.has_hidden([each.old.get("identity_ids"), each.new.get("identity_ids")])
    ]
    found = []
    for said in refusals if hidden else ():
        if not any(each in said for each in confirmations):
            record = next((each for each in hidden if f"{each.name}' would remove" in said), None)
            found.append(
                ConflictImpact(
                    what=said,
                    urns=[record.urn] if record else [],
                    refused=True,
                    refused_at="preview",
                    source=place(record),
                )
            )
    return found


def _twice(everything: Sequence[Record], plan: Plan) -> Iterator[ConflictImpact]:
    owners: defaultdict[tuple[str, Ref], list[Record]] = defaultdict(list)
    for record in everything:
        ref = plan.refs.get(record.urn)
        if ref is None or not record.stays:
            continue
        if record.kind == records.PROFILE:
            owners["manage", ref].append(record)
        if record.kind == records.VERSION or (record.kind == records.PROFILE and writes_content(record.new)):
            owners["write the content of", ref].append(record)
    for (doing, ref), resources in owners.items():
        if len(resources) > 1:
            what = f"{len(resources)} resources {doing} profile {plan.after.name(ref)}"
            yield ConflictImpact(what=what, urns=sorted(each.urn for each in resources), source=place(resources[0]))


def _sets(everything: Sequence[Record], plan: Plan) -> Iterator[ConflictImpact]:
    """Yield the sets of two stacks that remove each other's members, and those of one that the provider refuses."""
    for ref, record, other in _beside(everything, plan):
        profile, strangers = plan.after.name(ref), listed(other.args) - listed(record.args)
        if record.stack != other.stack and strangers:
            what = (
                f"set {record.name!r} lets nobody else be a member of {profile}, and set "
                f"{other.name!r} lists {counted(len(strangers), 'other person', 'other people')}"
            )
            yield ConflictImpact(what=what, urns=[record.urn, other.urn], source=place(record))
        elif record.stack == other.stack and excludes_others(other.new) and record.urn < other.urn:
            yield ConflictImpact(
                what=f"the sets {record.name!r} and {other.name!r} of {profile} are both authoritative",
                urns=[record.urn, other.urn],
                refused=True,
                refused_at="run",
                instead='list everybody in one of the two, or write mode="additive" in the other',
                source=place(record),
            )


def _beside(everything: Sequence[Record], plan: Plan) -> Iterator[tuple[Ref, Record, Record]]:
    """Yield every authoritative set with every other set of its version."""
    by_ref: defaultdict[Ref, list[Record]] = defaultdict(list)
    for record in everything:
        ref = plan.refs.get(record.urn)
        if ref and record.kind == records.MEMBERS and record.stays and manages_members(record.new):
            by_ref[ref].append(record)
    for ref, sets in by_ref.items():
        for record in sets:
            if excludes_others(record.new):
                yield from ((ref, record, other) for other in sets if other is not record)


def hints(everything: Sequence[Record], plan: Plan) -> list[Hint]:
    """Return what does not stop the change, but may be a mistake."""
    return list(_shared(everything, plan))


def _shared(everything: Sequence[Record], plan: Plan) -> Iterator[Hint]:
    for ref, record, other in _beside(everything, plan):
        if record.stack == other.stack and not excludes_others(other.new) and listed(other.args) - listed(record.args):
            yield Hint(
                what=f"the sets {record.name!r} and {other.name!r} of {plan.after.name(ref)}",
                reason=(
                    "one of them is authoritative, and the other lists people whom it does not: nobody of them is "
                    "removed, but every refresh shows these people as added by hand; list everybody in one of the two"
                ),
                urns=[record.urn, other.urn],
                source=place(record),
            )


def _unguarded(everything: Sequence[Record], plan: Plan) -> Iterator[ConflictImpact]:
    """Yield the removals of a program that declares nothing, which no guard stops."""
    gone = [each for each in plan.sets if each.departure is Departure.DESTROYED and each.removed]
    by_urn = {each.urn: each for each in everything}
    who = {id_ for each in gone for id_ in each.removed}
    if gone:
        profiles = listed_words({plan.after.name(each.profile) for each in gone}, most=_NAMED)
        leave = f"{people_who(len(who), 'leave')} {profiles}"
        yield ConflictImpact(
            what=f"the program declares nothing of Veza any more, so no guard stops that {leave}",
            urns=[each.urn for each in gone],
            instead=(
                "see whether a file or a list that the program reads is empty or cut short; if everything is to go, "
                "run `pulumi destroy`"
            ),
            source=place(by_urn.get(gone[0].urn)),
        )


_NAMED: Final = 5
"""How many profiles a hint names."""
