"""How messages speak of members: counted, named, and never more than a line's worth of them."""

from __future__ import annotations

from collections.abc import Collection

NAMED = 10


def counted(ids: Collection[str]) -> str:
    """Say how many members there are."""
    return "1 member" if len(ids) == 1 else f"{len(ids)} members"


def named(ids: Collection[str], separator: str = ", ") -> str:
    """Name the first of them, in order, and say how many more there are."""
    first = separator.join(sorted(ids)[:NAMED])
    return first if len(ids) <= NAMED else f"{first} and {len(ids) - NAMED} more"
