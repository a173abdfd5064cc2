"""The claims of a run: every resource claims its object, and no delete undoes what another resource has claimed.

A run is one process: the engine starts the provider anew for a preview and for the update that follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from threading import RLock
from typing import NamedTuple

from pulumi_veza.rules.identity import one_person
from pulumi_veza.rules.members import Others


class Owner(NamedTuple):
    """A resource of a program, distinguished as the engine does."""

    kind: str
    name: str = ""
    """Its name, behind that of its parent and a slash where it has one; empty where it is unknown."""
    parent: str = ""
    """The types of its parents, as in its URN; empty for a child of the stack."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}" if self.name else self.kind


@dataclass
class _Members:
    """The identities of one version that each resource lists and removes, and those that this run has removed."""

    listed: dict[Owner, frozenset[str]] = field(default_factory=dict)
    planned: dict[Owner, frozenset[str]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)


class Claims:
    """The registry of one run. Thread-safe."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._owners: dict[Hashable, Owner] = {}
        # By profile and selector as written: which version `current` is, only the tenant knows.
        self._members: defaultdict[tuple[str, str], _Members] = defaultdict(_Members)
        self._member_locks: defaultdict[str, RLock] = defaultdict(RLock)
        self._declared: dict[Owner, bool] = {}
        """The resources of the program; true where a read has followed the last check."""
        self._known: set[Owner] = set()

    def register(self, owner: Owner) -> None:
        """Record that the program of this run declares ``owner``."""
        with self._lock:
            self._declared[owner] = False
            self._known.add(owner)

    def note_read(self, owner: Owner) -> None:
        """Record a read: the diff that follows is that of a refresh, unless a check comes in between."""
        with self._lock:
            if owner in self._declared:
                self._declared[owner] = True

    def checked(self, owner: Owner) -> bool:
        """Return whether the last call on ``owner`` was a check, so that a diff compares it with the program."""
        with self._lock:
            return self._declared.get(owner) is False

    def vanished(self, owner: Owner) -> bool:
        """Return whether a program is running and has not declared ``owner``.

        Without any check it is not known whether a program is running, as in a destroy.
        """
        with self._lock:
            if owner.parent or "/" not in owner.name:
                declared = owner in self._declared
            else:
                # A state of 0.1.0 does not have the types of the parents.
                declared = any(each[:2] == owner[:2] for each in self._declared)
            return bool(self._declared) and not declared

    def in_words(self, owner: Owner) -> str:
        """Format a resource for a message: by its name, with the types of its parents where that is not unique."""
        with self._lock:
            alike = {each for each in self._known if each[:2] == owner[:2]} - {owner}
        if not alike:
            return str(owner)
        return f"{owner} in {owner.parent}" if owner.parent else f"{owner} at the top of the program"

    def claim(self, thing: Hashable, owner: Owner, previous_owner: Owner | None = None) -> Owner | None:
        """Claim ``thing``; return the resource of this run that holds it already, if there is one.

        A claim of ``previous_owner``, the same resource before an alias renamed it, is transferred.
        """
        with self._lock:
            holder = self._owners.get(thing)
            if holder in (None, owner, previous_owner):
                self._owners[thing] = owner
                return None
            return holder

    def holder(self, thing: Hashable) -> Owner | None:
        """Return who has claimed ``thing`` in this run."""
        with self._lock:
            return self._owners.get(thing)

    def member_lock(self, profile_id: str) -> RLock:
        """Return the lock that serialises member changes of one profile (read, decide, write).

        Without it, two sets of one profile would each decide by a list that the other is about to change.
        """
        with self._lock:
            return self._member_locks[profile_id]

    def register_members(self, profile_id: str, selector: str, owner: Owner, identity_ids: Iterable[str]) -> None:
        """Record the identities that ``owner`` lists."""
        with self._lock:
            self._known.add(owner)
            self._members[profile_id, selector].listed[owner] = frozenset(identity_ids)

    def plan_removal(self, profile_id: str, selector: str, owner: Owner, identity_ids: Iterable[str]) -> None:
        """Record the identities that ``owner`` will remove with this run."""
        with self._lock:
            self._members[profile_id, selector].planned[owner] = frozenset(identity_ids)

    def lost_members(self, profile_id: str, selector: str, owner: Owner) -> frozenset[str]:
        """Return the identities that ``owner`` lists and that another set of this run has removed."""
        with self._lock:
            members = self._members[profile_id, selector]
            return members.listed.get(owner, frozenset()) & members.removed

    def other_sets(self, profile_id: str, selector: str, owner: Owner) -> list[Owner]:
        """Return the other resources of this run that list members under the same selector."""
        with self._lock:
            return sorted(self._members[profile_id, selector].listed.keys() - {owner})

    def others(self, profile_id: str, selectors: Collection[str], owner: Owner | None) -> Others:
        """Return what other resources of this run list and will remove; ``selectors`` are all the names of one version.

        ``owner`` is None for a resource that is being deleted.
        """
        with self._lock:
            held = [self._members[profile_id, selector] for selector in selectors]
            listed = [ids for each in held for who, ids in each.listed.items() if who != owner]
            planned = [ids for each in held for who, ids in each.planned.items() if who != owner]
            return Others(frozenset().union(*listed), frozenset().union(*planned))

    def remove_members(
        self, profile_id: str, selectors: Collection[str], owner: Owner | None, identity_ids: Iterable[str]
    ) -> set[str]:
        """Return the identities that no other resource lists, and record them as removed.

        ``selectors`` are all the names of one version. Without ``owner``, for a resource that is being deleted, every
        identity that a resource of this run lists stays.
        """
        with self._lock:
            listed = self.others(profile_id, selectors, owner).listed
            ids = set(identity_ids)
            spelled = one_person(listed, ids)
            removable = ids - spelled
            for selector in selectors:
                self._members[profile_id, selector].removed |= removable
            return removable
