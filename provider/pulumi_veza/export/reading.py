"""A session of the provider for reading alone: it prints nothing, and lists the members of a profile once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from typing_extensions import override

from pulumi_veza.client.client import Client
from pulumi_veza.client.models import Member
from pulumi_veza.client.settings import Settings
from pulumi_veza.client.transport import Transport
from pulumi_veza.provider import session as sessions


class _ListingMembersOnce(Client):
    """A client that lists the members of a profile once, for both readings of its set."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport=transport)
        self._listed: dict[str, list[Member]] = {}

    @override
    def list_access_profile_members(self, id: str, version_number: int) -> Iterator[Member]:
        if id not in self._listed:
            self._listed[id] = list(super().list_access_profile_members(id, version_number))
        return iter(self._listed[id])

    def forget_members(self, profile_id: str) -> None:
        """Drop the list of a profile's members, which nobody needs any more."""
        self._listed.pop(profile_id, None)


class ReadingSession(sessions.Session):
    """A session of the provider that prints nothing."""

    def __init__(self, configured: Settings) -> None:
        self.transport = Transport(configured, give_up_for=sessions.GIVE_UP_FOR)
        self.members = _ListingMembersOnce(self.transport)
        super().__init__(configured, notify=lambda _level, _text: None, client=self.members)


@contextmanager
def reading(configured: Settings) -> Iterator[ReadingSession]:
    """Open a session and make it the current one of this process."""
    session = ReadingSession(configured)
    sessions.use(session)
    try:
        yield session
    finally:
        sessions.use(None)
        session.transport.close()
