"""The organisation before the plan, from the state and, where it was read, from the tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pulumi_veza.access.organisation import Membership, Organisation, Profile, ProfileType, Ref
from pulumi_veza.fields.schema import SentIn
from pulumi_veza.plan import records
from pulumi_veza.plan.entries import entry, selector_of, target_before, texts, with_list
from pulumi_veza.plan.records import Elements, Record, elements, has_unknown, to_api
from pulumi_veza.rules import members as rules
from pulumi_veza.rules.adoption import EXISTING_ID
from pulumi_veza.rules.identity import CONTENT_LISTS, CURRENT, PUBLISHED, RUNNING, writes_content
from pulumi_veza.rules.kept import kept_in
from pulumi_veza.rules.reasons import Reason, Why


def known(everything: Sequence[Record], live: Organisation | None = None) -> Organisation:
    """Return the organisation before the plan; ``live`` takes precedence over the state."""
    found = live.copy() if live else Organisation()
    existing = [record for record in everything if record.existed and record.id]
    for record in existing:
        if record.kind == records.TYPE:
            _add_type(found, record)
    numbers = _live_numbers(existing)
    for record in existing:
        if record.kind == records.PROFILE:
            _add_profile(found, record, numbers, asked=live is not None)
    for record in existing:
        if record.kind == records.VERSION:
            _add_version(found, record, live)
    _add_members(found, [record for record in existing if record.kind == records.MEMBERS], live)
    if live is None:
        _add_unread(found, everything)
        # People are added to a profile by hand as well, also to one that the stack has made.
        unread = (each for each in found.profiles.values() if each.version is None and each.ref not in found.members)
        found.unread.update({each.ref: Reason(Why.MEMBERS_UNREAD, each.name) for each in unread})
    return found


def _add_unread(found: Organisation, everything: Sequence[Record]) -> None:
    """Add the profiles that new resources name to take over, of which no state tells anything."""
    for record in everything:
        named = record.args.get(EXISTING_ID) if record.kind == records.PROFILE and record.is_new else None
        if isinstance(named, str) and named not in found.profiles:
            name = record.new.get("name")
            unread = entry(found, Ref(named), Ref(named), CURRENT)
            if isinstance(name, str) and not has_unknown(name):
                unread = replace(unread, name=name)
            found.profiles[unread.ref] = unread


def _add_type(found: Organisation, record: Record) -> None:
    ref = Ref(str(record.id))
    live = found.types.get(ref)
    fields = live.fields if live else to_api(record.schema, record.old, SentIn.CREATE)
    found.types[ref] = ProfileType(ref, str(record.old.get("name") or record.name), fields, record.urn)


def _add_profile(found: Organisation, record: Record, numbers: Mapping[str, int], *, asked: bool) -> None:
    ref, old = Ref(str(record.id)), record.old
    urn = None if record.op == "read" else record.urn
    if live := found.profiles.get(ref):
        found.profiles[ref] = replace(live, urn=urn)
        return
    name = str(old.get("name") or record.name)
    of_type = Ref(str(old["profile_type"])) if old.get("profile_type") else None
    taken_over = bool(old.get("adopted"))
    profile = Profile(
        ref,
        name,
        of_type,
        str(kept_in(old).get("state") or old.get("state") or RUNNING),
        removes_dropped_entitlements=found.removes_dropped_entitlements(of_type),
        labels=texts(elements(old.get("labels"))),
        urn=urn,
        number=numbers.get(ref),
        draft=_whole(old.get("draft_version_number")) or None,
        taken_over=taken_over,
        uncertainty=Reason(Why.PROFILE_NOT_FOUND, name) if asked else None,
        fields=to_api(record.schema, old, SentIn.UPDATE | SentIn.CONTENT),
        complete=urn is not None and not taken_over,
    )
    inline = writes_content(old)
    for each in CONTENT_LISTS:
        # A list that was never written is empty in a profile that was created, and unknown in one that was adopted.
        managed = old.get(each) is not None or (inline and not profile.taken_over)
        listed = elements(old.get(each)) if managed else Elements({}, why=Why.NOT_MANAGED)
        profile = with_list(profile, each, listed)
    found.profiles[ref] = profile


def _live_numbers(existing: Sequence[Record]) -> Mapping[str, int]:
    """Return the number of the live version by profile; versions and sets may know a newer one than the profile."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for record in existing:
        old = record.old
        if record.kind == records.PROFILE:
            numbers[str(record.id)].append(_whole(old.get("current_version_number")) or 0)
        elif record.kind in {records.VERSION, records.MEMBERS} and (
            selector_of(old) == CURRENT or old.get("state") == PUBLISHED
        ):
            numbers[str(old.get("profile_id"))].append(_whole(old.get("version_number")) or 0)
    return {profile: max(each) for profile, each in numbers.items() if max(each)}


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def _add_version(found: Organisation, record: Record, live: Organisation | None) -> None:
    old = record.old
    profile, ref = Ref(str(old.get("profile_id"))), target_before(found, old)
    if live and ref in live.profiles:
        return
    changed = entry(found, ref, profile, selector_of(old))
    owner = found.profiles.get(profile)
    # A list that was never written is empty in a profile that the stack created.
    ours = owner is not None and owner.urn is not None and not owner.taken_over
    for name in CONTENT_LISTS:
        if old.get(name) is not None:
            changed = with_list(changed, name, elements(old[name]))
        elif ours:
            changed = with_list(changed, name, Elements({}))
    content = to_api(record.schema, old, SentIn.CONTENT)
    changed = replace(changed, fields={**changed.fields, **{k: v for k, v in content.items() if k != "state"}})
    if ref == profile and old.get("state") in {"RETIRED", "DRAFT"}:
        changed = replace(changed, published=False)
    found.profiles[ref] = changed


def _add_members(found: Organisation, sets: Sequence[Record], live: Organisation | None) -> None:
    by_target: defaultdict[Ref, list[Record]] = defaultdict(list)
    for record in sets:
        profile, ref = Ref(str(record.old.get("profile_id"))), target_before(found, record.old)
        if ref != profile:
            found.profiles[ref] = entry(found, ref, profile, selector_of(record.old))
        by_target[ref].append(record)
    for ref, views in sorted(by_target.items()):
        if live is None or ref not in live.members:
            found.members[ref] = _merged(sorted(views, key=lambda record: (record.modified or "", record.urn)))


def _merged(views: Sequence[Record]) -> dict[str, Membership]:
    """Merge the members that each set of a profile has read; only the latest read counts for unmanaged members."""
    members: dict[str, Membership] = {}
    latest = views[-1].modified
    for record in views:
        ours = rules.listed(record.managed)
        for who, member in rules.members_in(record.managed).items():
            stale = record.modified is not None and record.modified != latest and who not in ours
            if not stale:
                members[who] = Membership(who, member.name, member.sources)
    return dict(sorted(members.items()))
