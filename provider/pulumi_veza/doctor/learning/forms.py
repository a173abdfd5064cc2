"""Questions about the form of responses: names and integers, empty fields, missing fields, envelopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi_veza.client.lifecycle import Identity
from pulumi_veza.client.models import AccessProfile, AccessProfileType, AccessProfileVersion, Entity, Member
from pulumi_veza.doctor.learning.answers import certain, likely, unknown
from pulumi_veza.doctor.learning.behaviour import Learned
from pulumi_veza.doctor.learning.seen import Json, Seen, entitlements, fields, versions
from pulumi_veza.reports.words import counted

ENUMERATIONS: Final = frozenset({"state", "created_from", "action_type"})
"""The enumerations whose values the documents show as names only."""

NULLABLE: Final = frozenset(
    {
        "max_entitlements",
        "access_request_policy_id",
        "name_transformer",
        "sync_identity_action",
        "application_sync_identity_action",
        "condition",
        "add_member_condition",
        "catalog_item_info",
        "published_at",
        "started_at",
        "last_synced_at",
        "last_checked_at",
        "source_of_identity_definition",
    }
)
"""The fields that the documents show as null where there is nothing."""

SHORT_TYPE: Final = frozenset(
    {
        "id",
        "allow_create_relationships",
        "allow_inherit_entities",
        "description",
        "integrations",
        "name",
        "profiles_count",
        "require_single_datasource",
    }
)
"""The fields of a type in the documents' short list."""

INT64: Final = ("time_before_sync_check_in_seconds", "profiles_count")

ENVELOPE: Final = frozenset({"values", "next_page_token", "has_more", "entities_to_create_relationships_to"})

_LISTED: Final = frozenset({"values", "integrations"})
"""The lists that a whole response may be: there they are empty, whatever other empty fields are."""

_EMPTY: Final[tuple[object, ...]] = ("", [], {})
_PROFILE: Final = "a profile"
_TYPE: Final = "a type"


def integer_enumerations(seen: Seen) -> Learned:
    """Look at the values of enumerations."""
    shown = [value for name, value in fields(seen.objects) if name in ENUMERATIONS]
    behaviours = [each["on_create_behavior"] for each in seen.types if "on_create_behavior" in each]
    for values, sure in ((shown, certain), (behaviours, likely)):
        numbers, names = sum(map(_is_number, values)), sum(isinstance(each, str) and each != "" for each in values)
        if numbers and names:
            return unknown(f"{counted(numbers, 'value')} are integers and {names:,} names", "a tenant that agrees")
        if numbers or names:
            what = f"{counted(numbers or names, 'value')} of enumerations, all {'integers' if numbers else 'names'}"
            return sure(bool(numbers), what)
    return unknown("no value of an enumeration was seen", "a profile or a datasource")


def integers_as_strings(seen: Seen) -> Learned:
    """Look at the 64-bit integers of types."""
    shown = [each[name] for each in seen.types for name in INT64 if name in each]
    texts, numbers = sum(isinstance(each, str) for each in shown), sum(map(_is_number, shown))
    if texts and numbers:
        return unknown(f"{texts:,} are texts and {numbers:,} integers", "a tenant that agrees")
    if texts or numbers:
        return certain(bool(texts), f"{counted(texts or numbers, 'value')}, all {'texts' if texts else 'integers'}")
    return unknown(seen.refusal("types") or "no type shows such a number", _TYPE)


def nulls_for_empty(seen: Seen) -> Learned:
    """Look at empty texts, lists and objects."""
    for values, sure in ((seen.objects, certain), (_tokens(seen), likely)):
        shown = [value for name, value in fields(values) if name not in NULLABLE | _LISTED]
        nulls, empty = sum(each is None for each in shown), sum(_is_empty(each) for each in shown)
        if nulls and empty:
            return unknown(f"{nulls:,} empty fields are null and {empty:,} are not", "a tenant that agrees")
        if nulls or empty:
            return sure(bool(nulls), f"{counted(nulls or empty, 'empty field')}, {'all' if nulls else 'none'} null")
    return unknown("no empty field was seen; they may be left out", "a tenant that does not leave them out")


def omit_empty_fields(seen: Seen) -> Learned:
    """Look whether empty fields are printed, and whether documented ones are missing."""
    whole = [*seen.profiles, *versions(seen.profiles)]
    if found := sum(_is_nothing(value) for _, value in fields(seen.objects)):
        return certain(False, f"{counted(found, 'field')} printed that are empty, zero or false")
    missing = sum(bool(AccessProfile.model_fields.keys() - each.keys()) for each in seen.profiles)
    if missing:
        return certain(True, f"{missing:,} of {counted(len(whole), 'object')} lack fields, and no empty one is printed")
    if seen.last_pages:
        told = sum("has_more" in each for each in seen.last_pages)
        return likely(not told, f"{told:,} of {counted(len(seen.last_pages), 'last page')} print has_more")
    return unknown("no object was seen", _PROFILE)


def minimal_types(seen: Seen) -> Learned:
    """Look whether types have more than the fields of the short list."""
    if not seen.types:
        return unknown(seen.refusal("types") or "no type was seen", _TYPE)
    longer = sum(bool(AccessProfileType.model_fields.keys() & each.keys() - SHORT_TYPE) for each in seen.types)
    said = f"{longer:,} of {counted(len(seen.types), 'type')} have more fields than the short list"
    return certain(not longer, said)


def bare_member_list(seen: Seen) -> Learned:
    """Look for the envelope of member lists."""
    answers = [each for answers in seen.member_lists for each in answers]
    if not answers:
        return unknown(seen.refusal("members", "profiles") or "no profile was seen", _PROFILE)
    bare = sum(isinstance(each, list) for each in answers)
    said = f"{bare:,} of {counted(len(answers), 'member list')} are arrays"
    return (certain if bare in {0, len(answers)} else likely)(bare * 2 > len(answers), said)


def entities_without_entity_id(seen: Seen) -> Learned:
    """Look for the ids of entitlements in the list with ``entity_extra_info``."""
    found = [each for page in seen.detailed for each in entitlements(page)]
    if not found:
        reason = seen.refusal("profiles with entity_extra_info") or "no entitlement was seen"
        return unknown(reason, "a profile with an entitlement")
    without = sum(not each.get("entity_id") for each in found)
    said = f"{without:,} of {counted(len(found), 'entitlement')} have no entity_id"
    return (certain if without in {0, len(found)} else likely)(without * 2 > len(found), said)


def quick_start_datasources(seen: Seen) -> Learned:
    """Look at the shape of datasources."""
    return _shape(seen, "definition", "provider_type")


def reference_datasources(seen: Seen) -> Learned:
    """Look at the shape of datasources."""
    if quick_start_datasources(seen).value:
        return unknown("datasources come in the shape of the first steps", "a tenant with another shape")
    return _shape(seen, "datasource", "type")


def unknown_fields(seen: Seen) -> Learned:
    """Look for fields that the documents do not have."""
    kinds: list[tuple[Iterable[Any], frozenset[str]]] = [
        (seen.pages, ENVELOPE),
        (seen.types, frozenset(AccessProfileType.model_fields)),
        (seen.profiles, frozenset(AccessProfile.model_fields)),
        (versions(seen.profiles), frozenset({*AccessProfileVersion.model_fields, "version", "id"})),
        (seen.identities, frozenset(Identity.model_fields)),
        (seen.members, frozenset(Member.model_fields)),
        ([each for page in seen.detailed for each in entitlements(page)], frozenset(Entity.model_fields)),
    ]
    looked_at = [(each, known) for values, known in kinds for each in values if isinstance(each, Mapping)]
    if not looked_at:
        return unknown("no object was seen", _TYPE)
    more = sum(bool(each.keys() - known) for each, known in looked_at)
    said = f"{more:,} of {counted(len(looked_at), 'object')} have a field that the documents do not have"
    return (certain if more in {0, len(looked_at)} else likely)(bool(more), said)


def token_after_last_page(seen: Seen) -> Learned:
    """Look at the last page of each list."""
    if not seen.last_pages:
        return unknown("no last page was seen", "a list with fewer pages")
    filled = sum(bool(each.get("next_page_token")) for each in seen.last_pages)
    return certain(bool(filled), f"{filled:,} of {counted(len(seen.last_pages), 'last page')} have a token")


def rpc_errors(seen: Seen) -> Learned:
    """Look at the code of an error."""
    codes = [each.code for each in seen.errors if each.code]
    if not codes:
        return unknown("no error with a code was seen", "an error with a code")
    # Integers are named in capitals by the time that they are looked at here.
    names = sum(each.isupper() or each.startswith("code ") for each in codes)
    said = f"{counted(names, 'error')} of {len(codes):,} have the code of a google.rpc.Status"
    return likely(True, said) if names == len(codes) else certain(False, said)


def _shape(seen: Seen, part: str, field: str) -> Learned:
    if not seen.datasources:
        return unknown(seen.refusal("datasources") or "no datasource was seen", "a datasource")
    parts = [each.get(part) for each in seen.datasources]
    found = sum(isinstance(each, Mapping) and field in each for each in parts)
    said = f"{found:,} of {counted(len(parts), 'datasource')} have {part}.{field}"
    return (certain if found in {0, len(parts)} else likely)(found * 2 > len(parts), said)


def _tokens(seen: Seen) -> list[Json]:
    """Return what the last pages say of the next one: an empty text, where it is printed."""
    return [{"next_page_token": each["next_page_token"]} for each in seen.last_pages if "next_page_token" in each]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_empty(value: object) -> bool:
    return any(value == each and type(value) is type(each) for each in _EMPTY)


def _is_nothing(value: object) -> bool:
    return value is None or value is False or (_is_number(value) and value == 0) or _is_empty(value)
