"""Filling the tenant: what ``POST /_simulator/seed`` takes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from veza_simulator.clock import now
from veza_simulator.datasources import new_datasource
from veza_simulator.enumerations import ADDED_BY_HAND
from veza_simulator.problems import invalid
from veza_simulator.requests import CreateProfile, CreateType, parse
from veza_simulator.rules import ENTITLEMENTS
from veza_simulator.tenant import Tenant


class Seeded(BaseModel):
    """Part of a seed: no unknown fields."""

    model_config = ConfigDict(extra="forbid")


class Identity(Seeded):
    """An identity that Lifecycle Management manages."""

    id: str
    name: str = ""
    department: str = ""


class Datasource(Seeded):
    """A datasource that Lifecycle Management is enabled for; ``integration`` is its ``provider_type``."""

    id: str
    integration: str
    name: str = ""
    provider_id: str = ""
    external_id: str = ""
    entity_types: list[str] = []


class Member(Seeded):
    """A member of a seeded profile's current version."""

    identity_id: str
    created_from: str = ADDED_BY_HAND
    workflow: str = ""


class Type(CreateType):
    """A type: the fields of its POST, and the id to give it."""

    id: str | None = None


class Profile(CreateProfile):
    """A profile: the fields of its POST, the id to give it, and its members.

    ``profile_type`` may be the id or the name of a type.
    """

    state: Any = "RUNNING"
    id: str | None = None
    requestable: bool = False
    members: list[Member | str] = Field(default=[])


class Seed(Seeded):
    """What is added to the tenant, in this order; datasources and identities of a known id are replaced."""

    integrations: list[str] | None = Field(default=None, description="What available_integrations answers.")
    identities: list[Identity | str] = []
    datasources: list[Datasource] = []
    types: list[Type] = []
    profiles: list[Profile] = []


def seed(tenant: Tenant, what: Seed) -> dict[str, list[str]]:
    """Add it all, or nothing; the ids of the types and profiles, in the given order."""
    with tenant.store.transaction():
        if what.integrations is not None:
            tenant.integrations = what.integrations
        identities = [Identity(id=each) if isinstance(each, str) else each for each in what.identities]
        tenant.store.put_identities({**each.model_dump(), "name": each.name or each.id} for each in identities)
        for each in what.datasources:
            fields = each.model_dump(exclude={"id", "integration"})
            tenant.store.put_datasources([new_datasource(each.id, each.integration, **fields)])
        if what.datasources:
            _derive_again(tenant)
        types = [_add_type(tenant, each) for each in what.types]
        profiles = [_add_profile(tenant, each) for each in what.profiles]
    return {"types": types, "profiles": profiles}


def _add_type(tenant: Tenant, kind: Type) -> str:
    if kind.id is not None and tenant.store.type(kind.id) is not None:
        raise invalid(f"there is a type {kind.id!r} already")
    body = CreateType.model_validate(kind.model_dump(exclude={"id"}))
    return str(tenant.create_type(body, type_id=kind.id)["id"])


def _add_profile(tenant: Tenant, profile: Profile) -> str:
    if profile.id is not None and tenant.store.profile(profile.id) is not None:
        raise invalid(f"there is a profile {profile.id!r} already")
    fields = profile.model_dump(exclude={"id", "members", "requestable"})
    named = tenant.store.type_named(profile.profile_type)
    if named is not None and tenant.store.type(profile.profile_type) is None:
        fields["profile_type"] = named["id"]
    created = tenant.create_profile(parse(CreateProfile, fields), profile_id=profile.id)
    if profile.requestable:
        tenant.store.put_profile({**created, "requestable": True})
    for each in profile.members:
        member = Member(identity_id=each) if isinstance(each, str) else each
        tenant.store.add_members(created["id"], 1, [member.identity_id], member.created_from, member.workflow)
    return str(created["id"])


def _derive_again(tenant: Tenant) -> None:
    known = tenant.datasources()
    for profile in tenant.store.everything("profiles"):
        current = tenant.version(profile["id"], profile["current_version_number"])
        derived = known.derived(current[ENTITLEMENTS])
        if any(profile[field] != value for field, value in derived.items()):
            tenant.store.put_profile({**profile, **derived, "updated_at": now()})
