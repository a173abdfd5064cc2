"""What profiles and types looked like before the last changes: what a list that lags behind would still show."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

REMEMBERED_CHANGES = 20

Kind = Literal["type", "profile"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One change: how the object and its versions' members were answered before it.

    ``before`` is ``None`` where the object did not exist. Answers are put together only when somebody asks.
    """

    kind: Kind
    id: str
    before: Callable[[], Json] | None = None
    members: dict[int, Callable[[], list[Json]]] = field(default_factory=dict)


class Journal:
    """The last changes, oldest first."""

    def __init__(self) -> None:
        self._changes: deque[Change] = deque(maxlen=REMEMBERED_CHANGES)

    def record(self, change: Change) -> None:
        """Record a change that is about to be made."""
        self._changes.append(change)

    def clear(self) -> None:
        """Clear all changes."""
        self._changes.clear()

    def stale_page(
        self, kind: Kind, values: list[Json], mutations: int, exists: Callable[[str], bool] | None
    ) -> list[Json]:
        """Return the page as it was before the last ``mutations`` changes.

        Objects that were deleted since are put on the page for which ``exists`` is given: the last one.
        """
        changes = [change for change in self._oldest(mutations).values() if change.kind == kind]
        old = {change.id: change.before and change.before() for change in changes}
        page = [old.get(value["id"], value) for value in values]
        deleted = [] if exists is None else [before for key, before in old.items() if not exists(key)]
        return [value for value in page + deleted if value is not None]

    def stale_members(self, profile_id: str, version: int, mutations: int) -> list[Json] | None:
        """Return a version's members before the last ``mutations`` changes; ``None`` where they did not change."""
        change = self._oldest(mutations).get(("profile", profile_id))
        return change.members[version]() if change is not None and version in change.members else None

    def _oldest(self, mutations: int) -> dict[tuple[Kind, str], Change]:
        oldest: dict[tuple[Kind, str], Change] = {}
        for change in list(self._changes)[-mutations:] if mutations else []:
            oldest.setdefault((change.kind, change.id), change)
        return oldest
