"""The decision of a membership set: the members to add, to remove and to leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any

from pulumi_veza.fields.field_types import UNKNOWN, identity_in
from pulumi_veza.rules.identity import (
    BY_MEMBERSHIP,
    excludes_others,
    is_by_hand,
    is_removable,
    manages_members,
    one_person,
)
from pulumi_veza.rules.removal_guard import GuardOptions, GuardVerdict, Removal, judge


@dataclass(frozen=True)
class LiveMember:
    """A member of a version, as the tenant lists it."""

    id: str
    name: str | None = None
    sources: tuple[str | None, ...] = (BY_MEMBERSHIP,)
    """Every ``created_from`` under which the member is listed; None where the API sends none."""

    @property
    def by_hand(self) -> bool:
        """Whether it was added only by hand or by the API, so that an authoritative set may remove it unlisted."""
        return is_by_hand(self.sources)

    @property
    def removable(self) -> bool:
        """Whether a set that listed it may remove it."""
        return is_removable(self.sources)

    @property
    def source(self) -> str | None:
        """The source to show; one that prevents a removal takes precedence."""
        return next((each for each in self.sources if not is_removable([each])), self.sources[0])

    @property
    def words(self) -> str:
        """The name, where it is known, and the id."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


class Stay(str, Enum):
    """The reason why an identity that a set does not list stays a member."""

    LISTED_ELSEWHERE = "listed elsewhere"
    """Another set of the run lists the member."""
    OTHER_SOURCE = "other source"
    """A birthright policy or another source added the member."""
    MODE_CHANGED = "mode changed"
    """The set becomes authoritative with this change, and no preview has shown the removals yet."""


class Departure(str, Enum):
    """The reason why a set leaves its version."""

    DESTROYED = "destroyed"
    """The user destroys it, which the guard does not stop."""
    MOVED = "moved"
    """The program points it at another profile or version, or replaces it."""
    VANISHED = "vanished"
    """The program no longer declares it."""


@dataclass(frozen=True)
class MemberSituation:
    """Everything that the decision of a membership set depends on."""

    profile_id: str
    wanted: Mapping[str, Any]
    """The inputs of the set, with their defaults."""
    old_outputs: Mapping[str, Any] = field(default_factory=dict)
    """The outputs of the set before the change; empty where the set is new."""
    live: Mapping[str, LiveMember] | None = None
    """The members by id; None where the tenant is not asked, and the members are those in the old outputs."""
    others_list: frozenset[str] = frozenset()
    """The identities that other sets of the run list on this version."""
    confirmations: frozenset[str] = frozenset()
    """Values that confirm removals, beside ``allow_removals`` of the program: from the configuration or environment."""
    known: Mapping[str, LiveMember] | None = None
    """The members in the old outputs, where they have been read already: there may be 100,000."""

    @cached_property
    def now(self) -> frozenset[str]:
        """The identities that the set lists now."""
        return listed(self.wanted)

    @cached_property
    def before(self) -> frozenset[str]:
        """The identities that the set managed before the change, in the spelling of the program."""
        return one_person(managed(self.old_outputs), self.now)

    @cached_property
    def retried(self) -> frozenset[str]:
        """The identities whose last change failed and is retried."""
        return one_person(failed_before(self.old_outputs, self.wanted), self.now)

    @cached_property
    def members(self) -> Mapping[str, LiveMember]:
        """The members that the decision starts from."""
        known = self.known if self.live is None else self.live
        return spelled_like(members_in(self.old_outputs) if known is None else known, self.now | self.before)

    @cached_property
    def listed_elsewhere(self) -> frozenset[str]:
        """The identities that other sets list, in the spelling of this one."""
        return one_person(self.others_list, self.now | self.before | self.members.keys())


@dataclass(frozen=True)
class MembersDecision:
    """The decision about one change of a membership set."""

    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    stays: Mapping[str, Stay] = field(default_factory=dict)
    """By identity, the reason why it stays although the set no longer lists it, or excludes it."""
    retried: frozenset[str] = frozenset()
    """The identities whose change failed last time and is retried."""
    unlisted: frozenset[str] = frozenset()
    """The removed identities that the set never managed."""
    guard: GuardVerdict | None = None
    """The guard's verdict on the removals; None where the set is destroyed, which the guard does not stop."""

    @property
    def refused(self) -> bool:
        """Whether the guard refuses the change."""
        return self.guard is not None and self.guard.refused


def decide(situation: MemberSituation) -> MembersDecision:
    """Decide which members the change of a set adds and removes, and whether the guard refuses it."""
    if not manages_members(situation.wanted):
        return MembersDecision()
    members, now, before = situation.members, situation.now, situation.before
    retried, listed_elsewhere = situation.retried, situation.listed_elsewhere
    stays: dict[str, Stay] = {}
    leaving: set[str] = set()
    for who in ((before | retried) - now) & members.keys():
        if members[who].removable:
            leaving.add(who)
        else:
            stays[who] = Stay.OTHER_SOURCE
    if excludes_others(situation.wanted):
        for who, member in members.items():
            if who in now or who in leaving or not member.by_hand:
                continue
            if became_authoritative(situation.old_outputs, situation.wanted):
                stays[who] = Stay.MODE_CHANGED
            else:
                leaving.add(who)
    for who in leaving & listed_elsewhere:
        stays[who] = Stay.LISTED_ELSEWHERE
    removed = frozenset(leaving - listed_elsewhere)
    return MembersDecision(
        add=frozenset(now - members.keys()),
        remove=removed,
        stays=stays,
        retried=retried,
        unlisted=removed - before - retried,
        guard=_guard(situation, removed),
    )


def _guard(situation: MemberSituation, removed: frozenset[str]) -> GuardVerdict:
    members, now = situation.members, situation.now
    ours = members.keys() if excludes_others(situation.wanted) else members.keys() & (situation.before | now)
    # A retried removal has passed the guard already.
    removal = Removal(
        situation.profile_id,
        removed - situation.retried,
        len(ours),
        # Who could not be added before is not counted upon.
        empties=not ((now - situation.retried) | situation.others_list | (members.keys() - removed)),
    )
    planned = None
    if situation.live is not None and situation.old_outputs and not _moved(situation):
        # What the preview judged, by the old outputs alone.
        verdict = decide(replace(situation, live=None)).guard
        planned = verdict.removal if verdict else None
    return judge(removal, GuardOptions.of(situation.wanted, situation.confirmations), planned)


def _moved(situation: MemberSituation) -> bool:
    return any(situation.old_outputs.get(name) != situation.wanted[name] for name in ("profile_id", "version"))


def decide_departure(
    departure: Departure,
    old_outputs: Mapping[str, Any],
    *,
    wanted: Mapping[str, Any] | None = None,
    live: Mapping[str, LiveMember] | None = None,
    others_list: frozenset[str] = frozenset(),
    confirmations: frozenset[str] = frozenset(),
) -> MembersDecision:
    """Decide which members a set removes that leaves its version: all that it manages, and earlier failed removals.

    Args:
        departure: The reason why it leaves.
        old_outputs: The outputs of the set in the state.
        wanted: The new inputs of a set that moves, whose guard judges the removal; otherwise that of the old outputs
            does.
        live: The members by id; None where the tenant is not asked, and the members are those in the old outputs.
        others_list: The identities that other sets of the run list on the version that is left.
        confirmations: Values that confirm removals, from the configuration or environment.

    """
    if not manages_members(old_outputs) or old_outputs.get("on_destroy") == "retain":
        return MembersDecision()
    before = listed(old_outputs) | failed_before(old_outputs, {})
    known = spelled_like(members_in(old_outputs), before)
    members = known if live is None else spelled_like(live, before)
    listed_elsewhere = one_person(others_list, before)

    def leaving(where: Mapping[str, LiveMember]) -> frozenset[str]:
        return frozenset(who for who in before & where.keys() if where[who].removable)

    stays = {who: Stay.OTHER_SOURCE for who in before & members.keys() if not members[who].removable}
    stays |= dict.fromkeys(leaving(members) & listed_elsewhere, Stay.LISTED_ELSEWHERE)
    removed = leaving(members) - listed_elsewhere
    guard = None
    if departure is not Departure.DESTROYED:
        options = GuardOptions.of(wanted or old_outputs, confirmations)
        if departure is Departure.VANISHED:
            # Whoever allowed a set to be emptied wrote a list; nobody wrote anything where a set is gone.
            options = replace(options, allow_emptying=False)

        def removal(ids: frozenset[str], where: Mapping[str, LiveMember]) -> Removal:
            ours = where.keys() if excludes_others(old_outputs) else where.keys() & before
            left = where.keys() - ids
            return Removal(str(old_outputs.get("profile_id")), ids, len(ours), empties=not (others_list | left))

        planned = removal(leaving(known) - listed_elsewhere, known) if live is not None else None
        guard = judge(removal(removed, members), options, planned)
    return MembersDecision(remove=removed, stays=stays, guard=guard)


def listed_after_read(
    args: Mapping[str, Any], old_outputs: Mapping[str, Any], live: Mapping[str, LiveMember]
) -> tuple[frozenset[str], dict[str, str]]:
    """Return the identities that a set lists after a read, and the failures that still apply.

    Listed identities that are no longer members are left out, except those whose last change failed. An authoritative
    set also lists members that were added by hand. An audit lists what the program lists.
    """
    ours = listed(args)
    # A failure still applies to a listed identity that is no member, and to a member that is not listed.
    failures = {
        who: why for who, why in (old_outputs.get("failures") or {}).items() if (who in ours) is not (who in live)
    }
    if not manages_members(args):
        return ours, failures
    ids = ours & (live.keys() | failures.keys())
    if excludes_others(args):
        ids |= {who for who, member in live.items() if member.by_hand}
    return frozenset(ids), failures


def needs_sending(old_outputs: Mapping[str, Any], wanted: Mapping[str, Any], changed: Iterable[str]) -> bool:
    """Return whether an update sends requests: a change of options alone does not, unless a failure is retried."""
    fields = set(changed)
    only_options = bool(fields) and "identity_ids" not in fields
    return manages_members(wanted) and (bool(failed_before(old_outputs, wanted)) or not only_options)


def became_authoritative(old_outputs: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Return whether the change makes an existing set authoritative, which by itself removes no member."""
    return bool(old_outputs) and excludes_others(wanted) and not excludes_others(old_outputs)


def failed_before(old_outputs: Mapping[str, Any], wanted: Mapping[str, Any]) -> frozenset[str]:
    """Return the identities whose last change failed and must be retried: listed now, or to be removed then."""
    failures = old_outputs.get("failures")
    if not failures or not manages_members(wanted):
        return frozenset()
    before, now = listed(old_outputs), listed(wanted)
    return frozenset(who for who in failures if who in now or who not in before)


def listed(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the known identities in ``identity_ids`` of inputs or outputs."""
    ids = values.get("identity_ids")
    if not isinstance(ids, Mapping):
        return frozenset()
    found = frozenset(ids.values())
    return found - {UNKNOWN} if UNKNOWN in found else found


def managed(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the identities that a set has managed so far; none for an audit."""
    return listed(values) if manages_members(values) else frozenset()


def members_in(outputs: Mapping[str, Any]) -> dict[str, LiveMember]:
    """Return the members in the outputs of a set, by id; those that it lists where the outputs have no members."""
    held = outputs.get("members")
    if not isinstance(held, Mapping):
        return {who: LiveMember(who) for who in managed(outputs)}
    found = {}
    for key, each in held.items():
        # The abstract class takes long to ask, and a set may have 100,000 members.
        if isinstance(each, (dict, Mapping)):
            who = str(each.get("id") or identity_in(key))
            found[who] = LiveMember(who, each.get("name"), _sources(each))
    return found


def _sources(entry: Mapping[str, Any]) -> tuple[str | None, ...]:
    if several := entry.get("sources"):
        return tuple(each or None for each in several)
    # A state of 0.1.0 has every member's id beside its source, and no source where the API sends none.
    by_default = None if "id" in entry else BY_MEMBERSHIP
    return (entry.get("source", by_default) or None,)


def as_output(member: LiveMember) -> dict[str, Any]:
    """Return a member as the outputs have it: the name, and the sources where they are not "by hand" alone."""
    sources = [each or "" for each in member.sources]
    entry: dict[str, Any] = {"name": member.name} if member.name else {}
    if len(sources) > 1:
        return {**entry, "sources": sources}
    return entry if sources == [BY_MEMBERSHIP] else {**entry, "source": sources[0]}


def spelled_like(members: Mapping[str, LiveMember], spelled: Collection[str]) -> dict[str, LiveMember]:
    """Return members by id; an id that differs only in case from one in ``spelled`` is the same person's.

    The member itself keeps the tenant's spelling.
    """
    ours = {who.casefold(): who for who in spelled if who not in members}
    if not ours:
        return dict(members)
    return {ours.get(who.casefold(), who) if who not in spelled else who: each for who, each in members.items()}
