"""The objects that the API answers with, transcribed from its documents.

Every answer is checked against these models before the quirks touch it: every documented field present, each of
its type, and nothing else.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from veza_simulator.enumerations import OnCreateBehavior, OpenEnumeration, ProfileState, VersionState

Timestamp = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")]


class Answer(BaseModel):
    """Part of an answer: every field is there."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SyncIdentityAction(Answer):
    """The action to use when an identity is created."""

    policy_id: str
    name: str


class Condition(Answer):
    """A condition on an identity."""

    type: OpenEnumeration
    condition_string: str


class Entity(Answer):
    """An entitlement, with what the server adds on reads."""

    entity_type: str
    datasource_id: str
    entity_id: str
    assigned_to_entity_type: str
    assigned_to_entity_id: str
    extraction_datasource_id: str
    provider_id: str
    provider_external_id: str
    entity_name: str
    native_id: str
    grant_by: OpenEnumeration
    created_by_access_profile: bool
    custom_properties: dict[str, Any]
    sync_identity_action: SyncIdentityAction | None
    condition: Condition | None
    create_entitlement_detail_id: str
    created_at: Timestamp


class AttributeTransformer(Answer):
    """How an attribute is made."""

    destination_attribute: str
    destination_value_formatter: str
    continuous_sync: bool
    additional_value_formatter: list[str]
    pipeline_functions: str
    unique_identifier: bool


class AttributeTransformers(Answer):
    """The wrapped list of transformers."""

    values: list[AttributeTransformer]


class CreateEntitlement(Answer):
    """An entitlement to create, with what the server adds on reads."""

    datasource_id: str
    entity_type: str
    attribute_transformers: AttributeTransformers
    add_member_condition: Condition | None
    created_entity_id: str
    access_request_id: str
    id: str
    last_sync_job_id: str


class ProfileType(Answer):
    """An access profile type."""

    id: str
    name: str
    description: str
    allow_inherit_entities: bool
    allow_inherited_from_types: list[str]
    profiles_count: int
    integrations: list[str]
    allow_create_relationships: bool
    require_single_datasource: bool
    require_single_integration: bool
    add_integration_prefix_to_access_profile_names: bool
    rbac_id: str
    max_entitlements: int | None
    create_entitlement_based_on_profile: bool
    create_entitlements: list[CreateEntitlement]
    no_entitlements: bool
    enabled: bool
    on_create_behavior: OnCreateBehavior
    instructions: str
    time_before_sync_check_in_seconds: int
    access_request_policy_id: str | None
    allow_overwrite_of_access_request_policy: bool
    name_transformer: AttributeTransformer | None
    remove_entitlement_on_member_upon_update: bool
    created_at: Timestamp
    updated_at: Timestamp


class Member(Answer):
    """A member's details."""

    access_profile_id: str
    access_profile_name: str
    identity_id: str
    identity_name: str
    created_from: str
    workflow: str


class Version(Answer):
    """A version of a profile."""

    access_profile_id: str
    version_number: int
    state: VersionState
    entities_to_create_relationships_to: list[Entity]
    inherit_entities_from_access_profiles: list[str]
    members: list[str]
    rbac_id: str
    access_request_policy_id: str
    application_datasource_id: str
    application_sync_identity_action: SyncIdentityAction | None
    created_by: str
    created_at: Timestamp
    updated_at: Timestamp
    published_by: str
    published_at: Timestamp | None


class CatalogItemInfo(Answer):
    """How the profile is shown in the request catalog."""

    name: str
    description: str
    markdown_description: str
    icon: str
    recommended: bool


class Profile(Answer):
    """An access profile."""

    id: str
    name: str
    description: str
    state: ProfileState
    profile_type: str
    current_version_number: int
    draft_version_number: int
    used_by_workflow: bool
    integrations: list[str]
    current_version: Version
    access_profiles_inherited: list[str]
    access_profiles_inherited_by: list[str]
    inherits_from_other_profiles: bool
    inherited_by_other_profiles: bool
    labels: list[str]
    provider_ids: list[str]
    provider_external_ids: list[str]
    datasource_ids: list[str]
    rbac_id: str
    member_details: list[Member]
    requestable: bool
    require_approval_to_start: bool
    started_at: Timestamp | None
    started_by: str
    catalog_item_info: CatalogItemInfo | None
    access_request_policy_id: str
    created_entitlements: list[CreateEntitlement]
    last_synced_at: Timestamp | None
    sync_allowed: bool
    last_sync_job_ids: list[str]
    identity_created_by: str
    last_sync_error_message: str
    profile_type_rbac_id: str
    created_by: str
    created_at: Timestamp
    updated_at: Timestamp
    custom_properties: dict[str, Any]


class Action(Answer):
    """What a datasource can do."""

    action_type: str
    description: str
    supported_entity_types: list[str]
    supported_relationship_types: list[str]


class Attribute(Answer):
    """An attribute that a datasource can be given."""

    name: str
    type: str
    required: bool
    description: str


class SyncableAttributes(Answer):
    """The attributes of one entity type."""

    entity_type: str
    attributes: list[Attribute]


class GrantableEntitlement(Answer):
    """What can be granted through a datasource."""

    entity_type: str
    entitlement_type: str
    description: str


class Datasource(Answer):
    """A datasource that Lifecycle Management is enabled for."""

    id: str
    name: str
    provider_type: str
    external_id: str
    lifecycle_management_enabled: bool
    supported_capabilities: list[str]
    available_actions: list[Action]
    syncable_attributes: list[SyncableAttributes]
    grantable_entitlements: list[GrantableEntitlement]


class AccessRequest(Answer):
    """What a change of one member led to: one of the two fields."""

    id: str = ""
    error_message: str = ""


class TypeValue(Answer):
    """The answer to a type's creation."""

    value: ProfileType


class ProfileValue(Answer):
    """The answer to a profile's creation or change."""

    value: Profile


class VersionValue(Answer):
    """The answer to a version's change."""

    value: Version


class MembersUpdated(Answer):
    """The answer to a change of members."""

    value: Version
    access_requests: list[AccessRequest]


class Page(Answer):
    """What every page of a list says."""

    next_page_token: str
    has_more: bool


class TypePage(Page):
    """A page of types."""

    values: list[ProfileType]


class ProfilePage(Page):
    """A page of profiles."""

    values: list[Profile]


class DetailedProfilePage(ProfilePage):
    """A page of profiles with ``entity_extra_info=true``."""

    entities_to_create_relationships_to: list[Entity]


class DatasourcePage(Page):
    """A page of datasources."""

    values: list[Datasource]


class MemberList(Answer):
    """A version's members."""

    values: list[Member]


class Integrations(Answer):
    """The integrations that profiles can be used with."""

    integrations: list[str]
