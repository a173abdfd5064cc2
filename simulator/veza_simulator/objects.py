"""The objects of the API, transcribed from its documents: each field is declared here and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any

from veza_simulator.enumerations import Answered, OnCreateBehavior, OpenEnumeration, ProfileState, VersionState
from veza_simulator.fields import (
    CHANGE,
    CREATE,
    DERIVED,
    REQUIRED,
    Count,
    Default,
    Int64,
    Object,
    Required,
    SentAs,
    Timestamp,
)


class SyncIdentityAction(Object):
    """The action to use when an identity is created for an entity or a datasource."""

    policy_id: Annotated[str, CREATE | REQUIRED]
    """The id of the policy that holds the action."""
    name: Annotated[str, CREATE | REQUIRED]
    """The name of the action."""


class Condition(Object):
    """A condition on an identity."""

    type: Annotated[Answered, CREATE, SentAs(OpenEnumeration)]
    """The kind of condition; the documents name no values."""
    condition_string: Annotated[str, CREATE]
    """The expression, such as `department eq "Sales"`."""


class Entity(Object):
    """An entitlement."""

    entity_type: Annotated[str, CREATE | REQUIRED]
    """What it is in the target system, such as `SalesforceGroup`."""
    datasource_id: Annotated[str, CREATE | REQUIRED]
    """The id of the lifecycle management datasource that it belongs to."""
    entity_id: Annotated[str, CREATE | REQUIRED]
    """Its id in the target system."""
    assigned_to_entity_type: Annotated[str, CREATE]
    """The type of the entity that it is assigned to."""
    assigned_to_entity_id: Annotated[str, CREATE]
    """The id of the entity that it is assigned to."""
    extraction_datasource_id: str
    """The id of the datasource that its data are extracted from."""
    provider_id: str
    """The id of the provider."""
    provider_external_id: str
    """The id that the provider has in the target system."""
    entity_name: str
    """Its name."""
    native_id: str
    """Its id in the target system, as that writes it."""
    grant_by: Annotated[Answered, CREATE, SentAs(OpenEnumeration)]
    """How it is granted; the documents name no values."""
    created_by_access_profile: Annotated[bool, CREATE]
    """Whether the access profile created it."""
    custom_properties: Annotated[dict[str, Any], CREATE]
    """Any JSON object."""
    sync_identity_action: Annotated[SyncIdentityAction | None, CREATE]
    """The action to use when an identity is created for it."""
    condition: Annotated[Condition | None, CREATE]
    """Which members get it."""
    create_entitlement_detail_id: str
    """The id of the detail of the type that it was created by."""
    created_at: Timestamp
    """When it was added."""


class AttributeTransformer(Object):
    """How an attribute of a created entity, or the name of a profile, is made."""

    destination_attribute: Annotated[str, CREATE]
    """The attribute that is set."""
    destination_value_formatter: Annotated[str, CREATE]
    """The expression that makes its value."""
    continuous_sync: Annotated[bool, CREATE]
    """Whether later changes are synchronised."""
    additional_value_formatter: Annotated[list[str], CREATE]
    """Formatters that are applied one after another."""
    pipeline_functions: Annotated[str, CREATE]
    """Functions that are applied to the value."""
    unique_identifier: Annotated[bool, CREATE]
    """Whether the attribute identifies the entity."""


class AttributeTransformers(Object):
    """The list of transformers, wrapped as the API wraps it."""

    values: Annotated[list[AttributeTransformer], CREATE]
    """The transformers."""


class CreateEntitlement(Object):
    """An entitlement that is created together with a profile of the type."""

    datasource_id: Annotated[str, CREATE]
    """The id of the datasource to create it in."""
    entity_type: Annotated[str, CREATE]
    """The entity type to create."""
    attribute_transformers: Annotated[AttributeTransformers, CREATE]
    """How its attributes are made."""
    add_member_condition: Annotated[Condition | None, CREATE]
    """Which members are added to it."""
    created_entity_id: str
    """The id of the entity that was created."""
    access_request_id: str
    """The id of the access request that created it."""
    id: str
    """The id of the detail."""
    last_sync_job_id: str
    """The id of the last job that synchronised it."""


class ProfileType(Object):
    """An access profile type."""

    id: str
    """The id."""
    name: Annotated[str, CREATE | REQUIRED]
    """The name of the type."""
    description: Annotated[str, CREATE]
    """What the type is for."""
    allow_inherit_entities: Annotated[bool, CREATE]
    """Whether its profiles may inherit from other profiles."""
    allow_inherited_from_types: Annotated[list[str], CREATE]
    """The ids of the types whose profiles they may inherit from; empty for any."""
    profiles_count: Annotated[Int64, DERIVED]
    integrations: Annotated[list[str], DERIVED]
    allow_create_relationships: Annotated[bool, CREATE]
    """Whether its profiles may have entitlements."""
    require_single_datasource: Annotated[bool, CREATE]
    """Whether the entitlements of a profile must be of one datasource."""
    require_single_integration: Annotated[bool, CREATE]
    """Whether the entitlements of a profile must be of one integration."""
    add_integration_prefix_to_access_profile_names: Annotated[bool, CREATE]
    """Whether the integration is put before the names of its profiles; needs `require_single_integration`."""
    rbac_id: str
    """The id in access control."""
    max_entitlements: Annotated[Count | None, CREATE]
    """How many entitlements a profile may have; null for any number."""
    create_entitlement_based_on_profile: Annotated[bool, CREATE]
    """Whether an entitlement is created for each profile; needs `require_single_integration`."""
    create_entitlements: Annotated[list[CreateEntitlement], CREATE]
    """The entitlements that are created."""
    no_entitlements: Annotated[bool, CREATE]
    """Whether its profiles have no entitlements at all."""
    enabled: bool
    """Whether it can be used."""
    on_create_behavior: Annotated[Answered, CREATE, Default("INITIAL"), SentAs(OnCreateBehavior)]
    """The state that its profiles begin with."""
    instructions: Annotated[str, CREATE]
    """Instructions for those who use the type, in Markdown."""
    time_before_sync_check_in_seconds: Annotated[Int64, CREATE]
    """When the synchronisation is checked; 0 for never; needs `create_entitlement_based_on_profile`."""
    access_request_policy_id: Annotated[str | None, CREATE]
    """The access request policy of its profiles."""
    allow_overwrite_of_access_request_policy: Annotated[bool, CREATE, Default(True)]
    """Whether its profiles may have another access request policy."""
    name_transformer: Annotated[AttributeTransformer | None, CREATE]
    """How the names of its profiles are made."""
    remove_entitlement_on_member_upon_update: Annotated[bool, CREATE]
    """Whether members lose an entitlement that is removed from their profile."""
    created_at: Timestamp
    """When it was created."""
    updated_at: Timestamp
    """When it was changed last."""


class Member(Object):
    """A member of a version of a profile."""

    access_profile_id: str
    access_profile_name: str
    identity_id: str
    identity_name: str
    created_from: str
    workflow: str


class Version(Object):
    """A version of a profile: its POST is that of the profile, its PATCH is its own."""

    access_profile_id: Annotated[str, DERIVED]
    version_number: int
    """The number."""
    state: Annotated[Answered, CHANGE, Default("DRAFT"), SentAs(VersionState)]
    """The state of the version: a draft can be published."""
    entities_to_create_relationships_to: Annotated[list[Entity], CREATE | CHANGE]
    """The entitlements."""
    inherit_entities_from_access_profiles: Annotated[list[Required], CREATE | CHANGE]
    """The ids of the profiles that it inherits from."""
    members: Annotated[list[str], DERIVED]
    rbac_id: str
    """The id in access control."""
    access_request_policy_id: Annotated[str, CREATE | CHANGE]
    """The access request policy."""
    application_datasource_id: Annotated[str, CREATE | CHANGE]
    """The datasource of an application; only where the type allows neither entitlements nor inheritance."""
    application_sync_identity_action: Annotated[SyncIdentityAction | None, CREATE | CHANGE]
    """The action to use when an identity is created in the application."""
    created_by: str
    """The id of the user who created it."""
    created_at: Timestamp
    """When it was created."""
    updated_at: Timestamp
    """When it was changed last."""
    published_by: str
    """The id of the user who published it."""
    published_at: Timestamp | None
    """When it was published."""


class CatalogItemInfo(Object):
    """How a profile is shown in the request catalog."""

    name: Annotated[str, CREATE]
    """The name in the catalog."""
    description: Annotated[str, CREATE]
    """The description in the catalog."""
    markdown_description: Annotated[str, CREATE]
    """The description in Markdown."""
    icon: Annotated[str, CREATE]
    """The icon."""
    recommended: Annotated[bool, CREATE]
    """Whether the catalog recommends it."""


class Profile(Object):
    """An access profile."""

    id: str
    """The id."""
    name: Annotated[str, CREATE | REQUIRED | CHANGE]
    """The name of the profile."""
    description: Annotated[str, CREATE | CHANGE]
    """What the profile is for."""
    state: Annotated[Answered, CREATE | REQUIRED | CHANGE, Default("INITIAL"), SentAs(ProfileState)]
    """The state of the profile: access is provisioned while it is `RUNNING`."""
    profile_type: Annotated[str, CREATE | REQUIRED | CHANGE]
    """The id of its type."""
    current_version_number: int
    """The number of the published version."""
    draft_version_number: int
    """The number of the draft; 0 where there is none."""
    used_by_workflow: bool
    """Whether a workflow uses it."""
    integrations: list[str]
    """The integrations of its entitlements."""
    current_version: Annotated[Version, DERIVED]
    access_profiles_inherited: Annotated[list[str], DERIVED]
    access_profiles_inherited_by: Annotated[list[str], DERIVED]
    inherits_from_other_profiles: Annotated[bool, DERIVED]
    inherited_by_other_profiles: Annotated[bool, DERIVED]
    labels: Annotated[list[str], CREATE | CHANGE]
    """The labels."""
    provider_ids: list[str]
    """The ids of the providers of its entitlements."""
    provider_external_ids: list[str]
    """The ids that those providers have in the target systems."""
    datasource_ids: Annotated[list[str], CHANGE]
    """The ids of its datasources."""
    rbac_id: str
    """The id in access control."""
    member_details: Annotated[list[Member], DERIVED]
    requestable: bool
    """Whether it can be requested."""
    require_approval_to_start: Annotated[bool, CHANGE]
    """Whether somebody must approve before it runs."""
    started_at: Timestamp | None
    """When it was started."""
    started_by: str
    """The id of the user who started it."""
    catalog_item_info: Annotated[CatalogItemInfo | None, CHANGE]
    """How it is shown in the request catalog."""
    access_request_policy_id: Annotated[str, DERIVED]
    created_entitlements: list[CreateEntitlement]
    """The entitlements that were created for it."""
    last_synced_at: Timestamp | None
    """When it was synchronised last."""
    sync_allowed: bool
    """Whether it can be synchronised."""
    last_sync_job_ids: list[str]
    """The ids of the last jobs that synchronised it."""
    identity_created_by: str
    """The id of the identity who created it."""
    last_sync_error_message: str
    """The error of the last synchronisation."""
    profile_type_rbac_id: Annotated[str, CHANGE]
    """The id of its type in access control."""
    created_by: str
    """The id of the user who created it."""
    created_at: Timestamp
    """When it was created."""
    updated_at: Timestamp
    """When it was changed last."""
    custom_properties: Annotated[dict[str, Any], CREATE | CHANGE]
    """Any JSON object."""
