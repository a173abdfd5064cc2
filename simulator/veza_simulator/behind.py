"""Changes that somebody else makes: behind the provider's back, and past the types' rules."""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict

from veza_simulator import objects
from veza_simulator.clock import now
from veza_simulator.enumerations import ADDED_BY_HAND, VersionState
from veza_simulator.journal import Change
from veza_simulator.problems import invalid, not_found
from veza_simulator.requests import PatchVersion, parse
from veza_simulator.rules import ENTITLEMENTS, INHERITS
from veza_simulator.store import Document
from veza_simulator.tenant import VERSION_FIELDS, Tenant, dated, new_version

APPROVER = "5f8f2a9c-0d0e-4d4b-9f0e-2b6d3f1c7a55"
"""The id of the user that approves starts."""


class NewVersion(PatchVersion):  # type: ignore[misc, valid-type]  # made from the declared fields
    """A version to add: content that is not given is the current version's."""

    state: VersionState = "PUBLISHED"


class MemberChange(BaseModel):
    """Members to add and remove, whatever their source; ``version`` is the current one where unset."""

    model_config = ConfigDict(extra="forbid")

    add: list[str] = []
    remove: list[str] = []
    created_from: str = ADDED_BY_HAND
    workflow: str = ""
    version: int | None = None


def edit_profile(tenant: Tenant, profile_id: str, changes: Document, version: int | None = None) -> None:
    """Set any field of a profile, or of one of its versions (by default the current one)."""
    profile = tenant.profile(profile_id)
    number = version or profile["current_version_number"]
    content = tenant.version(profile_id, number)
    in_version = {field: value for field, value in changes.items() if field in VERSION_FIELDS}
    in_profile = {field: value for field, value in changes.items() if field not in VERSION_FIELDS}
    unknown = sorted(field for field in in_profile if field not in profile or field == "id")
    if unknown:
        raise invalid(f"{', '.join(unknown)}: no such field of a profile that can be set")
    parsed = parse(PatchVersion, in_version).model_dump()
    in_version = {field: parsed[field] for field in in_version}
    timestamp = now()
    if ENTITLEMENTS in in_version:
        in_version[ENTITLEMENTS] = dated(in_version[ENTITLEMENTS], content[ENTITLEMENTS], timestamp)
    changed = {**profile, **in_profile, "updated_at": timestamp}
    with tenant.store.transaction():
        tenant.remember(profile_id)
        if in_version:
            content = {**content, **in_version, "updated_at": timestamp}
            tenant.store.put_version(profile_id, content)
        if in_version and number == profile["current_version_number"]:
            tenant.store.set_parents(profile_id, content[INHERITS])
            changed |= tenant.datasources().derived(content[ENTITLEMENTS])
            changed |= in_profile
        tenant.store.put_profile(changed)
        _check_answer(tenant, profile_id)


def delete_profile(tenant: Tenant, profile_id: str) -> None:
    """Delete a profile with its versions and members; its heirs keep the reference to it."""
    tenant.profile(profile_id)
    with tenant.store.transaction():
        tenant.remember(profile_id)
        tenant.store.delete_profile(profile_id)


def delete_type(tenant: Tenant, type_id: str) -> None:
    """Delete a type; its profiles keep the reference to it."""
    kind = tenant.store.get("types", type_id)
    if kind is None:
        raise not_found(f"there is no access profile type {type_id!r}")
    with tenant.store.transaction():
        tenant.journal.record(Change("type", type_id, partial(tenant.render.type, kind, tenant.datasources())))
        tenant.store.delete("types", type_id)


def add_version(tenant: Tenant, profile_id: str, body: Document) -> int:
    """Add a draft or publish a new version, by default with the current version's content; return its number."""
    wanted = parse(NewVersion, body)
    if wanted.state not in {"PUBLISHED", "DRAFT"}:
        raise invalid(f"state: a new version is PUBLISHED or DRAFT, not {wanted.state!r}")
    profile = tenant.profile(profile_id)
    if wanted.state == "DRAFT" and profile["draft_version_number"]:
        raise invalid(f"{profile['name']!r} has a draft already: version {profile['draft_version_number']}")
    numbers = tenant.store.versions([profile_id])[profile_id]
    number = max(numbers) + 1
    current = numbers[profile["current_version_number"]]
    given = wanted.model_dump()
    content = {field: given[field] if field in body else current[field] for field in VERSION_FIELDS}
    version = new_version(number, "DRAFT", content, now())
    with tenant.store.transaction():
        tenant.remember(profile_id)
        tenant.store.put_version(profile_id, version)
        if wanted.state == "DRAFT":
            tenant.store.put_profile({**profile, "draft_version_number": number})
        else:
            tenant.publish(profile, version)
    return number


def publish(tenant: Tenant, profile_id: str, number: int) -> None:
    """Publish a version that is not the current one."""
    profile = tenant.profile(profile_id)
    version = tenant.version(profile_id, number)
    with tenant.store.transaction():
        tenant.remember(profile_id)
        tenant.publish(profile, version)


def change_members(tenant: Tenant, profile_id: str, change: MemberChange) -> None:
    """Add and remove members without opening access requests."""
    profile = tenant.profile(profile_id)
    number = change.version or profile["current_version_number"]
    tenant.version(profile_id, number)
    with tenant.store.transaction():
        tenant.remember(profile_id)
        tenant.store.members.remove(profile_id, number, change.remove)
        tenant.store.members.add(profile_id, number, change.add, change.created_from, change.workflow)


def approve_start(tenant: Tenant, profile_id: str) -> None:
    """Approve the start of a profile that waits for it."""
    profile = tenant.profile(profile_id)
    if profile["state"] != "PENDING":
        raise invalid(f"{profile['name']!r} is {profile['state']}: only what is PENDING can be approved")
    timestamp = now()
    started = {"state": "RUNNING", "started_at": timestamp, "started_by": APPROVER, "updated_at": timestamp}
    with tenant.store.transaction():
        tenant.remember(profile_id)
        tenant.store.put_profile({**profile, **started})


def _check_answer(tenant: Tenant, profile_id: str) -> None:
    answer = tenant.render.profile(tenant.profile(profile_id))
    try:
        objects.Profile.model_validate(answer)
    except ValueError as error:
        raise invalid(f"the profile could not be answered like this: {error}") from None
