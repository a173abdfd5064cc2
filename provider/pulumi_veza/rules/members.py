"""The decision of a membership set: the members to add, to remove and to leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pulumi_veza.fields.field_types import UNKNOWN
from pulumi_veza.rules.identity import BY_MEMBERSHIP, excludes_others, is_by_hand, is_removable, manages_members
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


class Stay(str, Enum):
    """The reason why an identity that a set does not list stays a member."""

    LISTED_ELSEWHERE = "listed elsewhere"
    """Another set of the run lists the member."""
    OTHER_SOURCE = "other source"
    """A birthright policy or another source added the member."""
    MODE_CHANGED = "mode changed"
    """The set becomes authoritative with this change, and no preview has shown the removals yet."""


@dataclass(frozen=True)
class MemberSituation:
    """Everything that the decision of a membership set depends on."""

    profile_id: str
    wanted: Mapping[str, Any]
    """The inputs of the set, with their defaults."""
    old_outputs: Mapping[str, Any] = field(default_factory=dict)
    """The outputs of the set before the change; empty where the set is new."""
    live: Mapping[str, LiveMember] | None = None
    """The members by id; None where the tenant is not asked, and the members are those that the set has managed."""
    listed_elsewhere: frozenset[str] = frozenset()
    """The identities that other sets of the run list on this version."""
    confirmations: frozenset[str] = frozenset()
    """Values that confirm removals, beside ``allow_removals`` of the program: from the configuration or environment."""
    tenant: str = ""
    """The address of the tenant."""

    @property
    def before(self) -> frozenset[str]:
        """The identities that the set managed before the change."""
        return managed(self.old_outputs)

    @property
    def now(self) -> frozenset[str]:
        """The identities that the set lists now."""
        return listed(self.wanted)

    @property
    def retried(self) -> frozenset[str]:
        """The identities whose last change failed and is retried."""
        return failed_before(self.old_outputs, self.wanted)

    @property
    def members(self) -> Mapping[str, LiveMember]:
        """The members that the decision starts from."""
        return {who: LiveMember(who) for who in self.before} if self.live is None else self.live


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
    retried = situation.retried
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
    for who in leaving & situation.listed_elsewhere:
        stays[who] = Stay.LISTED_ELSEWHERE
    removed = frozenset(leaving - situation.listed_elsewhere)
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
    exclusive = excludes_others(situation.wanted)
    ours = members.keys() if exclusive else members.keys() & (situation.before | now)
    # Without the live list only an authoritative set knows all members.
    knows_all = situation.live is not None or exclusive
    # A retried removal has passed the guard already.
    removal = Removal(
        situation.profile_id,
        removed - situation.retried,
        len(ours),
        empties=knows_all and not (members.keys() | now) - removed,
    )
    planned = None
    if situation.live is not None and not _moved(situation):
        planned = _planned(situation)
    return judge(removal, GuardOptions.of(situation.wanted, situation.confirmations), planned)


def _planned(situation: MemberSituation) -> Removal | None:
    """Return the removal that the preview judged, from the old outputs and the program alone."""
    if not situation.before:
        return None
    emptied = not situation.now and excludes_others(situation.wanted)
    return Removal(situation.profile_id, situation.before - situation.now, len(situation.before), emptied)


def _moved(situation: MemberSituation) -> bool:
    return any(situation.old_outputs.get(name) != situation.wanted[name] for name in ("profile_id", "version"))


def decide_at_preview(situation: MemberSituation) -> MembersDecision | None:
    """Decide by the state alone; None where it has no members of this version, as for a set that is new or moves."""
    if not situation.before or _moved(situation) or not manages_members(situation.wanted):
        return None
    return decide(situation)


def decide_destroy(
    old_outputs: Mapping[str, Any], live: Mapping[str, LiveMember], listed_elsewhere: frozenset[str] = frozenset()
) -> MembersDecision:
    """Decide which members the destroy of a set removes: all that it manages, and earlier failed removals."""
    if not manages_members(old_outputs) or old_outputs.get("on_destroy") == "retain":
        return MembersDecision()
    ours = (listed(old_outputs) | failed_before(old_outputs, {})) & live.keys()
    stays = {who: Stay.OTHER_SOURCE for who in ours if not live[who].removable}
    leaving = frozenset(who for who in ours if live[who].removable)
    stays |= dict.fromkeys(leaving & listed_elsewhere, Stay.LISTED_ELSEWHERE)
    return MembersDecision(remove=leaving - listed_elsewhere, stays=stays)


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
    if not manages_members(wanted):
        return frozenset()
    before, now = listed(old_outputs), listed(wanted)
    return frozenset(who for who in old_outputs.get("failures") or {} if who in now or who not in before)


def listed(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the known identities in ``identity_ids`` of inputs or outputs."""
    ids = values.get("identity_ids")
    if not isinstance(ids, Mapping):
        return frozenset()
    return frozenset(who for who in ids.values() if who is not UNKNOWN)


def managed(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the identities that a set has managed so far; none for an audit."""
    return listed(values) if manages_members(values) else frozenset()
