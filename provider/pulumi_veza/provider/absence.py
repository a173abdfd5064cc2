"""The second witness of an absence: what a complete list lacks may be gone, or hidden from this key.

A tenant that restricts what a key sees leaves objects out of its lists without an error. So a profile is gone only
where its own member list answers 404 as well, and a type is not gone while a listed profile has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Final

from pulumi_veza.errors import NotFoundError, PermissionDeniedError, RefusedError
from pulumi_veza.provider.kind import Operation

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client

FIRST_VERSION: Final = 1
"""The version that every profile has."""


class Absences:
    """The absences that a run has looked into. Thread-safe."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = Lock()
        self._locks: defaultdict[tuple[str, int], Lock] = defaultdict(Lock)
        self._answers: dict[tuple[str, int], HTTPStatus] = {}
        self._gone: dict[Hashable, str] = {}

    def member_list_answer(self, profile_id: str, number: int) -> HTTPStatus:
        """Return how the member list of a version answers: 200, 403 or 404. It is asked once in a run.

        Raises:
            VezaError: it answers in any other way, which proves nothing.

        """
        key = (profile_id, number)
        with self._lock:
            lock = self._locks[key]
        with lock:
            if key not in self._answers:
                self._answers[key] = self._ask(profile_id, number)
            return self._answers[key]

    def _ask(self, profile_id: str, number: int) -> HTTPStatus:
        try:
            next(self._client.list_access_profile_members(profile_id, number), None)
        except NotFoundError:
            return HTTPStatus.NOT_FOUND
        except PermissionDeniedError:
            return HTTPStatus.FORBIDDEN
        return HTTPStatus.OK

    def record(self, named: Hashable, id_: str) -> None:
        """Record that a read found the object that is identified by ``named`` gone."""
        with self._lock:
            self._gone[named] = id_

    def former_id(self, named: Hashable) -> str | None:
        """Return the id of the object of this name that a read of this run found gone."""
        with self._lock:
            return self._gone.get(named)


def confirm_profile_gone(op: Operation, profile_id: str, *, changed: bool = False) -> None:
    """Return where a profile that a complete list lacks, or with ``changed`` whose PATCH answered 404, is gone.

    Raises:
        RefusedError: its own member list answers, so that this key may only not see it.

    """
    known = op.olds.get("current_version_number") or op.olds.get("version_number")
    seen = "answers 404 to a change" if changed else f"is not in the list of {op.session.settings.url}"
    for number in dict.fromkeys((int(known) if known else FIRST_VERSION, FIRST_VERSION)):
        _confirm(op, profile_id, number, seen)


def confirm_version_gone(op: Operation, profile_id: str, number: int) -> None:
    """Return where a version whose PATCH answered 404 is gone.

    Raises:
        RefusedError: its own member list answers, so that this key may only not change it.

    """
    _confirm(op, profile_id, number, f"answers 404 to a change of version {number}")


def _confirm(op: Operation, profile_id: str, number: int, seen: str) -> None:
    answer = op.session.snapshot.absences.member_list_answer(profile_id, number)
    if answer is not HTTPStatus.NOT_FOUND:
        raise hidden(op, f"access profile {_called(op, profile_id)} {seen}, but its member list answers {answer.value}")


def _called(op: Operation, id_: str) -> str:
    name = op.olds.get("name") if op.id == id_ else None
    return f"{name!r} ({id_})" if name else repr(id_)


def confirm_type_gone(op: Operation) -> None:
    """Return where a type that a complete list lacks is gone.

    Raises:
        RefusedError: a listed profile has the type, so that this key may only not see it.

    """
    if profile := op.session.snapshot.profile_of_type(op.id):
        raise hidden(
            op,
            f"access profile type {_called(op, op.id)} is not in the list of {op.session.settings.url}, but access "
            f"profile {profile.get('name')!r} ({profile['id']}) has this type",
        )


def hidden(op: Operation, witnesses: str) -> RefusedError:
    """Return the error for an object that this key may not see."""
    return RefusedError(
        f"{op.words}: {witnesses}: the API key may not see it any more; use a key whose owner may, or give the owner "
        "of this key the right to it, then run it again; nothing was changed"
    )


def warn_of_recreation(op: Operation, named: Hashable, what: str) -> None:
    """Warn before a create where a read of this run found the object of the same name gone."""
    if former := op.session.snapshot.absences.former_id(named):
        op.warn(
            f"{what} is created anew, as the old one ({former}) is gone from the tenant; whoever was a member of the "
            "old one, and whatever else referred to its id, does not move to the new one by itself"
        )
