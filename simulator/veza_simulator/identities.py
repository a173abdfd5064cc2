"""Identities, as a policy of Lifecycle Management manages them: what was seeded, and what their memberships say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from veza_simulator.problems import not_found
from veza_simulator.store import Document
from veza_simulator.tenant import Tenant

POLICY = "7f1f0a52-6f0e-4f6a-9a53-2c1d5f1b8e10"
"""The policy of the identities for which a seed names none."""
FIELDS = ("id", "policy_id", "entity_type", "entity_id", "email", "title", "department", "active", "last_checked_at")


def get_identity(tenant: Tenant, sent_id: str) -> dict[str, Any]:
    """``GET identities/{id}``: an identity that was seeded, or that is a member of some profile."""
    identity_id = tenant.identity_id(sent_id)
    seeded = tenant.store.identity(identity_id)
    memberships = tenant.store.members.of_identity(identity_id)
    if seeded is None and not memberships:
        raise not_found(f"there is no identity {sent_id!r}")
    identity = new_identity(identity_id, **(seeded or {}))
    details = list(_details(tenant, memberships))
    return {
        **{field: identity[field] for field in FIELDS},
        "entity_name": identity["name"],
        "access_profiles": list(dict.fromkeys(each["access_profile_id"] for each in details)),
        "access_profile_details": details,
        "workflows_triggered": list(dict.fromkeys(each["workflow"] for each in memberships if each["workflow"])),
    }


def new_identity(identity_id: str, **given: Any) -> Document:
    """Return an identity as it is stored; what is not given, or empty, is made from the id."""
    made = {"name": "", "policy_id": POLICY, "entity_type": "OktaUser", "entity_id": f"00u-{identity_id}"}
    other = {"email": "", "title": "", "department": "", "active": True, "last_checked_at": None}
    identity = {**made, **other, **{field: value for field, value in given.items() if value not in {"", None}}}
    return {**identity, "id": identity_id}


def _details(tenant: Tenant, memberships: list[Document]) -> Iterator[dict[str, Any]]:
    for each in memberships:
        profile = tenant.store.profile(each["profile_id"])
        if profile is not None and profile["current_version_number"] == each["version"]:
            yield {
                "access_profile_id": profile["id"],
                "access_profile_name": profile["name"],
                "created_from": each["created_from"],
            }
