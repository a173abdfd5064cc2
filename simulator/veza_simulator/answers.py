"""The responses of the API, transcribed from its documents.

Every response is checked against these models before the quirks touch it: every documented field is present, each has
its type, and there is nothing else.
"""

from __future__ import annotations

from typing import Any

from veza_simulator.fields import Object, Timestamp
from veza_simulator.objects import Entity, Member, Profile, ProfileType, Version


class Action(Object):
    """What a datasource can do."""

    action_type: str
    description: str
    supported_entity_types: list[str]
    supported_relationship_types: list[str]


class Attribute(Object):
    """An attribute that a datasource can be given."""

    name: str
    type: str
    required: bool
    description: str


class SyncableAttributes(Object):
    """The attributes of one entity type."""

    entity_type: str
    attributes: list[Attribute]


class GrantableEntitlement(Object):
    """What can be granted through a datasource."""

    entity_type: str
    entitlement_type: str
    description: str


class Datasource(Object):
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


class IdentityProfile(Object):
    """A profile of an identity, by one of its sources."""

    access_profile_id: str
    access_profile_name: str
    created_from: str


class Identity(Object):
    """An identity that a policy manages."""

    id: str
    policy_id: str
    entity_type: str
    entity_id: str
    entity_name: str
    email: str
    title: str
    department: str
    active: bool
    access_profiles: list[str]
    access_profile_details: list[IdentityProfile]
    workflows_triggered: list[str]
    last_checked_at: Timestamp | None


class PlanJob(Object):
    """A job of a plan: one action for one identity in one datasource."""

    job_id: str
    data_source: dict[str, Any]
    input_entities: list[dict[str, Any]]
    action_type: str
    action_config: dict[str, Any] | None
    action_job_id: str
    action_name: str
    identity_id: str
    stop_on_error: bool
    ttl: str


class Plan(Object):
    """A plan of an access request."""

    id: str
    state: str
    request_type: str
    request_source: str
    plan_source: str
    plan_source_id: str
    plan_jobs: list[PlanJob]
    error_message: str
    request_source_id: str
    jit_duration_in_seconds: int
    jit_revoke_at: Timestamp | None
    jit_revoke_jobs: list[PlanJob]


class RequestState(Object):
    """An access request, of which the documents show these two fields."""

    id: str
    state: str


class AccessRequest(Object):
    """What a change of one member led to: one of the two fields."""

    id: str = ""
    error_message: str = ""


class TypeValue(Object):
    """The response to a type's creation."""

    value: ProfileType


class ProfileValue(Object):
    """The response to a profile's creation or change."""

    value: Profile


class VersionValue(Object):
    """The response to a version's change."""

    value: Version


class MembersUpdated(Object):
    """The response to a change of members."""

    value: Version
    access_requests: list[AccessRequest]


class Page(Object):
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


class IdentityValue(Object):
    """The response with one identity."""

    value: Identity


class AccessRequestValue(Object):
    """The response with one access request."""

    value: RequestState
    plans: list[Plan]


class DatasourceValue(Object):
    """The response with one datasource."""

    value: Datasource


class DatasourcePage(Page):
    """A page of datasources."""

    values: list[Datasource]


class MemberList(Object):
    """A version's members."""

    values: list[Member]


class Integrations(Object):
    """The integrations that profiles can be used with."""

    integrations: list[str]
