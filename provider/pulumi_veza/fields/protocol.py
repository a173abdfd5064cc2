"""What Pulumi's protocol cannot carry between a program, a provider and the state without changing or breaking it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_veza.fields.field_types import SECRET_SIGNATURE

DEEPEST: Final = 25
"""Nested mappings and lists from here on do not reach the provider: protobuf stops at 100 nested messages, of which
each level takes three."""

LARGEST: Final = 2**53
"""Every number travels as a double, which holds all whole numbers up to here."""


def problems(path: str, value: Any, depth: int = 0) -> Iterator[str]:
    """Say of each part of a value that cannot be carried what to write instead; what is not known yet passes."""
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
    # What a program writes as a large float comes back as the whole number that it is.
    try:
        return int(float(value)) == value
    except OverflowError:
        return False
