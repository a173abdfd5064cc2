"""Who owns what in this run: every resource claims its object, and no delete undoes what another resource has claimed.

A run is one process: the engine starts the provider anew for a preview and for the update that follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from threading import RLock


@dataclass
class _Members:
    """Who lists whom on a version of a profile, and who was removed from it in this run."""

    listed: dict[str, frozenset[str]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)


class Claims:
    """One registry for a run. An owner is a resource in words, such as ``AccessProfile 'developer'``."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._owners: dict[Hashable, str] = {}
        # By the profile and the selector as it is written: what `current` means is known only once the tenant is asked.
        self._members: defaultdict[tuple[str, str], _Members] = defaultdict(_Members)
        self._turns: defaultdict[str, RLock] = defaultdict(RLock)
        self._registered: set[str] = set()

    def register(self, owner: str) -> None:
        """Note that the program of this run declares ``owner``."""
        with self._lock:
            self._registered.add(owner)

    def registered(self, owner: str) -> bool:
        """Tell whether the program of this run declares ``owner``, as far as the engine has come."""
        with self._lock:
            return owner in self._registered

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

    def member_lock(self, profile_id: str) -> RLock:
        """Give the lock that a change of a profile's members is made under, from the look at them to the last request.

        Two sets of one profile would otherwise each decide by a list that the other one is about to change.
        """
        with self._lock:
            return self._turns[profile_id]

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
        """Name the other resources of this run that list members under the same selector."""
        with self._lock:
            return sorted(self._members[profile_id, selector].listed.keys() - {owner})

    def remove_members(
        self, profile_id: str, selectors: Collection[str], owner: str | None, identity_ids: Iterable[str]
    ) -> set[str]:
        """Take from ``identity_ids`` those that another resource lists; the rest is noted as removed and returned.

        ``selectors`` are all the names of one version. A resource that is being deleted has no ``owner``: whatever the
        run lists then stays.
        """
        with self._lock:
            removable = set(identity_ids) - self.listed_elsewhere(profile_id, selectors, owner)
            for selector in selectors:
                self._members[profile_id, selector].removed |= removable
            return removable

    def listed_elsewhere(self, profile_id: str, selectors: Collection[str], owner: str | None) -> set[str]:
        """Name those whom another resource of this run lists."""
        with self._lock:
            listed = (self._members[profile_id, selector].listed for selector in selectors)
            return set().union(*(ids for each in listed for who, ids in each.items() if who != owner))
