"""The arguments that a program writes for an object: what differs from the defaults and can be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_veza.fields import protocol
from pulumi_veza.fields.field_types import FieldType, JsonObject, ListOf, SetOf, String
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import Field, Object, Schema, SentIn

_FOLLOWS_FROM_OTHERS: Final = frozenset({"profile_type_rbac_id"})
"""Fields that say again what another one says."""


def written(schema: Schema, values: Mapping[str, Any], defaults: Mapping[str, Any]) -> JsonObject:
    """Return the fields of an object that differ from their defaults.

    Args:
        schema: The fields of its kind.
        values: All fields in state shape.
        defaults: Values that the tenant gives a new object by itself.

    """
    found = {}
    for each in schema:
        if each.input.sent is SentIn.NEVER or each.name in _FOLLOWS_FROM_OTHERS:
            continue
        canon = each.type.canon(values.get(each.name))
        usual = [each.type.canon(known) for known in (each.input.default, defaults.get(each.name))]
        value = _with_names_alone(each.type, values.get(each.name))
        if each.required or (value is not None and canon is not None and canon not in usual):
            found[each.name] = value
    return found


def _with_names_alone(type_: FieldType, value: Any) -> Any:
    """Return a value without enumerations of which the API sent a number: a program writes their names."""
    if isinstance(type_, Object) and isinstance(value, Mapping):
        found = {k: _with_names_alone(type_.schema[k].type, v) for k, v in value.items()}
        return {k: v for k, v in found.items() if v is not None}
    if isinstance(type_, SetOf) and isinstance(value, Mapping):
        return {k: _with_names_alone(type_.of, v) for k, v in value.items()}
    if isinstance(type_, ListOf) and isinstance(value, list):
        return [_with_names_alone(type_.of, v) for v in value]
    if isinstance(type_, String) and type_.enumeration and isinstance(value, str) and value.isdecimal():
        return None
    return value


def problems(field: Field, value: Any) -> Iterator[str]:
    """Yield the reasons why a program cannot write a value."""
    found = Problems()
    field.type.check(value, field.name, found)
    yield from (each.reason for each in found.failures)
    yield from protocol.hidden_keys(field.name, value)
    yield from protocol.problems(field.name, value)
