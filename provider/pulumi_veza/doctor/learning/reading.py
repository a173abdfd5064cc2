"""The reads that a tenant is learned from: GET requests alone, and not many."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from typing_extensions import override

from pulumi_veza.client import filters
from pulumi_veza.client.client import Client
from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport import Transport
from pulumi_veza.doctor.learning.seen import (
    PAGE,
    Json,
    Seen,
    SizeAsked,
    VersionAsked,
    number,
    objects,
    values_of,
)
from pulumi_veza.errors import (
    ApiError,
    AuthenticationError,
    RefusedError,
    ResponseLostError,
    ServerError,
    UnexpectedResponseError,
    VezaError,
)

PAGES: Final = 5
"""How many pages of a listing are looked at."""
DETAILED_PAGES: Final = 3
"""How many pages with ``entity_extra_info``, and of another version, are looked at."""
ASKS: Final = 4
"""How often one request is repeated, to see what differs."""
MEMBER_LISTS: Final = 10
"""Of how many profiles the members are listed."""
VERSIONS: Final = 3
"""Of how many profiles another version is asked for."""
SMALL_PAGE: Final = 2
SECONDS: Final = 30.0
RETRIES: Final = 2

Progress = Callable[[str, int, int], None]
"""Called with what is read next, how many steps are done, and how many there are."""


class EnoughError(VezaError):
    """As many pages were read as are to be."""


class Recorder(Transport):
    """A transport that keeps the JSON of every response, and sends nothing but GET."""

    def __init__(self, settings: Settings, observe: Callable[[int, Mapping[str, str]], None] | None = None) -> None:
        super().__init__(settings, observe=observe)
        self._kept: list[Any] = []
        self._most = 0

    @contextmanager
    def keep(self, most: int) -> Iterator[list[Any]]:
        """Yield the list of the responses of the block, of which there are at most ``most``."""
        self._kept, self._most = [], most
        yield self._kept

    @override
    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | bool | None] | None = None,
        json: object = None,
        idempotent: bool,
        what: str,
        not_found: str | None = None,
    ) -> Any:
        if method != "GET":
            raise RefusedError(f"{what} was not sent: a tenant is learned by reads alone")
        if len(self._kept) >= self._most:
            raise EnoughError
        answer = super().request(
            method, path, params=params, json=json, idempotent=idempotent, what=what, not_found=not_found
        )
        self._kept.append(answer)
        return answer


def look(settings: Settings, progress: Progress = lambda *_: None) -> Seen:
    """Read what a tenant is learned from.

    What cannot be read by itself is in ``Seen.refused``.

    Args:
        settings: The tenant, the API key and the limits; time-outs and retries are bounded.
        progress: Called before each step.

    Raises:
        ApiError: the key is refused, or neither types nor profiles can be read.
        RequestError: the tenant cannot be reached.

    """
    bounded = replace(
        settings, timeout=min(settings.timeout, SECONDS), max_retries=min(settings.max_retries, RETRIES), page_size=PAGE
    )
    seen = Seen()
    recorder = Recorder(bounded, lambda _, headers: seen.headers.append(frozenset(map(str.lower, headers))))
    try:
        reads = _Reads(Client(transport=recorder), recorder, seen)
        steps = {
            "types": reads.read_types,
            "profiles": reads.read_profiles,
            "entitlements": reads.read_entitlements,
            "datasources": reads.read_datasources,
            "integrations": reads.read_integrations,
            "members": reads.read_members,
            "identities": reads.read_identities,
            "versions": reads.read_versions,
            "filters and pages": reads.read_filters_and_pages,
            "errors": reads.read_errors,
        }
        for done, (name, read) in enumerate(steps.items()):
            progress(name, done, len(steps))
            read()
        if {"types", "profiles"} <= reads.denied.keys():
            raise reads.denied["profiles"]
        return seen
    finally:
        recorder.close()


class _Reads:
    """The reads of one tenant."""

    def __init__(self, client: Client, recorder: Recorder, seen: Seen) -> None:
        self.seen = seen
        self.denied: dict[str, ApiError] = {}
        """By what was asked for, the error that the tenant answered."""
        self._given_up: set[str] = set()
        """What is not asked for again, as the tenant fails at it by itself."""
        self._client = client
        self._recorder = recorder

    def read_types(self) -> None:
        """Read the types, and their first page again."""
        pages = self._pages("types", self._client.list_access_profile_types, PAGES)
        self.seen.pages += pages
        self._sizes(PAGE, pages)
        self.seen.types += [each for page in pages for each in objects(values_of(page))]
        self._repeat("types", self._client.list_access_profile_types, pages)

    def read_profiles(self) -> None:
        """Read profiles, and their first page again."""
        pages = self._pages("profiles", self._client.list_access_profiles, PAGES)
        self.seen.pages += pages
        self.seen.profiles += [each for page in pages for each in objects(values_of(page))]
        self.seen.types_of_profiles = len({str(each.get("profile_type")) for each in self.seen.profiles})
        self._sizes(PAGE, pages)
        self._repeat("profiles", self._client.list_access_profiles, pages)

    def read_entitlements(self) -> None:
        """Read profiles with ``entity_extra_info``."""
        pages = self._pages(
            "profiles with entity_extra_info",
            lambda: self._client.list_access_profiles(entity_extra_info=True),
            DETAILED_PAGES,
        )
        self.seen.detailed += [page for page in pages if isinstance(page, Mapping)]

    def read_datasources(self) -> None:
        """Read the datasources, and their first page again."""
        pages = self._pages("datasources", self._client.list_lifecycle_manager_datasources, 1)
        self.seen.pages += pages
        self.seen.datasources += [each for page in pages for each in objects(values_of(page))]
        self._repeat("datasources", self._client.list_lifecycle_manager_datasources, pages)

    def read_integrations(self) -> None:
        """Read the integrations several times."""
        answers = [
            each for _ in range(ASKS) for each in self._pages("integrations", self._client.list_available_integrations)
        ]
        self.seen.repeated.append(
            [{"values": each.get("integrations")} for each in answers if isinstance(each, Mapping)]
        )

    def read_members(self) -> None:
        """List the members of some profiles, those of the largest one several times in a row."""
        listed = [(each, number(each.get("current_version_number"))) for each in self.seen.profiles if each.get("id")]
        most = sorted(listed, key=lambda pair: -_members_shown(pair[0]))[:MEMBER_LISTS]
        for index, (profile, version) in enumerate(most):
            answers: list[Any] = []
            for _ in range(1 if index else ASKS):
                answers += self._pages("members", lambda: self._members(profile, version))  # noqa: B023 - at once
            self.seen.member_lists.append(answers)

    def read_identities(self) -> None:
        """Read one member's identity."""
        who = next((str(each["identity_id"]) for each in self.seen.members if each.get("identity_id")), None)
        if who is not None:
            answers = self._pages("identities", lambda: [self._client.get_identity(who)])
            self.seen.identities += objects([each.get("value") for each in answers if isinstance(each, Mapping)])

    def read_versions(self) -> None:
        """List profiles that have a draft, or an earlier version, by that version's number."""
        drafts = [(each, number(each.get("draft_version_number")), True) for each in self.seen.profiles]
        earlier = [(each, number(each.get("current_version_number")) - 1, False) for each in self.seen.profiles]
        for profile, asked, draft in [each for each in [*drafts, *earlier] if each[1] > 0][:VERSIONS]:
            shown = self._shown(profile, asked)
            if shown is not None:
                current, told = (number(each) for each in (profile.get("current_version_number"), _number_of(shown)))
                self.seen.versions.append(VersionAsked(current, asked, draft, told or None))

    def read_filters_and_pages(self) -> None:
        """List profiles of one type alone, and a small page."""
        small = self._pages("profiles", lambda: self._client.list_access_profiles(page_size=SMALL_PAGE))
        self._sizes(SMALL_PAGE, small)
        wanted = next((str(each["profile_type"]) for each in self.seen.profiles if each.get("profile_type")), None)
        if wanted is None:
            return
        of_type = filters.eq("profile_type", wanted)
        for page in self._pages("filter", lambda: self._client.list_access_profiles(filter=of_type)):
            found = objects(values_of(page))
            self.seen.filtered = len(found), sum(each.get("profile_type") != wanted for each in found)

    def read_errors(self) -> None:
        """Ask for the members of a profile that does not exist."""
        self._pages("nothing", lambda: self._client.list_access_profile_members(str(uuid.uuid4()), 1))

    def _members(self, profile: Json, version: int) -> Iterable[Any]:
        return self._client.list_access_profile_members(str(profile["id"]), max(version, 1))

    def _shown(self, profile: Json, version: int) -> Json | None:
        """Return the version that a list with the parameter ``version`` shows of a profile."""
        of_type = filters.eq("profile_type", str(profile["profile_type"])) if profile.get("profile_type") else None
        pages = self._pages(
            "versions", lambda: self._client.list_access_profiles(version=version, filter=of_type), DETAILED_PAGES
        )
        found = (each for page in pages for each in objects(values_of(page)) if each.get("id") == profile.get("id"))
        shown = next(found, {}).get("current_version")
        return shown if isinstance(shown, Mapping) else None

    def _sizes(self, asked: int, pages: Iterable[Any]) -> None:
        for page in pages:
            more = isinstance(page, Mapping) and bool(page.get("has_more"))
            self.seen.sizes.append(SizeAsked(asked, len(values_of(page)), more))

    def _repeat(self, subject: str, listing: Callable[[], Iterable[Any]], pages: list[Any]) -> None:
        """Read the first page of a listing again, several times."""
        again = [each for _ in range(ASKS - 1) for each in self._pages(subject, listing) if pages]
        self.seen.repeated.append([*pages[:1], *again])

    def _pages(self, subject: str, listing: Callable[[], Iterable[Any]], most: int = 1) -> list[Any]:
        """Return the JSON of the first pages of a listing, as far as they can be read."""
        if subject in self._given_up:
            return []
        with self._recorder.keep(most) as answers:
            try:
                for _ in listing():
                    pass
            except EnoughError:
                pass
            except AuthenticationError:
                raise
            except ApiError as error:
                self.seen.errors.append(error)
                self.denied[subject] = error
                if isinstance(error, ServerError):
                    self._given_up.add(subject)
                self.seen.refused.setdefault(subject, f"the tenant answers {error.status}")
            except ResponseLostError:
                self._given_up.add(subject)
                self.seen.refused.setdefault(subject, "an answer did not arrive")
            except (UnexpectedResponseError, RefusedError):
                # What was JSON is among the answers all the same.
                self.seen.refused.setdefault(subject, "an answer cannot be read")
        return answers


def _number_of(version: Json) -> Any:
    return version.get("version_number", version.get("version"))


def _members_shown(profile: Json) -> int:
    version = profile.get("current_version")
    shown = [profile.get("member_details"), version.get("members") if isinstance(version, Mapping) else None]
    return max(len(each) if isinstance(each, list) else 0 for each in shown)
