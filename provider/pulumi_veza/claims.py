"""Who owns what in this run: every resource claims its object, and no delete undoes what another resource has claimed.

A run is one process: the engine starts the provider anew for a preview and for the update that follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from threading import RLock


@dataclass
class _Members:
    """Who lists whom on one version of a profile, and who was removed from it in this run."""

    listed: dict[str, frozenset[str]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)


class Claims:
    """One registry for a run. An owner is a resource in words, such as ``AccessProfile 'developer'``."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._owners: dict[Hashable, str] = {}
        self._members: defaultdict[tuple[str, int], _Members] = defaultdict(_Members)

    def claim(self, thing: Hashable, owner: str, was: str | None = None) -> str | None:
        """Claim ``thing``; where another resource of this run holds it already, that one is returned instead.

        ``was`` is what the owner was called before an alias renamed it: its claim passes on.
        """
        with self._lock:
            holder = self._owners.get(thing)
            if holder in (None, owner, was):
                self._owners[thing] = owner
                return None
            return holder

    def holder(self, thing: Hashable) -> str | None:
        """Tell who has claimed ``thing`` in this run."""
        with self._lock:
            return self._owners.get(thing)

    def list_members(self, profile_id: str, version: int, owner: str, identity_ids: Iterable[str]) -> bool:
        """Note who is listed by ``owner``; tells whether somebody listed was removed earlier in this run."""
        with self._lock:
            members = self._members[profile_id, version]
            members.listed[owner] = frozenset(identity_ids)
            return not members.removed.isdisjoint(members.listed[owner])

    def listed_elsewhere(self, profile_id: str, version: int, owner: str | None) -> set[str]:
        """Name those whom another resource of this run lists."""
        with self._lock:
            listed = self._members[profile_id, version].listed
            return set().union(*(ids for who, ids in listed.items() if who != owner))

    def remove_members(self, profile_id: str, version: int, owner: str | None, identity_ids: Iterable[str]) -> set[str]:
        """Take from ``identity_ids`` those that another resource lists; the rest is noted as removed and returned.

        A resource that is being deleted has no ``owner``: whatever the run lists then stays.
        """
        with self._lock:
            removable = set(identity_ids) - self.listed_elsewhere(profile_id, version, owner)
            self._members[profile_id, version].removed |= removable
            return removable
