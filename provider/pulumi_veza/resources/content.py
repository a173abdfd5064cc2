"""The content of a version of a profile: what a profile written inline and an ``AccessProfileVersion`` share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pulumi import Input
from typing_extensions import TypedDict

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, Problems, identity
from pulumi_veza.fields.schema import InputField, Schema, SentIn
from pulumi_veza.provider.lifecycle import Call
from pulumi_veza.resources.inputs import Entitlement, SyncIdentityAction, entitlement_key

BODY = SentIn.CREATE | SentIn.CONTENT

LISTS = ("entitlements", "inherits_from")
"""Every documented example of a version's PATCH sends both, so both are always sent."""


class ContentArgs(TypedDict, total=False):
    """The fields of a version that a user writes."""

    entitlements: Annotated[
        Input[Sequence[Input[Entitlement]]],
        InputField("What members get directly.", BODY, "entities_to_create_relationships_to", key=entitlement_key),
    ]
    inherits_from: Annotated[
        Input[Sequence[Input[str]]],
        InputField(
            "The ids of the profiles whose entitlements members get as well.",
            BODY,
            "inherit_entities_from_access_profiles",
            key=identity,
        ),
    ]
    access_request_policy_id: Annotated[Input[str], InputField("The policy that decides on requests for it.", BODY)]
    application_datasource_id: Annotated[
        Input[str],
        InputField(
            "The datasource that is assigned as a whole; only where the type allows neither entitlements nor "
            "inheritance.",
            BODY,
        ),
    ]
    application_sync_identity_action: Annotated[
        Input[SyncIdentityAction], InputField("What to do where a member has no identity in that datasource.", BODY)
    ]


def validate(args: Mapping[str, Any], problems: Problems) -> None:
    """Add what cannot be combined in one version."""
    application = args.get("application_datasource_id")
    for name in LISTS:
        listed = args.get(name)
        if application and application is not UNKNOWN and listed and listed is not UNKNOWN:
            problems.add(
                "application_datasource_id",
                f"cannot be combined with {name}: it assigns the application as a whole; remove one of the two",
                show_value=True,
            )


def of_profile(profile: Mapping[str, Any], version: Mapping[str, Any]) -> JsonObject:
    """Give a version's content; a policy that only the profile's answer shows is the version's."""
    found = dict(version)
    if "access_request_policy_id" in profile:
        found.setdefault("access_request_policy_id", profile["access_request_policy_id"])
    return found


def patch(
    call: Call, schema: Schema, profile: JsonObject, number: int, values: Mapping[str, Any], changed: Iterable[str]
) -> JsonObject:
    """Send the changed content of one version, always with both lists; gives the version as it is then.

    A list that is not managed here is sent as it is now, so that it stays.
    """
    body = schema.to_wire(values, SentIn.CONTENT, {*changed, *(name for name in LISTS if values.get(name) is not None)})
    live = call.session.snapshot.version(profile, number)
    for name in LISTS:
        field = schema[name]
        if field.api not in body and field.api in live:
            body[field.api] = field.node.to_wire(field.node.from_wire(live[field.api]))
    return call.session.snapshot.update_version(profile["id"], number, body)


TYPE_KEY = "__profile_type"
"""Holds the type of the profile in the outputs, so that the profile is found without listing every type."""


def find_profile(call: Call, profile_id: str, olds: Mapping[str, Any]) -> JsonObject | None:
    """Give the profile that a version or a membership belongs to, or None where it is gone."""
    return call.session.snapshot.profile(profile_id, olds.get(TYPE_KEY))


def profile_of(call: Call, profile_id: str, olds: Mapping[str, Any]) -> JsonObject:
    """Give the profile that a version or a membership belongs to; raises RefusedError where there is none."""
    profile = find_profile(call, profile_id, olds)
    if profile is None:
        raise RefusedError(
            f"{call.owner}: there is no access profile {profile_id!r} in this tenant; check profile_id, or run "
            "`pulumi refresh` if the profile is managed here and was removed by hand"
        )
    return profile


def number_of(profile: Mapping[str, Any], selector: str) -> int | None:
    """Give the number of the version that is selected, or None where the profile has no such version now."""
    if selector == "draft":
        return profile.get("draft_version_number") or None
    if selector == "current":
        return profile.get("current_version_number") or None
    return int(selector)


def selectors_of(profile: Mapping[str, Any], number: int) -> set[str]:
    """Give every selector that means this version of the profile."""
    return {str(number), *(word for word in ("current", "draft") if number_of(profile, word) == number)}


def selected(call: Call, profile: Mapping[str, Any], selector: str) -> int:
    """Give the number of the selected version; raises RefusedError where the profile has none."""
    number = number_of(profile, selector)
    if number is None:
        raise RefusedError(
            f"{call.owner}: access profile {profile.get('name')!r} ({profile['id']}) has no {selector} version; create "
            f'one in Veza (the API cannot), or write version="current"'
        )
    return number


def in_words(selector: str, profile_id: str, name: str | None = None) -> str:
    """Name a version for a message."""
    version = f"version {selector}" if selector.isdecimal() else f"the {selector} version"
    return f"{version} of access profile {f'{name!r} ({profile_id})' if name else profile_id}"


def version_id(profile_id: str, selector: str) -> str:
    """Give the Pulumi id of a version."""
    return f"{profile_id}/versions/{selector}"


def parse_version_id(id_: str) -> tuple[str, str]:
    """Give the profile and the selector that a Pulumi id names."""
    profile_id, found, selector = id_.removesuffix("/members").rpartition("/versions/")
    if not (found and profile_id and (selector in ("current", "draft") or selector.isdecimal())):
        raise RefusedError(
            f"{id_!r} is not the id of a version; it reads PROFILE_ID/versions/current, or /draft, or a number"
        )
    return profile_id, selector
