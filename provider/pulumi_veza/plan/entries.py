"""The entries of an organisation: a profile with its live version, and every other version as an entry of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pulumi_veza.access.organisation import HeldEntitlement, Organisation, Profile, Ref, version_ref
from pulumi_veza.plan.records import VERSION_SCHEMA, Elements
from pulumi_veza.rules.identity import CONTENT_LISTS, CURRENT
from pulumi_veza.rules.reasons import Reason, Why


def selector_of(values: Mapping[str, Any]) -> str:
    """Return the version that inputs or outputs select."""
    return str(VERSION_SCHEMA.value(values, "version"))


def target(organisation: Organisation, profile: Ref, selector: str, number: object = None) -> Ref:
    """Return the entry that a selector selects: the profile itself for its live version."""
    held_by = organisation.profiles.get(profile)
    if selector == CURRENT or held_by is None or held_by.number is None:
        return profile
    wanted = int(selector) if selector.isdecimal() else number or held_by.draft
    if wanted == held_by.number:
        return profile
    return version_ref(profile, str(wanted) if isinstance(wanted, (int, str)) else selector)


def target_before(organisation: Organisation, values: Mapping[str, Any]) -> Ref:
    """Return the entry that a version or a set managed, by its values in the state."""
    number = values.get("version_number")
    return target(
        organisation,
        Ref(str(values.get("profile_id"))),
        selector_of(values),
        int(number) if isinstance(number, (int, float)) else None,
    )


def entry(organisation: Organisation, ref: Ref, profile: Ref, selector: str) -> Profile:
    """Return the entry of a version; where the organisation lacks it, a new one with unknown content."""
    found = organisation.profiles.get(ref)
    if found:
        return found
    owner = organisation.profiles.get(profile)
    name = owner.name if owner else str(profile)
    unmanaged = tuple(Reason(Why.NOT_MANAGED, name, each) for each in CONTENT_LISTS)
    if owner and ref != profile:
        return replace(
            owner,
            ref=ref,
            version=str(ref).rpartition("/")[2],
            published=False,
            urn=None,
            entitlements={},
            inherits=frozenset(),
            unknown=unmanaged,
            fields={},
            complete=False,
        )
    uncertainty = Reason(Why.RUNNING_UNKNOWN, str(profile))
    if selector != CURRENT:
        uncertainty = Reason(Why.LIVE_VERSION_UNKNOWN, str(profile), detail=selector)
    return Profile(profile, str(profile), unknown=unmanaged, uncertainty=uncertainty)


def with_list(profile: Profile, name: str, listed: Elements, refs: Iterable[str] | None = None) -> Profile:
    """Return the profile with a list replaced; ``refs`` are the inherited profiles, where ids had to be resolved."""
    others = tuple(each for each in profile.unknown if each.field != name)
    reason = listed.reason(name, profile.name)
    profile = replace(profile, unknown=(*others, *([reason] if reason else [])))
    if name == "entitlements":
        return replace(profile, entitlements=held(listed))
    parents = texts(listed) if refs is None else refs
    return replace(profile, inherits=frozenset(Ref(each) for each in parents))


def held(listed: Elements) -> dict[str, HeldEntitlement]:
    """Return the known entitlements of a list by key."""
    found = (HeldEntitlement.of(fields) for fields in listed.known.values() if isinstance(fields, Mapping))
    return {each.key: each for each in found}


def texts(listed: Elements) -> frozenset[str]:
    """Return the known elements of a set of texts, such as ids or labels."""
    return frozenset(str(each) for each in listed.known.values())
