"""The bodies that the API accepts, transcribed from its documents: nothing else is let in.

``null`` means "the default value", as in every protobuf API.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from veza_simulator.enumerations import (
    MemberOperation,
    OnCreateBehavior,
    OpenEnumeration,
    ProfileState,
    VersionState,
)
from veza_simulator.problems import RefusedRequestError, invalid


def _int64(value: Any) -> Any:
    """Protobuf writes a 64-bit integer as a string; both forms are read."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _not_negative(value: int) -> int:
    if value < 0:
        raise ValueError("it must not be negative")
    return value


Int64 = Annotated[int, BeforeValidator(_int64), AfterValidator(_not_negative)]
Count = Annotated[int, AfterValidator(_not_negative)]
Required = Annotated[str, Field(min_length=1)]


class Body(BaseModel):
    """A request body: strict types, no unknown and no read-only fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SyncIdentityAction(Body):
    """The action to use when an identity is created for an entity or a datasource."""

    policy_id: Required
    name: Required


class Condition(Body):
    """A condition on an identity."""

    type: OpenEnumeration = 0
    condition_string: str = ""


class Entity(Body):
    """An entitlement, as a user writes it."""

    entity_type: Required
    datasource_id: Required
    entity_id: Required
    assigned_to_entity_type: str = ""
    assigned_to_entity_id: str = ""
    grant_by: OpenEnumeration = 0
    created_by_access_profile: bool = False
    custom_properties: dict[str, Any] = {}
    sync_identity_action: SyncIdentityAction | None = None
    condition: Condition | None = None


class AttributeTransformer(Body):
    """How an attribute of a created entity, or a profile's name, is made."""

    destination_attribute: str = ""
    destination_value_formatter: str = ""
    continuous_sync: bool = False
    additional_value_formatter: list[str] = []
    pipeline_functions: str = ""
    unique_identifier: bool = False


class AttributeTransformers(Body):
    """The list of transformers, wrapped as the API wraps it."""

    values: list[AttributeTransformer] = []


class CreateEntitlement(Body):
    """An entitlement that is made when a profile of the type is created."""

    datasource_id: str = ""
    entity_type: str = ""
    attribute_transformers: AttributeTransformers = AttributeTransformers()
    add_member_condition: Condition | None = None


class CatalogItemInfo(Body):
    """How the profile is shown in the request catalog."""

    name: str = ""
    description: str = ""
    markdown_description: str = ""
    icon: str = ""
    recommended: bool = False


class CreateType(Body):
    """``POST access_profiles_types``."""

    name: Required
    description: str = ""
    allow_inherit_entities: bool = False
    allow_inherited_from_types: list[str] = []
    allow_create_relationships: bool = False
    require_single_datasource: bool = False
    require_single_integration: bool = False
    add_integration_prefix_to_access_profile_names: bool = False
    max_entitlements: Count | None = None
    create_entitlement_based_on_profile: bool = False
    create_entitlements: list[CreateEntitlement] = []
    no_entitlements: bool = False
    on_create_behavior: OnCreateBehavior = "INITIAL"
    instructions: str = ""
    time_before_sync_check_in_seconds: Int64 = 0
    access_request_policy_id: str | None = None
    allow_overwrite_of_access_request_policy: bool = True
    name_transformer: AttributeTransformer | None = None
    remove_entitlement_on_member_upon_update: bool = False


class VersionContent(Body):
    """What a version holds."""

    entities_to_create_relationships_to: list[Entity] = []
    inherit_entities_from_access_profiles: list[Required] = []
    access_request_policy_id: str = ""
    application_datasource_id: str = ""
    application_sync_identity_action: SyncIdentityAction | None = None


class CreateProfile(VersionContent):
    """``POST access_profiles``: the profile's fields and its first version's content."""

    name: Required
    state: ProfileState
    profile_type: Required
    description: str = ""
    labels: list[str] = []
    custom_properties: dict[str, Any] = {}


class PatchProfile(Body):
    """``PATCH access_profiles/{id}``."""

    name: str = ""
    description: str = ""
    state: ProfileState = "INITIAL"
    profile_type: str = ""
    labels: list[str] = []
    datasource_ids: list[str] = []
    require_approval_to_start: bool = False
    catalog_item_info: CatalogItemInfo | None = None
    profile_type_rbac_id: str = ""
    custom_properties: dict[str, Any] = {}


class PatchVersion(VersionContent):
    """``PATCH access_profiles/{id}/versions/{n}``."""

    state: VersionState = "DRAFT"


class UpdateMembers(Body):
    """``PUT access_profiles/{id}/versions/{n}/members``."""

    access_profile_id: Required
    version_number: int
    type: MemberOperation
    identity_ids: list[Required]


Model = TypeVar("Model", bound=BaseModel)


def parse_json_object(raw: bytes) -> dict[str, Any]:
    """The body's JSON object; a problem (400) where it is none."""
    try:
        body = json.loads(raw)
    except ValueError:
        raise invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid("the body is not a JSON object")
    return body


def parse(model: type[Model], body: dict[str, Any]) -> Model:
    """The body as the model; a problem (400) that lists each field that is unknown, read-only or of a wrong type."""
    try:
        return model.model_validate(_without_nulls(body))
    except ValidationError as error:
        raise problem_of(error) from None


def _without_nulls(value: Any, key: str = "") -> Any:
    if key == "custom_properties":
        return value
    if isinstance(value, dict):
        return {name: _without_nulls(item, name) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def problem_of(error: ValidationError) -> RefusedRequestError:
    """A validation's errors as one problem, a detail per field."""
    details = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in each["loc"])
        text = "it is not a writable field" if each["type"] == "extra_forbidden" else each["msg"]
        details.append(f"{where}: {text.removeprefix('Value error, ')}")
    return invalid(f"the request was not accepted: {'; '.join(details)}", *details)
