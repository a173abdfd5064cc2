"""The spelling of texts: characters that cannot be seen, and spellings that a tenant may keep of one text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

_LOOKS_EMPTY: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that Unicode counts as letters, marks or symbols, and that show nothing."""

_EMAIL: Final = re.compile(r"[^\s@:/]+@[^\s@:/]+\.[^\s@:/.]+")

_SHOWN: Final = 3


def is_invisible(char: str) -> bool:
    """Return whether a character cannot be seen: a blank, a control or a format character.

    One that is not assigned here may be a letter in a newer version of Unicode.
    """
    category = unicodedata.category(char)
    return (category[0] in "CZ" and category != "Cn") or char in _LOOKS_EMPTY


def visible_part(text: str) -> str:
    """Return a text without the invisible characters at its ends; empty where it has no visible one."""
    if text.isascii() and text.isprintable() and text == text.strip():
        # Nearly every text, and a set may have 100,000.
        return text
    start, end = 0, len(text)
    while start < end and is_invisible(text[start]):
        start += 1
    while end > start and is_invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def at_the_ends(text: str) -> str:
    r"""Describe the invisible characters at the ends of a text, escaped; empty where there are none.

    Example: ``begins with '\ufeff' and ends with '\r'``.
    """
    visible = visible_part(text)
    if visible == text:
        return ""
    if not visible:
        return f"has no visible character ({_characters(text)})"
    before, _, after = text.partition(visible)
    parts = [(before, "begins"), (after, "ends")]
    return " and ".join(f"{verb} with {_characters(part)}" for part, verb in parts if part)


def controls_inside(text: str) -> str:
    """Describe the control characters and line separators in a text, escaped; empty where there are none."""
    if text.isprintable():
        return ""
    found = [char for char in text if unicodedata.category(char) in {"Cc", "Zl", "Zp"}]
    return _characters(found) if found else ""


def _characters(chars: Iterable[str]) -> str:
    different = list(dict.fromkeys(chars))
    shown = ["a blank" if char == " " else ascii(char) for char in different[:_SHOWN]]
    return " ".join([*shown, *(["..."] if len(different) > _SHOWN else [])])


def composed(text: str) -> str:
    """Return a name for comparison: one accent is one character (NFC), however the program spells it."""
    return unicodedata.normalize("NFC", text)


def tidy(text: str) -> str:
    """Return a text as a tenant may keep it: composed, without HTML's escapes, and without blanks at its ends."""
    return visible_part(composed(unescaped(text)))


def unescaped(text: str) -> str:
    """Return a text without HTML's escapes."""
    # Its import takes time, and a program that declares resources runs without it.
    import html  # noqa: PLC0415

    return html.unescape(text)


def loose(value: Any) -> Any:
    """Return a JSON value for a comparison that ignores how a tenant may spell it.

    Texts are compared `tidy` and without case, numbers and booleans as texts, and a mapping or list like its JSON text.
    """
    if isinstance(value, Mapping):
        found = {str(loose(key)): loose(each) for key, each in value.items() if each is not None}
        return json.dumps(found, sort_keys=True)
    if isinstance(value, (list, tuple)):
        return json.dumps([loose(each) for each in value])
    if value is None:
        return ""
    if isinstance(value, str):
        text = tidy(value)
        return loose(_parsed(text)) if text.startswith(("{", "[")) and _parsed(text) is not None else text.casefold()
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, (dict, list)) else None


def looks_like_email(text: str) -> bool:
    """Return whether a text reads like an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def differing_in_case(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of different texts that are equal without case."""
    first: dict[str, str] = {}
    pairs = []
    for text in sorted(texts):
        other = first.setdefault(text.casefold(), text)
        if other != text:
            pairs.append((other, text))
    return pairs
