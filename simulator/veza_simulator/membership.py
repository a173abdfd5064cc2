"""Members of a version, and the access requests that their changes open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from veza_simulator.access_requests import granted, opened
from veza_simulator.enumerations import ADDED_BY_HAND
from veza_simulator.problems import invalid
from veza_simulator.requests import UpdateMembers
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
    present: dict[str, list[Document]] = {}
    for each in tenant.store.members.of_version(profile_id, number):
        present.setdefault(tenant.identity_key(each["identity_id"]), []).append(each)
    refusal = _refuse_add if body.type == "ADD" else _refuse_remove
    changed: list[str] = []
    answers: list[dict[str, Any]] = []
    requests: list[Document] = []
    provisions = profile["state"] == "RUNNING" and version["state"] == "PUBLISHED"
    entitlements = granted(tenant, version) if provisions else []
    for key, identity_id in _distinct(tenant, body.identity_ids):
        sources = present.get(key, [])
        error = failing.get(identity_id) or refusal(tenant, identity_id, sources)
        if error:
            answers.append({"id": "", "error_message": error})
            continue
        if (body.type == "ADD") == bool(sources):
            continue
        changed += [each["identity_id"] for each in sources] or [tenant.identity_id(identity_id)]
        # Whom another source holds keeps the access.
        if provisions and all(each["created_from"] == ADDED_BY_HAND for each in sources):
            requests.append(opened(tenant, body.type, profile, version, changed[-1], entitlements))
            answers.append({"id": requests[-1]["id"], "error_message": ""})
    with tenant.store.transaction():
        tenant.remember(profile_id)
        if body.type == "ADD":
            tenant.store.members.add(profile_id, number, changed, ADDED_BY_HAND)
        else:
            tenant.store.members.remove(profile_id, number, changed, ADDED_BY_HAND)
        tenant.store.put_access_requests(requests)
    return version, answers


def _distinct(tenant: Tenant, identity_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each identity once, by the key under which it is compared and the id that was sent."""
    seen: set[str] = set()
    for each in identity_ids:
        key = tenant.identity_key(each)
        if key not in seen:
            seen.add(key)
            yield key, each


def _refuse_add(tenant: Tenant, identity_id: str, sources: Sequence[Document]) -> str | None:
    strict = tenant.quirks.strict_identities
    known = tenant.store.knows_identity(tenant.identity_id(identity_id))
    if (tenant.store.has_identities() if strict is None else strict) and not known:
        return f"{identity_id} is not an identity that Lifecycle Management manages"
    if sources and tenant.quirks.duplicate_member_fails:
        return f"{identity_id} is a member already"
    return None


def _refuse_remove(tenant: Tenant, identity_id: str, sources: Sequence[Document]) -> str | None:  # noqa: ARG001
    others = [each["created_from"] for each in sources if each["created_from"] != ADDED_BY_HAND]
    if others and len(others) == len(sources):
        return f"{identity_id} is a member by {' and '.join(others)} and cannot be removed here"
    return None
