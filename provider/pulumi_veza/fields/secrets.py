"""Keeps what a program marked as secret out of every message.

The engine hands a dynamic provider plain values, so only the program's side knows which arguments are secret. It sends
their names along under ``SECRETS_KEY``; the state keeps them, and every text for people is cleaned of their values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_veza.errors import one_line

SECRETS_KEY: Final = "__secrets"
"""Holds the names of the secret arguments in inputs and outputs; absent where there is none."""

_SHORTEST: Final = 3
"""Shorter texts are no secrets, and taking them out would leave no message readable."""


def names(props: Mapping[str, Any]) -> frozenset[str]:
    """Name the arguments of a resource that are secret."""
    return frozenset(props.get(SECRETS_KEY) or ())


def conceal(text: str, *resources: Mapping[str, Any]) -> str:
    """Take the values of the secret arguments of these inputs or outputs out of a text, also where it cuts them off."""
    secrets = {form for props in resources for name in names(props) for form in _forms(props.get(name))}
    if not secrets:
        return text
    longest_first = sorted(secrets, key=len, reverse=True)
    text = re.sub("|".join(map(re.escape, longest_first)), "[secret]", text)
    return _conceal_cut(text, longest_first)


def _conceal_cut(text: str, secrets: list[str]) -> str:
    """Take out the beginnings of secrets before the dots that stand for the rest of a long text."""
    parts = text.split("...")
    for index, part in enumerate(parts[:-1]):
        cut = max((_overlap(part, secret) for secret in secrets), default=0)
        if cut >= _SHORTEST:
            parts[index] = f"{part[:-cut]}[secret]"
    return "...".join(parts)


def _overlap(text: str, secret: str) -> int:
    """Count how many characters at the end of ``text`` are the beginning of ``secret``."""
    possible = range(min(len(text), len(secret)), 0, -1)
    return next((length for length in possible if text.endswith(secret[:length])), 0)


def _forms(value: Any) -> Iterator[str]:
    """Give every way in which a message may spell the texts of a value."""
    for leaf in _leaves(value):
        for form in (leaf, repr(leaf)[1:-1], json.dumps(leaf)[1:-1], one_line(leaf, longest=len(leaf))):
            if len(form) >= _SHORTEST:
                yield form


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from _leaves(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)
