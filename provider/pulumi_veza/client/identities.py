"""Reading several identities: each once, several at a time, and never more than a limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from pulumi_veza.client.parallel import in_parallel
from pulumi_veza.errors import NotFoundError, UnexpectedResponseError, VezaError

if TYPE_CHECKING:
    from pulumi_veza.client.client import Client
    from pulumi_veza.client.lifecycle import Identity


@dataclass(frozen=True)
class IdentitiesRead:
    """What was learned of several identities; of who is in neither, nothing is known."""

    known: Mapping[str, Identity] = field(default_factory=dict)
    """By the id that was asked for."""
    missing: frozenset[str] = frozenset()
    """The ids of which the tenant says that there is no such identity."""


def read_identities(client: Client, ids: Iterable[str], *, most: int) -> IdentitiesRead:
    """Return what the tenant says of the first ``most`` of these identities, with one request for each.

    An identity that cannot be read is no error here. After a failure that is not about one identity (a key that may not
    read them, a tenant without this call, no connection) the rest is not asked for.
    """
    asked = list(dict.fromkeys(ids))[:most]
    stopped = Event()

    def read(identity_id: str) -> Identity | NotFoundError | None:
        if stopped.is_set():
            return None
        try:
            return client.get_identity(identity_id)
        except NotFoundError as error:
            return error
        except VezaError as error:
            # What one response cannot be read for may be its own.
            if not isinstance(error, UnexpectedResponseError):
                stopped.set()
            return None

    answers = dict(zip(asked, in_parallel(read, asked), strict=True))
    return IdentitiesRead(
        {who: each for who, each in answers.items() if each is not None and not isinstance(each, NotFoundError)},
        frozenset(who for who, each in answers.items() if isinstance(each, NotFoundError)),
    )
