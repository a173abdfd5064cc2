"""The claims of a run: every resource claims its object, and no delete undoes what another resource has claimed.

A run is one process: the engine starts the provider anew for a preview and for the update that follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Condition, RLock, Timer
from time import monotonic
from typing import Final, NamedTuple

from pulumi_veza.rules.identity import one_person
from pulumi_veza.rules.members import LiveMember
from pulumi_veza.rules.removal_guard import GuardVerdict, is_emptied
from pulumi_veza.rules.urns import urn

PATIENCE: Final = 0.3
"""Seconds that a message, or a takeover, waits for the other resources of the program that are concerned."""


class Owner(NamedTuple):
    """A resource of a program, distinguished as the engine does."""

    kind: str
    name: str = ""
    """Its name, behind that of its parent and a slash where it has one; empty where it is unknown."""
    parent: str = ""
    """The types of its parents, as in its URN; empty for a child of the stack."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}" if self.name else self.kind

    def urn(self, stack: str) -> str | None:
        """Return its URN in a stack, given as ``dev::shop``; None where it is not known."""
        return urn(stack, self.parent, self.kind, self.name)


class PlannedRemoval(NamedTuple):
    """The members whom a membership set will remove with this run."""

    verdict: GuardVerdict
    people: Mapping[str, LiveMember]
    """The members as a message about this set may show them."""


@dataclass
class _Members:
    """What the resources of a run list, remove and know of the members of one version."""

    listed: dict[Owner, frozenset[str]] = field(default_factory=dict)
    planned: dict[Owner, PlannedRemoval] = field(default_factory=dict)
    expected: set[Owner] = field(default_factory=set)
    """The membership sets that the program declares for it."""
    exclusive: set[Owner] = field(default_factory=set)
    """Those of them that let nobody else be a member."""
    seen: set[Owner] = field(default_factory=set)
    """Those whose change the engine has asked for."""
    known: Mapping[str, LiveMember] | None = None
    """The members in the most recent of the states; None where no state has any."""
    known_at: str = ""
    removed: set[str] = field(default_factory=set)
    """The identities that this run has removed, in lower case."""
    vanished: set[str] = field(default_factory=set)
    """Those of them whom sets removed that the program no longer declares, and for whom nobody wrote a confirmation."""


@dataclass
class _Waiting:
    """What is to be printed once all membership sets of a profile have been seen."""

    held: dict[Owner, Callable[[], None]] = field(default_factory=dict)
    timer: Timer | None = None
    """What prints it where some of them are never seen."""


class Claims:
    """The registry of one run. Thread-safe."""

    def __init__(self) -> None:
        self.profile_names: dict[str, str] = {}
        """By id, the names of the profiles that resources of this run have in the state, for messages of a preview."""
        self.stack = ""
        """The stack and the project in URNs, as ``dev::shop``; empty where no resource of the program has told it."""
        self._lock = RLock()
        self._changed = Condition(self._lock)
        self._owners: dict[Hashable, Owner] = {}
        self._names: defaultdict[Hashable, dict[Owner, bool]] = defaultdict(dict)
        """By name, the resources that declare an object of it; true where an id tells which object that is."""
        # By profile and selector as written: which version `current` is, only the tenant and the states know.
        self._members: defaultdict[tuple[str, str], _Members] = defaultdict(_Members)
        self._versions: defaultdict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        """By profile and selector, when a state read it and the number of the version that it means."""
        self._waiting: defaultdict[str, _Waiting] = defaultdict(_Waiting)
        self._member_locks: defaultdict[str, RLock] = defaultdict(RLock)
        self._declared: dict[Owner, bool] = {}
        """The resources of the program; true where a read has followed the last check."""
        self._registered_at: dict[Owner, float] = {}
        self._challengers: dict[Owner, Owner] = {}
        """By new resource, the one of the state that has the object which the new one names to take over."""
        self._known: set[Owner] = set()
        self._kept: set[Owner] = set()
        """The resources in the state that the program declares still, under the names that the state has."""

    def register(self, owner: Owner) -> None:
        """Record that the program of this run declares ``owner``."""
        with self._lock:
            self._declared[owner] = False
            self._registered_at.setdefault(owner, monotonic())
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

    def keep(self, previous_owner: Owner) -> None:
        """Record that the program of this run declares the resource that the state has under this name."""
        with self._lock:
            self._kept.add(previous_owner)

    def vanished(self, owner: Owner) -> bool:
        """Return whether a program is running and has not declared ``owner``.

        Without any check it is not known whether a program is running, as in a destroy. The outputs that a delete gets
        may have the resource's name of before an alias renamed it: that is the name that `keep` has recorded.
        """
        with self._lock:
            if owner in self._kept:
                return False
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

    def claim(
        self, thing: Hashable, owner: Owner, previous_owner: Owner | None = None, *, has_it: bool = False
    ) -> Owner | None:
        """Claim ``thing``; return the resource of this run that holds it already, if there is one.

        A claim of ``previous_owner``, the same resource before an alias renamed it, is transferred. ``has_it`` says
        that ``owner`` is in the state: then the holder hears of it by `challenger`.
        """
        with self._lock:
            holder = self._owners.get(thing)
            if holder in (None, owner, previous_owner):
                self._owners[thing] = owner
                return None
            if has_it:
                self._challengers[holder] = owner
                self._changed.notify_all()
            return holder

    def challenger(self, owner: Owner) -> Owner | None:
        """Return the resource of the state that has what ``owner``, a new one, names to take over.

        The engine registers resources in a random order, so the new one may be created before the other is seen: it is
        waited for until a moment after the check of ``owner``.
        """
        with self._changed:
            end = self._registered_at.get(owner, 0.0) + PATIENCE
            self._changed.wait_for(lambda: owner in self._challengers, max(end - monotonic(), 0))
            return self._challengers.get(owner)

    def declare(self, name: Hashable, owner: Owner, *, by_id: bool) -> Owner | None:
        """Record that ``owner`` declares an object of this name; return the resource that it conflicts with, if any.

        Two resources may share a name where an id tells of each which object it is: tenants have objects of one name.
        """
        with self._lock:
            declared = self._names[name]
            for other, others_by_id in declared.items():
                if other != owner and not (by_id and others_by_id):
                    return other
            declared[owner] = by_id
            return None

    def declared_elsewhere(self, name: Hashable, owner: Owner) -> bool:
        """Return whether an object of this name belongs to another resource; an id tells who owns it in any case."""
        with self._lock:
            declared = self._names[name]
            return not declared.get(owner) and bool(declared.keys() - {owner})

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
            self.expect_set((profile_id, selector), owner)
            self._members[profile_id, selector].listed[owner] = frozenset(identity_ids)

    def expect_set(self, place: tuple[str, str], owner: Owner) -> None:
        """Record that the program declares the membership set ``owner``."""
        with self._lock:
            self._known.add(owner)
            self._members[place].expected.add(owner)

    def register_exclusive(self, place: tuple[str, str], owner: Owner) -> set[Owner]:
        """Record that ``owner`` lets nobody else be a member; return the other sets of the program that do so."""
        with self._lock:
            exclusive = self._members[place].exclusive
            exclusive.add(owner)
            return exclusive - {owner}

    def note_version(self, profile_id: str, selector: str, number: object, at: str = "") -> None:
        """Record the number of the version that a selector means, as a state has it; the most recent one counts."""
        # A state may have none.
        if isinstance(number, (int, float)):
            with self._lock:
                numbers = self._versions[profile_id]
                numbers[selector] = max(numbers.get(selector, ("", "")), (at, str(int(number))))

    def selectors(self, profile_id: str, selector: str) -> set[str]:
        """Return every selector that is known to mean the same version, ``selector`` among them."""
        with self._lock:
            numbers = {each: number for each, (_, number) in self._versions[profile_id].items()}
            number = numbers.get(selector, selector)
            return {selector, number, *(each for each, means in numbers.items() if means == number)}

    def _of_version(self, place: tuple[str, str]) -> list[_Members]:
        return [self._members[place[0], selector] for selector in sorted(self.selectors(*place), key=str)]

    def note_known(self, place: tuple[str, str], at: str, members: Mapping[str, LiveMember]) -> None:
        """Record the members that a state has, and when it read them; the most recent ones count."""
        with self._lock:
            held = self._members[place]
            if held.known is None or at >= held.known_at:
                held.known, held.known_at = members, at

    def known(self, place: tuple[str, str]) -> Mapping[str, LiveMember] | None:
        """Return the members in the most recent state of those that were seen; None where no state has any."""
        with self._lock:
            held = [each for each in self._of_version(place) if each.known is not None]
            return max(held, key=lambda each: each.known_at).known if held else None

    def plan_removal(self, place: tuple[str, str], owner: Owner, planned: PlannedRemoval) -> None:
        """Record the removal that ``owner`` will make with this run."""
        with self._lock:
            self._members[place].planned[owner] = planned

    def emptying(self, place: tuple[str, str]) -> list[tuple[Owner, PlannedRemoval]]:
        """Return the resources whose removals together leave nobody; none where some of them leave somebody."""
        with self._lock:
            held = self._of_version(place)
            planned = {who: removal for each in held for who, removal in each.planned.items()}
            removing = [(who, each) for who, each in sorted(planned.items()) if each.verdict.removal.removed]
            listed = frozenset[str]().union(*(ids for each in held for ids in each.listed.values()))
            removals = [each.verdict.removal for _, each in removing]
            return removing if is_emptied((self.known(place) or {}).keys(), removals, listed) else []

    def when_all_seen(self, place: tuple[str, str], owner: Owner, then: Callable[[], None] | None) -> None:
        """Call ``then`` once the engine has asked for the change of every membership set of this profile.

        What a state knows of the members and of the versions may be older than what the state of another resource
        knows, and the engine asks in a random order. One that it does not ask for, as with ``--target``, is waited for
        in vain: then ``then`` is called after a moment.
        """
        profile_id = place[0]
        with self._lock:
            held, waiting = self._members[place], self._waiting[profile_id]
            held.seen.add(owner)
            if then is not None:
                waiting.held[owner] = then
            of_profile = [each for (profile, _), each in self._members.items() if profile == profile_id]
            if all(each.expected <= each.seen for each in of_profile):
                self._release(waiting)
            elif then is not None and waiting.timer is None:
                waiting.timer = Timer(PATIENCE, self._release, [waiting])
                waiting.timer.daemon = True
                waiting.timer.start()

    def _release(self, waiting: _Waiting) -> None:
        with self._lock:
            held, waiting.held, timer, waiting.timer = waiting.held, {}, waiting.timer, None
        if timer:
            timer.cancel()
        for _, then in sorted(held.items(), key=lambda each: each[0]):
            then()

    def lost_members(self, profile_id: str, selector: str, owner: Owner) -> frozenset[str]:
        """Return the identities that ``owner`` lists and that another set of this run has removed."""
        with self._lock:
            members = self._members[profile_id, selector]
            return frozenset(who for who in members.listed.get(owner, ()) if who.casefold() in members.removed)

    def other_sets(self, profile_id: str, selector: str, owner: Owner) -> list[Owner]:
        """Return the other resources of this run that list members under the same selector."""
        with self._lock:
            return sorted(self._members[profile_id, selector].listed.keys() - {owner})

    def listed_elsewhere(self, profile_id: str, selectors: Collection[str], owner: Owner | None) -> frozenset[str]:
        """Return the identities that other resources of this run list; ``selectors`` are all the names of one version.

        ``owner`` is None for a resource that is being deleted.
        """
        with self._lock:
            held = (self._members[profile_id, selector].listed for selector in selectors)
            return frozenset().union(*(ids for each in held for who, ids in each.items() if who != owner))

    def remove_members(
        self, profile_id: str, selectors: Collection[str], owner: Owner | None, identity_ids: Iterable[str]
    ) -> set[str]:
        """Return the identities that no other resource lists, and record them as removed.

        ``selectors`` are all the names of one version. Without ``owner``, for a resource that is being deleted, every
        identity that a resource of this run lists stays.
        """
        with self._lock:
            listed = self.listed_elsewhere(profile_id, selectors, owner)
            ids = set(identity_ids)
            spelled = one_person(listed, ids)
            removable = ids - spelled
            for selector in selectors:
                self._members[profile_id, selector].removed |= {who.casefold() for who in removable}
            return removable

    def removed_members(self, profile_id: str, selectors: Collection[str]) -> frozenset[str]:
        """Return the identities that this run has removed from a version, in lower case."""
        with self._lock:
            return frozenset().union(*(self._members[profile_id, each].removed for each in selectors))

    def note_vanished(self, profile_id: str, selectors: Collection[str], identity_ids: Iterable[str]) -> None:
        """Record whom a set has removed that the program no longer declares, without a confirmation."""
        with self._lock:
            for selector in selectors:
                self._members[profile_id, selector].vanished |= {who.casefold() for who in identity_ids}

    def vanished_members(self, profile_id: str, selectors: Collection[str]) -> frozenset[str]:
        """Return whom such sets have removed in this run, in lower case."""
        with self._lock:
            return frozenset().union(*(self._members[profile_id, each].vanished for each in selectors))
