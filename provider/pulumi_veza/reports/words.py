"""Counts and lists in words, for messages and reports."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

LISTED: Final = 10
"""How many items a message lists before it only counts the rest."""

_JOINERS: Final = "\u200c\u200d"
"""Without these some scripts cannot be written."""


def visible(text: str) -> str:
    r"""Return a text in one line, in which what controls the display or cannot be encoded is escaped, as Python does.

    Names come from the tenant, where anybody may have written a line break into one, which begins a command of a
    build server, or a character that turns the writing direction. Examples: ``Eve\n::error::x``, ``\x1b[31m``.
    """
    if text.isprintable():
        return text
    return "".join(_named(each) if each not in _JOINERS and _steers(each) else each for each in text)


def _steers(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _named(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: ``1 member``, ``2,000 members``, or with ``many`` ``2 people``."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def listed(items: Iterable[str], *, most: int = LISTED, separator: str = ", ") -> str:
    """Return the first ``most`` items in sorted order, and how many more there are."""
    ordered = sorted(items)
    first = separator.join(ordered[:most])
    return first if len(ordered) <= most else f"{first} and {len(ordered) - most:,} more"


def people(count: int) -> str:
    """Return a count of people: ``1 person``, ``2,000 people``."""
    return counted(count, "person", "people")


def are(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun and its verb: ``1 member is``, ``2 members are``."""
    return f"{counted(count, one, many)} {'is' if count == 1 else 'are'}"


def were(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun and its verb in the past: ``1 member was``, ``2 members were``."""
    return f"{counted(count, one, many)} {'was' if count == 1 else 'were'}"


def people_who(count: int, verb: str) -> str:
    """Return a count of people with a verb: ``1 person loses``, ``2 people lose``."""
    return f"{people(count)} {verb}{'s' if count == 1 else ''}"


def shortened(name: str, longest: int = 60) -> str:
    """Return a name with at most so many of its characters, for a table or the middle of a sentence."""
    return name if len(name) <= longest else f"{name[:longest]}..."


def nearest(text: str, among: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the text that is most similar to another one, for a suggestion; None where none is similar enough."""
    # Nearly every program runs without it, and its import takes time.
    import difflib  # noqa: PLC0415

    return next(iter(difflib.get_close_matches(text, [*among], n=1, cutoff=cutoff)), None)
