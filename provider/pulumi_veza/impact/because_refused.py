"""What comes about only because `pulumi up` refuses a part of a change.

Whoever is still a member of a profile, as a removal is refused, gains and loses what is changed for the members that
are left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_veza.access.comparison import AccessChange, Effect
from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import HeldEntitlement, Ref
from pulumi_veza.impact.causes import causes
from pulumi_veza.impact.document import Document, EntitlementImpact, Person, Row
from pulumi_veza.impact.partial_run import KINDS, PartialRun, key_of
from pulumi_veza.impact.people import names_of, row_of
from pulumi_veza.impact.profiles import impacts
from pulumi_veza.plan.planning import Plan

PERHAPS: Final = {
    Effect.LOST: Effect.MAYBE_LOST,
    Effect.GAINED: Effect.MAYBE_GAINED,
    Effect.UNGOVERNED: Effect.MAYBE_UNGOVERNED,
}
"""By an effect that is certain, the one that is not."""


def with_consequences(document: Document, most: PartialRun, least: PartialRun) -> Document:
    """Return the document with the rows that come about only because of the refusal."""
    added = list(_added(document, most, least))
    if not added:
        return document
    people = {each.id: each for each in document.people}
    entitlements = {each.key: each for each in document.entitlements}
    names = {**names_of(most.plan), **names_of(least.plan)}
    cause_of = {
        **causes(most.resources, most.plan, most.rows.values()),
        **causes(least.resources, least.plan, least.rows.values()),
    }
    # What is held back changes nothing of what is there before.
    held_before = _holders(least.plan)
    on_paths: set[Ref] = set()
    for who, held, change in added:
        certain = all(key_of(change) in each.rows for each in (most, least))
        row = _consequence(change, cause_of[change], certain=certain)
        before = people.get(who) or Person(id=who, name=names.get(who), rows=[])
        people[who] = before.model_copy(update={"rows": [*before.rows, row]})
        entitlements[held.key] = _as_held_also(entitlements.get(held.key) or _untouched(held, held_before), row)
        on_paths |= set(change.path)
    refs = on_paths - {Ref(each.ref) for each in document.profiles}
    by_urn = {each.urn: each for each in least.resources}
    more = [each for each in impacts(least.resources, least.plan, refs, by_urn, names) if each.ref in refs]
    return document.model_copy(
        update={
            "people": sorted(people.values(), key=lambda each: each.id),
            "entitlements": sorted(entitlements.values(), key=lambda each: each.key),
            "profiles": sorted([*document.profiles, *more], key=lambda each: (each.name, each.ref)),
        }
    )


def _added(
    document: Document, most: PartialRun, least: PartialRun
) -> Iterator[tuple[str, HeldEntitlement, AccessChange]]:
    """Yield whom a run gives or takes what, of which the document says nothing, each once."""
    told = {
        (each.id, row.entitlement, kind)
        for each in document.people
        for row in each.rows
        for kind in KINDS
        if row.effect in kind
    }
    for outcome in (least, most):
        for change in outcome.rows.values():
            who, held = change.identity_id, change.entitlement
            for kind in KINDS:
                if who and held and change.effect in kind and (who, held.key, kind) not in told:
                    told.add((who, held.key, kind))
                    yield who, held, change


def _consequence(change: AccessChange, cause: str | None, *, certain: bool) -> Row:
    """Return the row of something that comes about only because of the refusal."""
    row = row_of(change, cause)
    if certain:
        return row.model_copy(update={"because_refused": True})
    reason = "; ".join(filter(None, [row.reason, "it depends on what is done before the run ends at what is refused"]))
    effect = PERHAPS.get(row.effect, row.effect)
    return row.model_copy(update={"because_refused": True, "effect": effect, "reason": reason})


def _holders(planned: Plan) -> Mapping[str, Counter[bool]]:
    """Return by entitlement how many people hold it before the change, certainly and perhaps."""
    found: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for _, key, grant in Access(planned.before).holders():
        found[key][grant.certain] += 1
    return found


def _untouched(held: HeldEntitlement, before: Mapping[str, Counter[bool]]) -> EntitlementImpact:
    """Return an entitlement that nobody would gain or lose if nothing were refused."""
    count = before.get(held.key, Counter())
    certain, possible = count[True], count.total()
    return EntitlementImpact(
        key=held.key,
        entity_type=held.entity_type,
        datasource_id=held.datasource_id,
        entity_id=held.entity_id,
        holders_before=certain,
        holders_after=certain,
        possible_before=possible,
        possible_after=possible,
        gained=0,
        lost=0,
        potentially_gained=0,
        potentially_lost=0,
        other=0,
    )


def _as_held_also(entitlement: EntitlementImpact, row: Row) -> EntitlementImpact:
    """Return an entitlement with one more row that gains or loses it."""
    counted, least, most = _MOVES.get(row.effect, ("other", 0, 0))
    after = entitlement.holders_after
    possible = after if entitlement.possible_after is None else entitlement.possible_after
    return entitlement.model_copy(
        update={
            counted: getattr(entitlement, counted) + 1,
            "holders_after": after + least,
            "possible_after": possible + most,
        }
    )


_MOVES: Final = {
    Effect.GAINED: ("gained", 1, 1),
    Effect.MAYBE_GAINED: ("potentially_gained", 0, 1),
    Effect.LOST: ("lost", -1, -1),
    Effect.MAYBE_LOST: ("potentially_lost", -1, 0),
}
"""By effect, what counts it, and how many more certainly have the entitlement, and may have it."""
