"""Redacts the values that a program marked as secret in every message.

The engine passes plain values to a dynamic provider, so only the program knows which arguments are secret. The resource
class sends their names under ``SECRETS_KEY``; the state stores them, and their values are redacted in every message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_veza.errors import one_line

SECRETS_KEY: Final = "__secrets"
"""The key of the names of the secret arguments in inputs and outputs; absent where there is none."""

HIDDEN: Final = "[secret]"
"""What a message has in place of a secret."""

_SHORTEST: Final = 3
"""The shortest text that is redacted: without shorter ones no message would be readable."""


def names(props: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the secret arguments."""
    return frozenset(props.get(SECRETS_KEY) or ())


def conceal(text: str, *resources: Mapping[str, Any]) -> str:
    """Redact the values of the secret arguments of inputs or outputs in a text, even where it truncates them."""
    secrets = {form for props in resources for name in names(props) for form in _forms(props.get(name))}
    if not secrets:
        return text
    longest_first = sorted(secrets, key=len, reverse=True)
    text = re.sub("|".join(map(re.escape, longest_first)), HIDDEN, text)
    return _conceal_cut(text, longest_first)


def _conceal_cut(text: str, secrets: list[str]) -> str:
    """Redact the beginnings of secrets before the dots at which a text is truncated."""
    parts = text.split("...")
    for index, part in enumerate(parts[:-1]):
        cut = max((_overlap(part, secret) for secret in secrets), default=0)
        if cut >= _SHORTEST:
            parts[index] = f"{part[:-cut]}{HIDDEN}"
    return "...".join(parts)


def _overlap(text: str, secret: str) -> int:
    """Count how many characters at the end of ``text`` are the beginning of ``secret``."""
    possible = range(min(len(text), len(secret)), 0, -1)
    return next((length for length in possible if text.endswith(secret[:length])), 0)


def _forms(value: Any) -> Iterator[str]:
    """Yield every spelling in which a message may contain the texts of a value."""
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
