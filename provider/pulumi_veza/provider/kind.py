"""A kind of resource: what differs between the four, in plain values and without Pulumi.

The lifecycle of every kind is the same and is written once, in `lifecycle`. A kind fills in what is its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import JsonObject, Problems
from pulumi_veza.fields.schema import Schema
from pulumi_veza.fields.secrets import conceal, names
from pulumi_veza.provider import session as sessions


@dataclass(frozen=True)
class Operation:
    """One call of the engine on one resource: the resource, what is known of it, and what the process shares."""

    session: sessions.Session
    owner: str
    """The resource in words, for claims and messages, such as ``AccessProfile 'sales'``."""
    id: str = ""
    """The Pulumi id; empty in check and create."""
    args: JsonObject = field(default_factory=dict)
    """The checked inputs. In a read, the managed fields as the state has them; in a delete, empty."""
    olds: Mapping[str, Any] = field(default_factory=dict)
    """The outputs in the state; in check, the inputs there. Empty where the resource is new."""
    changed: tuple[str, ...] = ()
    """In diff and update, the fields that differ. In an update, also those that become managed with an empty value."""
    previous_owner: str | None = None
    """The resource in words before an alias renamed it."""
    known: tuple[Mapping[str, Any], ...] = ()
    """Its inputs and outputs, whose secret parts no message may hold."""

    @property
    def is_new(self) -> bool:
        """Whether the state does not have the resource yet."""
        return not self.olds

    @property
    def secret(self) -> frozenset[str]:
        """The arguments that are secret."""
        return frozenset().union(*map(names, self.known))

    def claim(self, thing: Hashable, what: str) -> None:
        """Claim an object for this resource.

        Raises:
            RefusedError: another resource of this run holds it.

        """
        if holder := self.session.claims.claim(thing, self.owner, self.previous_owner):
            raise RefusedError(
                f"{what} is managed by {holder} already; two resources that manage one object undo each other's "
                f"changes: let only one of {self.owner} and {holder} manage it"
            )

    def info(self, text: str) -> None:
        """Print something that needs no action."""
        self._print("info", text)

    def warn(self, text: str) -> None:
        """Print something to look at."""
        self._print("warning", text)

    def _print(self, level: Literal["info", "warning"], text: str) -> None:
        self.session.notify(level, f"{self.owner}: {conceal(text, *self.known)}")


@dataclass(frozen=True)
class Live:
    """What the tenant holds of a resource."""

    id: str
    args: JsonObject
    """The managed fields, in state shape."""
    computed: JsonObject
    """The outputs beside the arguments."""


class Kind(ABC):
    """A kind of resource: its fields, and how its object is created, read, updated and deleted.

    The engine calls in this order, and the lifecycle passes each call on to the hooks named:

    ``check``
        The inputs are normalised and validated by the schema; then `validate` (between fields), `guard` (against the
        state), `claim_declared` and `announce`. Unknown values are ``UNKNOWN``.
    ``diff``
        Canonical forms are compared by the schema. Where a field replaces: `warn_of_replacement`. Where the resource
        stays: `claim`, then `needs_update`.
    ``create``, ``read``, ``update``, ``delete``
        The four ``..._remote`` hooks; only these may use the network.

    A subclass must define `name`, `schema` and the four ``..._remote`` hooks, and may override the others. An object
    that two resources of a program must not share needs `identity` (known from the inputs alone) and `claim` (known by
    id). Instances have no state: everything that a hook needs is in its `Operation`.

    ::

        class NoteKind(Kind):
            name = "Note"
            schema = Schema(Args, State)

            def create_remote(self, op):
                made = op.session.client.create_note(self.schema.to_api(op.args, SentIn.CREATE))
                return made.id, {"created_at": made.created_at}

            def read_remote(self, op):
                live = op.session.client.find_note(op.id)
                return live and Live(op.id, self.schema.from_api(live, op.args), self.schema.computed(live, op.olds))

            def update_remote(self, op):
                live = op.session.client.update_note(op.id, self.schema.to_api(op.args, SentIn.UPDATE, op.changed))
                return self.schema.computed(live, op.olds)

            def delete_remote(self, op):
                op.session.client.delete_note(op.id)
    """

    name: ClassVar[str]
    """The class's name, as in its type token."""
    schema: ClassVar[Schema]
    conflict_advice: ClassVar[str] = "remove one of the two, or name it differently"
    """What to do about two resources of a program that declare one object."""

    # In check: no network, values may be unknown.

    def validate(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Add what is wrong between fields that are right one by one."""

    def guard(self, op: Operation, problems: Problems) -> None:
        """Add what must not happen to the object that the state describes."""

    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        """Return what no two resources of a program may share; None where it is unknown or nothing."""
        return None

    def previous_identity(self, op: Operation) -> Hashable | None:
        """Return the identity that the resource gives up with this change although it keeps its object."""
        return None

    def claim_declared(self, op: Operation) -> None:
        """Claim what the inputs alone name.

        Raises:
            RefusedError: another resource of this run holds it.

        """

    def announce(self, op: Operation) -> None:
        """Print what a preview does not show otherwise."""

    # In diff: no network.

    def claim(self, op: Operation) -> None:
        """Claim the object of a resource that stays.

        Raises:
            RefusedError: another resource of this run holds it.

        """

    def needs_update(self, op: Operation) -> bool:
        """Return whether the resource needs an update although no field differs."""
        return False

    def warn_of_replacement(self, op: Operation) -> None:
        """Print what a replacement leaves behind."""

    # In create, read, update and delete.

    @abstractmethod
    def create_remote(self, op: Operation) -> tuple[str, JsonObject]:
        """Create the object, or find the one that a lost create left; return its id and the computed fields."""

    @abstractmethod
    def read_remote(self, op: Operation) -> Live | None:
        """Return the object, or None when it is certainly gone; without ``op.args`` every field is read."""

    @abstractmethod
    def update_remote(self, op: Operation) -> JsonObject:
        """Send ``op.changed``, and nothing where only options changed; return the computed fields."""

    @abstractmethod
    def delete_remote(self, op: Operation) -> None:
        """Do what ``on_destroy`` of ``op.olds`` asks for."""
