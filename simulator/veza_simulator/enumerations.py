"""The API's enumerations: names, as the examples show them, and integers, as the reference shows them.

The documents name the values in an order and show one pair (``"state": 1`` for ``RUNNING``); numbering each list
from 0 in its listed order fits that pair. Where the documents do not name the values (``grant_by``, a condition's
``type``), every name of the usual form and every integer passes through unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

PROFILE_STATES = ("INITIAL", "RUNNING", "PAUSED", "DRY_RUN", "PENDING")
VERSION_STATES = ("DRAFT", "PUBLISHED", "RETIRED")
MEMBER_OPERATIONS = ("ADD", "REMOVE")
ON_CREATE_BEHAVIORS = ("INITIAL",)
ADDED_BY_HAND = "ACCESS_PROFILE_MEMBERSHIP"

ACTION_TYPES = (
    "NONE",
    "SYNC_IDENTITIES",
    "MANAGE_RELATIONSHIPS",
    "CREATE_EMAIL",
    "DEPROVISION_IDENTITY",
    "ACCESS_PLAN",
    "WRITE_BACK_EMAIL",
    "PAUSE",
    "SEND_NOTIFICATION",
    "CUSTOM_ACTION",
    "CREATE_ENTITLEMENT",
    "CREATE_ACCESS_REVIEW",
    "RESET_PASSWORD",
    "DELETE_IDENTITY",
)

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


def _named(names: tuple[str, ...]) -> Callable[[Any], str]:
    def validate(value: Any) -> str:
        if isinstance(value, str) and value in names:
            return value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
            return names[value]
        raise ValueError(f"{value!r} is not one of {', '.join(names)}")

    return validate


def _open(value: Any) -> str | int:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"{value!r} is neither the name nor the number of an enumeration's value")


def _on_create_behavior(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= len(ON_CREATE_BEHAVIORS):
        return value
    return _named(ON_CREATE_BEHAVIORS)(value)


def _names_and_numbers(names: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"enum": [*names, *range(len(names))]})


_NUMBER = {"type": "integer", "minimum": 0}

ProfileState = Annotated[
    Literal["INITIAL", "RUNNING", "PAUSED", "DRY_RUN", "PENDING"],
    BeforeValidator(_named(PROFILE_STATES)),
    _names_and_numbers(PROFILE_STATES),
]
VersionState = Annotated[
    Literal["DRAFT", "PUBLISHED", "RETIRED"],
    BeforeValidator(_named(VERSION_STATES)),
    _names_and_numbers(VERSION_STATES),
]
MemberOperation = Annotated[Literal["ADD", "REMOVE"], BeforeValidator(_named(MEMBER_OPERATIONS))]
OnCreateBehavior = Annotated[
    int | str,
    BeforeValidator(_on_create_behavior),
    WithJsonSchema({"anyOf": [{"enum": list(ON_CREATE_BEHAVIORS)}, _NUMBER]}),
]
OpenEnumeration = Annotated[
    int | str,
    BeforeValidator(_open),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{_NAME.pattern}$"}, _NUMBER]}),
]

Answered = int | str
"""An enumeration in a response: a tenant may have values that the documents do not name."""

_NUMBERS: dict[str, dict[str, int]] = {
    "state": {name: n for names in (PROFILE_STATES, VERSION_STATES) for n, name in enumerate(names)},
    "on_create_behavior": {name: n for n, name in enumerate(ON_CREATE_BEHAVIORS)},
    "created_from": {},
    "grant_by": {},
    "action_type": {name: n for n, name in enumerate(ACTION_TYPES)},
    "request_type": {},
    "request_source": {},
    "plan_source": {},
    "type": {},
}
_NUMBER_OF_AN_UNDOCUMENTED_NAME = 1


FIELDS = frozenset(_NUMBERS)
"""The fields that are enumerations."""


def number(field: str, name: str) -> int:
    """Return the integer of the enumeration value ``name`` of ``field``."""
    return _NUMBERS[field].get(name, _NUMBER_OF_AN_UNDOCUMENTED_NAME)
