"""What the switches do to a response before it is sent."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from veza_simulator import enumerations, objects
from veza_simulator.datasources import answered_as_in_the_quick_start, answered_as_in_the_reference
from veza_simulator.fields import Mark, names
from veza_simulator.quirks import Quirks

Json = dict[str, Any]

MINIMAL_TYPE = (
    "id",
    "allow_create_relationships",
    "allow_inherit_entities",
    "description",
    "integrations",
    "name",
    "profiles_count",
    "require_single_datasource",
)
SIMPLIFIED_PROFILE = (
    "id",
    "name",
    "state",
    "profile_type",
    "current_version_number",
    "integrations",
    "provider_ids",
    "labels",
    "created_at",
    "updated_at",
)
UNKNOWN_FIELD = "x_not_documented"

_OPAQUE = "custom_properties"
_ENVELOPE = ("", "values", "integrations", "access_requests")
_STRINGS_FOR_INTEGERS = names(objects.ProfileType, Mark.INT64)


def shape_type(value: Json, quirks: Quirks) -> Json:
    """Shape a type: the form of the short list where that is switched on."""
    return _only(value, MINIMAL_TYPE) if quirks.minimal_types else value


def shape_changed_profile(value: Json, quirks: Quirks, *, patched: bool) -> Json:
    """Shape a profile in the response to a POST or PATCH."""
    number = value["current_version_number"]
    if quirks.minimal_profile_answers:
        value = _only(value, SIMPLIFIED_PROFILE)
    if quirks.integer_current_version and patched:
        value = {**value, "current_version": number}
        value.pop("current_version_number", None)
    return value


def shape_version(value: Json, quirks: Quirks) -> Json:
    """Shape a version in a response of its own."""
    if not quirks.short_version_names:
        return value
    names = {"access_profile_id": "id", "version_number": "version"}
    return {names.get(field, field): item for field, item in value.items()}


def shape_members_updated(answer: Json, quirks: Quirks) -> Json:
    """Shape the response to a change of members."""
    if not quirks.single_access_request:
        return {**answer, "value": shape_version(answer["value"], quirks)}
    requests = answer["access_requests"]
    return {
        "access_request_id": next((each["id"] for each in requests if each["id"]), ""),
        "access_request_error_message": "; ".join(each["error_message"] for each in requests if each["error_message"]),
    }


def shape_members(answer: Json, quirks: Quirks) -> Any:
    """Shape the member list."""
    return answer["values"] if quirks.bare_member_list else answer


def shape_detailed_profiles(answer: Json, quirks: Quirks) -> Json:
    """Shape the profile list with ``entity_extra_info=true``."""
    return _without_entity_ids(answer) if quirks.entities_without_entity_id else answer


def shape_datasource(value: Json, quirks: Quirks) -> Json:
    """Shape a datasource."""
    if quirks.quick_start_datasources:
        return answered_as_in_the_quick_start(value)
    return answered_as_in_the_reference(value) if quirks.reference_datasources else value


def finish(answer: Any, quirks: Quirks, chance: random.Random) -> Any:
    """Apply the switches that concern every response."""
    steps: list[tuple[bool, Callable[[Any, str], Any]]] = [
        (quirks.random_order, lambda value, field: _shuffled(value, field, chance)),
        (quirks.integer_enumerations, _integer_enumerations),
        (quirks.integers_as_strings, _integer_as_string),
        (quirks.nulls_for_empty, _null_for_empty),
        (quirks.omit_empty_fields, _without_empty_fields),
        (quirks.unknown_fields, _with_unknown_field),
    ]
    for wanted, step in steps:
        if wanted:
            answer = _walk(answer, step)
    return answer


def _walk(value: Any, step: Callable[[Any, str], Any], field: str = "") -> Any:
    if field != _OPAQUE:
        if isinstance(value, dict):
            value = {name: _walk(item, step, name) for name, item in value.items()}
        elif isinstance(value, list):
            value = [_walk(item, step) for item in value]
    return step(value, field)


def _shuffled(value: Any, field: str, chance: random.Random) -> Any:
    if not isinstance(value, list) or field == _OPAQUE or _is_sequence(value, field):
        return value
    return chance.sample(value, len(value))


def _is_sequence(value: list[Any], field: str) -> bool:
    """Return whether the order of a list has a meaning: that of formatters and of transformers has."""
    return field == "additional_value_formatter" or any(
        isinstance(each, dict) and "destination_value_formatter" in each for each in value
    )


def _integer_enumerations(value: Any, field: str) -> Any:
    if not _is_object(value, field):
        return value
    # "type" is an enumeration in a condition, and only there.
    fields = enumerations.FIELDS if "condition_string" in value else enumerations.FIELDS - {"type"}
    return {
        name: enumerations.number(name, item) if name in fields and isinstance(item, str) else item
        for name, item in value.items()
    }


def _integer_as_string(value: Any, field: str) -> Any:
    return str(value) if field in _STRINGS_FOR_INTEGERS and isinstance(value, int) else value


def _null_for_empty(value: Any, field: str) -> Any:
    return None if value in ("", [], {}) and field not in _ENVELOPE else value


def _without_empty_fields(value: Any, field: str) -> Any:
    if not isinstance(value, dict) or field == _OPAQUE:
        return value
    return {name: item for name, item in value.items() if item not in ("", [], {}, None, 0)}


def _with_unknown_field(value: Any, field: str) -> Any:
    return {**value, UNKNOWN_FIELD: {"since": ["a later release"]}} if _is_object(value, field) else value


def _is_object(value: Any, field: str) -> bool:
    return isinstance(value, dict) and field != _OPAQUE


def _without_entity_ids(value: Any) -> Any:
    return _walk(
        value,
        lambda item, field: (
            {name: each for name, each in item.items() if name != "entity_id"} if _is_object(item, field) else item
        ),
    )


def _only(value: Json, fields: tuple[str, ...]) -> Json:
    return {field: value[field] for field in fields}
