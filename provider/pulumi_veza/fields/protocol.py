"""The values that Pulumi's protocol changes or cannot carry between a program, a provider and the state."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import inspect
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pulumi_veza.errors import one_line
from pulumi_veza.fields.field_types import SECRET_SIGNATURE

DEEPEST: Final = 25
"""The deepest nesting of mappings and lists that reaches the provider: protobuf stops at 100 nested messages, and each
level takes three of them."""

LARGEST: Final = 2**53
"""The largest whole number that is exact: every number is sent as a double."""

HIDDEN: Final = "__"
"""The beginning of the keys that the engine shows in no preview, so that a change of their values is an empty diff."""

_LONGEST_KEY: Final = 40

_BYTES: Final = (bytes, bytearray, memoryview)


def problems(path: str, value: Any, *, later: Callable[[Any], bool] | None = None, depth: int = 0) -> Iterator[str]:
    """Yield a message for each part of a value that cannot be carried, with what to write instead.

    Args:
        path: The place of the value, such as ``custom_properties.since``.
        value: What the tenant holds; with ``later`` what a program wrote, which may have any type and key.
        later: Whether Pulumi itself resolves a part of the program's value later, such as an output.
        depth: In how many mappings and lists the value is nested.

    """
    if later is not None and later(value):
        return
    if depth > DEEPEST:
        yield f"{path.partition('.')[0]}: is nested in more than {DEEPEST} levels; make the inner part a text"
    elif isinstance(value, Mapping):
        for key, each in value.items():
            refusal = _of_key(path, key, in_program=later is not None)
            yield from [refusal] if refusal else problems(f"{path}.{key}", each, later=later, depth=depth + 1)
    elif _is_list(value):
        for index, each in enumerate(value):
            yield from problems(f"{path}[{index}]", each, later=later, depth=depth + 1)
    elif refusal := _of_scalar(value):
        yield f"{path}: {refusal}"


def _of_scalar(value: Any) -> str | None:
    if isinstance(value, str):
        return None if _is_unicode(value) else "the text is not valid Unicode (half of a surrogate pair); correct it"
    if isinstance(value, int):
        # A boolean is one as well.
        small = abs(value) <= LARGEST or _is_exact(value)
        return None if small else "a whole number beyond 2**53 loses digits in Pulumi; make it a text"
    if value is None or isinstance(value, float):
        return None
    return f"Pulumi cannot send {_described(value)}; {_instead_of(value)}"


def hidden_keys(path: str, value: Any) -> Iterator[str]:
    """Yield a message for each key of a program's value that the engine would hide, with what to write instead."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            refusal = _of_hidden_key(path, key) if isinstance(key, str) else None
            if refusal:
                yield refusal
            elif not isinstance(each, str):
                yield from hidden_keys(f"{path}.{key}", each)
    elif _is_list(value):
        for index, each in enumerate(value):
            yield from hidden_keys(f"{path}[{index}]", each)


def _of_key(path: str, key: Any, *, in_program: bool) -> str | None:
    if not isinstance(key, str):
        return f"{path}: the key {_shown(key)} is {_described(key)}, and keys must be texts; write {_shown(str(key))}"
    if key == SECRET_SIGNATURE:
        return f"{path}: the key {key} is Pulumi's own mark of a wrapped value; choose another key"
    if not _is_unicode(key):
        return f"{path}: the key is not valid Unicode (half of a surrogate pair); correct it"
    return _of_hidden_key(path, key) if in_program else None


def _of_hidden_key(path: str, key: str) -> str | None:
    if not key.startswith(HIDDEN):
        return None
    return (
        f"{path}: the key {_shown(key)} begins with two underscores, and Pulumi shows nothing of such a key, so that "
        f"its changes would be made unseen; write {_shown(key.lstrip('_') or 'key')}"
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, range, *_BYTES))


def _shown(value: Any) -> str:
    return one_line(repr(value), longest=_LONGEST_KEY)


def _described(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = "function" if inspect.isroutine(value) else type(value).__name__
    return f"{'an' if name[:1].lower() in set('aeiou') else 'a'} {name}"


_INSTEAD: Final[Sequence[tuple[tuple[type, ...], str]]] = (
    ((datetime.date, datetime.time), 'write a text: "{text}", or .isoformat()'),
    ((datetime.timedelta,), "write a number of seconds: .total_seconds()"),
    ((uuid.UUID, decimal.Decimal), 'write a text: "{text}", or str(...)'),
    (_BYTES, "write a text: .decode()"),
    ((os.PathLike,), "write a text: str(...)"),
    ((enum.Enum,), "write its value: .value"),
    ((set, frozenset), "write a list, which has an order: sorted(...)"),
    ((Iterable,), "write a list: list(...)"),
)
"""By types, what to write instead of a value that cannot be sent; the first that fits."""


def _instead_of(value: Any) -> str:
    """Return what to write instead of a value that cannot be sent."""
    if isinstance(value, type):
        members = list(value) if issubclass(value, enum.Enum) else []
        return f"write one of its values: .{members[0].name}.value" if members else "write a value, not its class"
    if isinstance(getattr(value, "id", None), str):
        return "write its id: .id"
    if dataclasses.is_dataclass(value):
        return "write a mapping: dataclasses.asdict(...)"
    if inspect.isroutine(value):
        return "call it: write its result"
    for types, instead in _INSTEAD:
        if isinstance(value, types):
            text = value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else value
            return instead.format(text=text)
    return "write a text, a number, True, False, a list or a mapping"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_exact(value: int) -> bool:
    # A large float of the program arrives as a whole number.
    try:
        return int(float(value)) == value
    except OverflowError:
        return False
