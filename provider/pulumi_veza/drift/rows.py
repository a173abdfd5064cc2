"""How a row is made of a resource, and which of its values may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_veza.drift.document import DriftRow
from pulumi_veza.fields import secrets
from pulumi_veza.fields.field_types import JsonObject, contains_unknown
from pulumi_veza.plan import records
from pulumi_veza.plan.records import HIDDEN, Record, has_unknown
from pulumi_veza.policies.drift_rules import DriftRule

LATER = "(known after up)"
"""A value of the program that `pulumi up` decides."""


class RowMaker:
    """Makes the rows about resources, with the names that the tenant has for their profiles."""

    def __init__(self, profiles: Mapping[str, JsonObject]) -> None:
        self._profiles = profiles

    def row(self, rule: DriftRule, record: Record, **more: Any) -> DriftRow:
        """Return a row about a resource; secret values are redacted in its texts."""
        detail = more.pop("detail", None)
        return DriftRow(
            rule=rule,
            kind=str(record.kind),
            id=record.id,
            name=self._name(record),
            resource=record.name,
            urn=record.urn,
            source=record.source,
            spared=more.get("field") in record.ignored,
            leaving=record.op in {"delete", "retain"},
            detail=secrets.conceal(detail, record.old, record.new) if detail else None,
            **more,
        )

    def _name(self, record: Record) -> str | None:
        if record.kind in {records.VERSION, records.MEMBERS}:
            profile_id = record.old.get("profile_id") or record.new.get("profile_id")
            name = self._profiles.get(str(profile_id), {}).get("name")
        else:
            name = HIDDEN if is_secret(record, "name") else record.old.get("name") or record.new.get("name")
        return name if isinstance(name, str) and name != records.UNKNOWN else None


def is_secret(record: Record, field: str) -> bool:
    """Return whether a field of a resource is secret, in the state or in the program."""
    return any(
        field in secrets.names(values) or records.has_hidden(values.get(field)) for values in (record.old, record.new)
    )


def shown(record: Record, field: str, value: Any, *, element: bool = False) -> Any:
    """Return a value of a field, or of an element of it, as a row has it: a set as a list, and nothing of a secret."""
    if value is None:
        return None
    if is_secret(record, field):
        return HIDDEN
    if has_unknown(value) or contains_unknown(value):
        return LATER
    if record.schema[field].is_set and not element and isinstance(value, Mapping):
        return [value[key] for key in sorted(value)]
    return value


def in_program(record: Record, field: str) -> Any:
    """Return the value of a field in the program, in state shape; None where it has none."""
    return record.new.get(field) if record.new_inputs is not None else None
