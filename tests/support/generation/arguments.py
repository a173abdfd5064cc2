"""Hypothesis strategies for the arguments of any kind, made from its declared ``Schema``.

A new kind needs no line here: the values of a field follow from its field type, and the kind itself says which
arguments do not go together.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from pulumi_veza.fields.field_types import (
    UNKNOWN,
    Boolean,
    FieldType,
    JsonMapping,
    JsonObject,
    ListOf,
    Number,
    SetOf,
    String,
)
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import Field, Object, Schema
from pulumi_veza.fields.selector import Selector
from pulumi_veza.fields.spelling import at_the_ends, controls_inside
from pulumi_veza.provider.lifecycle import Kind
from pulumi_veza.provider.shell import Resource
from pulumi_veza.resources import KINDS

ALL_KINDS: list[Kind] = [each._provider_class.lifecycle.kind for each in KINDS]

EXACT = 2**53
"""The engine sends every number as a double: whole numbers are exact up to here."""

Strategy = st.SearchStrategy[Any]


class Overrides:
    """Strategies of single fields, by name, that replace those of their types."""

    def __init__(self, **strategies: Strategy) -> None:
        self.strategies = strategies


texts = st.text(max_size=12) | st.sampled_from(
    ["", " ", "__x", "\\", "(unknown 1)", "4dabf18193072939515e22adb298388d", "日本", "a/b%2F?#", "'\"", "9", "1.0"]
)
visible_texts = texts.filter(lambda text: bool(text.strip()))
ids = texts.filter(lambda text: not at_the_ends(text) and not controls_inside(text))
"""What no resource refuses as an id, the empty text included."""
visible_ids = ids.filter(bool)
enumeration_names = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)

json_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
keys = st.text(max_size=6).filter(lambda key: not key.startswith("__"))
json_values = st.recursive(
    json_scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


def resource_of(kind: Kind) -> type[Resource]:
    """Return the resource class of a kind."""
    return next(each for each in KINDS if each._provider_class.lifecycle.kind is kind)


@functools.cache
def values(node: FieldType) -> Strategy:  # noqa: C901  # a case for each of them
    """Generate values of a field type, as a program writes them."""
    strategy: Strategy
    match node:
        case String(choices=choices) if choices:
            strategy = st.sampled_from(choices)
        case String(enumeration=True):
            strategy = enumeration_names
        case String(meaning="id", non_empty=non_empty):
            strategy = visible_ids if non_empty else ids
        case String(non_empty=non_empty):
            strategy = visible_texts if non_empty else texts
        case Selector():
            strategy = st.sampled_from(["current", "draft", 1, 2, "3"])
        case Number(at_least=low, at_most=high):
            strategy = st.integers(low, EXACT if high is None else high)
        case Boolean():
            strategy = st.booleans()
        case JsonMapping():
            strategy = st.dictionaries(keys, json_values, max_size=3)
        case ListOf(of=of):
            strategy = st.lists(values(of), max_size=3)
        case SetOf(of=of, key=key, non_empty=non_empty):
            strategy = st.lists(
                values(of),
                min_size=int(non_empty),
                max_size=4,
                unique_by=lambda each: key(checked(of, each)).casefold(),
            )
        case Object(schema=schema):
            strategy = fields(schema)
        case _:
            raise TypeError(f"no strategy for {node!r}")
    return strategy


def checked(node: FieldType, value: Any) -> Any:
    """Check a valid value and return it as the state holds it."""
    problems = Problems()
    found = node.check(value, "", problems)
    assert problems.failures == [], value
    return found


@functools.cache
def fields(schema: Schema, overrides: Overrides | None = None, *, every: bool = False) -> st.SearchStrategy[JsonObject]:
    """Generate mappings with every required field, and some or all of the others.

    Fields that the create alone reads are none of them: they name an object of the tenant.
    """
    own = overrides.strategies if overrides else {}
    strategies = {f.name: own.get(f.name, values(f.type)) for f in schema if not f.input.create_only}
    always = {name: each for name, each in strategies.items() if schema[name].required or every}
    return st.fixed_dictionaries(always, optional={n: each for n, each in strategies.items() if n not in always})


@functools.cache
def arguments(kind: Kind, overrides: Overrides | None = None, *, every: bool = False) -> st.SearchStrategy[JsonObject]:
    """Generate valid arguments of a kind: fields that are refused together are dropped."""
    return fields(kind.schema, overrides, every=every).map(lambda args: agreeing(kind, args))


def agreeing(kind: Kind, args: JsonObject) -> JsonObject:
    """Drop the arguments that the kind refuses in this combination."""
    while True:
        problems = Problems()
        normal = kind.schema.check(args, problems)
        assert problems.failures == [], args
        kind.validate(normal, problems)
        if not problems.failures:
            return args
        refused = problems.failures[0].reason.partition(":")[0]
        args = {name: value for name, value in args.items() if name != refused}


@functools.cache
def changes(field: Field, overrides: Overrides | None = None) -> Strategy:
    """Generate two values of a field that differ in their canonical form."""
    own = overrides.strategies if overrides else {}
    strategy = own.get(field.name, values(field.type))

    def canon(value: Any) -> Any:
        return field.type.canon(checked(field.type, value))

    return st.tuples(strategy, strategy).filter(lambda pair: bool(canon(pair[0]) != canon(pair[1])))


@st.composite
def partly_unknown(draw: st.DrawFn, value: Any) -> Any:
    """Draw ``value`` with at least one part of it replaced by an unknown."""
    places = list(_places(value))
    return _with_unknown(value, draw(st.sampled_from(places)))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if path:
        yield path
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


def _with_unknown(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _with_unknown(item, path[1:]) if name == path[0] else item for name, item in value.items()}
    return [_with_unknown(item, path[1:]) if index == path[0] else item for index, item in enumerate(value)]


def as_the_engine_sends(value: Any) -> Any:
    """Convert a value as the engine does: numbers become floats, and None is dropped from mappings."""
    if isinstance(value, Mapping):
        return {name: as_the_engine_sends(item) for name, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [as_the_engine_sends(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
