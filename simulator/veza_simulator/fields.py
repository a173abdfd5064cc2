"""How the API's objects are declared, and what is derived from a declaration.

An object is a class whose every field is written once::

    class Profile(Object):
        description: Annotated[str, CREATE | CHANGE]
        \"\"\"What the profile is for.\"\"\"
        requestable: bool
        members: Annotated[list[str], DERIVED]

The class itself checks responses. From the marks come the models that check requests, and the object as it is stored
before anything was set.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from enum import Flag, auto
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model
from pydantic.fields import FieldInfo


class Mark(Flag):
    """Where a field occurs; a field without a mark is stored by the server and read-only."""

    CREATE = auto()
    """A POST may carry it."""
    CHANGE = auto()
    """A PATCH may carry it."""
    REQUIRED = auto()
    """The POST must carry it, and not empty."""
    DERIVED = auto()
    """It is computed for each response, and not stored."""
    INT64 = auto()
    """A 64-bit integer, which protobuf writes as a string."""


CREATE, CHANGE, REQUIRED, DERIVED = Mark.CREATE, Mark.CHANGE, Mark.REQUIRED, Mark.DERIVED

Json = dict[str, Any]


def _int64(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _not_negative(value: int) -> int:
    if value < 0:
        raise ValueError("it must not be negative")
    return value


Count = Annotated[int, AfterValidator(_not_negative), WithJsonSchema({"type": "integer", "minimum": 0})]
Int64 = Annotated[
    int,
    BeforeValidator(_int64),
    AfterValidator(_not_negative),
    Mark.INT64,
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}),
]
Required = Annotated[str, Field(min_length=1)]
Timestamp = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$")]
"""A time in RFC 3339, UTC; this tenant writes nanoseconds, and a copied one may write fewer digits."""


class Object(BaseModel):
    """An object of a response: it has every field, each of its type, and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class Body(BaseModel):
    """A request body: strict types, no unknown and no read-only fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


Declared = type[Object]


def marks(field: FieldInfo) -> Mark:
    """Return the marks of a field."""
    return reduce(or_, (each for each in field.metadata if isinstance(each, Mark)), Mark(0))


def names(declared: Declared, mark: Mark) -> tuple[str, ...]:
    """Return the names of the fields that have one of the marks."""
    return tuple(name for name, field in declared.model_fields.items() if marks(field) & mark)


def request(name: str, carries: Mark, *declared: Declared) -> type[Body]:
    """Return the model of a request that carries the fields with this mark."""
    fields = [item for each in declared for item in each.model_fields.items() if marks(item[1]) & carries]
    made: dict[str, Any] = {key: _sent(field, required=carries is CREATE) for key, field in fields}
    return create_model(name, __base__=Body, __doc__=declared[0].__doc__, **made)


def blank(declared: Declared) -> Json:
    """Return an object with the zero value of every stored field, as in protobuf."""
    return {
        name: zero(field.annotation, field.metadata)
        for name, field in declared.model_fields.items()
        if not marks(field) & DERIVED
    }


class Default:
    """Marks a field whose value, where a request leaves it out, is not the zero value of its type."""

    def __init__(self, value: Any) -> None:
        self.value = value


class SentAs:
    """Marks a field whose type in a request is narrower than in a response."""

    def __init__(self, hint: Any) -> None:
        self.hint = hint


def zero(hint: Any, metadata: Iterable[Any] = ()) -> Any:
    """Return the value that a field has where a request leaves it out."""
    for each in metadata:
        if isinstance(each, Default):
            return each.value
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return arguments[0]
    if origin in {Union, types.UnionType}:
        return None if types.NoneType in arguments else zero(arguments[0])
    kind = origin or hint
    return blank(kind) if issubclass(kind, Object) else kind()


def _sent(field: FieldInfo, *, required: bool) -> tuple[Any, Any]:
    """Return a field as ``create_model`` takes it: its type in a request, with its default."""
    validators = [each for each in field.metadata if not _is_mark(each)]
    narrower = next((each.hint for each in field.metadata if isinstance(each, SentAs)), None)
    hint = narrower or _in_requests(field.annotation)
    if required and marks(field) & REQUIRED:
        if hint is str:
            validators.append(Field(min_length=1))
        return _annotated(hint, validators), Field(description=field.description)
    return _optional(hint, field)


def _optional(hint: Any, field: FieldInfo) -> tuple[Any, Any]:
    """Return a field as ``create_model`` takes it: with its zero value as the default."""
    validators = [each for each in field.metadata if not _is_mark(each)]
    nested = isinstance(hint, type) and issubclass(hint, Body)
    default: Any = {} if nested else zero(field.annotation, field.metadata)
    return _annotated(hint, validators), Field(default, description=field.description, validate_default=nested)


def stored(name: str, declared: Declared) -> type[Body]:
    """Return the model of an object as it is stored, with every field optional, for what is put as it is."""
    made: dict[str, Any] = {
        key: _optional(_as_stored(field.annotation), field)
        for key, field in declared.model_fields.items()
        if not marks(field) & DERIVED
    }
    return create_model(name, __base__=Body, __doc__=declared.__doc__, **made)


def _is_mark(metadata: Any) -> bool:
    return isinstance(metadata, (Mark, Default, SentAs))


def _as_stored(hint: Any) -> Any:
    """Replace each object in a type by its model as it is stored."""
    if isinstance(hint, type) and issubclass(hint, Object):
        return _nested_stored(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return list[_as_stored(arguments[0])]  # type: ignore[misc]  # a type made at runtime
    if origin in {Union, types.UnionType}:
        return reduce(or_, map(_as_stored, arguments))
    return hint


@cache
def _nested_stored(declared: Declared) -> type[Body]:
    return stored(f"Copied{declared.__name__}", declared)


def _annotated(hint: Any, metadata: list[Any]) -> Any:
    annotated: Any = Annotated
    parts = (hint, *metadata)
    return annotated[parts] if metadata else hint


def _in_requests(hint: Any) -> Any:
    """Replace each object in a type by the model of what a request may carry of it."""
    if isinstance(hint, type) and issubclass(hint, Object):
        return _nested_request(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return list[_in_requests(arguments[0])]  # type: ignore[misc]  # a type made at runtime
    if origin in {Union, types.UnionType}:
        return reduce(or_, map(_in_requests, arguments))
    return hint


@cache
def _nested_request(declared: Declared) -> type[Body]:
    # A nested object is always sent whole, in a PATCH too.
    return request(declared.__name__, CREATE, declared)
