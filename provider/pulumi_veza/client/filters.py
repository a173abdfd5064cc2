r"""Build filter expressions for the listings, with every value quoted.

The listings take SCIM expressions. A value inside one is a JSON string; a quotation mark in it is written as
``\u0022``, so that no value ends its string early, even for a parser without escapes.

>>> and_(or_(co("integrations", "AWS"), co("integrations", "OKTA")), co("labels", "requestable"))
Filter('(integrations co "AWS" or integrations co "OKTA") and labels co "requestable"')
"""

from __future__ import annotations

import json
from typing import Final, Literal

Field = Literal["integrations", "provider_ids", "labels", "profile_type"]

FIELDS: Final[tuple[str, ...]] = ("integrations", "provider_ids", "labels", "profile_type")
"""The fields that the API's documents show in filters; no others can be relied on."""


class Filter(str):
    """A filter expression; otherwise a plain string."""

    __slots__ = ("_joined_by",)
    _joined_by: str | None

    def __new__(cls, text: str, joined_by: str | None = None) -> Filter:
        """Create a filter from a complete expression; ``joined_by`` is its outermost operator, if any."""
        made = super().__new__(cls, text)
        made._joined_by = joined_by
        return made

    def __repr__(self) -> str:
        return f"Filter({str(self)!r})"

    def within(self, operator: str) -> str:
        """Return the expression as an operand of ``operator``, in parentheses where needed."""
        return str(self) if self._joined_by in {None, operator} else f"({self})"


def eq(field: Field, value: str) -> Filter:
    """Match objects whose ``field`` is exactly ``value``.

    Raises:
        ValueError: the field is not one that the API can filter by, or the value is not text.

    """
    return _compare(field, "eq", value)


def co(field: Field, value: str) -> Filter:
    """Match objects whose list ``field`` contains ``value``.

    Raises:
        ValueError: the field is not one that the API can filter by, or the value is not text.

    """
    return _compare(field, "co", value)


def and_(*expressions: Filter) -> Filter:
    """Match objects that every one of ``expressions`` matches.

    Raises:
        ValueError: no expression was given, or something that none of this module's functions made.

    """
    return _join("and", expressions)


def or_(*expressions: Filter) -> Filter:
    """Match objects that at least one of ``expressions`` matches.

    Raises:
        ValueError: no expression was given, or something that none of this module's functions made.

    """
    return _join("or", expressions)


def _compare(field: str, operator: str, value: str) -> Filter:
    if field not in FIELDS:
        raise ValueError(f"the API cannot filter by {field!r}; it can by {', '.join(FIELDS)}")
    if not isinstance(value, str):
        raise ValueError(f"a filter compares {field} with text, not with {value!r}")  # noqa: TRY004 one type for both
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the value that {field} is compared with is not valid Unicode text") from None
    inner = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', "\\u0022")
    return Filter(f'{field} {operator} "{inner}"')


def _join(operator: str, expressions: tuple[Filter, ...]) -> Filter:
    if not expressions:
        raise ValueError(f"{operator}_() needs at least one expression")
    for expression in expressions:
        if not isinstance(expression, Filter):
            raise ValueError(f"{operator}_() joins what eq, co, and_ and or_ made, not {expression!r}")  # noqa: TRY004
    if len(expressions) == 1:
        return expressions[0]
    return Filter(f" {operator} ".join(each.within(operator) for each in expressions), operator)
