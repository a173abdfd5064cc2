"""A cache of the tenant's objects for one run, shared by every read, adoption check and lookup.

Lists are read page by page, and only as far as they are needed. A tenant of one page is read completely; in a
larger one, profiles are listed by profile type, which is a documented filter. Every write updates the cache, so nothing
is read twice.

Objects are dictionaries under the API's names, where an absent field is unknown. Threads share them, so an update of
the cache replaces an object and never changes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from functools import partial
from threading import Lock, RLock

from pulumi_veza.client import filters, models
from pulumi_veza.client.client import Client
from pulumi_veza.errors import UnexpectedResponseError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.provider.absence import FIRST_VERSION, Absences
from pulumi_veza.provider.member_lists import MemberLists
from pulumi_veza.provider.name_index import NameIndex
from pulumi_veza.rules.identity import named

SMALL = 100
"""Profiles up to which the whole list is read: a page of the API's largest size."""


LISTS = ("entities_to_create_relationships_to", "inherit_entities_from_access_profiles")
"""The lists of a version, in the API's names."""


class _ProfileListing:
    """One list of profiles, read as far as needed. A caller must hold its ``lock``."""

    def __init__(self, start: Callable[[], Iterator[models.AccessProfile]]) -> None:
        self.lock = Lock()
        self._start = start
        self._profiles = start()
        self.pulled = 0
        self.complete = False

    def pull(self) -> JsonObject | None:
        """Return the next profile, or None at the end."""
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
    """Return a listed profile with both lists in its version, if the response contains the version.

    A list that the version omits is empty, as protobuf's JSON may omit empty lists.
    """
    version = listed.get("current_version")
    return {**listed, "current_version": {**{name: [] for name in LISTS}, **version}} if version else listed


class _Profiles:
    """The profiles and versions that were read or written since the last refresh.

    ``lock`` guards the dictionaries and is never held during a request. Each list has its own lock, so only threads
    that need the same pages wait for each other.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.lock = RLock()
        self.by_id: dict[str, JsonObject] = {}
        self.names = NameIndex()
        self.versions: dict[tuple[str, int], JsonObject] = {}
        self.version_locks: defaultdict[tuple[str, int], Lock] = defaultdict(Lock)
        self._listings: dict[str | None, _ProfileListing] = {}

    def put(self, profile: JsonObject) -> None:
        """Add or replace a profile. A caller must hold ``lock``."""
        if (known := self.by_id.get(profile["id"])) is not None:
            self.names.discard(known)
        self.by_id[profile["id"]] = profile
        self.names.add(profile)

    def pop(self, profile_id: str) -> None:
        """Remove a profile, if it is known. A caller must hold ``lock``."""
        if (known := self.by_id.pop(profile_id, None)) is not None:
            self.names.discard(known)

    def listing(self, profile_type: str | None = None) -> _ProfileListing:
        """Return the list of one type's profiles; of all profiles where ``profile_type`` is None."""
        with self.lock:
            if profile_type not in self._listings:
                of_type = filters.eq("profile_type", profile_type) if profile_type is not None else None
                self._listings[profile_type] = _ProfileListing(
                    partial(self._client.list_access_profiles, filter=of_type, member_details=False)
                )
            return self._listings[profile_type]

    def pull(
        self, listing: _ProfileListing, profile_id: str | None = None, limit: int | None = None
    ) -> JsonObject | None:
        """Read a list up to a profile, up to ``limit`` profiles, or to its end; return the profile if it was found."""
        while True:
            with listing.lock:
                # Another thread may have read it while this one waited for the lock.
                if profile_id is not None and profile_id in self.by_id:
                    return self.by_id[profile_id]
                if listing.complete or (limit is not None and listing.pulled >= limit):
                    return None
                listed = listing.pull()
                if listed is not None:
                    with self.lock:
                        # What this run wrote is newer than what a list that began earlier says.
                        if listed["id"] not in self.by_id:
                            self.put(listed)


class Snapshot:
    """The tenant's types, profiles and versions, under the API's names. Thread-safe."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._types_lock = RLock()
        self._types: dict[str, JsonObject] | None = None
        self._profiles = _Profiles(client)
        self._type_of: dict[str, str] = {}
        self.member_lists = MemberLists(client)
        self.absences = Absences(client)
        """What the second witnesses say of objects that a list lacks."""

    # Types

    def types(self) -> list[JsonObject]:
        """List every access profile type."""
        with self._types_lock:
            if self._types is None:
                self._types = {t["id"]: t for t in map(models.as_received, self._client.list_access_profile_types())}
            return list(self._types.values())

    def profile_type(self, type_id: str) -> JsonObject | None:
        """Return a type, or None where a complete list lacks it, which does not prove that it is gone."""
        return next((t for t in self.types() if t.get("id") == type_id), None)

    def create_type(self, body: JsonObject) -> JsonObject:
        """Create a type and cache it; fields that the response omits have the values that were sent."""
        made = {**body, **models.as_received(self._client.create_access_profile_type(body))}
        with self._types_lock:
            self._types = {**{t["id"]: t for t in self.types()}, made["id"]: made}
        return made

    def refresh_types(self) -> None:
        """Drop the types from the cache, so that they are listed again."""
        with self._types_lock:
            self._types = None

    # Profiles

    def profile(self, profile_id: str, profile_type: str | None = None) -> JsonObject | None:
        """Return a profile, or None where a complete list lacks it, which does not prove that it is gone.

        ``profile_type`` is the profile's type when it was last read. The type may have changed since, so a profile that
        the list of that type lacks is looked for among all profiles.
        """
        profiles = self._profiles
        everything = profiles.listing()
        found = profiles.by_id.get(profile_id) or profiles.pull(everything, profile_id, SMALL)
        hint = profile_type or self._type_of.get(profile_id)
        if found is None and hint and not everything.complete:
            found = profiles.pull(profiles.listing(hint), profile_id)
        return found or profiles.pull(everything, profile_id)

    def profiles(self) -> list[JsonObject]:
        """List every profile."""
        profiles = self._profiles
        profiles.pull(profiles.listing())
        with profiles.lock:
            return list(profiles.by_id.values())

    def profile_of_type(self, profile_type: str) -> JsonObject | None:
        """Return any profile of a type, or None where the lists have none."""
        profiles = self._profiles
        profiles.pull(profiles.listing(), limit=SMALL)
        if not profiles.listing().complete:
            profiles.pull(profiles.listing(profile_type), limit=1)
        with profiles.lock:
            return next((p for p in profiles.by_id.values() if p.get("profile_type") == profile_type), None)

    def profiles_named(
        self, name: str, profile_type: str, alike: Callable[[JsonObject], bool] = lambda _: False
    ) -> list[JsonObject]:
        """Return the profiles of a type that a name of the program means; `rules.identity.named` says which."""
        profiles = self._profiles
        profiles.pull(profiles.listing(), limit=SMALL)
        if not profiles.listing().complete:
            profiles.pull(profiles.listing(profile_type))
        with profiles.lock:
            candidates = [profiles.by_id[each] for each in profiles.names.find(profile_type, name)]
        return named(candidates, name, partial(self.profile_type, profile_type), alike)

    def create_profile(self, body: JsonObject, content: Collection[str] = ()) -> JsonObject:
        """Create a profile and cache it; fields that the response omits have the values that were sent.

        ``content`` lists the fields of ``body`` that belong to the first version.
        """
        response = models.as_received(self._client.create_access_profile(body))
        metadata = {k: v for k, v in body.items() if k not in content}
        version = {k: v for k, v in body.items() if k in content}
        made = {"current_version_number": 1, **metadata, **response}
        made["current_version"] = {**version, **(response.get("current_version") or {})}
        profiles = self._profiles
        with profiles.lock:
            # A response that shows an object which was there before has made nothing.
            if made["id"] not in profiles.by_id and made["current_version_number"] == FIRST_VERSION:
                self.member_lists.profile_made(made["id"])
            profiles.put(made)
        return made

    def update_profile(self, profile_id: str, body: JsonObject) -> JsonObject:
        """Patch a profile's metadata and cache it; fields that the response omits keep their last known values."""
        response = models.as_received(self._client.update_access_profile(profile_id, body))
        profiles = self._profiles
        with profiles.lock:
            merged = {**profiles.by_id.get(profile_id, {}), **body, **response, "id": profile_id}
            profiles.put(merged)
        return merged

    def update_version(self, profile_id: str, number: int, body: JsonObject) -> JsonObject:
        """Patch a version's content and cache it, in the profile where the version is the current one."""
        response = models.as_received(self._client.update_access_profile_version(profile_id, number, body))
        profiles = self._profiles
        with profiles.lock:
            profile = profiles.by_id.get(profile_id, {})
            current = profile.get("current_version_number") == number
            known = profile.get("current_version") if current else profiles.versions.get((profile_id, number))
            merged = {**(known or {}), **body, **response}
            if current:
                profiles.put({**profile, "id": profile_id, "current_version": merged})
            else:
                profiles.versions[profile_id, number] = merged
        return merged

    def forget(self, profile_id: str) -> None:
        """Drop a profile from the cache, after the API responded that it does not exist."""
        profiles = self._profiles
        with profiles.lock:
            profiles.pop(profile_id)

    def refresh_profiles(self) -> None:
        """Drop the profiles from the cache, so that they are listed again; a list in progress fills the old cache."""
        self._profiles = _Profiles(self._client)

    def remember_type(self, profile_id: str, profile_type: str) -> None:
        """Record a profile's type when it was last read, so that `profile` can list that type alone."""
        self._type_of[profile_id] = profile_type

    def version(self, profile: JsonObject, number: int) -> JsonObject:
        """Return the content of one version of a profile.

        Raises:
            UnexpectedResponseError: the tenant does not support the ``version`` parameter for it.

        """
        profiles = self._profiles
        if number == profile.get("current_version_number"):
            known = profiles.by_id.get(profile["id"], {})
            newest = known if known.get("current_version_number") == number else profile
            return newest.get("current_version") or {}
        key = (profile["id"], number)
        with profiles.lock:
            lock = profiles.version_locks[key]
        with lock:
            if key not in profiles.versions:
                read = self._read_version(profile, number)
                with profiles.lock:
                    # What this run wrote in the meantime is newer.
                    profiles.versions.setdefault(key, read)
            return profiles.versions[key]

    def _read_version(self, profile: JsonObject, number: int) -> JsonObject:
        profile_type = profile.get("profile_type")
        of_type = filters.eq("profile_type", profile_type) if profile_type else None
        for listed in self._client.list_access_profiles(filter=of_type, version=number, member_details=False):
            if listed.id == profile["id"]:
                version = with_lists(models.as_received(listed)).get("current_version") or {}
                if version.get("version_number") == number:
                    return version
                break
        raise UnexpectedResponseError(
            f"reading version {number} of access profile {profile.get('name') or profile['id']!r}: this tenant does "
            f'not answer the version parameter for it; manage version="current" instead, or check the number'
        )
