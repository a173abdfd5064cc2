"""Read every resource of a state from the tenant as a refresh does, and what the tenant has beside them.

Types and profiles are listed once, and the members of a version once, several versions at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any, Final

from typing_extensions import override

from pulumi_veza.client import settings
from pulumi_veza.client.address import tenant_move
from pulumi_veza.client.client import Client
from pulumi_veza.client.models import Member
from pulumi_veza.client.parallel import in_parallel
from pulumi_veza.client.transport import Transport
from pulumi_veza.errors import (
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    UnexpectedResponseError,
    VezaError,
)
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.plan import records
from pulumi_veza.plan.records import Record, has_hidden
from pulumi_veza.provider.lifecycle import Lifecycle
from pulumi_veza.provider.member_lists import list_members
from pulumi_veza.provider.session import GIVE_UP_FOR, Session
from pulumi_veza.resources import KINDS
from pulumi_veza.rules.kept import KEPT_KEY
from pulumi_veza.rules.members import LiveMember

OF_ONE_OBJECT: Final = (RefusedError, PermissionDeniedError, NotFoundError, UnexpectedResponseError)
"""The errors that are about one object, of which then nothing is known; any other ends the comparison."""

_KINDS: Final = {each.kind().name: each.kind() for each in KINDS}

NOT_SHOWN: Final = (
    "it is secret in this state, and was not compared; write the state with `pulumi stack export --show-secrets`, or "
    "let `pulumi-veza diff` run the engine"
)


@dataclass(frozen=True)
class ResourceRead:
    """A resource of a state, and what a refresh would read of it."""

    record: Record
    outputs: JsonObject | None = None
    """The outputs after the read; None where the object is gone or could not be read."""
    newly_managed: Mapping[str, Any] = field(default_factory=dict)
    """The live values of the fields that only the program manages, of which a refresh reads nothing."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """The inputs in the state that it is compared with."""
    hidden: tuple[str, ...] = ()
    """The fields that are secret in the state and were not compared."""
    unreadable: str | None = None
    """Why it could not be read."""

    @property
    def gone(self) -> bool:
        """Whether the object is gone from the tenant, by two witnesses."""
        return self.outputs is None and self.unreadable is None


@dataclass(frozen=True)
class MembersRead:
    """The members of the live version of a profile."""

    number: int
    members: Mapping[str, LiveMember] = field(default_factory=dict)
    unreadable: str | None = None
    """Why they could not be read."""


@dataclass(frozen=True)
class TenantRead:
    """What was read from the tenant, under the API's names."""

    url: str
    resources: Sequence[ResourceRead]
    types: Mapping[str, JsonObject]
    profiles: Mapping[str, JsonObject]
    members: Mapping[str, MembersRead]
    """By the ids of the profiles whose members were asked for."""


class ReadingClient(Client):
    """A client that lists the members of each version once, whoever asks for them. Thread-safe."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport=transport)
        self._lock = Lock()
        self._locks: defaultdict[tuple[str, int], Lock] = defaultdict(Lock)
        self._listed: dict[tuple[str, int], list[Member] | VezaError] = {}

    @override
    def list_access_profile_members(self, id: str, version_number: int) -> Iterator[Member]:
        key = (id, version_number)
        with self._lock:
            lock = self._locks[key]
        with lock:
            if key not in self._listed:
                try:
                    self._listed[key] = list(super().list_access_profile_members(id, version_number))
                except OF_ONE_OBJECT as error:
                    self._listed[key] = error
            found = self._listed[key]
        if isinstance(found, VezaError):
            raise found
        return iter(found)


@contextmanager
def opened(configured: settings.Settings | None = None) -> Iterator[Session]:
    """Yield a session for reading a tenant, and close its connections.

    Args:
        configured: The settings; those of the environment unless others are given.

    Raises:
        SettingsError: a setting is missing or cannot be used.

    """
    configured = configured or settings.load({})
    transport = Transport(configured, give_up_for=GIVE_UP_FOR)
    try:
        yield Session(configured, lambda _level, _text: None, tenant_move(), ReadingClient(transport))
    finally:
        transport.close()


def without_program(everything: Iterable[Record]) -> list[Record]:
    """Return the resources of a state, of which it is not known what the program says."""
    return [replace(each, new_inputs=None) for each in everything]


def managed(everything: Iterable[Record]) -> list[Record]:
    """Return the resources that a state manages."""
    return [each for each in everything if each.kind in _KINDS and each.existed and each.id and each.op != "read"]


def read(everything: Sequence[Record], session: Session, *, all_members: bool = False) -> TenantRead:
    """Read the resources of the records, and list the types, the profiles and their members.

    Args:
        everything: The resources of previews or states.
        session: A session of `opened`.
        all_members: Whether the members of every profile are listed, not only of those that the stacks know.

    Raises:
        VezaError: the tenant could not be read as a whole.

    """
    snapshot = session.snapshot
    types = {str(each["id"]): each for each in snapshot.types()}
    profiles = {str(each["id"]): each for each in snapshot.profiles()}
    resources = in_parallel(partial(_resource, session), managed(everything))
    known = {each for record in everything for each in profile_ids(record)}
    wanted = sorted(profiles if all_members else known & profiles.keys())
    lists = in_parallel(lambda each: _members(session.client, profiles[each]), wanted)
    return TenantRead(session.settings.url, resources, types, profiles, dict(zip(wanted, lists, strict=True)))


def profile_ids(record: Record) -> set[str]:
    """Return the ids of the profiles that a resource manages or belongs to."""
    if record.kind == records.PROFILE:
        return {record.id} if record.id and record.op != "read" else set()
    if record.kind in {records.VERSION, records.MEMBERS}:
        ids = (record.old.get("profile_id"), record.new.get("profile_id"))
        return {each for each in ids if isinstance(each, str) and not records.has_unknown(each)}
    return set()


def _resource(session: Session, record: Record) -> ResourceRead:
    outputs, inputs = record.old_outputs or {}, record.old_inputs or {}
    hidden = {name for values in (outputs, inputs) for name, value in values.items() if has_hidden(value)}
    if KEPT_KEY in hidden:
        return ResourceRead(record, unreadable=NOT_SHOWN)
    lifecycle = Lifecycle(_KINDS[str(record.kind)], lambda: session)
    props = {k: v for k, v in outputs.items() if k not in hidden}
    new = {k: v for k, v in record.new.items() if k in record.schema.fields and outputs.get(k) is None}
    new = {k: v for k, v in new.items() if not records.has_unknown(v)}
    newly: JsonObject = {}
    try:
        found = lifecycle.read(str(record.id), props)
        if found and new and record.op == "update" and (more := lifecycle.read(str(record.id), {**props, **new})):
            newly = {name: more[0].get(name) for name in new}
    except OF_ONE_OBJECT as error:
        return ResourceRead(record, unreadable=str(error))
    state = {k: v for k, v in inputs.items() if k not in hidden and v is not None}
    fields = tuple(sorted(hidden & record.schema.fields.keys()))
    return ResourceRead(record, found[0] if found else None, newly, state, fields)


def _members(client: Client, profile: JsonObject) -> MembersRead:
    number = profile.get("current_version_number")
    if not number:
        return MembersRead(0, unreadable="the tenant does not tell the number of its live version")
    try:
        return MembersRead(number, list_members(client, str(profile["id"]), number))
    except OF_ONE_OBJECT as error:
        return MembersRead(number, unreadable=str(error))
