"""Read everything of a tenant that its twin is made of; every request is a GET."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from pulumi_veza.client.parallel import as_answered
from pulumi_veza.errors import InvalidRequestError, NotFoundError, PermissionDeniedError, VezaError

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.lifecycle import Datasource, Identity
    from pulumi_veza.client.models import AccessProfile, AccessProfileType, AccessProfileVersion, Member

VersionKey: TypeAlias = "tuple[str, int]"
"""A profile's id and a version's number."""

Progress: TypeAlias = "Callable[[str, int, int | None], None]"
"""Called with what is being read, how many are read, and of how many; None where that is not known."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class TenantContent:
    """What was read of a tenant."""

    tenant: str
    types: list[AccessProfileType]
    profiles: list[AccessProfile]
    versions: Mapping[VersionKey, AccessProfileVersion]
    """The content of versions, the current ones among them."""
    members: Mapping[VersionKey, list[Member]]
    """By version, the rows of its member list: one for each source of a member."""
    datasources: list[Datasource]
    integrations: list[str] | None
    """None where they could not be read."""
    identities: Mapping[str, Identity]
    """What the tenant says of people, where it was asked."""
    unreadable: list[str]
    """A line for each part that could not be read: what, and why."""


_OF_ONE_PART: Final = (PermissionDeniedError, NotFoundError, InvalidRequestError)
"""What a tenant answers that has not that part, or does not show it to this key. With any other error the tenant itself
has failed, and what it would have answered is not known."""


@dataclass
class _Unreadable:
    """The parts that could not be read."""

    lines: list[str] = field(default_factory=list)

    def add(self, error: VezaError) -> None:
        """Record a failure that is about one part; raise any other."""
        if not isinstance(error, _OF_ONE_PART):
            raise error
        self.lines.append(str(error))


def _ignore(what: str, done: int, total: int | None) -> None:
    """Show no progress."""


def read(
    client: Client,
    progress: Progress = _ignore,
    *,
    also: Iterable[VersionKey] = (),
    identities: bool = False,
) -> TenantContent:
    """Read the types, profiles, current versions and drafts, members and datasources of a tenant.

    Every list is read once. Members cost one request for each version. A draft, or another version that is not the
    current one, is read with the lists' ``version`` parameter: one list for each number.

    Args:
        client: A client of the tenant.
        progress: Called as the work goes on.
        also: Versions to read beside the current ones and the drafts, such as those that a state names by number.
        identities: Whether to read the identity of every member as well, one request each.

    Raises:
        VezaError: the types or the profiles cannot be listed, or the tenant fails or cannot be reached. What else this
            key may not read, or the tenant has not, is a line of ``unreadable``.

    """
    failed = _Unreadable()
    types = _listed("Types", client.list_access_profile_types(), progress)
    profiles = _listed("Profiles", client.list_access_profiles(include_requestable=True), progress)
    known = {str(each.id) for each in profiles}
    wanted = {(profile, number) for profile, number in also if profile in known}
    versions = _versions(client, profiles, wanted, failed, progress)
    members = _members(client, profiles, versions, failed, progress)
    people = {str(row.identity_id): None for rows in members.values() for row in rows}
    return TenantContent(
        tenant=client.url,
        types=types,
        profiles=profiles,
        versions=versions,
        members=members,
        datasources=_attempted(
            lambda: _listed("Datasources", client.list_lifecycle_manager_datasources(), progress), failed
        )
        or [],
        integrations=_attempted(client.list_available_integrations, failed),
        identities=_each("People", people, client.get_identity, failed, progress) if identities else {},
        unreadable=failed.lines,
    )


def _attempted(call: Callable[[], R], failed: _Unreadable) -> R | None:
    try:
        return call()
    except VezaError as error:
        failed.add(error)
        return None


def _listed(what: str, pages: Iterable[T], progress: Progress) -> list[T]:
    found = []
    progress(what, 0, None)
    for each in pages:
        found.append(each)
        progress(what, len(found), None)
    progress(what, len(found), len(found))
    return found


def _versions(
    client: Client,
    profiles: Iterable[AccessProfile],
    also: Iterable[VersionKey],
    failed: _Unreadable,
    progress: Progress,
) -> dict[VersionKey, AccessProfileVersion]:
    """Return the current versions, as the list shows them, and the others, by one more list for each number."""
    found: dict[VersionKey, AccessProfileVersion] = {}
    wanted: defaultdict[int, set[str]] = defaultdict(set)
    names = {}
    for each in profiles:
        key = str(each.id)
        names[key] = each.name
        current = each.current_version
        if current is not None:
            found[key, current.version_number or each.current_version_number or 0] = current
        if each.draft_version_number:
            wanted[each.draft_version_number].add(key)
    for key, number in also:
        wanted[number].add(key)
    for number, keys in sorted(wanted.items()):
        missing = {key for key in keys if (key, number) not in found}
        if not missing:
            continue
        listed = _attempted(
            lambda number=number: _listed(  # type: ignore[misc]  # the variable of the loop, as it is now
                f"Versions {number}", client.list_access_profiles(version=number), progress
            ),
            failed,
        )
        if listed is None:
            continue
        shown = {str(each.id): each.current_version for each in listed}
        for key in sorted(missing):
            version = shown.get(key)
            if version is not None and version.version_number == number:
                found[key, number] = version
            else:
                failed.lines.append(
                    f"reading version {number} of access profile {names[key] or key!r}: this tenant does not answer "
                    "the version parameter for it"
                )
    return found


def _members(
    client: Client,
    profiles: Iterable[AccessProfile],
    versions: Iterable[VersionKey],
    failed: _Unreadable,
    progress: Progress,
) -> dict[VersionKey, list[Member]]:
    current = {(str(each.id), each.current_version_number) for each in profiles if each.current_version_number}
    wanted = sorted(key for key in {*versions, *current} if key[1] > 0)

    def listed(key: VersionKey) -> list[Member]:
        return [row for row in client.list_access_profile_members(*key) if row.identity_id]

    return _each("Member lists", wanted, listed, failed, progress)


def _each(
    what: str, keys: Iterable[T], read_one: Callable[[T], R], failed: _Unreadable, progress: Progress
) -> dict[T, R]:
    """Read something for every key, several at a time; return it by key, in the order of the keys."""
    ordered = list(keys)
    found: dict[T, R] = {}
    errors: dict[T, VezaError] = {}
    progress(what, 0, len(ordered))

    def read(key: T) -> R | VezaError:
        try:
            return read_one(key)
        except _OF_ONE_PART as error:
            return error

    for done, (key, answer) in enumerate(as_answered(read, ordered), 1):
        if isinstance(answer, VezaError):
            errors[key] = answer
        else:
            found[key] = answer
        progress(what, done, len(ordered))
    for key in ordered:
        if key in errors:
            failed.add(errors[key])
    return {key: found[key] for key in ordered if key in found}
