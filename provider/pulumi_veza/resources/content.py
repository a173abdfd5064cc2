"""The content of a version of a profile: the fields that ``AccessProfile`` and ``AccessProfileVersion`` share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any

from pulumi import Input
from typing_extensions import TypedDict

from pulumi_veza.fields.field_types import UNKNOWN, JsonObject, identity
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import InputField, Schema, SentIn
from pulumi_veza.provider.kind import Operation
from pulumi_veza.resources.inputs import Entitlement, SyncIdentityAction
from pulumi_veza.rules import wording
from pulumi_veza.rules.identity import CONTENT_LISTS, entitlement_identity

BODY = SentIn.CREATE | SentIn.CONTENT


class ContentArgs(TypedDict, total=False):
    """The fields of a version, as a program writes them."""

    entitlements: Annotated[
        Input[Sequence[Input[Entitlement]]],
        InputField("What members get directly.", BODY, "entities_to_create_relationships_to", key=entitlement_identity),
    ]
    inherits_from: Annotated[
        Input[Sequence[Input[str]]],
        InputField(
            "The ids of the profiles whose entitlements members get as well.",
            BODY,
            "inherit_entities_from_access_profiles",
            key=identity,
            meaning="id",
        ),
    ]
    access_request_policy_id: Annotated[
        Input[str],
        InputField("The id of the access request policy that decides on requests for the profile.", BODY, meaning="id"),
    ]
    application_datasource_id: Annotated[
        Input[str],
        InputField(
            "The id of the datasource that is assigned as a whole; only where the type allows neither entitlements "
            "nor inheritance.",
            BODY,
            meaning="id",
        ),
    ]
    application_sync_identity_action: Annotated[
        Input[SyncIdentityAction], InputField("What to do where a member has no identity in that datasource.", BODY)
    ]


def validate(args: Mapping[str, Any], problems: Problems) -> None:
    """Add the combinations of fields that a version cannot have."""
    application = args.get("application_datasource_id")
    for name in CONTENT_LISTS:
        listed = args.get(name)
        if application and application is not UNKNOWN and listed and listed is not UNKNOWN:
            problems.add(
                "application_datasource_id",
                f"cannot be combined with {name}: it assigns the application as a whole; remove one of the two",
                show_value=True,
            )


def announce(op: Operation, schema: Schema, left: Collection[str] = ()) -> None:
    """Print what a change adds to and removes from the sets of a profile or version, such as its entitlements.

    Args:
        op: The diff.
        schema: The fields of the kind.
        left: Sets that are no longer written here and stay as they are.

    """
    args = {**op.args, **{name: op.olds.get(name) for name in left}}
    if op.differs and (text := wording.set_changes(schema, op.olds, args, op.secret)):
        op.info(text)


def patch(
    op: Operation, schema: Schema, profile: JsonObject, number: int, values: Mapping[str, Any], changed: Iterable[str]
) -> JsonObject:
    """Patch the changed content of a version and return the patched version.

    Both lists are always sent; a list that the resource does not manage is sent with its present elements.
    """
    managed = (name for name in CONTENT_LISTS if values.get(name) is not None)
    body = schema.to_api(values, SentIn.CONTENT, {*changed, *managed})
    live = op.session.snapshot.version(profile, number)
    for name in CONTENT_LISTS:
        field = schema[name]
        if field.api not in body and field.api in live:
            # Converted to the state's shape and back, which drops the fields that the server adds to an entity.
            body[field.api] = field.type.to_api(field.type.from_api(live[field.api]))
    return op.session.snapshot.update_version(profile["id"], number, body)
