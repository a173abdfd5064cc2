"""Models of what the API sends, tolerant of its quirks.

Every field is optional. A field that the response omits stays unset (``model_fields_set``): it is unknown, which is
not the same as empty; ``null`` is ``None``. Fields that are not documented are ignored. Timestamps stay the text that
the server sent. `as_received` returns only what was in the response.

A field that a resource declares must be here as well: ``tests/fields/test_field_completeness.py`` names what is
missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator

from pulumi_veza.errors import one_line

# The API writes an enumeration by name or by number. The numbers are not documented; that they count the documented
# names from 0 is an inference, which the documents' examples fit. A number outside a table stays its digits. There is
# no table where the documents give no order: a guess could turn one value into another.
STATES: Final = ("INITIAL", "RUNNING", "PAUSED", "DRY_RUN", "PENDING")
"""The states of a profile."""

ON_CREATE_BEHAVIORS: Final = ("INITIAL",)
"""The behaviours of a type towards a new profile; the only documented name."""

ACTION_TYPES: Final = (
    "NONE",
    "SYNC_IDENTITIES",
    "MANAGE_RELATIONSHIPS",
    "CREATE_EMAIL",
    "DEPROVISION_IDENTITY",
    "ACCESS_PLAN",
    "WRITE_BACK_EMAIL",
    "PAUSE",
    "SEND_NOTIFICATION",
    "CUSTOM_ACTION",
    "CREATE_ENTITLEMENT",
    "CREATE_ACCESS_REVIEW",
    "RESET_PASSWORD",
    "DELETE_IDENTITY",
)
"""What a datasource can do; the documents number them."""

UNNUMBERED: Final[tuple[str, ...]] = ()
"""The names of an enumeration without a documented order: a version's state, ``grant_by``, ``created_from``, ..."""


def _by_name(names: tuple[str, ...]) -> Callable[[object], object]:
    def name_of(value: object) -> object:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return names[value] if 0 <= value < len(names) else str(value)
        return value

    return name_of


def _whole_floats_as_ints(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole_floats_as_ints(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole_floats_as_ints(each) for each in value]
    return value


def _number_in_text(value: object) -> object:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value


State = Annotated[str | None, BeforeValidator(_by_name(STATES))]
OnCreateBehavior = Annotated[str | None, BeforeValidator(_by_name(ON_CREATE_BEHAVIORS))]
ActionType = Annotated[str | None, BeforeValidator(_by_name(ACTION_TYPES))]
Enumeration = Annotated[str | None, BeforeValidator(_by_name(UNNUMBERED))]
Seconds = Annotated[int | str | None, BeforeValidator(_number_in_text)]
Id = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""The id of an object; empty in the response to a change that does not repeat it."""
CustomProperties = Annotated[dict[str, Any] | None, BeforeValidator(_whole_floats_as_ints)]


class ApiObject(BaseModel):
    """An object of a response: immutable, and deaf to fields that it does not declare."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SyncIdentityAction(ApiObject):
    """``sync_identity_action``: what to do where the identity is missing in the datasource."""

    policy_id: str | None = None
    name: str | None = None


class Condition(ApiObject):
    """``condition``: whether an identity is to get the entitlement."""

    type: Enumeration = None
    condition_string: str | None = None


class AttributeTransformer(ApiObject):
    """One of ``attribute_transformers.values``; also ``name_transformer``."""

    destination_attribute: str | None = None
    destination_value_formatter: str | None = None
    continuous_sync: bool | None = None
    additional_value_formatter: list[str] | None = None
    pipeline_functions: str | None = None
    unique_identifier: bool | None = None


class AttributeTransformers(ApiObject):
    """``attribute_transformers``."""

    values: list[AttributeTransformer] | None = None


class CreateEntitlement(ApiObject):
    """One of a type's ``create_entitlements`` or of a profile's ``created_entitlements``."""

    datasource_id: str | None = None
    entity_type: str | None = None
    attribute_transformers: AttributeTransformers | None = None
    add_member_condition: Condition | None = None
    # Only the server writes those below.
    id: str | None = None
    created_entity_id: str | None = None
    access_request_id: str | None = None
    last_sync_job_id: str | None = None


class AccessProfileType(ApiObject):
    """An access profile type."""

    id: Id = ""
    name: str | None = None
    description: str | None = None
    allow_inherit_entities: bool | None = None
    allow_inherited_from_types: list[str] | None = None
    allow_create_relationships: bool | None = None
    require_single_datasource: bool | None = None
    require_single_integration: bool | None = None
    add_integration_prefix_to_access_profile_names: bool | None = None
    max_entitlements: int | None = None
    create_entitlement_based_on_profile: bool | None = None
    create_entitlements: list[CreateEntitlement] | None = None
    no_entitlements: bool | None = None
    on_create_behavior: OnCreateBehavior = None
    instructions: str | None = None
    time_before_sync_check_in_seconds: Seconds = None
    access_request_policy_id: str | None = None
    allow_overwrite_of_access_request_policy: bool | None = None
    name_transformer: AttributeTransformer | None = None
    remove_entitlement_on_member_upon_update: bool | None = None
    # Only the server writes those below.
    integrations: list[str] | None = None
    profiles_count: int | None = None
    enabled: bool | None = None
    rbac_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Entity(ApiObject):
    """An entitlement: one of ``entities_to_create_relationships_to``."""

    entity_type: str | None = None
    datasource_id: str | None = None
    entity_id: str | None = None
    assigned_to_entity_type: str | None = None
    assigned_to_entity_id: str | None = None
    grant_by: Enumeration = None
    created_by_access_profile: bool | None = None
    custom_properties: CustomProperties = None
    sync_identity_action: SyncIdentityAction | None = None
    condition: Condition | None = None
    # Only the server writes those below.
    extraction_datasource_id: str | None = None
    provider_id: str | None = None
    provider_external_id: str | None = None
    entity_name: str | None = None
    native_id: str | None = None
    create_entitlement_detail_id: str | None = None
    created_at: str | None = None


class AccessProfileVersion(ApiObject):
    """A version of an access profile: its content.

    Some responses call ``version_number`` ``version`` and ``access_profile_id`` ``id``; here each has one name.
    """

    access_profile_id: str | None = None
    version_number: int | None = None
    state: Enumeration = None
    entities_to_create_relationships_to: list[Entity] | None = None
    inherit_entities_from_access_profiles: list[str] | None = None
    access_request_policy_id: str | None = None
    application_datasource_id: str | None = None
    application_sync_identity_action: SyncIdentityAction | None = None
    # Only the server writes those below.
    members: list[str] | None = None
    rbac_id: str | None = None
    created_by: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    published_by: str | None = None
    published_at: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_name_for_each(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        renamed = dict(data)
        for other, name in (("version", "version_number"), ("id", "access_profile_id")):
            if renamed.get(name) is None and renamed.get(other) is not None:
                renamed[name] = renamed[other]
        return renamed


class Member(ApiObject):
    """A member of a version; ``created_from`` is ``ACCESS_PROFILE_MEMBERSHIP`` when added by hand or by the API."""

    access_profile_id: str | None = None
    access_profile_name: str | None = None
    identity_id: str | None = None
    identity_name: str | None = None
    created_from: Enumeration = None
    workflow: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_identity_id(cls, data: Any) -> Any:
        return {"identity_id": data} if isinstance(data, str) else data


class CatalogItemInfo(ApiObject):
    """``catalog_item_info``: how a requestable profile looks in the catalogue."""

    name: str | None = None
    description: str | None = None
    markdown_description: str | None = None
    icon: str | None = None
    recommended: bool | None = None


class AccessProfile(ApiObject):
    """An access profile, with its current version where the response includes it.

    Where ``current_version`` is a bare number, it becomes ``current_version_number`` and ``current_version`` is unset.
    """

    id: Id = ""
    name: str | None = None
    description: str | None = None
    state: State = None
    profile_type: str | None = None
    labels: list[str] | None = None
    datasource_ids: list[str] | None = None
    require_approval_to_start: bool | None = None
    catalog_item_info: CatalogItemInfo | None = None
    profile_type_rbac_id: str | None = None
    custom_properties: CustomProperties = None
    # Only the server writes those below.
    current_version_number: int | None = None
    draft_version_number: int | None = None
    current_version: AccessProfileVersion | None = None
    used_by_workflow: bool | None = None
    integrations: list[str] | None = None
    provider_ids: list[str] | None = None
    provider_external_ids: list[str] | None = None
    access_profiles_inherited: list[str] | None = None
    access_profiles_inherited_by: list[str] | None = None
    inherits_from_other_profiles: bool | None = None
    inherited_by_other_profiles: bool | None = None
    requestable: bool | None = None
    rbac_id: str | None = None
    started_at: str | None = None
    started_by: str | None = None
    access_request_policy_id: str | None = None
    created_entitlements: list[CreateEntitlement] | None = None
    last_synced_at: str | None = None
    sync_allowed: bool | None = None
    last_sync_job_ids: list[str] | None = None
    last_sync_error_message: str | None = None
    identity_created_by: str | None = None
    member_details: list[Member] | None = None
    created_by: str | None = None
    created_at: str | None = None
    updated_at: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_version_number(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or isinstance(data.get("current_version"), Mapping | None):
            return data
        changed = dict(data)
        number = changed.pop("current_version")
        if changed.get("current_version_number") is None:
            changed["current_version_number"] = number
        return changed


class AccessRequest(ApiObject):
    """The outcome for one member: the ``id`` of the opened request or an ``error_message``; an empty one is unset."""

    id: str | None = None
    error_message: str | None = None
    identity_id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value != ""} if isinstance(data, Mapping) else data

    @field_validator("error_message")
    @classmethod
    def _in_one_line(cls, value: str | None) -> str | None:
        return value and one_line(value)


class MembersUpdate(ApiObject):
    """The response to a change of members, in either of its two documented shapes."""

    value: AccessProfileVersion | None = None
    access_requests: Annotated[list[AccessRequest], BeforeValidator(lambda value: [] if value is None else value)] = []

    @model_validator(mode="before")
    @classmethod
    def _single_request(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or data.get("access_requests"):
            return data
        single = {
            "id": data.get("access_request_id"),
            "error_message": data.get("access_request_error_message"),
            "identity_id": data.get("identity_id"),
        }
        if not single["id"] and not single["error_message"]:
            return data
        said = {key: value for key, value in single.items() if value is not None}
        return {**data, "access_requests": [said]}


class Integrations(ApiObject):
    """The list of integrations that profiles can use."""

    integrations: list[str] | None = None


Item = TypeVar("Item", bound=BaseModel)


class Page(ApiObject, Generic[Item]):
    """One page of a listing, in its envelope or as a bare array.

    A response that is neither is an error: a page that only looks empty would mean that everything was deleted.
    """

    values: list[Item] | None = None
    next_page_token: str | None = None
    has_more: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _envelope(cls, data: Any) -> Any:
        if isinstance(data, list):
            return {"values": data}
        if isinstance(data, Mapping) and data and not data.keys() & {"values", "next_page_token", "has_more"}:
            raise ValueError("a listing was expected, with values, next_page_token and has_more")
        return data


def as_received(model: BaseModel) -> dict[str, Any]:
    """Return only the fields that were in the response, recursively, as plain JSON values."""
    return model.model_dump(exclude_unset=True)
