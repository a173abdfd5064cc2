"""The contract of a kind of resource, in plain values and without Pulumi.

`lifecycle` implements once what all kinds share; a kind implements only the hooks in which it differs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pulumi_veza.errors import RefusedError
from pulumi_veza.fields.field_types import JsonObject
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import Schema
from pulumi_veza.fields.secrets import conceal, names
from pulumi_veza.provider import session as sessions
from pulumi_veza.provider.claims import Owner
from pulumi_veza.provider.gathering import Topic
from pulumi_veza.reports.words import visible


@dataclass(frozen=True)
class Operation:
    """One call of the engine on one resource, with the resource's inputs and outputs and the session of the run."""

    session: sessions.Session
    owner: Owner
    """The resource, for claims."""
    id: str = ""
    """The Pulumi id; empty in check and create."""
    args: JsonObject = field(default_factory=dict)
    """The checked inputs. In a read, the managed fields as the state has them; in a delete, empty."""
    olds: Mapping[str, Any] = field(default_factory=dict)
    """The outputs in the state; in check, the inputs there. Empty where the resource is new."""
    changed: tuple[str, ...] = ()
    """In diff and update, the fields that differ. In an update, also those that become managed with an empty value."""
    previous_owner: Owner | None = None
    """The resource before an alias renamed it."""
    known: tuple[Mapping[str, Any], ...] = ()
    """The resource's inputs and outputs; their secret values are redacted in every message."""

    replaces: bool = False
    """In diff, whether a changed field replaces the object."""
    differs: bool = False
    """In the last hooks of diff, whether the resource will be updated or replaced."""

    @property
    def words(self) -> str:
        """The resource for a message, such as ``AccessProfile 'sales'``."""
        return self.session.claims.in_words(self.owner)

    @property
    def is_new(self) -> bool:
        """Whether the state does not have the resource yet."""
        return not self.olds

    @property
    def secret(self) -> frozenset[str]:
        """The names of the secret arguments."""
        return frozenset().union(*map(names, self.known))

    def claim(self, thing: Hashable, what: str) -> None:
        """Claim an object for this resource.

        Raises:
            RefusedError: another resource of this run holds it.

        """
        if holder := self.session.claims.claim(thing, self.owner, self.previous_owner, has_it=not self.is_new):
            other = self.session.claims.in_words(holder)
            raise RefusedError(
                f"{what} is managed by {other} already; two resources that manage one object undo each other's "
                f"changes: let only one of {self.words} and {other} manage it"
            )

    def info(self, text: str) -> None:
        """Print a message that needs no action."""
        self._print("info", text)

    def gather(self, topic: Topic, item: str) -> None:
        """Print a message that needs no action together with those of other resources about the same topic."""
        self.session.gathering.add(topic, visible(self.words), visible(conceal(item, *self.known)))

    def warn(self, text: str) -> None:
        """Print a warning."""
        self._print("warning", text)

    def _print(self, level: Literal["info", "warning"], text: str) -> None:
        self.session.notify(level, visible(f"{self.words}: {conceal(text, *self.known)}"))


@dataclass(frozen=True)
class Live:
    """A resource as the tenant holds it."""

    id: str
    args: JsonObject
    """The managed fields, in state shape."""
    computed: JsonObject
    """The outputs that are no arguments."""


class Kind(ABC):
    """A kind of resource: its fields, and how its object is created, read, updated and deleted.

    The engine calls in this order, and the lifecycle passes each call on to the hooks named:

    ``check``
        The inputs are normalised and validated by the schema; then `validate` (between fields), `claim_declared` and
        `announce`. Unknown values are ``UNKNOWN``.
    ``diff``
        Canonical forms are compared by the schema. Where a field replaces: `warn_of_replacement`. Where the resource
        stays: `claim` and `needs_update`. Then `preview`, also for a resource that does not change.
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
                made = op.session.snapshot.create_note(self.schema.to_api(op.args, SentIn.CREATE))
                return made["id"], self.schema.computed(made, {})

            def read_remote(self, op):
                live = op.session.snapshot.note(op.id)
                if live is None:
                    return None
                args = self.schema.from_api(live, op.args or None)
                return Live(op.id, args, self.schema.computed(live, op.olds))

            def update_remote(self, op):
                live = op.session.snapshot.update_note(op.id, self.schema.to_api(op.args, SentIn.UPDATE, op.changed))
                return self.schema.computed(live, op.olds)

            def delete_remote(self, op):
                op.session.client.delete_note(op.id)
    """

    name: ClassVar[str]
    """The class's name, as in its type token."""
    schema: ClassVar[Schema]
    conflict_advice: ClassVar[str] = "remove one of the two, or name it differently"
    """The advice in the refusal of a second resource that declares the same object."""

    # In check: no network, values may be unknown.

    def validate(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Add combinations of fields that are invalid although each field is valid by itself."""

    def learn(self, op: Operation, inputs: Mapping[str, Any]) -> None:
        """Record what the program's hidden inputs tell of the other resources of the run."""

    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        """Return a value that no two resources of a program may share; None where it is unknown or there is none."""
        return None

    def kept_identity(self, args: Mapping[str, Any]) -> Hashable | None:
        """Return the identity that a tenant may make of `identity` by keeping a name in another spelling, if any."""
        return None

    def previous_identity(self, op: Operation) -> Hashable | None:
        """Return the identity that the resource gives up with this change although it keeps its object."""
        return None

    def claim_declared(self, op: Operation) -> None:
        """Claim the objects that the inputs identify.

        Raises:
            RefusedError: another resource of this run holds it.

        """

    def announce(self, op: Operation) -> None:
        """Print effects that the engine's preview does not show."""

    # In diff: no network; values may be unknown. A diff that belongs to a refresh calls none of these.

    def preview(self, op: Operation) -> None:
        """Print what changes for people where the engine's preview shows it only in detail, and guard the change.

        Raises:
            RefusedError: the change must not be made to the object in the state, such as a removal of too many members;
                the text says how to confirm it.

        """

    def claim(self, op: Operation) -> None:
        """Claim the object of a resource that is not replaced.

        Raises:
            RefusedError: another resource of this run holds it.

        """

    def needs_update(self, op: Operation) -> bool:
        """Return whether the resource needs an update although no field differs."""
        return False

    def warn_of_replacement(self, op: Operation) -> None:
        """Warn of the object that a replacement leaves in the tenant."""

    # In create, read, update and delete.

    @abstractmethod
    def create_remote(self, op: Operation) -> tuple[str, JsonObject]:
        """Create or adopt the object; return its Pulumi id and the computed outputs."""

    @abstractmethod
    def read_remote(self, op: Operation) -> Live | None:
        """Return the object, with every field where ``op.args`` is empty; None only when it is certainly gone."""

    @abstractmethod
    def update_remote(self, op: Operation) -> JsonObject:
        """Send the fields in ``op.changed``, nothing where only options changed; return the computed outputs."""

    @abstractmethod
    def delete_remote(self, op: Operation) -> None:
        """Delete, empty, pause or retain the object, as ``on_destroy`` of ``op.olds`` says."""
