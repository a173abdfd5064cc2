"""The fields of a resource: declared once, as annotations of a kind's ``Args`` and ``State``.

A field is declared as ``name: Annotated[Input[type], InputField("what it means", ...)]``. Its check, canonical form,
comparison, conversion to and from the API and documentation are derived from that line.
"""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property
from typing import Any, Final, Literal, Union

import typing_extensions
from typing_extensions import override

from pulumi_veza.fields.field_types import (
    UNKNOWN,
    Boolean,
    FieldType,
    JsonMapping,
    JsonObject,
    ListOf,
    Meaning,
    Number,
    SetOf,
    String,
    contains_unknown,
    type_name,
)
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.selector import Selector
from pulumi_veza.fields.spelling import loose
from pulumi_veza.reports.words import nearest

_SOURCE_FAILED: Final = ", or correct first the resource that gives it, where that has failed"
"""What `pulumi up --continue-on-error` leads to: the engine goes on without the id of what was not made."""


class SentIn(Flag):
    """The requests that send a field; a field that none sends is an option of this provider."""

    NEVER = 0
    CREATE = auto()
    """The POST that creates the object."""
    UPDATE = auto()
    """The PATCH on the object itself."""
    CONTENT = auto()
    """The PATCH on a version of a profile."""


@dataclass(frozen=True)
class InputField:
    """Declares a field that a user writes."""

    doc: str
    """Meaning, unit and shape, for the public documentation."""
    sent: SentIn = SentIn.NEVER
    api: str | None = None
    """The field's name in the API, where it differs."""
    default: Any = None
    replace: bool = False
    """Whether a change replaces the object."""
    create_only: bool = False
    """Whether the create alone reads it: with an existing object it may change, come and go, and that is no change."""
    key: Callable[[Any], str] | None = None
    """Makes the list a set: returns the identity of an element."""
    non_empty: bool = False
    """Whether an empty or blank text, or an empty list, is refused."""
    enumeration: bool = False
    """Whether the text is a name of an enumeration of the API."""
    meaning: Meaning = "text"
    """Whether the text, or each text of the list, is a ``name`` or an ``id``."""
    ignores_case: bool = False
    """Whether elements of the set that differ only in case are refused."""
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True)
class OutputField:
    """Declares a field that the server or the provider computes."""

    doc: str
    repeats: tuple[str, ...] = ()
    """The arguments whose values it repeats; it is secret where one of them is."""


@dataclass(frozen=True)
class Field:
    """A field that a user writes."""

    name: str
    type: FieldType
    input: InputField
    required: bool

    @property
    def api(self) -> str:
        """The name in the API."""
        return self.input.api or self.name

    @property
    def is_set(self) -> bool:
        """Whether the value is a list in the program and a map in the state."""
        return isinstance(self.type, SetOf)


@dataclass(frozen=True)
class Object(FieldType):
    """A nested object with named fields."""

    schema: Schema
    listed_once = True

    @property
    @override
    def empty(self) -> Any:
        return {}

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.add(path, f"expected a mapping with {self.schema.names()}, got {type_name(value)}")
            return value
        return self.schema.check(value, problems, prefix=f"{path}.")

    @override
    def canon(self, value: Any) -> Any:
        if value is None:
            return None
        pairs = ((f.name, f.type.canon(value.get(f.name))) for f in self.schema)
        return {name: canon for name, canon in pairs if canon is not None} or None

    @override
    def to_api(self, value: Any) -> Any:
        if value is None:
            return None
        return {f.api: f.type.to_api(value[f.name]) for f in self.schema if value.get(f.name) is not None}

    @override
    def from_api(self, live: Any, like: Any = None) -> Any:
        if live is None and self.canon(like) is not None:
            # Null is told: the object is empty. What is omitted inside of an object is not.
            return {}
        live = live or {}
        if not like:
            found = {f.name: f.type.from_api(live[f.api]) for f in self.schema if live.get(f.api) is not None}
            return {k: v for k, v in found.items() if self.schema[k].type.canon(v) is not None}
        kept = {}
        for f in self.schema:
            if f.name in like:
                kept[f.name] = f.type.from_api(live[f.api], like[f.name]) if f.api in live else like[f.name]
        return kept


class Schema:
    """The fields of a kind or of a nested object, in the order in which they are declared."""

    def __init__(self, args: type, state: type | None = None) -> None:
        self._args = args
        self._state = state

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields that a user writes, by name."""
        return {name: _field(name, hint) for name, hint in _hints(self._args).items()}

    @cached_property
    def outputs(self) -> dict[str, OutputField]:
        """The computed fields, by name."""
        found: dict[str, OutputField] = {}
        for name, hint in _hints(self._state).items() if self._state else ():
            found[name] = next(m for m in typing.get_args(hint) if isinstance(m, OutputField))
        return found

    # The names alone are what a program needs: the types take long to evaluate.

    @cached_property
    def arguments(self) -> frozenset[str]:
        """The names of the fields that a user writes."""
        return frozenset(self._args.__annotations__)

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """The names of all fields, the computed ones first."""
        return (*(self._state.__annotations__ if self._state else ()), *self._args.__annotations__)

    @cached_property
    def whole_numbers(self) -> frozenset[str]:
        """The fields and computed fields that are whole numbers, which the engine sends as fractions."""
        written = {f.name for f in self if isinstance(f.type, Number)}
        computed = {name for name, hint in _hints(self._state).items() if typing.get_args(hint)[0] is int}
        return frozenset(written | computed)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def names(self) -> str:
        """List the fields in words, required ones first and marked."""
        ordered = sorted(self, key=lambda f: not f.required)
        return ", ".join(f"{f.name} (required)" if f.required else f.name for f in ordered)

    def nearest(self, name: str) -> str | None:
        """Return the field with the most similar name, for a suggestion."""
        return nearest(name, self.fields)

    def check(self, values: Mapping[str, Any], problems: Problems, prefix: str = "") -> JsonObject:
        """Return the fields in state shape, with defaults; ``values`` itself is not changed."""
        for name in values:
            if name not in self.fields:
                near = self.nearest(name)
                instead = f"did you mean {near}?" if near else f"the fields are {self.names()}"
                problems.add(f"{prefix}{name}", f"there is no such field; {instead}")
        found: JsonObject = {}
        for f in self:
            value = values.get(f.name)
            if value is None:
                value = f.input.default
            if value is None:
                if f.required:
                    of_another = not prefix and isinstance(f.type, String) and f.type.meaning == "id"
                    failed = _SOURCE_FAILED if of_another else ""
                    problems.add(f"{prefix}{f.name}", f"is required; add {f.name}=...{failed}")
                continue
            found[f.name] = value if value is UNKNOWN else f.type.check(value, f"{prefix}{f.name}", problems)
        return found

    def missing(self, values: Mapping[str, Any]) -> list[str]:
        """Return the names of the required fields that have no value."""
        return [f.name for f in self if f.required and values.get(f.name) is None]

    def value(self, values: Mapping[str, Any], name: str) -> Any:
        """Return a field's value, or its default where it has none."""
        value = values.get(name)
        return self[name].input.default if value is None else value

    def changed(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
        """Return the fields whose canonical values differ, without those that the create alone reads."""
        return [f.name for f in self if not f.input.create_only and not self.same(f, olds, news)]

    def newly_managed_or_released(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
        """Return the fields whose value is empty before and after but that became managed or unmanaged.

        A field whose change replaces the object is not among them, as an empty value needs no new object.
        """
        return [
            f.name
            for f in self
            if f.input.sent
            and not f.input.replace
            and f.input.default is None
            and (olds.get(f.name) is None) is not (news.get(f.name) is None)
            and self.same(f, olds, news)
        ]

    def same(self, field: Field, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Return whether a field is equal; a value that is not known yet is equal to none."""
        old, new = self.value(olds, field.name), self.value(news, field.name)
        if contains_unknown(new) or contains_unknown(old):
            return False
        return bool(field.type.canon(old) == field.type.canon(new))

    def loosely_same(self, field: Field, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Return whether a field is equal, or differs only as a tenant may keep what it is sent: see `loose`."""
        return self.same(field, olds, news) or _loose(field, olds) == _loose(field, news)

    def to_api(self, values: Mapping[str, Any], sent: SentIn, only: Iterable[str] | None = None) -> JsonObject:
        """Return a request's body: the fields in ``values``, or those in ``only``, which may be empty."""
        names = set(only) if only is not None else {n for n, v in values.items() if v is not None}
        return {f.api: f.type.to_api(values.get(f.name)) for f in self if f.name in names and sent & f.input.sent}

    def from_api(self, live: Mapping[str, Any], like: Mapping[str, Any] | None) -> JsonObject:
        """Convert what the server holds to state shape: the fields that ``like`` manages, or all of them.

        A field that the response omits is unknown, not empty, so its value in ``like`` is kept.
        """
        found: JsonObject = {}
        for f in self:
            if f.input.sent is SentIn.NEVER:
                if like is not None and like.get(f.name) is not None:
                    found[f.name] = like[f.name]
            elif like is None:
                if live.get(f.api) is not None:
                    found[f.name] = f.type.from_api(live[f.api])
            elif like.get(f.name) is not None:
                found[f.name] = f.type.from_api(live[f.api], like[f.name]) if f.api in live else like[f.name]
        return found

    def computed(self, live: Mapping[str, Any], olds: Mapping[str, Any]) -> JsonObject:
        """Return the outputs that the server sent, else the old ones; its lists have no order and are sorted."""
        said = {name: live.get(name, olds.get(name)) for name in self.outputs}
        return {name: sorted(value) if isinstance(value, list) else value for name, value in said.items()}


def _loose(field: Field, values: Mapping[str, Any]) -> object:
    canon = field.type.canon(values.get(field.name))
    if contains_unknown(canon):
        return object()
    # The keys of a set are the identities of its elements, in the spelling of the program or of the tenant.
    return {loose(each) for each in (canon or {}).values()} if field.is_set else loose(canon)


def _hints(declared: type | None) -> dict[str, Any]:
    # Pulumi's Input refers to Output[T] by a string that cannot be resolved where a kind is declared; only T matters.
    elsewhere = {"Output": Iterable, "T": Any}
    return typing_extensions.get_type_hints(declared, localns=elsewhere, include_extras=True) if declared else {}


def _field(name: str, hint: Any) -> Field:
    required = typing.get_origin(hint) is typing_extensions.Required
    if typing.get_origin(hint) in (typing_extensions.Required, typing_extensions.NotRequired):
        (hint,) = typing.get_args(hint)
    annotated, *marks = typing.get_args(hint)
    declared = next(m for m in marks if isinstance(m, InputField))
    return Field(name, _field_type(_plain(annotated), declared), declared, required)


def _plain(hint: Any) -> Any:
    """Return ``T`` of Pulumi's ``Input[T]``, which is a union of ``T``, ``Awaitable[T]`` and ``Output[T]``."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        for member in typing.get_args(hint):
            if typing.get_origin(member) is collections.abc.Awaitable:
                return _plain(typing.get_args(member)[0])
    return hint


def _field_type(hint: Any, declared: InputField) -> FieldType:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    found: FieldType | None = None
    if hint is str:
        found = String(non_empty=declared.non_empty, enumeration=declared.enumeration, meaning=declared.meaning)
    elif hint is bool:
        found = Boolean()
    elif hint is int:
        found = Number(declared.at_least, declared.at_most)
    elif origin is Literal:
        found = String(choices=tuple(inner))
    elif origin in (Union, types.UnionType) and set(inner) == {str, int}:
        found = Selector()
    elif origin is collections.abc.Mapping:
        found = JsonMapping()
    elif origin is collections.abc.Sequence:
        of = _field_type(_plain(inner[0]), InputField("", non_empty=True, meaning=declared.meaning))
        found = SetOf(of, declared.key, declared.non_empty, declared.ignores_case) if declared.key else ListOf(of)
    elif typing_extensions.is_typeddict(hint):
        found = Object(Schema(hint))
    if found is None:
        raise TypeError(f"no field type for {hint!r}")
    return found
