"""The organisation that the state knows, or that the tenant was found to hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pulumi_veza.access.organisation import (
    HeldEntitlement,
    Membership,
    Organisation,
    Profile,
    ProfileType,
    Ref,
    entitlement,
    type_fields,
    version_ref,
    withdraws,
)
from pulumi_veza.plan import records
from pulumi_veza.plan.records import Elements, Record, elements

LISTS: Final = ("entitlements", "inherits_from")
"""The content of a version; why one of them is not known begins with its name, as ``entitlements of CRM``."""


def known(everything: Sequence[Record], live: Organisation | None = None) -> Organisation:
    """Give what there is before the plan."""
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
    return found


def held(listed: Elements) -> dict[str, HeldEntitlement]:
    """Read the entitlements that are known."""
    found = (entitlement(fields) for fields in listed.known.values() if isinstance(fields, Mapping))
    return {each.key: each for each in found}


def texts(listed: Elements) -> frozenset[str]:
    """Read the texts that are known: ids or labels."""
    return frozenset(str(each) for each in listed.known.values())


def reason(name: str, profile: str, why: str) -> str:
    """Say why a list of a profile's is not known."""
    return f"{name} of {profile} {why}"


def target(organisation: Organisation, profile: Ref, selector: str, number: object = None) -> Ref:
    """Find the entry that a selector means: the profile itself for its live version."""
    held_by = organisation.profiles.get(profile)
    if selector == "current" or held_by is None or held_by.number is None:
        return profile
    wanted = int(selector) if selector.isdecimal() else number or held_by.draft
    if wanted == held_by.number:
        return profile
    return version_ref(profile, str(wanted) if isinstance(wanted, (int, str)) else selector)


def entry(organisation: Organisation, ref: Ref, profile: Ref, selector: str) -> Profile:
    """Give the entry of a version; one that is not known yet is made."""
    found = organisation.profiles.get(ref)
    if found:
        return found
    owner = organisation.profiles.get(profile)
    unmanaged = tuple(reason(name, owner.name if owner else str(profile), "are not managed here") for name in LISTS)
    if owner and ref != profile:
        number = str(ref).rpartition("/")[2]
        return replace(
            owner, ref=ref, version=number, published=False, urn=None, entitlements={}, inherits=frozenset(),
            unknown=unmanaged,
        )  # fmt: skip
    said = f"whether profile {profile} is running is not known here"
    if selector != "current":
        said = f"whether version {selector} of profile {profile} is the live one is not known here"
    return Profile(profile, str(profile), unknown=unmanaged, doubt=said)


def with_list(profile: Profile, name: str, listed: Elements, refs: Iterable[str] | None = None) -> Profile:
    """Give the profile with one of its lists set; ``refs`` are what it inherits, where that had to be resolved."""
    others = tuple(each for each in profile.unknown if not each.startswith(f"{name} of "))
    reasons = []
    if listed.reason:
        reasons = [reason(name, profile.name, listed.reason)]
    elif listed.unknown:
        reasons = [reason(name, profile.name, f"has {listed.unknown} not known before `pulumi up`")]
    profile = replace(profile, unknown=(*others, *reasons))
    if name == "entitlements":
        return replace(profile, entitlements=held(listed))
    parents = texts(listed) if refs is None else refs
    return replace(profile, inherits=frozenset(Ref(each) for each in parents))


def _add_type(found: Organisation, record: Record) -> None:
    ref = Ref(str(record.id))
    live = found.types.get(ref)
    fields = live.fields if live else type_fields(record.old)
    found.types[ref] = ProfileType(ref, str(record.old.get("name") or record.name), fields, record.urn)


def _add_profile(found: Organisation, record: Record, numbers: Mapping[str, int], *, asked: bool) -> None:
    ref, old = Ref(str(record.id)), record.old
    urn = None if record.op == "read" else record.urn
    if live := found.profiles.get(ref):
        found.profiles[ref] = replace(live, urn=urn)
        return
    name = str(old.get("name") or record.name)
    of_type = Ref(str(old["profile_type"])) if old.get("profile_type") else None
    profile = Profile(
        ref,
        name,
        of_type,
        str(old.get("state") or "RUNNING"),
        withdraws=withdraws(found, of_type),
        labels=texts(elements(old.get("labels"))),
        urn=urn,
        number=numbers.get(ref),
        draft=_whole(old.get("draft_version_number")) or None,
        taken_over=bool(old.get("adopted")),
        doubt=f"profile {name} was not found in the tenant: run `pulumi refresh`" if asked else None,
    )
    inline = any(old.get(each) is not None for each in LISTS)
    for each in LISTS:
        # What was never written was created empty; of what was taken over that is not known.
        managed = old.get(each) is not None or (inline and not profile.taken_over)
        listed = elements(old.get(each)) if managed else Elements({}, reason="are not managed here")
        profile = with_list(profile, each, listed)
    found.profiles[ref] = profile


def _live_numbers(existing: Sequence[Record]) -> Mapping[str, int]:
    """Find out which versions are live: a profile's own state does not notice that one was published."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for record in existing:
        old = record.old
        if record.kind == records.PROFILE:
            numbers[str(record.id)].append(_whole(old.get("current_version_number")) or 0)
        elif record.kind in {records.VERSION, records.MEMBERS} and (
            old.get("version", "current") == "current" or old.get("state") == "PUBLISHED"
        ):
            numbers[str(old.get("profile_id"))].append(_whole(old.get("version_number")) or 0)
    return {profile: max(each) for profile, each in numbers.items() if max(each)}


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def _add_version(found: Organisation, record: Record, live: Organisation | None) -> None:
    old = record.old
    profile = Ref(str(old.get("profile_id")))
    selector = str(old.get("version", "current"))
    ref = target(found, profile, selector, _whole(old.get("version_number")))
    if live and ref in live.profiles:
        return
    is_entry = entry(found, ref, profile, selector)
    owner = found.profiles.get(profile)
    # What our own profile never had written was created empty.
    ours = owner is not None and owner.urn is not None and not owner.taken_over
    for name in LISTS:
        if old.get(name) is not None:
            is_entry = with_list(is_entry, name, elements(old[name]))
        elif ours:
            is_entry = with_list(is_entry, name, Elements({}))
    if ref == profile and old.get("state") in {"RETIRED", "DRAFT"}:
        is_entry = replace(is_entry, published=False)
    found.profiles[ref] = is_entry


def _add_members(found: Organisation, sets: Sequence[Record], live: Organisation | None) -> None:
    by_target: defaultdict[Ref, list[Record]] = defaultdict(list)
    for record in sets:
        profile = Ref(str(record.old.get("profile_id")))
        selector = str(record.old.get("version", "current"))
        ref = target(found, profile, selector, _whole(record.old.get("version_number")))
        if ref != profile:
            found.profiles[ref] = entry(found, ref, profile, selector)
        by_target[ref].append(record)
    for ref, views in sorted(by_target.items()):
        if live is None or ref not in live.members:
            found.members[ref] = _seen(sorted(views, key=lambda record: (record.modified or "", record.urn)))


def _seen(views: Sequence[Record]) -> dict[str, Membership]:
    """Read the members from what each set of one profile has seen; the latest view is right of those nobody manages."""
    members: dict[str, Membership] = {}
    latest = views[-1].modified
    for record in views:
        seen = elements(record.old.get("members")).known
        for fields in seen.values():
            if isinstance(fields, Mapping) and fields.get("id"):
                stale = record.modified is not None and record.modified != latest and not fields.get("managed")
                if not stale:
                    who = str(fields["id"])
                    members[who] = Membership(who, fields.get("name"), fields.get("source"))
    return dict(sorted(members.items()))
