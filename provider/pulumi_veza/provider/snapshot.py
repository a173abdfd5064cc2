"""What the tenant holds, read once per run and shared by every read, adoption check and lookup.

The lists are pulled page by page and only as far as a question needs. A tenant of a page or two is read whole; in a
larger one the questions are answered per profile type, which is a documented filter. Whatever this run writes is
written through, so nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import RLock
from typing import Any

from pulumi_veza.client import filters, models
from pulumi_veza.client.client import Client
from pulumi_veza.errors import UnexpectedResponseError

JsonObject = dict[str, Any]

SMALL = 200
"""Up to so many profiles the whole list is read at once: two pages of the API's largest size."""


LISTS = ("entities_to_create_relationships_to", "inherit_entities_from_access_profiles")

VERSION_FIELDS = frozenset(
    {
        *LISTS,
        "access_request_policy_id",
        "application_datasource_id",
        "application_sync_identity_action",
    }
)
"""The fields of a profile's POST that its first version holds."""


class _Listing:
    """One list of profiles, pulled as far as was needed so far."""

    def __init__(self, start: Callable[[], Iterator[models.AccessProfile]]) -> None:
        self._start = start
        self._profiles = start()
        self.pulled = 0
        self.complete = False

    def pull(self) -> JsonObject | None:
        """Give the next profile, or None at the end."""
        try:
            profile = next(self._profiles, None)
        except BaseException:
            # A generator that raised is at its end; without a new start the half list would pass for a complete one.
            self._profiles = self._start()
            self.pulled = 0
            raise
        if profile is None:
            self.complete = True
            return None
        self.pulled += 1
        return with_lists(models.as_received(profile))


def with_lists(listed: JsonObject) -> JsonObject:
    """Give a profile of a list, where a version that is shown at all is shown with both of its lists.

    A list that is left out there is therefore an empty one, as protobuf's JSON may leave out what is empty.
    """
    version = listed.get("current_version")
    if version:
        listed["current_version"] = {**{name: [] for name in LISTS}, **version}
    return listed


class Snapshot:
    """The tenant's types, profiles and members, as dictionaries in the API's names; an absent field is unknown."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # One lock while a list is being pulled: the threads that wait for it want the same pages.
        self._lock = RLock()
        self._types: dict[str, JsonObject] | None = None
        self._profiles: dict[str, JsonObject] = {}
        self._type_of: dict[str, str] = {}
        self._all: _Listing | None = None
        self._of_type: dict[str, _Listing] = {}
        self._versions: dict[tuple[str, int], JsonObject] = {}

    # Types

    def types(self) -> list[JsonObject]:
        """List every access profile type."""
        with self._lock:
            if self._types is None:
                self._types = {t["id"]: t for t in map(models.as_received, self._client.list_access_profile_types())}
            return list(self._types.values())

    def profile_type(self, type_id: str) -> JsonObject | None:
        """Give one type, or None when a complete list lacks it."""
        return next((t for t in self.types() if t.get("id") == type_id), None)

    def create_type(self, body: JsonObject) -> JsonObject:
        """Create a type and write it through."""
        made = {**body, **models.as_received(self._client.create_access_profile_type(body))}
        with self._lock:
            self.types()
            if self._types is not None:
                self._types[made["id"]] = made
        return made

    def refresh_types(self) -> None:
        """Forget the types: the next question lists them again."""
        with self._lock:
            self._types = None

    # Profiles

    def profile(self, profile_id: str, profile_type: str | None = None) -> JsonObject | None:
        """Give one profile, or None when a complete list lacks it.

        ``profile_type`` is where it was last seen; it may have changed its type since, so a profile that its type's
        list lacks is looked for in all of them.
        """
        with self._lock:
            found = self._profiles.get(profile_id) or self._pull_all(profile_id, SMALL)
            hint = profile_type or self._type_of.get(profile_id)
            if found is None and hint and not self._listing().complete:
                found = self._pull(self._listing(hint), profile_id)
            return found or self._pull_all(profile_id)

    def profiles_named(self, name: str, profile_type: str) -> list[JsonObject]:
        """Give every profile of a type that bears this exact name."""
        with self._lock:
            self._pull_all(None, SMALL)
            if not self._listing().complete:
                self._pull(self._listing(profile_type), None)
            seen = self._profiles.values()
            exact = [p for p in seen if p.get("name") == name and p.get("profile_type") == profile_type]
            return exact or [p for p in seen if p.get("profile_type") == profile_type and self.bears_name(p, name)]

    def bears_name(self, profile: JsonObject, name: str, *, ours: bool = False) -> bool:
        """Tell whether a profile has this name, be it with the integration before it where its type asks for that.

        A short answer does not say what the type asks for. Of a profile that is ``ours`` already the benefit of the
        doubt avoids a change that nobody made; a stranger would be taken for another.
        """
        held = profile.get("name") or ""
        if held == name or not held.endswith(name):
            return bool(held == name)
        of_type = self.profile_type(profile.get("profile_type", "")) or {}
        before = held.removesuffix(name).strip(" -_:/").casefold()
        integrations = {str(i).casefold() for i in profile.get("integrations") or ()}
        return bool(of_type.get("add_integration_prefix_to_access_profile_names", ours)) and before in integrations

    def create_profile(self, body: JsonObject) -> JsonObject:
        """Create a profile and write it through, with what was sent where the answer is a short one."""
        answer = models.as_received(self._client.create_access_profile(body))
        metadata = {k: v for k, v in body.items() if k not in VERSION_FIELDS}
        version = {k: v for k, v in body.items() if k in VERSION_FIELDS}
        made = {"current_version_number": 1, **metadata, **answer}
        made["current_version"] = {**version, **(answer.get("current_version") or {})}
        with self._lock:
            self._profiles[made["id"]] = made
        return made

    def update_profile(self, profile_id: str, body: JsonObject) -> JsonObject:
        """Change a profile's metadata and write it through; what the answer lacks keeps the value seen before."""
        answer = models.as_received(self._client.update_access_profile(profile_id, body))
        with self._lock:
            merged = {**self._profiles.get(profile_id, {}), **body, **answer, "id": profile_id}
            self._profiles[profile_id] = merged
        return merged

    def update_version(self, profile_id: str, number: int, body: JsonObject) -> JsonObject:
        """Change a version's content and write it through, into the profile whose current version it is."""
        answer = models.as_received(self._client.update_access_profile_version(profile_id, number, body))
        with self._lock:
            profile = self._profiles.get(profile_id, {})
            current = profile.get("current_version_number") == number
            seen = (profile.get("current_version") if current else self._versions.get((profile_id, number))) or {}
            merged = {**seen, **body, **answer}
            if current:
                profile["current_version"] = merged
            else:
                self._versions[profile_id, number] = merged
        return merged

    def forget(self, profile_id: str) -> None:
        """Drop a profile that the API says is gone."""
        with self._lock:
            self._profiles.pop(profile_id, None)

    def refresh_profiles(self) -> None:
        """Forget the profiles: the next question lists them again."""
        with self._lock:
            self._profiles.clear()
            self._versions.clear()
            self._of_type.clear()
            self._all = None

    def remember_type(self, profile_id: str, profile_type: str) -> None:
        """Note the type a profile was last seen with, so that a later question need not list every type."""
        with self._lock:
            self._type_of[profile_id] = profile_type

    def version(self, profile: JsonObject, number: int) -> JsonObject:
        """Give the content of one version of a profile.

        Raises UnexpectedResponseError where the tenant does not answer the ``version`` parameter for it.
        """
        if number == profile.get("current_version_number"):
            return profile.get("current_version") or {}
        key = (profile["id"], number)
        with self._lock:
            if key not in self._versions:
                self._versions[key] = self._read_version(profile, number)
            return self._versions[key]

    def _read_version(self, profile: JsonObject, number: int) -> JsonObject:
        profile_type = profile.get("profile_type")
        of_type = filters.eq("profile_type", profile_type) if profile_type else None
        for listed in self._client.list_access_profiles(filter=of_type, version=number):
            if listed.id == profile["id"]:
                version = with_lists(models.as_received(listed)).get("current_version") or {}
                if version.get("version_number") == number:
                    return version
                break
        raise UnexpectedResponseError(
            f"reading version {number} of access profile {profile.get('name') or profile['id']!r}: this tenant does "
            f'not answer the version parameter for it; manage version="current" instead, or check the number'
        )

    def _listing(self, profile_type: str | None = None) -> _Listing:
        if profile_type is None:
            if self._all is None:
                self._all = _Listing(self._client.list_access_profiles)
            return self._all
        if profile_type not in self._of_type:
            of_type = filters.eq("profile_type", profile_type)
            self._of_type[profile_type] = _Listing(partial(self._client.list_access_profiles, filter=of_type))
        return self._of_type[profile_type]

    def _pull_all(self, profile_id: str | None, limit: int | None = None) -> JsonObject | None:
        return self._pull(self._listing(), profile_id, limit)

    def _pull(self, listing: _Listing, profile_id: str | None, limit: int | None = None) -> JsonObject | None:
        while not listing.complete and (limit is None or listing.pulled < limit):
            listed = listing.pull()
            if listed is None:
                break
            # What this run wrote is newer than what a list that began earlier says.
            known = self._profiles.setdefault(listed["id"], listed)
            if listed["id"] == profile_id:
                return known
        return None
