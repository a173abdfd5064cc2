"""The format of a seed, and how a tenant is filled with one: ``POST /_simulator/seed``.

``seed-v1.schema.json`` publishes the format; ``python -m veza_simulator.seed_schema`` writes it from these classes.
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from veza_simulator import copying
from veza_simulator.clock import now
from veza_simulator.datasources import new_datasource
from veza_simulator.enumerations import ADDED_BY_HAND, ProfileState
from veza_simulator.fields import Required, Timestamp
from veza_simulator.identities import new_identity
from veza_simulator.problems import invalid
from veza_simulator.requests import CreateProfile, CreateType, parse
from veza_simulator.rules import ENTITLEMENTS
from veza_simulator.store import Document
from veza_simulator.tenant import Tenant

FORMAT_VERSION: Final = 1
"""The version of the format: what an older seed says keeps its meaning within a version."""


class Seeded(BaseModel):
    """Part of a seed: no unknown fields."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Identity(Seeded):
    """An identity that Lifecycle Management manages."""

    id: str
    """The id of the identity."""
    name: str = ""
    """The name; the id where it is empty, unless the seed copies a tenant."""
    department: str = ""
    """The department."""
    title: str = ""
    """The title."""
    email: str = ""
    """The e-mail address."""
    active: bool = True
    """Whether it is active."""
    policy_id: str = ""
    """The id of the policy that manages it; the same for all where it is empty."""
    entity_type: str = ""
    """The type of its entity in the source of identities; `OktaUser` where it is empty."""
    entity_id: str = ""
    """The id of its entity there; made from the id where it is empty."""
    last_checked_at: Timestamp | None = None
    """When its policy checked it last; the present where it is null, unless the seed copies a tenant."""


class Datasource(Seeded):
    """A datasource that Lifecycle Management is enabled for."""

    id: str
    """The id of the datasource."""
    integration: str
    """The integration, such as `SALESFORCE`: the `provider_type` of the datasource."""
    name: str = ""
    """The name; the id where it is empty."""
    provider_id: str = ""
    """The id of the provider; made from the id where it is empty."""
    external_id: str = ""
    """The id that the provider has in the target system."""
    entity_types: list[str] = []
    """The entity types that can be granted through it."""


class Member(Seeded):
    """A member of the current version of a profile."""

    identity_id: str
    """The id of the identity."""
    created_from: str = ADDED_BY_HAND
    """How it became a member; only members that were added by hand can be removed through the API."""
    workflow: str = ""
    """The workflow that added it."""


class Type(CreateType):  # type: ignore[misc, valid-type]  # made from the declared fields
    """A type: the fields of its POST, and its id."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str | None = None
    """The id; a new one where it is null."""


class Profile(CreateProfile):  # type: ignore[misc, valid-type]  # made from the declared fields
    """A profile: the fields of its POST, its id, and its members."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    profile_type: Required
    """The id or the name of its type."""
    state: ProfileState = "RUNNING"
    """The state of the profile: access is provisioned while it is `RUNNING`."""
    id: str | None = None
    """The id; a new one where it is null."""
    requestable: bool = False
    """Whether it can be requested."""
    members: list[Member | str] = Field(default=[])
    """The members, each with its source, or by the id of its identity alone."""


class Seed(Seeded):
    """What is added to the tenant, all or nothing, in the order of these fields.

    Datasources and identities of a known id are replaced; types and profiles of a known id are refused.
    """

    version: Literal[1] = FORMAT_VERSION
    """The version of this format."""
    integrations: list[str] | None = None
    """What `available_integrations` answers from now on; null for no change."""
    identities: list[Identity | str] = []
    """The identities, each with its fields, or by its id alone."""
    datasources: list[Datasource] = []
    """The datasources."""
    types: list[Type] = []
    """The access profile types."""
    profiles: list[Profile] = []
    """The access profiles, each after those that it inherits from."""
    copy_of: copying.Copy | None = None
    """Types and profiles of another tenant, which are put as they are; null where there are none."""

    @model_validator(mode="before")
    @classmethod
    def _is_of_this_version(cls, value: Any) -> Any:
        version = value.get("version", FORMAT_VERSION) if isinstance(value, dict) else FORMAT_VERSION
        if type(version) is not int or version != FORMAT_VERSION:
            raise ValueError(f"version: {json.dumps(version)} is not supported, only {FORMAT_VERSION}")
        return value


def seed(tenant: Tenant, what: Seed) -> dict[str, list[str]]:
    """Add everything or nothing; return the ids of the types and profiles, in the given order."""
    with tenant.store.transaction():
        if what.integrations is not None:
            tenant.integrations = what.integrations
        identities = [Identity(id=each) if isinstance(each, str) else each for each in what.identities]
        tenant.store.put_identities(_stored(each, copied=what.copy_of is not None) for each in identities)
        for each in what.datasources:
            fields = each.model_dump(exclude={"id", "integration"})
            tenant.store.put_datasources([new_datasource(each.id, each.integration, **fields)])
        if what.datasources:
            _derive_again(tenant)
        types = [_add_type(tenant, each) for each in what.types]
        profiles = [_add_profile(tenant, each) for each in what.profiles]
        if what.copy_of is not None:
            copying.add(tenant, what.copy_of)
    return {"types": types, "profiles": profiles}


def _stored(identity: Identity, *, copied: bool) -> Document:
    fields = identity.model_dump(exclude={"id", "name", "last_checked_at"})
    checked = identity.last_checked_at or (None if copied else now())
    name = identity.name or ("" if copied else identity.id)
    return new_identity(identity.id, name=name, last_checked_at=checked, **fields)


def _add_type(tenant: Tenant, kind: Type) -> str:
    if kind.id is not None and tenant.store.get("types", kind.id) is not None:
        raise invalid(f"there is a type {kind.id!r} already")
    body = CreateType.model_validate(kind.model_dump(exclude={"id"})).model_dump()
    return str(tenant.create_type(body, type_id=kind.id)["id"])


def _add_profile(tenant: Tenant, profile: Profile) -> str:
    if profile.id is not None and tenant.store.profile(profile.id) is not None:
        raise invalid(f"there is a profile {profile.id!r} already")
    fields = profile.model_dump(exclude={"id", "members", "requestable"})
    named = tenant.store.named("types", profile.profile_type)
    if named is not None and tenant.store.get("types", profile.profile_type) is None:
        fields["profile_type"] = named["id"]
    created = tenant.create_profile(parse(CreateProfile, fields).model_dump(), profile_id=profile.id)
    if profile.requestable:
        tenant.store.put_profile({**created, "requestable": True})
    for each in profile.members:
        member = Member(identity_id=each) if isinstance(each, str) else each
        tenant.store.members.add(created["id"], 1, [member.identity_id], member.created_from, member.workflow)
    return str(created["id"])


def _derive_again(tenant: Tenant) -> None:
    known = tenant.datasources()
    for profile in tenant.store.everything("profiles"):
        current = tenant.version(profile["id"], profile["current_version_number"])
        derived = known.derived(current[ENTITLEMENTS])
        if any(profile[field] != value for field, value in derived.items()):
            tenant.store.put_profile({**profile, **derived, "updated_at": now()})
