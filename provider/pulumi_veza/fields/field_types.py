"""The types of the values of fields: how each is checked, compared, and converted to and from the API.

A value has one of three shapes:

* *program*: as a user wrote it, where a set is a list;
* *state*: as check returns it and the engine stores it, where a set is a map keyed by the identity of its elements: the
  engine shows the difference of two lists by index, and of two maps by key;
* *API*: as requests and responses hold it, under the API's names.
"""

from __future__ import annotations

import collections.abc
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from typing_extensions import override

from pulumi_veza.fields import spelling
from pulumi_veza.fields.problems import Problems
from pulumi_veza.reports.words import nearest

JsonObject = dict[str, Any]


class _Unknown:
    """A value that is computed during the deployment."""

    def __repr__(self) -> str:
        return "(unknown)"


UNKNOWN: Final = _Unknown()
"""The placeholder of a value that is not known yet; the shell converts it from and to Pulumi's own."""


class FieldType(ABC):
    """The type of a value."""

    empty: Any = None

    listed_once: bool = False
    """Whether a duplicate element of this type in a set is refused rather than ignored."""

    @abstractmethod
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        """Convert program or state shape to state shape; add what is invalid to ``problems``."""

    @abstractmethod
    def canon(self, value: Any) -> Any:
        """Return the canonical form of a value in state shape, for comparison; ``None`` for every empty value."""

    def to_api(self, value: Any) -> Any:
        """Convert state shape to API shape; ``None`` becomes the type's empty value."""
        return self.empty if value is None else value

    def from_api(self, live: Any, like: Any = None) -> Any:
        """Convert API shape to state shape; ``like`` is the value in the state.

        Of a nested object only the fields that ``like`` has are returned, as fields that the server adds are no drift.
        A value equal to ``like`` is returned in the notation of ``like``.
        """
        if like is not None and self.canon(live) == self.canon(like):
            return like
        return self.empty if live is None else live


def type_name(value: Any) -> str:
    """Return the type of a value in plain words, for a message."""
    names = {bool: "a boolean", str: "a text", int: "a number", float: "a fraction", type(None): "nothing"}
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "a list"
    return names.get(type(value), type(value).__name__)


def integral(value: Any) -> Any:
    """Return a float that is a whole number as an int, as the engine sends every number as a float."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return value


Meaning = Literal["text", "name", "id"]
"""The meaning of a text: an ``id`` with invisible characters at its ends is refused, and never normalised; a ``name``
is warned of, and compared without a difference between composed and decomposed accents; any other is only a ``text``.
"""


@dataclass(frozen=True)
class String(FieldType):
    """A text, possibly restricted to a few choices."""

    choices: tuple[str, ...] = ()
    non_empty: bool = False
    enumeration: bool = False
    """An enumeration whose names are not all documented: written by name, and the API may respond with a number."""
    meaning: Meaning = "text"
    empty = ""

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, str):
            hint = f"write one of {', '.join(self.choices)}" if self.choices else "write a text in quotes"
            if (self.choices or self.enumeration) and type_name(value) == "a number":
                hint += " (the enumeration's name, never its number)"
            problems.add(path, f"expected a text, got {type_name(value)}; {hint}")
            return value
        if self.choices:
            return self._choose(value, path, problems)
        if self.enumeration and value.strip().isdecimal():
            problems.add(path, "write the enumeration's name, never its number", show_value=True)
        if self.non_empty and not value.strip():
            problems.add(path, "must not be empty; write a text of at least one visible character")
        elif self.meaning != "text":
            self._check_spelling(value, path, problems)
        return value

    def _check_spelling(self, value: str, path: str, problems: Problems) -> None:
        # The value without those characters is not shown: where it is secret, only the value itself is redacted.
        ends = spelling.at_the_ends(value)
        if ends and self.meaning == "name":
            problems.warn(path, f"({value!r}) {ends}")
        elif ends:
            problems.add(
                path,
                f"{value!r} {ends}, as no id does; write it without them (strip the lines of a file, "
                'and open it with encoding="utf-8-sig")',
            )
        elif self.meaning == "id" and (inside := spelling.controls_inside(value)):
            problems.add(path, f"{value!r} contains {inside}, as no id does; write one id without it")

    def _choose(self, value: str, path: str, problems: Problems) -> str:
        for choice in self.choices:
            if value.strip().casefold() == choice.casefold():
                return choice
        near = nearest(value.casefold(), map(str.casefold, self.choices))
        guess = next((f"; did you mean {c}?" for c in self.choices if c.casefold() == near), "")
        problems.add(path, f"must be one of {', '.join(self.choices)}{guess}", show_value=True)
        return value

    @override
    def canon(self, value: Any) -> Any:
        return spelling.composed(value) if value and self.meaning == "name" else value or None

    @override
    def from_api(self, live: Any, like: Any = None) -> Any:
        if (self.choices or self.enumeration) and isinstance(live, str) and live.isdecimal():
            # A number without a documented name may stand for the name that the program wrote.
            if like:
                return like
            # Protobuf writes an enumeration that was never set as zero.
            return self.empty if live == "0" else live
        return super().from_api(live, like)


@dataclass(frozen=True)
class Number(FieldType):
    """A whole number."""

    at_least: int | None = None
    at_most: int | None = None
    empty = 0

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        number = integral(value)
        low, high = self.at_least, self.at_most
        bounds = f"from {low} to {high}" if high is not None else f"of at least {low}"
        if isinstance(number, bool) or not isinstance(number, int):
            problems.add(path, f"expected a whole number {bounds}, got {type_name(number)}")
        elif (low is not None and number < low) or (high is not None and number > high):
            problems.add(path, f"must be a whole number {bounds}", show_value=True)
        return number

    @override
    def canon(self, value: Any) -> Any:
        return integral(value) or None


@dataclass(frozen=True)
class Boolean(FieldType):
    """True or False."""

    empty = False

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, bool):
            problems.add(path, f"must be True or False, got {type_name(value)}")
        return value

    @override
    def canon(self, value: Any) -> Any:
        return value or None


def _not_in_json(value: Any, path: str) -> Iterator[str]:
    """Yield the paths of numbers that JSON cannot represent: infinities and NaN."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _not_in_json(each, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from _not_in_json(each, f"{path}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield path


@dataclass(frozen=True)
class JsonMapping(FieldType):
    """A free-form mapping of JSON values."""

    @property
    @override
    def empty(self) -> Any:
        return {}

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.add(path, f'expected a mapping such as {{"key": "value"}}, got {type_name(value)}')
            return value
        for place in _not_in_json(value, path):
            problems.add(place, "is not a number that JSON can hold; write a finite number or a text")
        return self._tidy(value)

    def _tidy(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(k): self._tidy(value[k]) for k in sorted(value, key=str) if value[k] is not None}
        if isinstance(value, (list, tuple)):
            return [self._tidy(v) for v in value]
        return integral(value)

    @override
    def canon(self, value: Any) -> Any:
        return (self._tidy(value) if value else None) or None


@dataclass(frozen=True)
class ListOf(FieldType):
    """An ordered list."""

    of: FieldType

    @property
    @override
    def empty(self) -> Any:
        return []

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        if isinstance(value, (str, Mapping)) or not isinstance(value, collections.abc.Iterable):
            problems.add(path, f"expected a list, got {type_name(value)}")
            return value
        return [v if v is UNKNOWN else self.of.check(v, f"{path}[{i}]", problems) for i, v in enumerate(value)]

    @override
    def canon(self, value: Any) -> Any:
        return [self.of.canon(v) for v in value or ()] or None

    @override
    def to_api(self, value: Any) -> Any:
        return [self.of.to_api(v) for v in value or ()]

    @override
    def from_api(self, live: Any, like: Any = None) -> Any:
        live = live or []
        likes = list(like or []) + [None] * len(live)
        return [self.of.from_api(item, old) for item, old in zip(live, likes, strict=False)]


SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"  # noqa: S105  # the engine's marker of a wrapped value, no secret


def state_key(identity: str) -> str:
    """Return the key of an element of a set in the state.

    The engine hides keys that begin with ``__`` and takes its own signature for a wrapped value, so both are escaped.
    So is what looks like the key of an element that is not known yet.
    """
    hidden = identity.startswith(("__", "\\")) or identity == SECRET_SIGNATURE
    return f"\\{identity}" if hidden or _PLACEHOLDER.search(identity) else identity


def identity_in(key: str) -> str:
    """Return the identity of an element by its key in the state, the inverse of `state_key`."""
    return key.removeprefix("\\")


_PLACEHOLDER = re.compile(r"\(unknown \d+\)$")


@dataclass(frozen=True)
class SetOf(FieldType):
    """A set: a list in the program and in the API, a map keyed by the identity of its elements in the state."""

    of: FieldType
    key: Callable[[Any], str]
    non_empty: bool = False
    ignores_case: bool = False
    """Whether elements that differ only in case are refused, as the tenant may take them for one."""

    @property
    @override
    def empty(self) -> Any:
        return {}

    @override
    def check(self, value: Any, path: str, problems: Problems) -> Any:
        if isinstance(value, str) or not isinstance(value, collections.abc.Iterable):
            problems.add(path, f"expected a list, got {type_name(value)}; write [...] around the elements")
            return value
        elements = list(value.values()) if isinstance(value, Mapping) else list(value)
        before = len(problems.failures)
        found: JsonObject = {}
        unknowns = 0
        for index, element in enumerate(elements):
            if element is UNKNOWN:
                unknowns += 1
                found[f"(unknown {unknowns})"] = element
                continue
            known = len(problems.failures)
            checked = self.of.check(element, f"{path}[{index}]", problems)
            if len(problems.failures) > known:
                continue
            key = state_key(self.key(checked))
            if key in found and self.of.listed_once:
                if contains_unknown(checked):
                    unknowns += 1
                    key = f"{key} (unknown {unknowns})"
                else:
                    same = self.of.canon(found[key]) == self.of.canon(checked)
                    alike = "" if same else ", or is the text of two, of which the state can hold one"
                    problems.add(f"{path}[{index}]", f"{key} is listed twice{alike}; remove one of the two")
            found[key] = checked
        self._check_case(found, path, problems)
        problems.shorten(before, path)
        valid = len(problems.failures) == before
        if isinstance(value, Mapping) and (
            value.keys() != found.keys() if valid else not self._is_in_state_shape(value)
        ):
            # State shape is accepted too; the keys of any other mapping would be lost, and its values are no elements.
            del problems.failures[before:]
            problems.add(path, "expected a list, got a mapping; write [...] around the elements")
        if self.non_empty and not found and not problems.failures:
            problems.add(path, "must list at least one element")
        return dict(sorted(found.items()))

    def _is_in_state_shape(self, value: Mapping[str, Any]) -> bool:
        try:
            return all(contains_unknown(each) or state_key(self.key(each)) == key for key, each in value.items())
        except (AttributeError, TypeError):
            return False

    def _check_case(self, found: JsonObject, path: str, problems: Problems) -> None:
        known = [each for each in found.values() if isinstance(each, str)] if self.ignores_case else []
        for one, other in spelling.differing_in_case(known):
            reason = "differ only in case, and the tenant may take them for one; write it once, as it is in Veza"
            problems.add(path, f"{one!r} and {other!r} {reason}")

    @override
    def canon(self, value: Any) -> Any:
        return {k: self.of.canon(v) for k, v in (value or {}).items()} or None

    @override
    def to_api(self, value: Any) -> Any:
        # The engine does not preserve the order of keys; sorted, the same set is always the same request.
        return [self.of.to_api(v) for _, v in sorted((value or {}).items())]

    @override
    def from_api(self, live: Any, like: Any = None) -> Any:
        like = like or {}
        found = {}
        for item in live or ():
            key = state_key(self.key(self.of.from_api(item)))
            found[key] = self.of.from_api(item, like.get(key))
        return dict(sorted(found.items()))


def identity(element: str) -> str:
    """Return the identity of a text in a set: the text itself."""
    return element


def contains_unknown(value: Any) -> bool:
    """Return whether any part of ``value`` is not known yet."""
    if isinstance(value, str):
        return False
    if isinstance(value, Mapping):
        return any(contains_unknown(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return any(contains_unknown(v) for v in value)
    return value is UNKNOWN
