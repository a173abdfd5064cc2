"""The values that Pulumi's protocol changes or cannot carry between a program, a provider and the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_veza.fields.field_types import SECRET_SIGNATURE

DEEPEST: Final = 25
"""The deepest nesting of mappings and lists that reaches the provider: protobuf stops at 100 nested messages, and each
level takes three of them."""

LARGEST: Final = 2**53
"""The largest whole number that is exact: every number is sent as a double."""


def problems(path: str, value: Any, depth: int = 0) -> Iterator[str]:
    """Yield a message for each part of a value that cannot be carried, with what to write instead."""
    if depth > DEEPEST:
        yield f"{path.partition('.')[0]}: is nested in more than {DEEPEST} levels; make the inner part a text"
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key == SECRET_SIGNATURE:
                yield f"{path}: the key {key} is Pulumi's own mark of a wrapped value; choose another key"
            else:
                yield from _text(path, key, "the key")
                yield from problems(f"{path}.{key}", each, depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from problems(f"{path}[{index}]", each, depth + 1)
    elif isinstance(value, int) and abs(value) > LARGEST and not _is_exact(value):
        yield f"{path}: a whole number beyond 2**53 loses digits in Pulumi; make it a text"
    else:
        yield from _text(path, value, "the text")


def _text(path: str, value: Any, what: str) -> Iterator[str]:
    if not isinstance(value, str):
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        yield f"{path}: {what} is not valid Unicode (half of a surrogate pair); correct it"


def _is_exact(value: int) -> bool:
    # A large float of the program arrives as a whole number.
    try:
        return int(float(value)) == value
    except OverflowError:
        return False
