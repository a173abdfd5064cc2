"""The control API under ``/_simulator``: for tests and demonstrations, from this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from veza_simulator import access_requests, behind, seed_schema
from veza_simulator.access import effective_access
from veza_simulator.faults import FaultRule, Faults
from veza_simulator.keys import Key, Keys
from veza_simulator.problems import RefusedRequestError, not_found
from veza_simulator.quirks import Quirks
from veza_simulator.request_log import RequestLog
from veza_simulator.requests import Model, parse_json_object, problem_of
from veza_simulator.seeding import Seed, seed
from veza_simulator.tenant import Tenant

Handler = Callable[[Request], Awaitable[Any]]


class Wait(BaseModel):
    """What to wait for: this many hits and held calls, for at most ``timeout`` seconds."""

    model_config = ConfigDict(extra="forbid")

    hits: int = 0
    holding: int = 0
    timeout: float = 30


class Release(BaseModel):
    """How held calls go on: ``drop`` resets their connection instead of going on."""

    model_config = ConfigDict(extra="forbid")

    drop: bool = False


class Control:
    """The handlers of the control API."""

    def __init__(self, tenant: Tenant, keys: Keys, log: RequestLog, faults: Faults) -> None:
        self._tenant = tenant
        self._keys = keys
        self._log = log
        self._faults = faults

    async def health(self, request: Request) -> Any:  # noqa: ARG002 - every handler is called alike
        """``GET health``."""
        return {"status": "ok"}

    async def reset(self, request: Request) -> Any:  # noqa: ARG002
        """``POST reset``: an empty tenant, no faults, the keys of the start, default switches, an empty log."""
        self._faults.clear()
        self._keys.clear()
        self._tenant.reset()
        self._log.clear()
        return {}

    async def seed(self, request: Request) -> Any:
        """``POST seed``."""
        return seed(self._tenant, await _parsed(request, Seed))

    async def seed_schema(self, request: Request) -> Any:  # noqa: ARG002
        """``GET seed-schema``: the JSON schema of a seed."""
        return seed_schema.published()

    async def state(self, request: Request) -> Any:  # noqa: ARG002
        """``GET state``: everything that the tenant holds."""
        store, render = self._tenant.store, self._tenant.render
        datasources = self._tenant.datasources()
        profiles = []
        for profile in store.everything("profiles"):
            versions = store.versions([profile["id"]])[profile["id"]]
            profiles.append(
                {
                    **render.profile(profile),
                    "versions": [
                        {
                            **render.version(profile["id"], version),
                            "member_details": render.members(profile, number),
                        }
                        for number, version in versions.items()
                    ],
                }
            )
        return {
            "integrations": self._tenant.integrations,
            "identities": store.identities(),
            "datasources": list(datasources.known.values()),
            "types": [render.type(kind, datasources) for kind in store.everything("types")],
            "profiles": profiles,
            "access_requests": store.access_requests(),
            "quirks": self._tenant.quirks.model_dump(),
        }

    async def access(self, request: Request) -> Any:  # noqa: ARG002
        """``GET access``: who effectively has what."""
        return effective_access(self._tenant)

    async def access_requests(self, request: Request) -> Any:  # noqa: ARG002
        """``GET access_requests``."""
        return {"values": self._tenant.store.access_requests()}

    async def change_access_request(self, request: Request) -> Any:
        """``PATCH access_requests/{id}``: moves it to a state."""
        wanted = await _parsed(request, access_requests.RequestChange)
        access_requests.change(self._tenant, _path(request, "id"), wanted)
        return {}

    async def forget_access_request(self, request: Request) -> Any:
        """``DELETE access_requests/{id}``: the tenant does not know it any more."""
        access_requests.forget(self._tenant, _path(request, "id"))
        return {}

    async def requests(self, request: Request) -> Any:  # noqa: ARG002
        """``GET requests``: the log."""
        return {"values": self._log.entries()}

    async def clear_requests(self, request: Request) -> Any:  # noqa: ARG002
        """``DELETE requests``."""
        self._log.clear()
        return {}

    async def quirks(self, request: Request) -> Any:  # noqa: ARG002
        """``GET quirks``."""
        return self._tenant.quirks.described()

    async def set_quirks(self, request: Request) -> Any:
        """``PUT quirks``: sets those that the body names."""
        changes = parse_json_object(await request.body())
        self._tenant.quirks = _validated(Quirks, {**self._tenant.quirks.model_dump(), **changes})
        return self._tenant.quirks.described()

    async def keys(self, request: Request) -> Any:  # noqa: ARG002
        """``GET keys``: those that were put."""
        return {"values": [each.model_dump() for each in self._keys.put_keys()]}

    async def put_key(self, request: Request) -> Any:
        """``PUT keys``: accepts a key, with what it may see and do."""
        key = await _parsed(request, Key)
        self._keys.put(key)
        return key.model_dump()

    async def clear_keys(self, request: Request) -> Any:  # noqa: ARG002
        """``DELETE keys``: only those of the start are left, which see everything."""
        self._keys.clear()
        return {}

    async def edit_profile(self, request: Request) -> Any:
        """``PATCH profiles/{id}?version=``: any field."""
        version = request.query_params.get("version")
        changes = parse_json_object(await request.body())
        behind.edit_profile(self._tenant, _path(request, "id"), changes, int(version) if version else None)
        return {}

    async def delete_profile(self, request: Request) -> Any:
        """``DELETE profiles/{id}``."""
        behind.delete_profile(self._tenant, _path(request, "id"))
        return {}

    async def delete_type(self, request: Request) -> Any:
        """``DELETE types/{id}``."""
        behind.delete_type(self._tenant, _path(request, "id"))
        return {}

    async def add_version(self, request: Request) -> Any:
        """``POST profiles/{id}/versions``: a draft, or a new published version."""
        body = parse_json_object(await request.body())
        return {"version_number": behind.add_version(self._tenant, _path(request, "id"), body)}

    async def publish(self, request: Request) -> Any:
        """``POST profiles/{id}/versions/{version}/publish``."""
        behind.publish(self._tenant, _path(request, "id"), _number(request, "version"))
        return {}

    async def change_members(self, request: Request) -> Any:
        """``POST profiles/{id}/members``."""
        behind.change_members(self._tenant, _path(request, "id"), await _parsed(request, behind.MemberChange))
        return {}

    async def approve_start(self, request: Request) -> Any:
        """``POST profiles/{id}/approve``: the profile runs."""
        behind.approve_start(self._tenant, _path(request, "id"))
        return {}

    async def add_fault(self, request: Request) -> Any:
        """``POST faults``."""
        return self._faults.add(await _parsed(request, FaultRule)).described()

    async def faults(self, request: Request) -> Any:  # noqa: ARG002
        """``GET faults``: the rules with their counters."""
        return {"values": [fault.described() for fault in self._faults.all()]}

    async def clear_faults(self, request: Request) -> Any:  # noqa: ARG002
        """``DELETE faults``: removes all and releases what they hold."""
        self._faults.clear()
        return {}

    async def fault(self, request: Request) -> Any:
        """``GET faults/{id}``."""
        return self._faults.get(_number(request, "id")).described()

    async def delete_fault(self, request: Request) -> Any:
        """``DELETE faults/{id}``: removes it and releases what it holds."""
        self._faults.remove(self._faults.get(_number(request, "id")))
        return {}

    async def release(self, request: Request) -> Any:
        """``POST faults/{id}/release``: lets the calls held now go on, or resets their connection (``drop``)."""
        fault = self._faults.get(_number(request, "id"))
        await self._faults.release(fault, go_on=not (await _parsed(request, Release)).drop)
        return fault.described()

    async def wait(self, request: Request) -> Any:
        """``POST faults/{id}/wait``: answers once the rule has so many hits and holds so many calls."""
        fault = self._faults.get(_number(request, "id"))
        wanted = await _parsed(request, Wait)
        reached = await self._faults.wait(
            lambda: fault.hits >= wanted.hits and fault.holding >= wanted.holding, wanted.timeout
        )
        if not reached:
            raise RefusedRequestError(504, f"fault {fault.id} has {fault.hits} hits and holds {fault.holding} calls")
        return fault.described()


def control_routes(prefix: str, tenant: Tenant, keys: Keys, log: RequestLog, faults: Faults) -> list[Route]:
    """Return the routes of the control API under ``prefix``."""
    control = Control(tenant, keys, log, faults)
    endpoints: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/health", control.health),
        ("POST", "/reset", control.reset),
        ("POST", "/seed", control.seed),
        ("GET", "/seed-schema", control.seed_schema),
        ("GET", "/state", control.state),
        ("GET", "/access", control.access),
        ("GET", "/access_requests", control.access_requests),
        ("PATCH", "/access_requests/{id}", control.change_access_request),
        ("DELETE", "/access_requests/{id}", control.forget_access_request),
        ("GET", "/requests", control.requests),
        ("DELETE", "/requests", control.clear_requests),
        ("GET", "/quirks", control.quirks),
        ("PUT", "/quirks", control.set_quirks),
        ("GET", "/keys", control.keys),
        ("PUT", "/keys", control.put_key),
        ("DELETE", "/keys", control.clear_keys),
        ("PATCH", "/profiles/{id}", control.edit_profile),
        ("DELETE", "/profiles/{id}", control.delete_profile),
        ("DELETE", "/types/{id}", control.delete_type),
        ("POST", "/profiles/{id}/versions", control.add_version),
        ("POST", "/profiles/{id}/versions/{version}/publish", control.publish),
        ("POST", "/profiles/{id}/members", control.change_members),
        ("POST", "/profiles/{id}/approve", control.approve_start),
        ("POST", "/faults", control.add_fault),
        ("GET", "/faults", control.faults),
        ("DELETE", "/faults", control.clear_faults),
        ("GET", "/faults/{id}", control.fault),
        ("DELETE", "/faults/{id}", control.delete_fault),
        ("POST", "/faults/{id}/release", control.release),
        ("POST", "/faults/{id}/wait", control.wait),
    )
    return [_route(prefix + path, method, handler) for method, path, handler in endpoints]


def _route(path: str, method: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        if request.client is None or not is_loopback(request.client.host):
            raise RefusedRequestError(403, "the control API is for this machine only")
        return Response(to_json(await handler(request)), media_type="application/json")

    return Route(path, endpoint, methods=[method])


def is_loopback(host: str) -> bool:
    """Return whether an address (or ``localhost``) is a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _parsed(request: Request, model: type[Model]) -> Model:
    return _validated(model, parse_json_object(await request.body() or b"{}"))


def _validated(model: type[Model], body: dict[str, Any]) -> Model:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise problem_of(error) from None


def _path(request: Request, name: str) -> str:
    return unquote(request.path_params[name])


def _number(request: Request, name: str) -> int:
    text = _path(request, name)
    if not (text.isascii() and text.isdigit()):
        raise not_found(f"{text!r} is not a number")
    return int(text)
