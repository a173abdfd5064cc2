"""Members of a version, and the access requests that their changes open."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from veza_simulator.clock import now
from veza_simulator.enumerations import ADDED_BY_HAND
from veza_simulator.problems import invalid
from veza_simulator.requests import UpdateMembers
from veza_simulator.rules import ENTITLEMENTS, INHERITS
from veza_simulator.store import Document
from veza_simulator.tenant import Tenant


def update_members(
    tenant: Tenant, profile_id: str, number: int, body: UpdateMembers, failing: Mapping[str, str]
) -> tuple[Document, list[dict[str, Any]]]:
    """``PUT access_profiles/{id}/versions/{n}/members``: the version, and one access request or error per member.

    A member that cannot be changed, or that ``failing`` names with an error message, does not stop the others.
    Access requests are opened only while the profile is ``RUNNING`` and the version ``PUBLISHED``.
    """
    if body.access_profile_id != profile_id or body.version_number != number:
        raise invalid("access_profile_id and version_number must say what the path says")
    profile = tenant.profile(profile_id)
    version = tenant.version(profile_id, number)
    tenant.check_not_retired(version)
    present = {each["identity_id"]: each for each in tenant.store.members(profile_id, number)}
    refusal = _refuse_add if body.type == "ADD" else _refuse_remove
    changed: list[str] = []
    answers: list[dict[str, Any]] = []
    opened: list[Document] = []
    provisions = profile["state"] == "RUNNING" and version["state"] == "PUBLISHED"
    for identity_id in dict.fromkeys(body.identity_ids):
        error = failing.get(identity_id) or refusal(tenant, identity_id, present)
        if error:
            answers.append({"id": "", "error_message": error})
            continue
        if (body.type == "ADD") == (identity_id in present):
            continue
        changed.append(identity_id)
        if provisions:
            opened.append(_access_request(body.type, profile, version, identity_id))
            answers.append({"id": opened[-1]["id"], "error_message": ""})
    with tenant.store.transaction():
        tenant.remember(profile_id)
        if body.type == "ADD":
            tenant.store.add_members(profile_id, number, changed, ADDED_BY_HAND)
        else:
            tenant.store.remove_members(profile_id, number, changed)
        tenant.store.add_access_requests(opened)
    return version, answers


def _refuse_add(tenant: Tenant, identity_id: str, present: Mapping[str, Document]) -> str | None:
    strict = tenant.quirks.strict_identities
    if (tenant.store.has_identities() if strict is None else strict) and not tenant.store.knows_identity(identity_id):
        return f"{identity_id} is not an identity that Lifecycle Management manages"
    if identity_id in present and tenant.quirks.duplicate_member_fails:
        return f"{identity_id} is a member already"
    return None


def _refuse_remove(tenant: Tenant, identity_id: str, present: Mapping[str, Document]) -> str | None:  # noqa: ARG001
    member = present.get(identity_id)
    if member is not None and member["created_from"] != ADDED_BY_HAND:
        return f"{identity_id} is a member by {member['created_from']} and cannot be removed here"
    return None


def _access_request(operation: str, profile: Document, version: Document, identity_id: str) -> Document:
    return {
        "id": str(uuid.uuid4()),
        "type": "PROVISION" if operation == "ADD" else "DEPROVISION",
        "identity_id": identity_id,
        "access_profile_id": profile["id"],
        "access_profile_name": profile["name"],
        "version_number": version["version_number"],
        ENTITLEMENTS: version[ENTITLEMENTS],
        INHERITS: version[INHERITS],
        "created_at": now(),
    }
