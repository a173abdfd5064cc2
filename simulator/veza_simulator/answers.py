"""The responses of the API, transcribed from its documents.

Every response is checked against these models before the quirks touch it: every documented field is present, each has
its type, and there is nothing else.
"""

from __future__ import annotations

from veza_simulator.fields import Object
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


class DatasourcePage(Page):
    """A page of datasources."""

    values: list[Datasource]


class MemberList(Object):
    """A version's members."""

    values: list[Member]


class Integrations(Object):
    """The integrations that profiles can be used with."""

    integrations: list[str]
