"""The lists: one page of types, profiles or datasources, with what the list faults do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from veza_simulator import answers, datasources, paging, shaping
from veza_simulator.enumerations import ACTION_TYPES
from veza_simulator.filtering import parse_filter, to_sql
from veza_simulator.keys import Key
from veza_simulator.problems import invalid, not_found
from veza_simulator.rules import ENTITLEMENTS
from veza_simulator.store import Row, Slice
from veza_simulator.tenant import Tenant


@dataclass(frozen=True)
class ListFault:
    """What a fault does to one page of a list.

    ``stale`` shows it as it was before that many changes; ``empty_page`` answers no values but more to come;
    ``endless`` says at the end that there is more; ``duplicates`` repeats the last value on the next page.
    """

    stale: int = 0
    empty_page: bool = False
    endless: bool = False
    duplicates: bool = False


Query = Mapping[str, str]
Json = dict[str, Any]


def list_types(tenant: Tenant, query: Query, fault: ListFault, key: Key) -> Json:
    """``GET access_profiles_types``."""
    _refuse_filter(query)
    rows, end = one_page(tenant, "types", query, fault, *key.visible("types"))
    known = tenant.datasources()
    values = [tenant.render.type(row.document, known) for row in rows]
    values = _stale(tenant, "type", values, fault, end, lambda key: tenant.store.get("types", key) is not None)
    answer = answers.TypePage.model_validate({"values": values, **end}).model_dump()
    return {**answer, "values": [shaping.shape_type(each, tenant.quirks) for each in answer["values"]]}


def list_profiles(tenant: Tenant, query: Query, fault: ListFault, key: Key) -> Json:
    """``GET access_profiles``."""
    where, parameters = key.visible("profiles")
    text = query.get("filter")
    if text:
        selected, wanted = to_sql(parse_filter(text))
        where, parameters = f"{where} AND ({selected})", (*parameters, *wanted)
    extra = _boolean(query, "entity_extra_info")
    _boolean(query, "include_requestable")
    version = _version(query.get("version"))
    rows, end = one_page(tenant, "profiles", query, fault, where, parameters)
    values = tenant.render.profiles(
        [row.document for row in rows],
        version=None if tenant.quirks.version_parameter_ignored else version,
        extra=tenant.datasources() if extra else None,
    )
    values = _stale(tenant, "profile", values, fault, end, lambda key: tenant.store.profile(key) is not None)
    if not extra:
        return answers.ProfilePage.model_validate({"values": values, **end}).model_dump()
    entities = {_key(each): each for value in values for each in value["current_version"][ENTITLEMENTS]}
    page = {"values": values, **end, ENTITLEMENTS: list(entities.values())}
    return shaping.shape_detailed_profiles(answers.DetailedProfilePage.model_validate(page).model_dump(), tenant.quirks)


def list_datasources(tenant: Tenant, query: Query, fault: ListFault) -> Json:
    """``GET /api/v1/providers/datasources/lifecycle_managers``."""
    _refuse_filter(query)
    if query.get("order_by") not in {None, "", "name"}:
        raise invalid("order_by must be name")
    rows, end = one_page(tenant, "datasources", query, fault)
    values = [datasources.answered(row.document) for row in rows]
    answer = answers.DatasourcePage.model_validate({"values": values, **end}).model_dump()
    return {**answer, "values": [shaping.shape_datasource(each, tenant.quirks) for each in answer["values"]]}


def get_datasource(tenant: Tenant, datasource_id: str) -> Json:
    """``GET /api/v1/providers/datasources/lifecycle_managers/{id}``."""
    known = tenant.datasources().known
    if datasource_id not in known:
        raise not_found(f"there is no lifecycle management datasource {datasource_id!r}")
    value = {"value": datasources.answered(known[datasource_id])}
    answer = answers.DatasourceValue.model_validate(value).model_dump()
    return {"value": shaping.shape_datasource(answer["value"], tenant.quirks)}


def list_datasources_by_action(tenant: Tenant, query: Query) -> Json:
    """``GET /api/v1/providers/datasources/lifecycle_managers:by_action_type``."""
    wanted = _action(query.get("action_type", "")), query.get("entity_type", ""), query.get("relationship_type", "")
    all_of_them = [datasources.answered(each) for each in tenant.datasources().known.values()]
    page = {
        "values": [each for each in all_of_them if datasources.can(each, *wanted)],
        "next_page_token": "",
        "has_more": False,
    }
    answer = answers.DatasourcePage.model_validate(page).model_dump()
    return {**answer, "values": [shaping.shape_datasource(each, tenant.quirks) for each in answer["values"]]}


def one_page(
    tenant: Tenant, table: str, query: Query, fault: ListFault, where: str = "1", parameters: tuple[str, ...] = ()
) -> tuple[list[Row], Json]:
    """Return the rows of one page of a table, and what the page says of the next."""
    size = min(paging.page_size(query.get("page_size")), tenant.quirks.largest_page)
    order, descending = paging.order(query.get("order_by"))
    listing = [table, *(query.get(name) for name in ("filter", "order_by", "version"))]
    after = tenant.page_tokens.read(listing, query.get("page_token"))
    if fault.empty_page:
        return [], {"next_page_token": tenant.page_tokens.make(listing, after), "has_more": True}
    rows = tenant.store.listed(table, Slice(size + 1, order, descending, after, where, parameters))
    has_more, rows = len(rows) > size, rows[:size]
    last = rows[-1].position if rows else after
    if fault.duplicates and len(rows) > 1:
        last = rows[-2].position
    more = has_more or fault.endless
    token = tenant.page_tokens.make(listing, last) if more or tenant.quirks.token_after_last_page else ""
    return rows, {"next_page_token": token, "has_more": more}


def _stale(
    tenant: Tenant, kind: Any, values: list[Json], fault: ListFault, end: Json, exists: Callable[[str], bool]
) -> list[Json]:
    if not fault.stale:
        return values
    return tenant.journal.stale_page(kind, values, fault.stale, None if end["has_more"] else exists)


def _refuse_filter(query: Query) -> None:
    if query.get("filter"):
        raise invalid(f"the filter {query['filter']!r} was not accepted: no field of this list is documented for it")


def _boolean(query: Query, name: str) -> bool:
    value = query.get(name, "false")
    if value not in {"true", "false"}:
        raise invalid(f"{name} must be true or false, not {value!r}")
    return value == "true"


def _action(text: str) -> str:
    """Return the name of an action type; an empty one where it is ``NONE``, or nothing."""
    if text and not (text.isascii() and text.isdigit() and int(text) < len(ACTION_TYPES)):
        raise invalid(f"action_type must be a number from 0 to {len(ACTION_TYPES) - 1}, not {text!r}")
    return ACTION_TYPES[int(text)] if int(text or 0) else ""


def _version(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise invalid(f"version must be a version's number, not {text!r}")
    return int(text)


def _key(entity: Json) -> tuple[str, str, str]:
    return entity["entity_type"], entity["datasource_id"], entity["entity_id"]
