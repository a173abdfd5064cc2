"""The member lists of a run: each asked for once where that is enough, and not at all where the answer is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from pulumi_veza.rules.members import LiveMember

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pulumi_veza.client.client import Client
    from pulumi_veza.client.models import Member

R = TypeVar("R")


@dataclass(frozen=True)
class MemberList:
    """The members of one version at one moment."""

    members: Mapping[str, LiveMember] = field(default_factory=dict)
    """By id, in the tenant's spelling."""
    at: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat())
    """The moment before the list was asked for, RFC 3339."""


class MemberLists:
    """The member lists of one tenant. Thread-safe."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._reads = SharedCalls[MemberList]()
        self._empty: set[str] = set()

    def profile_made(self, profile_id: str) -> None:
        """Record that this run has made a profile: a POST carries no members, so it has none."""
        self._empty.add(profile_id)

    def changing(self, profile_id: str) -> None:
        """Record that members of a profile are about to be changed, so that they must be listed from now on."""
        self._empty.discard(profile_id)

    def to_read(self, profile_id: str, number: int) -> MemberList:
        """List the members for a resource that is read; resources that are read at the same time share a list."""
        return self._reads.result((profile_id, number), lambda: self.now(profile_id, number))

    def to_change(self, profile_id: str, number: int) -> MemberList:
        """List the members for a change of them, unless the profile is new. A caller must hold the member lock."""
        return MemberList() if profile_id in self._empty else self.now(profile_id, number)

    def now(self, profile_id: str, number: int) -> MemberList:
        """List the members."""
        return MemberList(at=MemberList().at, members=list_members(self.client, profile_id, number))


def list_members(client: Client, profile_id: str, number: int) -> dict[str, LiveMember]:
    """Return the members of a version by id; the rows of one person are merged into a member with several sources.

    Ids that differ only in case are one person's; the first one is returned.
    """
    found: dict[str, LiveMember] = {}
    for row in client.list_access_profile_members(profile_id, number):
        if who := row.identity_id:
            key = who.casefold()
            known = found.get(key)
            found[key] = (
                _merged(known, row) if known else LiveMember(who, row.identity_name or None, (row.created_from,))
            )
    return {member.id: member for member in found.values()}


def _merged(member: LiveMember, row: Member) -> LiveMember:
    """Return a member with one more row. Sorted, as the order of the rows may change from one list to the next."""
    sources = sorted({*member.sources, row.created_from}, key=lambda source: source or "")
    return replace(member, name=row.identity_name or member.name, sources=tuple(sources))


class SharedCalls(Generic[R]):
    """Calls of which those that ask the same at the same time are made once. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[Hashable, Future[R]] = {}

    def result(self, key: Hashable, call: Callable[[], R]) -> R:
        """Return what the call that is running for this key returns or raises; begin it where none is."""
        with self._lock:
            running = self._running.get(key)
            if running is None:
                mine = self._running[key] = Future[R]()
        if running is not None:
            return running.result()
        try:
            result = call()
        except BaseException as error:
            self._end(key)
            mine.set_exception(error)
            raise
        self._end(key)
        mine.set_result(result)
        return result

    def _end(self, key: Hashable) -> None:
        with self._lock:
            del self._running[key]
