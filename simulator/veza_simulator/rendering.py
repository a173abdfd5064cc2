"""What is stored, as the API responds with it: every documented field, with those that are derived on reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from veza_simulator.datasources import Datasources
from veza_simulator.rules import ENTITLEMENTS, INHERITS
from veza_simulator.store import Document, Store


class Renderer:
    """Turns stored documents into responses."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def type(self, kind: Document, datasources: Datasources) -> dict[str, Any]:
        """Return a type with ``profiles_count`` and the integrations of the entitlements it creates."""
        named = [datasources.known.get(each["datasource_id"], {}) for each in kind["create_entitlements"]]
        return {
            # A copied type has those that its tenant says.
            "integrations": sorted({each["provider_type"] for each in named if each}),
            **kind,
            "profiles_count": self._store.profiles_count(kind["id"]),
        }

    def profile(self, profile: Document) -> dict[str, Any]:
        """Return one profile with its current version."""
        return self.profiles([profile])[0]

    def profiles(
        self, profiles: Sequence[Document], *, version: int | None = None, extra: Datasources | None = None
    ) -> list[dict[str, Any]]:
        """Return profiles, each with version number ``version`` where it has one, else with its current version.

        ``extra`` gives the entitlements what ``entity_extra_info=true`` adds.
        """
        ids = [profile["id"] for profile in profiles]
        versions = self._store.versions(ids)
        shown = {}
        for profile in profiles:
            has = versions[profile["id"]]
            shown[profile["id"]] = version if version in has else profile["current_version_number"]
        members = self._store.members.of_versions(list(shown.items()))
        heirs = self._store.heirs(ids)
        return [
            assembled(profile, versions[key][shown[key]], members[key], heirs[key], extra)
            for profile in profiles
            for key in [profile["id"]]
        ]

    def version(self, profile_id: str, version: Document) -> dict[str, Any]:
        """Return a version with the ids of its members."""
        return _with_members(profile_id, version, self._store.members.of_version(profile_id, version["version_number"]))

    def members(self, profile: Document, number: int) -> list[dict[str, Any]]:
        """Return the members of a version."""
        return member_details(profile, self._store.members.of_version(profile["id"], number))


def assembled(
    profile: Document,
    version: Document,
    members: Sequence[Document],
    heirs: Sequence[str],
    extra: Datasources | None = None,
) -> dict[str, Any]:
    """Return a profile as the API responds with it, from its parts."""
    current = _with_members(profile["id"], version, members)
    if extra is not None:
        current[ENTITLEMENTS] = [extra.detailed(each) for each in current[ENTITLEMENTS]]
    return {
        **profile,
        "current_version": current,
        "access_profiles_inherited": version[INHERITS],
        "access_profiles_inherited_by": list(heirs),
        "inherits_from_other_profiles": bool(version[INHERITS]),
        "inherited_by_other_profiles": bool(heirs),
        "member_details": member_details(profile, members),
        "access_request_policy_id": version["access_request_policy_id"],
    }


def member_details(profile: Document, members: Sequence[Document]) -> list[dict[str, Any]]:
    """Return members as the API responds with them."""
    return [
        {
            "access_profile_id": profile["id"],
            "access_profile_name": profile["name"],
            "identity_id": member["identity_id"],
            "identity_name": member["identity_name"],
            "created_from": member["created_from"],
            "workflow": member["workflow"],
        }
        for member in members
    ]


def _with_members(profile_id: str, version: Document, members: Sequence[Document]) -> dict[str, Any]:
    return {
        "access_profile_id": profile_id,
        **version,
        "members": list(dict.fromkeys(each["identity_id"] for each in members)),
    }
