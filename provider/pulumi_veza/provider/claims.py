"""The claims of a run: every resource claims its object, and no delete undoes what another resource has claimed.

A run is one process: the engine starts the provider anew for a preview and for the update that follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from threading import RLock


@dataclass
class _Members:
    """The identities of one version that each resource lists, and those that this run has removed."""

    listed: dict[str, frozenset[str]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)


class Claims:
    """The registry of one run. Thread-safe. An owner is a resource in words, such as ``AccessProfile 'developer'``."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._owners: dict[Hashable, str] = {}
        # By profile and selector as written: which version `current` is, only the tenant knows.
        self._members: defaultdict[tuple[str, str], _Members] = defaultdict(_Members)
        self._member_locks: defaultdict[str, RLock] = defaultdict(RLock)
        self._registered: set[str] = set()

    def register(self, owner: str) -> None:
        """Record that the program of this run declares ``owner``."""
        with self._lock:
            self._registered.add(owner)

    def registered(self, owner: str) -> bool:
        """Return whether the program of this run has declared ``owner`` so far."""
        with self._lock:
            return owner in self._registered

    def claim(self, thing: Hashable, owner: str, previous_owner: str | None = None) -> str | None:
        """Claim ``thing``; return the resource of this run that holds it already, if there is one.

        A claim of ``previous_owner``, the same resource before an alias renamed it, is transferred.
        """
        with self._lock:
            holder = self._owners.get(thing)
            if holder in (None, owner, previous_owner):
                self._owners[thing] = owner
                return None
            return holder

    def holder(self, thing: Hashable) -> str | None:
        """Return who has claimed ``thing`` in this run."""
        with self._lock:
            return self._owners.get(thing)

    def member_lock(self, profile_id: str) -> RLock:
        """Return the lock that serialises member changes of one profile (read, decide, write).

        Without it, two sets of one profile would each decide by a list that the other is about to change.
        """
        with self._lock:
            return self._member_locks[profile_id]

    def register_members(self, profile_id: str, selector: str, owner: str, identity_ids: Iterable[str]) -> None:
        """Record the identities that ``owner`` lists."""
        with self._lock:
            self._members[profile_id, selector].listed[owner] = frozenset(identity_ids)

    def lost_members(self, profile_id: str, selector: str, owner: str) -> frozenset[str]:
        """Return the identities that ``owner`` lists and that another set of this run has removed."""
        with self._lock:
            members = self._members[profile_id, selector]
            return members.listed.get(owner, frozenset()) & members.removed

    def other_sets(self, profile_id: str, selector: str, owner: str) -> list[str]:
        """Return the other resources of this run that list members under the same selector."""
        with self._lock:
            return sorted(self._members[profile_id, selector].listed.keys() - {owner})

    def remove_members(
        self, profile_id: str, selectors: Collection[str], owner: str | None, identity_ids: Iterable[str]
    ) -> set[str]:
        """Return the identities that no other resource lists, and record them as removed.

        ``selectors`` are all the names of one version. Without ``owner``, for a resource that is being deleted, every
        identity that a resource of this run lists stays.
        """
        with self._lock:
            removable = set(identity_ids) - self.listed_elsewhere(profile_id, selectors, owner)
            for selector in selectors:
                self._members[profile_id, selector].removed |= removable
            return removable

    def listed_elsewhere(self, profile_id: str, selectors: Collection[str], owner: str | None) -> set[str]:
        """Return the identities that other resources of this run list."""
        with self._lock:
            listed = (self._members[profile_id, selector].listed for selector in selectors)
            return set().union(*(ids for each in listed for who, ids in each.items() if who != owner))
