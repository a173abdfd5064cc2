"""Lookups of objects in the tenant, for programs and notebooks: plain functions that return values, not outputs.

In a Pulumi program the settings are those of the running program's stack (``veza:url``, ``veza:apiKey``) and the
environment; elsewhere only those of the environment. An explicit provider has no effect on them: a lookup asks the
stack's tenant. Within one run of a program a lookup by name reuses the list of an earlier lookup, and lists again only
where that lacks the name; outside of a program, and in the other functions, every call sends requests.

Every function raises a `SettingsError` where a setting is missing or invalid, an `ApiError` when the API responds with
an error status, and a `RequestError` when no usable response arrives. An error that a program does not catch ends it
with one line, without a traceback.
"""

# ruff: noqa: A002  (``filter`` and ``id`` are the API's own names)

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

import pulumi

from pulumi_veza.client.settings import SETTINGS, Settings, load
from pulumi_veza.errors import LookupFailedError
from pulumi_veza.fields.spelling import composed
from pulumi_veza.provider.programs import in_one_line, misuse
from pulumi_veza.provider.session import GIVE_UP_FOR

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.lifecycle import Datasource, Identity
    from pulumi_veza.client.models import AccessProfile, AccessProfileType, Member


def _current() -> _Tenant:
    """Return the tenant that the settings of this moment name, as the running program sees it."""
    configured = load(_stack_configuration())
    program = pulumi.runtime.get_root_resource()
    if program is None:
        return _Tenant(_client_outside_of_programs(configured))
    with _lock:
        tenants = _of_program.setdefault(program, {})
        if configured not in tenants:
            tenants[configured] = _Tenant(_new_client(configured, give_up_for=GIVE_UP_FOR))
            if configured.left_aside:
                pulumi.log.warn(configured.left_aside)
        return tenants[configured]


def _new_client(configured: Settings, give_up_for: float) -> Client:
    # Only here, so that a program which looks nothing up loads neither httpx nor pydantic.
    from pulumi_veza.client.client import Client  # noqa: PLC0415
    from pulumi_veza.client.transport import Transport  # noqa: PLC0415

    return Client(transport=Transport(configured, give_up_for=give_up_for))


@lru_cache(maxsize=1)
def _client_outside_of_programs(configured: Settings) -> Client:
    """Return a client that holds connections and nothing of what the tenant answered."""
    return _new_client(configured, give_up_for=0)


def _stack_configuration() -> dict[str, str]:
    """Return the provider's part of the running program's configuration; outside of a program it is empty."""
    # An inline program's configuration is its own and cannot be listed; the others' is in the environment as well.
    listed = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    names = {*(setting.config_name for setting in SETTINGS), *(name for name in listed if name.startswith("veza:"))}
    values = {name: pulumi.runtime.get_config(name) for name in sorted(names)}
    return {name: str(value) for name, value in values.items() if value is not None}


@in_one_line
def get_access_profile_types() -> list[AccessProfileType]:
    """List the access profile types, as `Client.list_access_profile_types` yields them."""
    return list(_current().client.list_access_profile_types())


@in_one_line
def get_access_profile_type(*, name: str | None = None, id: str | None = None) -> AccessProfileType:
    """Return the access profile type with this name, or with this id; composed and decomposed accents are one name.

    Args:
        name: The name.
        id: The id, where several types bear one name: a type that was replaced stays in Veza under its name.

    Raises:
        LookupFailedError: there is none, or there are several; the message lists the candidates.

    """
    return _current().types.find("access profile type", name, id)


@in_one_line
def get_access_profiles(
    *, filter: object | None = None, include_requestable: bool | None = None, entity_extra_info: bool | None = None
) -> list[AccessProfile]:
    """List access profiles with their published versions, as `Client.list_access_profiles` yields them.

    Args:
        filter: An expression of ``pulumi_veza.filters``, or a SCIM filter as text; all profiles where it is left out.
        include_requestable: Add to each profile whether it can be requested.
        entity_extra_info: Add names and providers to the entitlements.

    """
    listed = _current().client.list_access_profiles(
        filter=None if filter is None else str(filter),
        include_requestable=include_requestable,
        entity_extra_info=entity_extra_info,
    )
    return list(listed)


@in_one_line
def get_access_profile(
    *, name: str | None = None, id: str | None = None, profile_type: str | None = None
) -> AccessProfile:
    """Return the access profile with this name, or with this id; composed and decomposed accents are one name.

    Args:
        name: The name, with the integration before it where the type adds that.
        id: The id, where several profiles bear one name.
        profile_type: The id of the profile's type; any type where it is left out.

    Raises:
        LookupFailedError: there is none, or there are several; the message lists the candidates.

    """
    return _current().profiles(profile_type).find("access profile", name, id)


@in_one_line
def get_access_profile_members(profile_id: str, version: int) -> list[Member]:
    """List the members of a version of a profile, one row for each source of a membership.

    Args:
        profile_id: The id of the profile.
        version: The number of the version, such as ``current_version_number`` of the profile.

    Raises:
        NotFoundError: there is no such profile or version.

    """
    return list(_current().client.list_access_profile_members(profile_id, version))


@in_one_line
def get_identity(identity_id: str) -> Identity:
    """Return an identity: its name, title, department, whether it is active, and its access profiles.

    Args:
        identity_id: The id that members have: the UUID of the identity within a policy of Lifecycle Management, not an
            e-mail address. The API finds nobody by one.

    Raises:
        NotFoundError: there is no identity of this id.

    """
    return _current().client.get_identity(identity_id)


@in_one_line
def get_available_integrations() -> list[str]:
    """List the integrations that access profiles can reach, such as ``SALESFORCE``."""
    return _current().client.list_available_integrations()


@in_one_line
def get_lifecycle_manager_datasources() -> list[Datasource]:
    """List the datasources that Lifecycle Management writes to, each with its name and provider type."""
    return list(_current().client.list_lifecycle_manager_datasources())


class _Named(Protocol):
    @property
    def id(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...


T = TypeVar("T", bound=_Named)

SHOWN = 10


class _SharedListing(Generic[T]):
    """A list that the first lookup reads. Thread-safe."""

    def __init__(self, read: Callable[[], Sequence[T]]) -> None:
        self._read = read
        self._lock = Lock()
        self._objects: Sequence[T] | None = None

    def find(self, what: str, name: str | None, id: str | None) -> T:
        """Return the one object with this name or id; where an earlier list lacks it, list again first.

        Raises:
            LookupFailedError: there is none, or there are several; the message lists the candidates.
            TypeError: neither of the two is given, or both are.

        """
        if (name is None) == (id is None):
            raise misuse(
                f"the lookup of an {what} needs one of name=... and id=..., and "
                + ("has neither" if name is None else "has both; leave out one of the two")
            )
        with self._lock:
            listed = self._objects
            if listed is None or not _matching(listed, name, id):
                listed = self._objects = self._read()
        return _only(listed, what, name, id)


class _Tenant:
    """A client of a tenant, with the lists that the lookups by name of one run share."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._lock = Lock()
        self._profiles: dict[str | None, _SharedListing[AccessProfile]] = {}
        self.types: _SharedListing[AccessProfileType] = _SharedListing(lambda: list(client.list_access_profile_types()))

    def profiles(self, profile_type: str | None) -> _SharedListing[AccessProfile]:
        """Return the list of one type's profiles; of all profiles where ``profile_type`` is None."""
        with self._lock:
            if profile_type not in self._profiles:
                self._profiles[profile_type] = _SharedListing(lambda: self._list_profiles(profile_type))
            return self._profiles[profile_type]

    def _list_profiles(self, profile_type: str | None) -> list[AccessProfile]:
        from pulumi_veza.client import filters  # noqa: PLC0415

        of_type = filters.eq("profile_type", profile_type) if profile_type else None
        return list(self.client.list_access_profiles(filter=of_type))


_lock = Lock()
_of_program: WeakKeyDictionary[pulumi.Resource, dict[Settings, _Tenant]] = WeakKeyDictionary()
"""The tenants by the stack's resource, which is one object for each run of a program, and by settings."""


def _matching(listed: Sequence[T], name: str | None, id: str | None) -> list[T]:
    """Return the objects of this id, or of exactly this name; if none, those that spell its accents otherwise."""
    if name is None:
        return [o for o in listed if o.id == id]
    exact = [o for o in listed if o.name == name]
    return exact or [o for o in listed if composed(o.name or "") == composed(name)]


def _only(listed: Sequence[T], what: str, name: str | None, id: str | None) -> T:
    found = _matching(listed, name, id)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(sorted(str(o.id) for o in found))
        raise LookupFailedError(f"{len(found)} {what}s are named {name!r}: {ids}; write id=... in place of name=...")
    if name is None:
        is_name = any(o.name == id for o in listed)
        advice = f"it is a name: write name={id!r}" if is_name else "check the id, or look it up by name=..."
        raise LookupFailedError(f"there is no {what} with the id {id!r}; {advice}")
    names = sorted({o.name for o in listed if o.name})
    near = difflib.get_close_matches(name, names, n=SHOWN) or names
    shown = ", ".join(repr(n) for n in near[:SHOWN]) + (f" and {len(near) - SHOWN} more" if len(near) > SHOWN else "")
    raise LookupFailedError(f"there is no {what} named {name!r}; there is {shown or 'none at all'}")
