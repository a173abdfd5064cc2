"""What stands in the way of a change, or nearly: guards of removals, and resources that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pulumi_veza.access.organisation import Ref
from pulumi_veza.impact.document import ConflictImpact, RemovalImpact
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan, SetChange
from pulumi_veza.plan.records import Record, elements
from pulumi_veza.reports.findings import Source
from pulumi_veza.rules import removal_guard


def place(record: Record | None) -> Source | None:
    """Return where a resource is declared."""
    return record.source if record else None


def removals(plan: Plan, by_urn: dict[str, Record]) -> list[RemovalImpact]:
    """Hold what every set removes against its guard."""
    found = []
    for change in plan.sets:
        if not change.removed:
            continue
        level, limit = _level(plan, change)
        found.append(
            RemovalImpact.model_validate(
                {
                    "urn": change.urn,
                    "profile": change.profile,
                    "removed": len(change.removed),
                    "managed": _total(change),
                    "level": level,
                    "limit": limit,
                    "source": place(by_urn.get(change.urn)),
                }
            )
        )
    return sorted(found, key=lambda each: (each.urn, each.level))


def _total(change: SetChange) -> int:
    return change.members if change.mode == "authoritative" else change.managed


def _level(plan: Plan, change: SetChange) -> tuple[str, str | None]:
    if change.destroyed:
        return "destroyed", None
    options = {"max_removal_percent": 20, "allow_emptying": False, **change.options}
    left = plan.after.members.get(change.profile)
    removal = removal_guard.Removal(change.profile, frozenset(change.removed), _total(change), empties=not left)
    if limit := removal.excess(options):
        return ("over" if removal.refusal(options) else "confirmed"), limit
    percent, most = options["max_removal_percent"], options.get("max_removals")
    if most is not None and len(change.removed) * 2 >= most:
        return "near", f"max_removals is {most}"
    if percent < 100 and len(change.removed) * 200 >= percent * _total(change):  # noqa: PLR2004 - of a hundred, and half of it
        return "near", f"max_removal_percent is {percent}"
    return "within", None


def conflicts(everything: Sequence[Record], plan: Plan) -> list[ConflictImpact]:
    """Find the resources that want different things of one object."""
    found = [*_twice(everything, plan), *_sets(everything, plan)]
    return sorted(found, key=lambda each: (each.what, each.urns))


def _twice(everything: Sequence[Record], plan: Plan) -> Iterator[ConflictImpact]:
    owners: defaultdict[tuple[str, Ref], list[Record]] = defaultdict(list)
    for record in everything:
        ref = plan.refs.get(record.urn)
        if ref is None or not record.stays:
            continue
        if record.kind == records.PROFILE:
            owners["is managed", ref].append(record)
        if record.kind == records.VERSION or (record.kind == records.PROFILE and _has_content(record)):
            owners["has its content managed", ref].append(record)
        profile = plan.after.profiles.get(ref)
        if record.kind == records.PROFILE and profile and any("will refuse" in each for each in profile.unknown):
            what = f"profile {profile.name} exists already and differs from what {record.name!r} says"
            yield ConflictImpact(what=what, urns=[record.urn], source=place(record))
    for (doing, ref), resources in owners.items():
        if len(resources) > 1:
            what = f"profile {plan.after.name(ref)} {doing} by {len(resources)} resources"
            yield ConflictImpact(what=what, urns=sorted(each.urn for each in resources), source=place(resources[0]))


def _has_content(record: Record) -> bool:
    return any(record.new.get(name) is not None for name in ("entitlements", "inherits_from"))


def _sets(everything: Sequence[Record], plan: Plan) -> Iterator[ConflictImpact]:
    by_ref: defaultdict[Ref, list[Record]] = defaultdict(list)
    for record in everything:
        ref = plan.refs.get(record.urn)
        if ref and record.kind == records.MEMBERS and record.stays and record.new.get("mode") != "audit":
            by_ref[ref].append(record)
    for ref, sets in by_ref.items():
        for record in sets:
            if record.new.get("mode") != "authoritative":
                continue
            mine = _listed(record)
            for other in sets:
                strangers = _listed(other) - mine
                if other is not record and strangers:
                    what = (
                        f"{record.name!r} lets nobody but those it lists be members of {plan.after.name(ref)}, and "
                        f"{other.name!r} lists {len(strangers)} others"
                    )
                    yield ConflictImpact(what=what, urns=[record.urn, other.urn], source=place(record))


def _listed(record: Record) -> frozenset[str]:
    return frozenset(map(str, elements(record.new.get("identity_ids")).known.values()))
