"""The documented endpoints, and no others."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from veza_simulator import access_requests, answers, identities, lists, requests, shaping
from veza_simulator.fields import Body
from veza_simulator.keeping import as_sent
from veza_simulator.keys import Key
from veza_simulator.lists import ListFault
from veza_simulator.membership import update_members
from veza_simulator.problems import invalid, not_found
from veza_simulator.tenant import Tenant

PRIVATE = "/api/private/lifecycle_management"
DATASOURCES = "/api/v1/providers/datasources/lifecycle_managers"
PAGED = frozenset({"filter", "order_by", "page_size", "page_token"})

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request: its path's parameters, its query, its body, what a fault changes inside the handler, and its key."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    list_fault: ListFault
    failing_members: Mapping[str, str]
    key: Key

    @property
    def profile_id(self) -> str:
        """The profile in the path."""
        return self.path["id"]

    @property
    def version(self) -> int:
        """The version in the path."""
        text = self.path["version"]
        if not (text.isascii() and text.isdigit()):
            raise not_found(f"a version is a number, not {text!r}")
        return int(text)


Handler = Callable[[Tenant, Call], Any]


def create_type(tenant: Tenant, call: Call) -> Json:
    """``POST access_profiles_types``."""
    body = _body(requests.CreateType, call)
    kind = tenant.create_type(body)
    value = {"value": tenant.render.type(kind, tenant.datasources())}
    answer = answers.TypeValue.model_validate(value).model_dump()
    return {"value": shaping.shape_type(as_sent(answer["value"], body, tenant.quirks), tenant.quirks)}


def list_types(tenant: Tenant, call: Call) -> Json:
    """``GET access_profiles_types``."""
    return lists.list_types(tenant, call.query, call.list_fault, call.key)


def create_profile(tenant: Tenant, call: Call) -> Json:
    """``POST access_profiles``."""
    body = _body(requests.CreateProfile, call)
    profile = tenant.create_profile(body)
    tenant.unlisted_reads[profile["id"]] = tenant.quirks.new_profile_unlisted_reads
    value = as_sent(_profile_value(tenant, profile)["value"], body, tenant.quirks)
    shaped = {"value": shaping.shape_changed_profile(value, tenant.quirks, patched=False)}
    if tenant.quirks.create_answer_has_version:
        shaped["version"] = shaping.shape_version(value["current_version"], tenant.quirks)
    return shaped


def list_profiles(tenant: Tenant, call: Call) -> Json:
    """``GET access_profiles``."""
    return lists.list_profiles(tenant, call.query, call.list_fault, call.key)


def patch_profile(tenant: Tenant, call: Call) -> Json:
    """``PATCH access_profiles/{id}``."""
    body = requests.parse_json_object(call.body)
    patch = requests.parse(requests.PatchProfile, body).model_dump()
    fields = _fields(requests.PatchProfile, body, call)
    _check_visible(tenant, call)
    profile = tenant.patch_profile(call.profile_id, patch, fields)
    sent = {name: patch[name] for name in fields}
    value = as_sent(_profile_value(tenant, profile)["value"], sent, tenant.quirks)
    return {"value": shaping.shape_changed_profile(value, tenant.quirks, patched=True)}


def patch_version(tenant: Tenant, call: Call) -> Json:
    """``PATCH access_profiles/{id}/versions/{n}``."""
    body = requests.parse_json_object(call.body)
    patch = requests.parse(requests.PatchVersion, body).model_dump()
    fields = _fields(requests.PatchVersion, body, call)
    _check_visible(tenant, call)
    version = tenant.patch_version(call.profile_id, call.version, patch, fields)
    answer = answers.VersionValue.model_validate({"value": tenant.render.version(call.profile_id, version)})
    value = as_sent(answer.model_dump()["value"], {name: patch[name] for name in fields}, tenant.quirks)
    return {"value": shaping.shape_version(value, tenant.quirks)}


def list_members(tenant: Tenant, call: Call) -> Any:
    """``GET access_profiles/{id}/versions/{n}/members``."""
    profile = _check_visible(tenant, call)
    tenant.version(call.profile_id, call.version)
    _check_listed(tenant, call.profile_id)
    stale = tenant.journal.stale_members(call.profile_id, call.version, call.list_fault.stale)
    values = tenant.render.members(profile, call.version) if stale is None else stale
    if tenant.quirks.alternating_member_list and next(tenant.member_lists) % 2:
        values = values[::-1]
    return shaping.shape_members(answers.MemberList.model_validate({"values": values}).model_dump(), tenant.quirks)


def put_members(tenant: Tenant, call: Call) -> Json:
    """``PUT access_profiles/{id}/versions/{n}/members``."""
    body = requests.parse(requests.UpdateMembers, requests.parse_json_object(call.body))
    _check_visible(tenant, call)
    version, opened = update_members(tenant, call.profile_id, call.version, body, call.failing_members)
    answer = {"value": tenant.render.version(call.profile_id, version), "access_requests": opened}
    return shaping.shape_members_updated(answers.MembersUpdated.model_validate(answer).model_dump(), tenant.quirks)


def get_identity(tenant: Tenant, call: Call) -> Json:
    """``GET identities/{id}``."""
    return answers.IdentityValue.model_validate(
        {"value": identities.get_identity(tenant, call.path["id"])}
    ).model_dump()


def get_access_request(tenant: Tenant, call: Call) -> Json:
    """``GET access_requests/{id}``."""
    return answers.AccessRequestValue.model_validate(access_requests.read(tenant, call.path["id"])).model_dump()


def available_integrations(tenant: Tenant, call: Call) -> Json:  # noqa: ARG001 - every handler is called alike
    """``GET access_profiles:available_integrations``."""
    return answers.Integrations.model_validate({"integrations": tenant.integrations}).model_dump()


def list_datasources(tenant: Tenant, call: Call) -> Json:
    """``GET /api/v1/providers/datasources/lifecycle_managers``."""
    return lists.list_datasources(tenant, call.query, call.list_fault)


def get_datasource(tenant: Tenant, call: Call) -> Json:
    """``GET /api/v1/providers/datasources/lifecycle_managers/{id}``."""
    return lists.get_datasource(tenant, call.path["id"])


def list_datasources_by_action(tenant: Tenant, call: Call) -> Json:
    """``GET /api/v1/providers/datasources/lifecycle_managers:by_action_type``."""
    return lists.list_datasources_by_action(tenant, call.query)


ENDPOINTS: tuple[tuple[str, str, Handler, frozenset[str]], ...] = (
    ("POST", f"{PRIVATE}/access_profiles_types", create_type, frozenset()),
    ("GET", f"{PRIVATE}/access_profiles_types", list_types, PAGED),
    ("POST", f"{PRIVATE}/access_profiles", create_profile, frozenset()),
    (
        "GET",
        f"{PRIVATE}/access_profiles",
        list_profiles,
        PAGED | {"entity_extra_info", "include_requestable", "version"},
    ),
    ("PATCH", f"{PRIVATE}/access_profiles/{{id}}", patch_profile, frozenset({"update_mask"})),
    ("PATCH", f"{PRIVATE}/access_profiles/{{id}}/versions/{{version}}", patch_version, frozenset({"update_mask"})),
    ("GET", f"{PRIVATE}/access_profiles/{{id}}/versions/{{version}}/members", list_members, frozenset()),
    ("PUT", f"{PRIVATE}/access_profiles/{{id}}/versions/{{version}}/members", put_members, frozenset()),
    ("GET", f"{PRIVATE}/access_profiles:available_integrations", available_integrations, frozenset()),
    ("GET", f"{PRIVATE}/identities/{{id}}", get_identity, frozenset()),
    ("GET", f"{PRIVATE}/access_requests/{{id}}", get_access_request, frozenset()),
    ("GET", DATASOURCES, list_datasources, PAGED),
    ("GET", f"{DATASOURCES}/{{id}}", get_datasource, frozenset()),
    (
        "GET",
        f"{DATASOURCES}:by_action_type",
        list_datasources_by_action,
        frozenset({"action_type", "entity_type", "relationship_type"}),
    ),
)


def documented_routes(tenant: Tenant) -> list[Route]:
    """Return the endpoints as routes over the undecoded path."""
    return [_route(tenant, *endpoint) for endpoint in ENDPOINTS]


def _route(tenant: Tenant, method: str, path: str, handler: Handler, parameters: frozenset[str]) -> Route:
    async def endpoint(request: Request) -> Response:
        query = _query(request, parameters)
        call = Call(
            method,
            {name: unquote(value) for name, value in request.path_params.items()},
            query,
            await request.body(),
            request.scope.get("simulator.list_fault", ListFault()),
            request.scope.get("simulator.failing_members", {}),
            request.scope["simulator.key"],
        )
        answer = shaping.finish(handler(tenant, call), tenant.quirks, random.Random())  # noqa: S311 - not a secret
        return Response(to_json(answer), media_type="application/json")

    route = Route(path, endpoint, methods=[method])
    route.methods = {method}  # a GET route would answer HEAD as well, which is not documented
    return route


def _query(request: Request, parameters: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in parameters:
            raise invalid(f"the query parameter {name!r} is not documented here")
        if name in found:
            raise invalid(f"the query parameter {name!r} is there twice")
        found[name] = value
    return found


def _body(model: type[Body], call: Call) -> Json:
    return requests.parse(model, requests.parse_json_object(call.body)).model_dump()


def _fields(model: type[Body], body: Json, call: Call) -> set[str]:
    """Return the fields that a PATCH replaces: those in ``update_mask``, else those in the body."""
    mask = call.query.get("update_mask")
    if not mask:
        return set(body)
    paths = {path.strip() for path in mask.split(",")}
    unknown = sorted(paths - set(model.model_fields))
    if unknown:
        raise invalid(f"update_mask: {', '.join(unknown)}: no such writable field")
    return paths


def _check_visible(tenant: Tenant, call: Call) -> Json:
    """Return the profile in the path; raise what its absence, or a key that does not see it, is answered."""
    profile = tenant.profile(call.profile_id)
    call.key.check_profile(call.method, profile)
    return profile


def _check_listed(tenant: Tenant, profile_id: str) -> None:
    """Raise 404 for as many reads of a new profile's member list as the switch says."""
    left = tenant.unlisted_reads.pop(profile_id, 0)
    if left:
        tenant.unlisted_reads[profile_id] = left - 1
        raise not_found(f"there is no access profile {profile_id!r}")


def _profile_value(tenant: Tenant, profile: Json) -> Json:
    return answers.ProfileValue.model_validate({"value": tenant.render.profile(profile)}).model_dump()
