"""Who is a member otherwise than the sets say, and who is one although no set lists them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_veza.drift.differences import IDENTITY_IDS
from pulumi_veza.drift.document import DriftMember, DriftRow
from pulumi_veza.drift.reading import MembersRead, ResourceRead, TenantRead, profile_ids
from pulumi_veza.drift.rows import RowMaker, in_program, is_secret
from pulumi_veza.plan import records
from pulumi_veza.plan.entries import selector_of
from pulumi_veza.plan.records import HIDDEN, Record, elements
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.reports.words import counted
from pulumi_veza.rules.identity import CURRENT, excludes_others, is_removable, manages_members, one_person
from pulumi_veza.rules.members import LiveMember, listed, members_in
from pulumi_veza.rules.removal_guard import GuardOptions, Removal


@dataclass
class ListedMembers:
    """Whom the sets of one profile list as members of its live version."""

    sets: list[Record] = field(default_factory=list)
    """The sets that manage members, and then those that only audit them."""
    deployed: set[str] = field(default_factory=set)
    """The identities that sets which manage members list in the state."""
    all: set[str] = field(default_factory=set)
    """The identities that any set lists, in the state, in the program or after a read."""
    known: bool = True
    """Whether all sets could be read."""
    by_set: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By URN, the identities that a set which manages members lists in the state or in the program."""

    def of_others(self, urn: str) -> frozenset[str]:
        """Return the identities that other sets list."""
        return frozenset().union(*(ids for each, ids in self.by_set.items() if each != urn))


def of_set(
    read: ResourceRead, members: MembersRead | None, others: Collection[str], make: RowMaker
) -> Iterator[DriftRow]:
    """Yield the rows about the people whom a set lists, and about those whom a refresh would add to it.

    Args:
        read: The set.
        members: The members of its profile's live version.
        others: Whom other sets list: a refresh adds them to an authoritative set, and nobody did that by hand.
        make: Makes the rows.

    """
    record, outputs = read.record, read.outputs
    if record.kind != records.MEMBERS or outputs is None or IDENTITY_IDS in read.hidden:
        return
    live = members.members if members else {}
    before, now = listed(read.state), listed(outputs)
    yield from _people(DriftRule.MEMBER_REMOVED, record, before - now, live, make, refresh=True)
    added = one_person(now - before, others) - frozenset(others)
    for row in _people(DriftRule.MEMBER_ADDED, record, added, live, make, refresh=True):
        yield row.model_copy(update={"refused": _refuses(outputs, added, live)})
    if not manages_members(outputs):
        # A refresh only says in words whom an audit misses.
        missing = before - one_person(live, before) if members and not members.unreadable else frozenset()
        yield from _people(DriftRule.MEMBER_REMOVED, record, missing, live, make, refresh=False)


def _refuses(outputs: Mapping[str, Any], added: frozenset[str], live: Mapping[str, LiveMember]) -> bool:
    """Return whether the guard of an authoritative set refuses to remove whom somebody added by hand."""
    if not excludes_others(outputs):
        return False
    removal = Removal(str(outputs.get("profile_id")), added, len(live), empties=not (live.keys() - added))
    return removal.excess(GuardOptions.of(outputs)) is not None


def _people(
    rule: DriftRule,
    record: Record,
    ids: Iterable[str],
    live: Mapping[str, LiveMember],
    make: RowMaker,
    *,
    refresh: bool,
) -> Iterator[DriftRow]:
    change = "removed" if rule is DriftRule.MEMBER_REMOVED else "added"
    ordered = sorted(ids)
    if ordered and is_secret(record, IDENTITY_IDS):
        yield make.row(
            rule,
            record,
            field=IDENTITY_IDS,
            change=change,
            state=HIDDEN,
            live=HIDDEN,
            refresh=refresh,
            detail=counted(len(ordered), "member"),
        )
        return
    folded = {who.casefold(): member for who, member in live.items()}
    wanted = elements(in_program(record, IDENTITY_IDS))
    for who in ordered:
        in_it = who in wanted.known.values()
        agrees = record.new_inputs is not None and wanted.complete and in_it is (change == "added")
        member = person(who, folded.get(who.casefold()) or _known(record, who), is_member=change == "added")
        yield make.row(rule, record, change=change, member=member, agrees=agrees, refresh=refresh)


def _known(record: Record, who: str) -> LiveMember | None:
    return members_in(record.managed).get(who)


def person(who: str, known: LiveMember | None, *, is_member: bool = True) -> DriftMember:
    """Return a person as a row has them; who is no member has no source."""
    sources = [source or "unknown" for source in known.sources] if known and is_member else []
    return DriftMember(id=who, name=known.name if known else None, sources=sources)


def listed_members(everything: Sequence[Record], tenant: TenantRead) -> dict[str, ListedMembers]:
    """Return whom the sets list, by profile."""
    by_urn = {(read.record.urn, read.record.id): read for read in tenant.resources}
    found: defaultdict[str, ListedMembers] = defaultdict(ListedMembers)
    for record in everything:
        if record.kind != records.MEMBERS or record.op == "read":
            continue
        read = by_urn.get((record.urn, record.id))
        for profile_id in profile_ids(record):
            held = tenant.members.get(profile_id)
            if held and _is_live(record, read, held.number):
                _add(found[profile_id], profile_id, record, read)
    return found


def _is_live(record: Record, read: ResourceRead | None, number: int) -> bool:
    """Return whether a set is about the live version."""
    outputs = read.outputs if read else None
    if outputs is not None:
        return outputs.get("version_number") == number
    return selector_of(record.old or record.new) in {CURRENT, str(number)}


def _add(found: ListedMembers, profile_id: str, record: Record, read: ResourceRead | None) -> None:
    """Add whom a set lists; one that moves to another profile lists other people in each of the two."""
    manages = manages_members(record.new or record.old)
    found.sets = [record, *found.sets] if manages else [*found.sets, record]
    if read and record.old.get("profile_id") == profile_id:
        found.known &= not (read.unreadable or IDENTITY_IDS in read.hidden)
        ours = listed(read.state) if manages_members(record.old) else frozenset[str]()
        found.deployed |= ours
        found.by_set[record.urn] |= ours
        found.all |= listed(read.state) | listed(read.outputs or {})
    if record.new.get("profile_id") == profile_id:
        wanted = {str(each) for each in elements(in_program(record, IDENTITY_IDS)).known.values()}
        found.all |= wanted
        found.by_set[record.urn] |= wanted if manages else set()


def unlisted(profile: Record, members: MembersRead, sets: ListedMembers, make: RowMaker) -> Iterator[DriftRow]:
    """Yield the rows about members whom no set lists; who comes from a birthright policy or the like is none.

    Args:
        profile: A resource of the profile, for the rows where it has no set.
        members: The members of its live version.
        sets: Whom its sets list.
        make: Makes the rows.

    """
    record = sets.sets[0] if sets.sets else profile
    ours = {who.casefold() for who in sets.all}
    for who, member in sorted(members.members.items()):
        if who.casefold() in ours or not is_removable(member.sources):
            continue
        rule = DriftRule.MEMBER_ADDED if member.by_hand else DriftRule.MEMBER_OF_UNKNOWN_SOURCE
        yield make.row(rule, record, change="added", member=person(who, member))
