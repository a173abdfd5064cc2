"""The identity of objects, entitlements and members, and the ownership of content and members."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, contains_unknown
from pulumi_veza.fields.spelling import composed, tidy, visible_part

BY_MEMBERSHIP: Final = "ACCESS_PROFILE_MEMBERSHIP"
"""The source (``created_from``) of members that were added by hand or by the API."""

RUNNING: Final = "RUNNING"
"""The state of a profile that acts."""

PAUSED: Final = "PAUSED"
"""The state of a profile whose resource was destroyed."""

PENDING: Final = "PENDING"
"""The state of a profile that was asked to run and waits for the approval to start."""

PUBLISHED: Final = "PUBLISHED"
"""The state of a version that is, or becomes, the live one."""

CURRENT: Final = "current"
"""The selector of the live version, whichever that is."""

_AROUND_PREFIX: Final = " -_:/"
"""What may be between the integration that a type puts before a name and that name."""

CONTENT_LISTS: Final = ("entitlements", "inherits_from")
"""The lists of a version. Every documented example of a version's PATCH sends both, so both are always sent."""


def entitlement_identity(entitlement: Mapping[str, Any]) -> str:
    """Return the identity of an entitlement, for states and messages: ``SalesforceGroup sf-prod/00G...``."""

    def part(name: str) -> str:
        value = entitlement.get(name)
        return "(unknown)" if value is UNKNOWN else str(value or "")

    identity = f"{part('entity_type')} {part('datasource_id')}/{part('entity_id')}"
    if entitlement.get("assigned_to_entity_type") or entitlement.get("assigned_to_entity_id"):
        identity += f" to {part('assigned_to_entity_type')} {part('assigned_to_entity_id')}"
    return identity


def created_entitlement_identity(entitlement: Mapping[str, Any]) -> str:
    """Return the identity of an entitlement to be created: type, datasource and formatter of the unique attribute."""
    identity = f"{entitlement.get('entity_type')} in {entitlement.get('datasource_id')}"
    transformers = entitlement.get("attribute_transformers") or {}
    if contains_unknown(transformers):
        return f"{identity} (unknown)"
    formatters = [
        t.get("destination_value_formatter") for t in transformers.get("values") or () if t.get("unique_identifier")
    ]
    return " ".join([identity, *(str(each) for each in formatters if each)])


def is_by_hand(sources: Iterable[str | None]) -> bool:
    """Return whether a member with these sources was added only by hand or by the API."""
    return all(source == BY_MEMBERSHIP for source in sources)


def is_removable(sources: Iterable[str | None]) -> bool:
    """Return whether a set that listed the member may remove it: it has no known source but "by hand".

    A number or a missing source is unknown, and does not keep a member that the set listed.
    """
    return all(source is None or source == BY_MEMBERSHIP or source.isdecimal() for source in sources)


def one_person(ids: Iterable[str], spelled: Collection[str]) -> frozenset[str]:
    """Return identities in the spelling of ``spelled``: ids that differ only in case are one person's."""
    found = frozenset(ids)
    others = frozenset(who for who in found if who not in spelled)
    if not others:
        return found
    ours = {who.casefold(): who for who in spelled}
    return (found - others).union(ours.get(who.casefold(), who) for who in others)


def bears_name(
    profile: Mapping[str, Any],
    name: str,
    profile_type: Callable[[], Mapping[str, Any] | None],
    *,
    ours: bool = False,
    spelled: Callable[[str], str] = composed,
) -> bool:
    """Return whether a profile has a name, by itself or behind the integration that its type puts before names.

    Args:
        profile: The profile under the API's names.
        name: The name that the program writes.
        profile_type: Return the profile's type under the API's names, which may omit whether it adds the integration;
            called only where the name may have a prefix.
        ours: The default where the type omits it. True for a profile that the resource manages already, so that a
            prefix is no difference; False for any other, so that none is mistaken for the resource's own.
        spelled: Return the spelling of a name in which both names are compared.

    """
    held, name = spelled(profile.get("name") or ""), spelled(name)
    if held == name or not held.endswith(name):
        return bool(held == name)
    before = held.removesuffix(name).strip(_AROUND_PREFIX).casefold()
    integrations = {str(each).casefold() for each in profile.get("integrations") or ()}
    adds_prefix = (profile_type() or {}).get("add_integration_prefix_to_access_profile_names", ours)
    return bool(adds_prefix) and before in integrations


def writes_content(values: Mapping[str, Any]) -> bool:
    """Return whether the inputs of a profile contain content of its current version."""
    return any(values.get(name) is not None for name in CONTENT_LISTS)


def manages_members(values: Mapping[str, Any]) -> bool:
    """Return whether a membership set adds and removes members; an audit only reports."""
    return values.get("mode") != "audit"


def excludes_others(values: Mapping[str, Any]) -> bool:
    """Return whether a membership set removes members that it does not list."""
    return values.get("mode") == "authoritative"


def is_waiting(wanted: object, live: object) -> bool:
    """Return whether a profile was asked to run and waits for the approval to start, which is no difference."""
    return wanted == RUNNING and live == PENDING


def named(
    objects: Iterable[JsonObject],
    name: str,
    profile_type: Callable[[], Mapping[str, Any] | None] = lambda: None,
    alike: Callable[[JsonObject], bool] = lambda _: False,
) -> list[JsonObject]:
    """Return the profiles of one type, or the types, that a name of the program means.

    Names that the tenant distinguishes are different names, so the first of these that finds any decides: exactly this
    name; with composed accents; behind the prefix of its type; as a tenant keeps it that trims or escapes names; and
    without case, where the object is what a create of this program leaves at a tenant that changes the case.

    Args:
        objects: The objects under the API's names.
        name: The name that the program writes.
        profile_type: Return the type of the profiles, see `bears_name`.
        alike: Return whether an object is equal in everything but the spelling.

    """
    # Whatever has the name in any of these ways has it so: the many others are looked at once.
    ending = caseless(name)
    candidates = [each for each in objects if caseless(each.get("name") or "").endswith(ending)]
    if exact := [each for each in candidates if each.get("name") == name]:
        return exact
    if same := [each for each in candidates if composed(each.get("name") or "") == composed(name)]:
        return same
    if prefixed := [each for each in candidates if bears_name(each, name, profile_type)]:
        return prefixed
    if not tidy(name):
        return []
    if kept := [each for each in candidates if bears_name(each, name, profile_type, spelled=tidy)]:
        return kept
    return [each for each in candidates if bears_name(each, name, profile_type, spelled=caseless) and alike(each)]


def same_without_case(objects: Iterable[JsonObject], name: str) -> list[JsonObject]:
    """Return the objects whose name differs from ``name`` at most as a tenant may take two names for one."""
    wanted = caseless(name)
    return [each for each in objects if caseless(each.get("name") or "") == wanted]


def name_keys(profile: Mapping[str, Any]) -> set[str]:
    """Return every `caseless` name that may mean a profile: its own, and what follows an integration in it.

    Two names that `named` takes for one have a key in common.
    """
    held = caseless(profile.get("name") or "")
    integrations = {str(each).casefold() for each in profile.get("integrations") or ()}
    splits = range(1, len(held)) if integrations else ()
    return {held, *(visible_part(held[at:]) for at in splits if held[:at].strip(_AROUND_PREFIX) in integrations)}


@lru_cache(maxsize=100_000)
def caseless(name: str) -> str:
    """Return a name as it is compared where a tenant may change its spelling and its case."""
    return tidy(name).casefold()
