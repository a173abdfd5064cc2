"""What is stored, as the API answers it: every documented field, with what is derived on reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pulumi_veza.simulator.datasources import Datasources
from pulumi_veza.simulator.rules import ENTITLEMENTS, INHERITS
from pulumi_veza.simulator.store import Document, Store


class Renderer:
    """Turns stored documents into answers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def type(self, kind: Document, datasources: Datasources) -> dict[str, Any]:
        """A type with ``profiles_count`` and the integrations of the entitlements it creates."""
        named = [datasources.known.get(each["datasource_id"], {}) for each in kind["create_entitlements"]]
        return {
            **kind,
            "profiles_count": self._store.profiles_count(kind["id"]),
            "integrations": sorted({each["provider_type"] for each in named if each}),
        }

    def profile(self, profile: Document) -> dict[str, Any]:
        """One profile with its current version."""
        return self.profiles([profile])[0]

    def profiles(
        self, profiles: Sequence[Document], *, version: int | None = None, extra: Datasources | None = None
    ) -> list[dict[str, Any]]:
        """Profiles with ``current_version``: version number ``version`` where there is one, else the current one.

        ``extra`` gives the entitlements what ``entity_extra_info=true`` adds.
        """
        ids = [profile["id"] for profile in profiles]
        versions = self._store.versions(ids)
        shown = {}
        for profile in profiles:
            has = versions[profile["id"]]
            shown[profile["id"]] = version if version in has else profile["current_version_number"]
        members = self._store.members_of([(key, number) for key, number in shown.items() if number])
        heirs = self._store.heirs(ids)
        answers = []
        for profile in profiles:
            key = profile["id"]
            document = versions[key][shown[key]]
            current = self.version(key, document, members[key])
            if extra is not None:
                current[ENTITLEMENTS] = [extra.detailed(each) for each in current[ENTITLEMENTS]]
            answers.append(
                {
                    **profile,
                    "current_version": current,
                    "access_profiles_inherited": document[INHERITS],
                    "access_profiles_inherited_by": heirs[key],
                    "inherits_from_other_profiles": bool(document[INHERITS]),
                    "inherited_by_other_profiles": bool(heirs[key]),
                    "member_details": [member_details(profile, each) for each in members[key]],
                    "access_request_policy_id": document["access_request_policy_id"],
                }
            )
        return answers

    def version(self, profile_id: str, version: Document, members: Sequence[Document] | None = None) -> dict[str, Any]:
        """A version with its members' ids."""
        if members is None:
            members = self._store.members(profile_id, version["version_number"])
        return {"access_profile_id": profile_id, **version, "members": [each["identity_id"] for each in members]}

    def members(self, profile: Document, number: int) -> list[dict[str, Any]]:
        """A version's members."""
        return [member_details(profile, each) for each in self._store.members(profile["id"], number)]


def member_details(profile: Document, member: Document) -> dict[str, Any]:
    """One member as the API answers it."""
    return {
        "access_profile_id": profile["id"],
        "access_profile_name": profile["name"],
        "identity_id": member["identity_id"],
        "identity_name": member["identity_name"],
        "created_from": member["created_from"],
        "workflow": member["workflow"],
    }
