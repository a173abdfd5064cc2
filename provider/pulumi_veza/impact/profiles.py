"""What happens to the profiles themselves: their state, members, content and inheritance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pulumi_veza.access.organisation import Organisation, Profile, Ref
from pulumi_veza.impact.document import MemberImpact, ProfileImpact
from pulumi_veza.impact.obstacles import place
from pulumi_veza.plan import records
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.wording import sentence

_ACTIONS = frozenset({"create", "update", "replace", "delete"})


class Profiles:
    """Describes every profile that changes, that a path leads through, or that one of these inherits from."""

    def __init__(self, plan: Plan, by_urn: Mapping[str, Record], names: Mapping[str, str]) -> None:
        self._plan, self._by_urn, self._names = plan, by_urn, names

    def impacts(self, everything: Sequence[Record], on_paths: Iterable[Ref]) -> list[ProfileImpact]:
        """Describe them, ordered by name."""
        refs = set(on_paths) | {change.profile for change in self._plan.sets}
        owners: dict[Ref, Record] = {}
        for record in everything:
            ref = self._plan.refs.get(record.urn)
            if ref is None or record.kind == records.TYPE:
                continue
            if record.op not in {"same", "read"}:
                refs.add(ref)
            if record.kind == records.PROFILE:
                owners[ref] = record
        for ref in list(refs):
            refs.update(self._ancestors(ref))
        found = [self._impact(ref, owners.get(ref)) for ref in refs if ref in self._known() or ref not in self._by_urn]
        return sorted(found, key=lambda each: (each.name, each.ref))

    def _known(self) -> set[Ref]:
        return {*self._plan.before.profiles, *self._plan.after.profiles}

    def _ancestors(self, ref: Ref) -> Iterator[Ref]:
        seen = {ref}
        waiting = [ref]
        while waiting:
            here = waiting.pop()
            for organisation in (self._plan.before, self._plan.after):
                profile = organisation.profiles.get(here)
                for parent in profile.inherits if profile else ():
                    if parent not in seen:
                        seen.add(parent)
                        waiting.append(parent)
                        yield parent

    def _impact(self, ref: Ref, record: Record | None) -> ProfileImpact:
        before, after = self._plan.before, self._plan.after
        old, new = before.profiles.get(ref), after.profiles.get(ref)
        known = new or old
        had, has = before.members.get(ref, {}), after.members.get(ref, {})
        return ProfileImpact.model_validate(
            {
                "ref": ref,
                "name": _title(known) if known else str(ref),
                "urn": record.urn if record else None,
                "stack": record.stack if record else None,
                "action": self._action(ref, record),
                "state_before": _state(old),
                "state_after": _state(new),
                "members_before": len(had),
                "members_after": len(has),
                "joining": [self._member(after, ref, who) for who in sorted(has.keys() - had.keys())],
                "leaving": [self._member(before, ref, who) for who in sorted(had.keys() - has.keys())]
                + [
                    self._member(after, ref, who)
                    for who in sorted(had.keys() & has.keys())
                    if has[who].uncertainty and not had[who].uncertainty
                ],
                "inherits": sorted(new.inherits) if new else [],
                "inherited_before": sorted(old.inherits) if old else [],
                "entitlements_added": sorted(_content(new) - _content(old)),
                "entitlements_removed": sorted(_content(old) - _content(new)),
                "source": place(record),
            }
        )

    def _action(self, ref: Ref, record: Record | None) -> str:
        if record and record.op == "create" and ref in self._plan.before.profiles:
            return "same" if record.urn in self._plan.refusals else "adopt"
        if record and record.op in _ACTIONS:
            return record.op
        return "same"

    def _member(self, organisation: Organisation, ref: Ref, who: str) -> MemberImpact:
        uncertainty = organisation.members[ref][who].uncertainty
        return MemberImpact(id=who, name=self._names.get(who), reason=sentence(uncertainty) if uncertainty else None)


def _title(profile: Profile) -> str:
    return f"{profile.name} (version {profile.version})" if profile.version else profile.name


def _state(profile: Profile | None) -> str | None:
    if profile is None:
        return None
    return profile.state if profile.published and not profile.version else f"{profile.state}, not published"


def _content(profile: Profile | None) -> set[str]:
    return set(profile.entitlements) if profile else set()
