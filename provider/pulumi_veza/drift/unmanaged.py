"""What the tenant has that nothing manages: profiles, types, and the content of managed profiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pulumi_veza.drift.document import DriftRow
from pulumi_veza.drift.reading import TenantRead, profile_ids
from pulumi_veza.drift.rows import RowMaker
from pulumi_veza.export.selection import BUILT_IN_TYPES
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.plan import records
from pulumi_veza.plan.entries import selector_of
from pulumi_veza.plan.records import MEMBERS, PROFILE, TYPE, VERSION_SCHEMA, Record, has_unknown
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.reports.words import shortened
from pulumi_veza.rules.identity import CONTENT_LISTS, CURRENT, writes_content


def profiles(everything: Sequence[Record], tenant: TenantRead, named: Collection[str]) -> Iterator[DriftRow]:
    """Yield a row for each profile of which no resource manages anything.

    What has the name of a resource that is not created yet is in ``named``, and is said of that.
    """
    known = {each for record in everything for each in profile_ids(record)} | set(named)
    for id_, profile in _by_name(tenant.profiles):
        if id_ not in known:
            of_type = tenant.types.get(str(profile.get("profile_type")), {}).get("name")
            called = shortened(str(of_type or profile.get("profile_type")))
            detail = f"{profile.get('state') or 'no state'}, of type {called!r}"
            yield _row(DriftRule.UNMANAGED_PROFILE, PROFILE, profile, detail)


def types(everything: Sequence[Record], tenant: TenantRead, named: Collection[str]) -> Iterator[DriftRow]:
    """Yield a row for each type that no resource manages or looks up."""
    known = {record.id for record in everything if record.kind == TYPE} | set(named)
    for id_, each in _by_name(tenant.types):
        if id_ not in known and each.get("name") not in BUILT_IN_TYPES:
            count = sum(profile.get("profile_type") == id_ for profile in tenant.profiles.values())
            yield _row(DriftRule.UNMANAGED_TYPE, TYPE, each, f"{count:,} profiles have it" if count != 1 else None)


def members_unreadable(profile: JsonObject, reason: str) -> DriftRow:
    """Return the row about the member list of an unmanaged profile that could not be read."""
    return _row(DriftRule.UNREADABLE, MEMBERS, profile, reason)


def _by_name(objects: Mapping[str, JsonObject]) -> list[tuple[str, JsonObject]]:
    return sorted(objects.items(), key=lambda each: (str(each[1].get("name") or ""), each[0]))


def _row(rule: DriftRule, kind: str, held: JsonObject, detail: str | None) -> DriftRow:
    return DriftRow(rule=rule, kind=kind, id=str(held["id"]), name=held.get("name"), change="added", detail=detail)


def content(everything: Sequence[Record], tenant: TenantRead, make: RowMaker) -> Iterator[DriftRow]:
    """Yield a row for each list of a managed profile's live version that is not empty and that nothing manages."""
    managed = _managed_lists(everything)
    for record in everything:
        profile = tenant.profiles.get(record.id or "")
        if record.kind != PROFILE or record.op == "read" or profile is None:
            continue
        version = profile.get("current_version") or {}
        for name in CONTENT_LISTS:
            live = VERSION_SCHEMA[name].type.from_api(version.get(VERSION_SCHEMA[name].api))
            if live and name not in managed[str(record.id)]:
                detail = f"{len(live):,} in it"
                shown: list[Any] = [live[key] for key in sorted(live)]
                yield make.row(
                    DriftRule.UNMANAGED_CONTENT, record, field=name, change="added", live=shown, detail=detail
                )


def _managed_lists(everything: Sequence[Record]) -> defaultdict[str, set[str]]:
    """Return, by profile, the lists of the live version that a resource manages, deployed or in the program."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for record in everything:
        if record.op == "read":
            continue
        for values in (record.old, record.new):
            if record.kind == PROFILE and record.id and writes_content(values):
                found[record.id] |= {name for name in CONTENT_LISTS if values.get(name) is not None}
            elif record.kind == records.VERSION and _is_live(values) and not has_unknown(values.get("profile_id")):
                found[str(values.get("profile_id"))] |= {n for n in CONTENT_LISTS if values.get(n) is not None}
    return found


def _is_live(values: Mapping[str, Any]) -> bool:
    # A version by its number is the live one, or will be.
    return selector_of(values) == CURRENT or selector_of(values).isdecimal()
