"""The endpoints of the Access Profiles API, one method each. No other module contains a path of the API.

>>> from pulumi_veza import filters
>>> with Client() as veza:  # the tenant and the key come from VEZA_URL and VEZA_API_KEY
...     for profile in veza.list_access_profiles(filter=filters.co("labels", "requestable")):
...         print(profile.name, profile.state)
"""

# ruff: noqa: A002  (``filter`` and ``id`` are the API's own names)

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Set
from types import TracebackType
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError
from typing_extensions import Self

from pulumi_veza.client.lifecycle import AccessRequestStatus, Datasource, Identity
from pulumi_veza.client.models import (
    AccessProfile,
    AccessProfileType,
    AccessProfileVersion,
    Integrations,
    Member,
    MembersUpdate,
    Page,
)
from pulumi_veza.client.paging import pages
from pulumi_veza.client.settings import Settings, load
from pulumi_veza.client.transport import Transport
from pulumi_veza.errors import RefusedError, UnexpectedResponseError, one_line

PROFILES: Final = "/api/private/lifecycle_management/access_profiles"
TYPES: Final = "/api/private/lifecycle_management/access_profiles_types"
INTEGRATIONS: Final = f"{PROFILES}:available_integrations"
IDENTITIES: Final = "/api/private/lifecycle_management/identities"
REQUESTS: Final = "/api/private/lifecycle_management/access_requests"
DATASOURCES: Final = "/api/v1/providers/datasources/lifecycle_managers"

MAX_PAGE_SIZE: Final = 100

NOT_AN_IDENTITY: Final = (
    "check the id: that of an identity is the UUID that members have, not an e-mail address or the id of another system"
)

Model = TypeVar("Model", bound=BaseModel)


class Client:
    """A client of one tenant, for programs, scripts and notebooks. Thread-safe.

    Without arguments it reads ``VEZA_URL`` and ``VEZA_API_KEY``. It is a context manager; `close` closes its
    connections.

    Every method raises an `ApiError` when the API responds with an error status and a `RequestError` when no usable
    response arrives, each with one readable line.

    Args:
        url: The tenant's address, such as ``https://TENANT.vezacloud.com``.
        api_key: The API key. Without one, that of the environment, unless the environment names another address.
        settings: Complete settings; nothing is read from the environment.
        transport: A transport to share, with its settings; `close` does not close it.
        overrides: Any other setting by its name in `Settings`, such as ``timeout=10``.

    Raises:
        SettingsError: a setting is missing or cannot be used.

    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        settings: Settings | None = None,
        transport: Transport | None = None,
        **overrides: float | str | None,
    ) -> None:
        arguments: dict[str, Any] = {"url": url, "api_key": api_key, **overrides}
        given = {name: value for name, value in arguments.items() if value is not None}
        self._owns_transport = transport is None
        if transport is None:
            transport = Transport(dataclasses.replace(settings, **given) if settings else load({}, arguments=given))
        self._transport = transport
        self._default_page_size = transport.settings.page_size
        self.profile_names: dict[str, str] = {}
        """By id, the names of the profiles that have been seen, which errors show beside their ids."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The normalised address of the tenant, such as ``https://acme.vezacloud.com``."""
        return self._transport.settings.url

    @property
    def requests_per_second(self) -> float | None:
        """How many requests a second may have; None where there is no limit."""
        return self._transport.settings.requests_per_second

    def close(self) -> None:
        """Close the connections."""
        if self._owns_transport:
            self._transport.close()

    def list_access_profile_types(
        self, *, filter: str | None = None, order_by: str | None = None, page_size: int | None = None
    ) -> Iterator[AccessProfileType]:
        """List the access profile types, page by page as they are consumed.

        Args:
            filter: A filter expression, see `pulumi_veza.client.filters`.
            order_by: The field to order by, in the API's own syntax.
            page_size: Objects in a page, at most 100; the setting ``pageSize`` where it is not given.

        """
        query = {"filter": filter, "order_by": order_by, "page_size": self._page_size(page_size)}
        return self._pages(AccessProfileType, TYPES, query, "listing the access profile types")

    def create_access_profile_type(self, fields: Mapping[str, Any]) -> AccessProfileType:
        """Create an access profile type from ``fields`` in the API's names; ``name`` is required.

        It is not sent again once it may have been carried out: when the response is lost, `ResponseLostError` is raised
        and the type may exist.
        """
        what = f"creating access profile type {_quoted(fields.get('name'))}"
        response = self._transport.request("POST", TYPES, json=dict(fields), idempotent=False, what=what)
        return _identified(_value(AccessProfileType, response, what), what, "value", changing=True)

    def list_access_profiles(
        self,
        *,
        filter: str | None = None,
        order_by: str | None = None,
        page_size: int | None = None,
        entity_extra_info: bool | None = None,
        include_requestable: bool | None = None,
        version: int | None = None,
        member_details: bool = True,
    ) -> Iterator[AccessProfile]:
        """List the access profiles with their published versions, page by page as they are consumed.

        Args:
            filter: A filter expression, see `pulumi_veza.client.filters`.
            order_by: The field to order by, in the API's own syntax.
            page_size: Objects in a page, at most 100; the setting ``pageSize`` where it is not given.
            entity_extra_info: Add names and providers to the entitlements.
            include_requestable: Add to each profile whether it can be requested.
            version: Return this version of each profile instead of the published one. The documents mention the
                parameter, but not how a tenant without it responds.
            member_details: Whether to read the members that the API lists in each profile. A profile may have many,
                and they have a list of their own, see `list_access_profile_members`.

        """
        query = {
            "filter": filter,
            "order_by": order_by,
            "page_size": self._page_size(page_size),
            "entity_extra_info": entity_extra_info,
            "include_requestable": include_requestable,
            "version": version,
        }
        without = frozenset[str]() if member_details else _MEMBER_DETAILS
        found = self._pages(AccessProfile, PROFILES, query, "listing the access profiles", without)
        return map(self._named, found)

    def create_access_profile(self, fields: Mapping[str, Any]) -> AccessProfile:
        """Create an access profile and its first version from ``fields`` in the API's names.

        ``name``, ``state`` and ``profile_type`` are required. It is not sent again once it may have been carried out:
        when the response is lost, `ResponseLostError` is raised and the profile may exist.
        """
        what = f"creating access profile {_quoted(fields.get('name'))}"
        response = self._transport.request("POST", PROFILES, json=dict(fields), idempotent=False, what=what)
        profile = self._named(_identified(_value(AccessProfile, response, what), what, "value", changing=True))
        if profile.current_version is not None or not response.get("version"):
            return profile
        version = _parsed(AccessProfileVersion, response["version"], what, within="version")
        added: dict[str, Any] = {"current_version": version}
        if profile.current_version_number is None and version.version_number is not None:
            added["current_version_number"] = version.version_number
        return profile.model_copy(update=added)

    def update_access_profile(self, id: str, fields: Mapping[str, Any]) -> AccessProfile:
        """Patch ``fields`` of an access profile, in the API's names; its versions are patched by themselves."""
        what = f"updating access profile {self._called(id)}"
        path = f"{PROFILES}/{_segment(id, what)}"
        response = self._transport.request("PATCH", path, json=dict(fields), idempotent=True, what=what)
        return self._named(_value(AccessProfile, response, what))

    def update_access_profile_version(
        self, id: str, version_number: int, fields: Mapping[str, Any]
    ) -> AccessProfileVersion:
        """Patch ``fields`` of a version of the access profile ``id``, in the API's names."""
        what = f"updating version {version_number} of access profile {self._called(id)}"
        path = _version_path(id, version_number, what)
        response = self._transport.request("PATCH", path, json=dict(fields), idempotent=True, what=what)
        return _value(AccessProfileVersion, response, what)

    def list_access_profile_members(self, id: str, version_number: int) -> Iterator[Member]:
        """List the members of a version of the access profile ``id``."""
        what = f"listing the members of version {version_number} of access profile {self._called(id)}"
        return self._pages(Member, f"{_version_path(id, version_number, what)}/members", {}, what)

    def update_access_profile_members(
        self, id: str, version_number: int, operation: Literal["ADD", "REMOVE"], identity_ids: Iterable[str]
    ) -> MembersUpdate:
        """Add identities to, or remove them from, a version of the access profile ``id``, in one request.

        A success can hold failures of single members: see ``access_requests`` in the response.
        """
        identities = list(identity_ids)
        doing = "adding {} to" if operation == "ADD" else "removing {} from"
        count = "1 member" if len(identities) == 1 else f"{len(identities)} members"
        what = f"{doing.format(count)} version {version_number} of access profile {self._called(id)}"
        path = f"{_version_path(id, version_number, what)}/members"
        body = {
            "access_profile_id": id,
            "version_number": version_number,
            "type": operation,
            "identity_ids": identities,
        }
        response = self._transport.request("PUT", path, json=body, idempotent=True, what=what)
        return _parsed(MembersUpdate, response, what)

    def list_available_integrations(self) -> list[str]:
        """List the integrations that access profiles can be about, such as ``SALESFORCE``."""
        what = "listing the available integrations"
        response = self._transport.request("GET", INTEGRATIONS, idempotent=True, what=what)
        return _parsed(Integrations, response, what, changing=False).integrations or []

    def list_lifecycle_manager_datasources(
        self, *, filter: str | None = None, order_by: str | None = None, page_size: int | None = None
    ) -> Iterator[Datasource]:
        """List the datasources that Lifecycle Management can provision, page by page as they are consumed.

        Args:
            filter: A filter expression.
            order_by: The field to order by, in the API's own syntax.
            page_size: Objects in a page, at most 100; the setting ``pageSize`` where it is not given.

        """
        query = {"filter": filter, "order_by": order_by, "page_size": self._page_size(page_size)}
        return self._pages(Datasource, DATASOURCES, query, "listing the lifecycle manager datasources")

    def get_lifecycle_manager_datasource(self, id: str) -> Datasource:
        """Return one datasource that Lifecycle Management can provision; raise `NotFoundError` where there is none."""
        what = f"reading lifecycle manager datasource {_quoted(id)}"
        response = self._transport.request("GET", f"{DATASOURCES}/{_segment(id, what)}", idempotent=True, what=what)
        return _value(Datasource, response, what, changing=False)

    def get_identity(self, id: str) -> Identity:
        """Return one identity: its name, title, department, whether it is active, and its access profiles.

        The ``id`` is that of `Member.identity_id`: the UUID of the identity within a policy of Lifecycle Management. No
        call of the API finds an identity by an e-mail address.

        Raises:
            NotFoundError: there is no identity of this id.

        """
        what = f"reading identity {_quoted(id)}"
        response = self._transport.request(
            "GET", f"{IDENTITIES}/{_segment(id, what)}", idempotent=True, what=what, not_found=NOT_AN_IDENTITY
        )
        return _value(Identity, response, what, changing=False)

    def get_access_request(self, id: str) -> AccessRequestStatus:
        """Return an access request, such as a change of members opens, with its state and plans.

        The ``id`` is that of `AccessRequest.id`.

        Raises:
            NotFoundError: there is no access request of this id, or not any more.

        """
        what = f"reading access request {_quoted(id)}"
        response = self._transport.request("GET", f"{REQUESTS}/{_segment(id, what)}", idempotent=True, what=what)
        return _parsed(AccessRequestStatus, response, what, changing=False)

    def _named(self, profile: AccessProfile) -> AccessProfile:
        if profile.id and profile.name:
            self.profile_names[profile.id] = profile.name
        return profile

    def _called(self, id: object) -> str:
        name = self.profile_names.get(id) if isinstance(id, str) else None
        return f"{_quoted(name)} ({id})" if name and name != id else _quoted(id)

    def _page_size(self, given: int | None) -> int:
        if given is None:
            return self._default_page_size
        if not 1 <= given <= MAX_PAGE_SIZE:
            raise RefusedError(f"a page_size of {given} is not possible: give one from 1 to {MAX_PAGE_SIZE}")
        return given

    def _pages(
        self,
        model: type[Model],
        path: str,
        query: Mapping[str, str | int | bool | None],
        what: str,
        without: Set[str] = frozenset(),
    ) -> Iterator[Model]:
        """Yield the objects of all pages; the fields in ``without`` are left out before anything reads them."""

        def ask(token: str | None) -> Page[Model]:
            response = self._transport.request(
                "GET", path, params={**query, "page_token": token}, idempotent=True, what=what
            )
            if without:
                _leave_out(response, without)
            page: Page[Model] = _parsed(Page[model], response, what, changing=False)  # type: ignore[valid-type]
            return page

        for values in pages(ask, what):
            for index, value in enumerate(values):
                yield _identified(value, what, f"values.{index}", changing=False)


_MEMBER_DETAILS: Final = frozenset({"member_details"})


def _leave_out(response: Any, fields: Set[str]) -> None:
    """Remove fields from the objects of a page, in whatever envelope it is."""
    values = response.get("values") if isinstance(response, dict) else response
    for each in values if isinstance(values, list) else ():
        if isinstance(each, dict):
            for name in fields & each.keys():
                del each[name]


def _quoted(name: object) -> str:
    return f'"{one_line(str(name), longest=100)}"'


def _segment(id: str, what: str) -> str:
    """Encode an id as one segment of a path; refuse what could become another path."""
    if not isinstance(id, str) or id in {"", ".", ".."}:
        raise RefusedError(f"{what} was not sent: {id!r} is not an id")
    try:
        return quote(id, safe="")
    except UnicodeEncodeError:
        raise RefusedError(f"{what} was not sent: {id!r} is not valid Unicode text") from None


def _version_path(id: str, version_number: int, what: str) -> str:
    if isinstance(version_number, bool) or not isinstance(version_number, int) or version_number < 1:
        raise RefusedError(f"{what} was not sent: versions are numbered from 1")
    return f"{PROFILES}/{_segment(id, what)}/versions/{version_number}"


def _value(model: type[Model], response: Any, what: str, *, changing: bool = True) -> Model:
    value = response.get("value") if isinstance(response, Mapping) else None
    if not value:
        remedy = "look whether it was carried out" if changing else "the API may have changed"
        error = UnexpectedResponseError(f"{what} failed: the answer has no value; {remedy}")
        error.maybe_done = changing
        raise error
    return _parsed(model, value, what, within="value", changing=changing)


def _identified(value: Model, what: str, place: str, *, changing: bool) -> Model:
    """Return the object; refuse one without an id, as leaving it out would make it seem deleted."""
    if isinstance(value, (AccessProfile, AccessProfileType)) and not value.id:
        raise _unreadable(what, f"{place}.id", "Field required", changing=changing)
    return value


def _parsed(model: type[Model], data: Any, what: str, *, within: str = "", changing: bool = True) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
        place, reason = [str(each) for each in first["loc"]], first["msg"]
    except RecursionError:
        place, reason = [], "it is nested too deeply"
    raise _unreadable(what, ".".join([*([within] if within else []), *place]) or "the whole", reason, changing=changing)


def _unreadable(what: str, place: str, reason: str, *, changing: bool) -> UnexpectedResponseError:
    error = UnexpectedResponseError(
        f"{what} failed: the answer cannot be read at {place} ({reason}): the API may have changed; look for a newer "
        "pulumi-veza"
    )
    error.maybe_done = changing
    return error
