"""Who joins and who leaves: what every membership set will send, and the access requests that this opens."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pulumi_veza.access.organisation import Membership, Ref
from pulumi_veza.plan import records
from pulumi_veza.plan.content import Content
from pulumi_veza.plan.records import Record, elements
from pulumi_veza.plan.state import entry, target

SET_OPTIONS: Final = (
    "mode", "max_removal_percent", "max_removals", "allow_emptying", "allow_removals", "on_member_failure", "on_destroy"
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """An access request that Veza opens when a member is added or removed."""

    operation: str
    """``PROVISION`` or ``DEPROVISION``."""
    identity_id: str
    profile: Ref
    urn: str
    """The set that asks for it."""
    doubt: str | None = None
    """Why it is not certain that it is opened, or None."""


@dataclass(frozen=True)
class SetChange:
    """What a membership set is going to change."""

    urn: str
    profile: Ref
    mode: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    maybe_removed: tuple[str, ...]
    """Who may be among those whom the program lists and nobody knows yet."""
    managed: int
    """How many it managed before: what its guard's percentage is of."""
    members: int
    """How many members there were."""
    destroyed: bool
    """Whether the set itself goes, which its guard does not stop."""
    options: Mapping[str, Any]
    """The set's options, as the program writes them."""


@dataclass(frozen=True)
class _Turn:
    """One set's change of one version's members."""

    record: Record
    ref: Ref
    add: Collection[str]
    remove: Collection[str]
    maybe_removed: Mapping[str, str]
    """Who may go, with the reason."""
    managed: Collection[str]
    destroyed: bool = False
    doubt: str | None = None
    """Why it is not known whether the set takes its turn at all."""


class Members:
    """Applies the membership sets to the members that are known."""

    def __init__(self, everything: Sequence[Record], content: Content) -> None:
        self.content = content
        self.before, self.after = content.before, content.after
        self.requests: list[Request] = []
        self.changes: list[SetChange] = []
        self._sets = [record for record in everything if record.kind == records.MEMBERS]
        self._listing: dict[str, tuple[Ref, frozenset[str]]] = {}
        """By the URN of a set that stays and manages, the version and those whom it lists."""
        self._contested: dict[Ref, set[str]] = {}
        """By version, whom one set removes while another one lists them."""
        everybody = (each for members in self.before.members.values() for each in members.values())
        self._names = {each.identity_id: each.name for each in everybody if each.name}

    def apply(self) -> None:
        """Let the sets that stay add and remove."""
        staying = [record for record in self._sets if record.stays]
        for record in staying:
            ref = self.content.target(record)
            if ref and record.new.get("mode") != "audit":
                self._listing[record.urn] = (ref, _listed(record.new))
        for record in staying:
            self._set(record)
        for record in staying:
            self._woken(record)

    def destroy(self) -> None:
        """Let the sets that go, or move to another profile, take their members with them."""
        for record in self._sets:
            if record.op not in {"delete", "replace"} or record.old.get("mode") == "audit":
                continue
            if record.old.get("on_destroy") in {"retain", "prevent"}:
                continue
            old = record.old
            profile = Ref(str(old.get("profile_id")))
            ref = target(self.after, profile, str(old.get("version", "current")), old.get("version_number"))
            members = self.after.members[ref]
            ours = _listed(old) | {who for who in old.get("failures") or {} if who not in _listed(old)}
            leaving = {who for who in ours & members.keys() if members[who].removable}
            leaving -= self._listed_elsewhere(ref, record.urn if record.op == "delete" else None)
            self._turn(_Turn(record, ref, (), leaving, {}, _managed(old), destroyed=True))

    def _set(self, record: Record) -> None:
        ref = self.content.target(record)
        new, profile = record.new, self.content.references.one(record, "profile_id")
        if ref is None or profile is None:
            said = f"which profile MembershipSet {record.name!r} belongs to is not known before `pulumi up`"
            self.after.unknown_members[Ref(record.urn)].append(said)
            return
        if ref != profile:
            self.after.profiles[ref] = entry(self.after, ref, profile, str(new.get("version", "current")))
        self._say_what_nobody_has_read(record, ref)
        if new.get("mode") == "audit" or not _sends(record):
            return
        listed = elements(new.get("identity_ids"))
        wanted, managed = _listed(new), _managed(_olds(record))
        if not listed.complete:
            what = listed.reason or f"has {listed.unknown} not known before `pulumi up`"
            self.after.unknown_members[ref].append(f"identity_ids of MembershipSet {record.name!r} {what}")
        members = self.after.members[ref]
        leaving = self._leaving(record, ref, wanted, managed)
        stay = self._listed_elsewhere(ref, record.urn)
        unsure = {} if listed.complete else dict.fromkeys(leaving, "may be one of those not known before `pulumi up`")
        self._turn(_Turn(record, ref, wanted - members.keys(), leaving - stay - unsure.keys(), unsure, managed))
        self._note_retries(record, ref, wanted)
        self._contested.setdefault(ref, set()).update(leaving & stay)
        for who in sorted(leaving & stay):
            self._open("DEPROVISION", who, ref, record, "another set lists them: whichever set comes first decides")
            self._open("PROVISION", who, ref, record, "another set lists them: whichever set comes first decides")

    def _woken(self, record: Record) -> None:
        """Let a set that sends nothing by itself perhaps do so: where another one removes first whom it lists."""
        ref, wanted = self._listing.get(record.urn, (None, frozenset[str]()))
        if ref is None or _sends(record) or not self._contested.get(ref, set()) & wanted:
            return
        said = f"MembershipSet {record.name!r} sends it only where another set comes first and removes whom it lists"
        members = self.after.members[ref]
        leaving = self._leaving(record, ref, wanted, _managed(record.old)) - self._listed_elsewhere(ref, record.urn)
        removed = dict.fromkeys(leaving, said)
        self._turn(_Turn(record, ref, wanted - members.keys(), (), removed, _managed(record.old), doubt=said))

    def _leaving(self, record: Record, ref: Ref, wanted: frozenset[str], managed: Collection[str]) -> set[str]:
        members = self.after.members[ref]
        again = _failed_before(record) - wanted
        leaving = {who for who in ({*managed} | again) - wanted if who in members and members[who].removable}
        became = record.op == "update" and record.old.get("mode") != "authoritative"
        if record.new.get("mode") == "authoritative" and not became:
            leaving |= {who for who, each in members.items() if each.by_hand and who not in wanted}
        return leaving

    def _note_retries(self, record: Record, ref: Ref, wanted: frozenset[str]) -> None:
        """What failed last time may fail again."""
        failures = _olds(record).get("failures") or {}
        for who in sorted(_failed_before(record) & wanted):
            said = f"adding them failed last time ({failures[who]})"
            self.after.members[ref][who] = replace(self.after.members[ref][who], doubt=said)

    def _say_what_nobody_has_read(self, record: Record, ref: Ref) -> None:
        """Say of a profile that exists and no set has read: who is a member already is not known."""
        if ref in self.before.members or ref in self._new_profiles():
            return
        profile = self.before.profiles.get(ref)
        name = self.after.name(ref)
        if profile is None or profile.urn is None or profile.taken_over:
            said = f"who is a member of {name} already is not known here"
            for organisation in (self.before, self.after):
                if said not in organisation.unknown_members[ref]:
                    organisation.unknown_members[ref].append(said)
        if record.new.get("mode") == "authoritative":
            said = f"members of {name} that were added by hand and are not listed are removed: who is not known here"
            self.after.unknown_members[ref].append(said)

    def _new_profiles(self) -> set[Ref]:
        return {ref for ref in self.after.profiles if ref not in self.before.profiles and ref.startswith("urn:")}

    def _listed_elsewhere(self, ref: Ref, but: str | None) -> set[str]:
        ids = [ids for urn, (where, ids) in self._listing.items() if where == ref and urn != but]
        return set().union(*ids)

    def _turn(self, turn: _Turn) -> None:
        members = self.after.members[turn.ref]
        before = len(members)
        doubt = turn.doubt or self.content.published.get(turn.ref)
        for who in sorted(turn.add):
            members[who] = Membership(who, self._name(who), doubt=doubt)
            self._open("PROVISION", who, turn.ref, turn.record, doubt)
        for who in sorted(turn.remove):
            self._open("DEPROVISION", who, turn.ref, turn.record, doubt, late=turn.destroyed)
            if doubt:
                members[who] = replace(members[who], doubt=doubt)
            else:
                del members[who]
        for who, said in sorted(turn.maybe_removed.items()):
            members[who] = replace(members[who], doubt=said)
            self._open("DEPROVISION", who, turn.ref, turn.record, said)
        props = turn.record.old if turn.destroyed else turn.record.new
        self.changes.append(
            SetChange(
                turn.record.urn,
                turn.ref,
                str(props.get("mode", "additive")),
                () if turn.doubt else tuple(sorted(turn.add)),
                tuple(sorted(turn.remove)),
                tuple(sorted(turn.maybe_removed)),
                len(turn.managed),
                before,
                turn.destroyed,
                {name: props[name] for name in SET_OPTIONS if name in props},
            )
        )

    def _name(self, who: str) -> str | None:
        """Find somebody's name where they are a member of anything already."""
        return self._names.get(who)

    def _open(
        self, operation: str, who: str, ref: Ref, record: Record, doubt: str | None, *, late: bool = False
    ) -> None:
        profile = self.after.profiles.get(ref)
        # What goes, goes last: by then the profile is what the plan leaves.
        in_doubt = None if late else self._in_doubt(record, ref)
        if profile is None:
            doubt = doubt or f"whether profile {ref} is running is not known here"
        elif profile.idle and not in_doubt:
            return
        else:
            doubt = doubt or profile.doubt or in_doubt
        self.requests.append(Request(operation, who, ref, record.urn, doubt))

    def _in_doubt(self, record: Record, ref: Ref) -> str | None:
        """Say why it is not known whether the profile runs at the moment of the change."""
        before, after = self.before.profiles.get(ref), self.after.profiles.get(ref)
        if before is None or after is None or bool(before.idle) == bool(after.idle):
            return None
        if self.content.references.depends(record, "profile_id", ref):
            return None
        return f"{after.name} changes in the same run, and which comes first is not known"


def _listed(props: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(each) for each in elements(props.get("identity_ids")).known.values())


def _managed(props: Mapping[str, Any]) -> frozenset[str]:
    return frozenset() if props.get("mode") == "audit" else _listed(props)


def _olds(record: Record) -> Mapping[str, Any]:
    """Give what the provider is told of the past: nothing where it creates."""
    return record.old if record.op == "update" else {}


def _failed_before(record: Record) -> set[str]:
    """Name those whose change failed last time and is still to be made: listed now, or removed then."""
    olds = _olds(record)
    before, now = _listed(olds), _listed(record.new)
    return {who for who in olds.get("failures") or {} if who in now or who not in before}


def _sends(record: Record) -> bool:
    """Tell whether a set that stays sends anything: a change of its options alone does not."""
    if record.op in {"create", "replace"}:
        return True
    if record.op != "update":
        return False
    if _failed_before(record) or elements(record.new.get("identity_ids")) != elements(record.old.get("identity_ids")):
        return True
    return all(record.new.get(name) == record.old.get(name) for name in SET_OPTIONS)
