"""Who effectively has what: members of running profiles, with what those profiles inherit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from veza_simulator.rules import ENTITLEMENTS, INHERITS
from veza_simulator.store import Document
from veza_simulator.tenant import Tenant


def effective_access(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Return the entitlements of each identity, each with the path of profile names that leads to it.

    A profile gives access while it is ``RUNNING``, through its current version; the state of a profile that it
    inherits from does not matter.
    """
    profiles = {profile["id"]: profile for profile in tenant.store.everything("profiles")}
    versions = {key: tenant.version(key, each["current_version_number"]) for key, each in profiles.items()}
    granted: dict[str, list[dict[str, Any]]] = {}
    # A member that has several sources is listed once for each.
    memberships = [
        tuple(each[key] for key in ("profile_id", "version", "identity_id"))
        for each in tenant.store.members.everything()
    ]
    for profile_id, version, identity_id in dict.fromkeys(memberships):
        profile = profiles[profile_id]
        if profile["state"] != "RUNNING" or version != profile["current_version_number"]:
            continue
        entitlements = granted.setdefault(identity_id, [])
        entitlements.extend(_through(profile["id"], profiles, versions, ()))
    return granted


def _through(
    profile_id: str, profiles: dict[str, Document], versions: dict[str, Document], path: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    if profile_id not in profiles or profile_id in path:
        return
    path = (*path, profile_id)
    names = [profiles[each]["name"] for each in path]
    for entity in versions[profile_id][ENTITLEMENTS]:
        yield {**{key: entity[key] for key in ("entity_type", "datasource_id", "entity_id")}, "path": names}
    for parent in versions[profile_id][INHERITS]:
        yield from _through(parent, profiles, versions, path)
