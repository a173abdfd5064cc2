"""Check, diff, create, read, update and delete, written once for every kind, in plain values and without Pulumi.

A kind (one module in ``resources``) says only what differs: how its object is created, read, updated and deleted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pulumi_veza.errors import RefusedError, SettingsError
from pulumi_veza.fields.field_types import Failure, JsonObject, Problems
from pulumi_veza.fields.schema import Schema
from pulumi_veza.fields.secrets import SECRETS_KEY, conceal, names
from pulumi_veza.provider import session

NAME_KEY = "__name"
"""Holds the resource's name in inputs and outputs: the engine tells no name, and hides such keys."""


@dataclass(frozen=True)
class Call:
    """One call of the engine on one resource: who it is, and what the process shares."""

    session: session.Session
    owner: str
    """The resource in words, for claims and messages."""
    was: str | None = None
    """What it was called before an alias renamed it."""
    known: tuple[Mapping[str, Any], ...] = ()
    """Its inputs and outputs, whose secret parts no message may hold."""

    @property
    def secret(self) -> frozenset[str]:
        """The arguments that are secret."""
        return frozenset().union(*map(names, self.known))

    def claim(self, thing: Hashable, what: str) -> None:
        """Claim an object for this resource; raises RefusedError where another resource of this run holds it."""
        if holder := self.session.claims.claim(thing, self.owner, self.was):
            raise RefusedError(
                f"{what} is managed by {holder} already; two resources that manage one object undo each other's "
                f"changes: let only one of {self.owner} and {holder} manage it"
            )

    def info(self, text: str) -> None:
        """Tell the user something that needs no action."""
        self._tell("info", text)

    def warn(self, text: str) -> None:
        """Tell the user something to look at."""
        self._tell("warning", text)

    def _tell(self, level: Literal["info", "warning"], text: str) -> None:
        self.session.notify(level, f"{self.owner}: {conceal(text, *self.known)}")


@dataclass
class Live:
    """What the server holds of a resource."""

    id: str
    args: JsonObject
    """The managed fields, in state shape."""
    computed: JsonObject


@dataclass(frozen=True)
class Diff:
    """What would change."""

    changes: bool
    replaces: list[str] = field(default_factory=list)


class Kind(ABC):
    """A kind of resource."""

    name: ClassVar[str]
    """The class's name, as in its type token."""
    schema: ClassVar[Schema]
    apart: ClassVar[str] = "remove one of the two, or name it differently"
    """What to do about two resources of a program that declare one object."""

    def validate(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Add what is wrong between fields that are fine one by one. No I/O; values may be unknown."""

    def guard(self, olds: Mapping[str, Any], news: Mapping[str, Any], problems: Problems) -> None:
        """Add what must not happen to the object that ``olds`` describes. No I/O; values may be unknown."""

    def identity(self, args: Mapping[str, Any]) -> Hashable | None:
        """Give what no two resources of a program may share, where it is known."""
        return None

    def given_up(self, olds: Mapping[str, Any], args: Mapping[str, Any]) -> Hashable | None:
        """Give the identity that a resource had and gives up although it keeps its object."""
        return None

    def declare(self, call: Call, args: Mapping[str, Any], *, new: bool) -> None:
        """Claim what the arguments alone tell, and say what a preview of a ``new`` resource does not show.

        Raises RefusedError where another resource of this run holds it.
        """

    def keep(self, call: Call, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
        """Claim the object of a resource that stays; tells whether it needs an update although no field differs."""
        return False

    def replaced(self, call: Call, id_: str, olds: Mapping[str, Any]) -> None:
        """Warn of what a replacement leaves behind."""

    @abstractmethod
    def create_remote(self, call: Call, args: JsonObject) -> tuple[str, JsonObject]:
        """Create the object or find the one a lost create left; gives its id and the computed fields."""

    @abstractmethod
    def read_remote(self, call: Call, id_: str, managed: JsonObject | None, olds: Mapping[str, Any]) -> Live | None:
        """Read the object, or None when it is certainly gone; without ``managed`` every field is read."""

    @abstractmethod
    def update_remote(
        self, call: Call, id_: str, olds: Mapping[str, Any], news: JsonObject, changed: list[str]
    ) -> JsonObject:
        """Send what changed, and nothing where only options did; gives the computed fields."""

    @abstractmethod
    def delete_remote(self, call: Call, id_: str, olds: Mapping[str, Any]) -> None:
        """Do what ``on_destroy`` says."""


class Lifecycle:
    """The calls of the engine on the resources of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def check(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[JsonObject, list[Failure]]:
        """Normalise and validate what a user wrote; pure but for the claims of this run."""
        problems = Problems()
        args = self.kind.schema.check(_visible(news), problems)
        if not problems.failures:
            self.kind.validate(args, problems)
        if not problems.failures:
            self.kind.guard(olds, args, problems)
        try:
            call = self._call(news)
        except SettingsError as error:
            return _named(args, news), [*_concealed(problems.failures, olds, news), Failure("", str(error))]
        call.session.claims.register(call.owner)
        if not problems.failures:
            self._declare(call, olds, args, problems)
        if not problems.failures:
            try:
                self.kind.declare(call, args, new=not _visible(olds))
            except RefusedError as error:
                problems.failures.append(Failure("", str(error)))
        return _named(args, news), _concealed(problems.failures, olds, news)

    def diff(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diff:
        """Compare canonical forms, without any I/O."""
        changed = self.kind.schema.changed(olds, news)
        replaces = [name for name in changed if self.kind.schema[name].arg.replace]
        # A read takes what is in the outputs for managed, and without an update they would stay as they are.
        otherwise = self.kind.schema.newly_managed_or_released(olds, news)
        # What is secret now must be written into the state as such, although its value stays.
        differs = bool(changed or otherwise or names(olds) != names(news))
        call = Call(session.session(), self._owner(news), was=self._owner(olds), known=(olds, news))
        if not call.session.claims.registered(call.owner):
            # A refresh asks what has changed, also of a resource that the program declares no more: it claims nothing,
            # or the update of the same run (`pulumi up --refresh`) would leave what it is to take away.
            return Diff(differs, replaces)
        if replaces:
            self.kind.replaced(call, id_, olds)
            return Diff(changes=True, replaces=replaces)
        due = self.kind.keep(call, id_, olds, news)
        return Diff(changes=differs or due)

    def create(self, inputs: Mapping[str, Any]) -> tuple[str, JsonObject]:
        """Create the object; gives its id and the outputs."""
        args = _visible(inputs)
        id_, computed = self.kind.create_remote(self._call(inputs), args)
        return id_, _named({**args, **computed}, inputs)

    def read(self, id_: str, props: Mapping[str, Any]) -> tuple[JsonObject, JsonObject | None] | None:
        """Read the object; gives its outputs and inputs, or None when it is gone.

        A resource that is only looked up (``AccessProfile.get``) knows nothing but its id: all is read, no input given.
        """
        managed = {k: v for k, v in props.items() if v is not None and k in self.kind.schema.fields} or None
        live = self.kind.read_remote(self._call(props), id_, managed, props)
        if live is None and managed is None:
            raise RefusedError(f"{self.kind.name} {id_!r} does not exist in this tenant; check the id")
        if live is None:
            return None
        return _named({**live.args, **live.computed}, props), _named(live.args, props) if managed else None

    def update(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> JsonObject:
        """Send what changed; gives the full outputs."""
        args = _visible(news)
        changed = self.kind.schema.changed(olds, args)
        # What is empty from now on may have anything in Veza; what is managed no more is left there as it is.
        changed += [
            name for name in self.kind.schema.newly_managed_or_released(olds, args) if args.get(name) is not None
        ]
        computed = self.kind.update_remote(self._call(news), id_, olds, args, changed)
        return _named({**args, **computed}, news)

    def delete(self, id_: str, olds: Mapping[str, Any]) -> None:
        """Do what ``on_destroy`` of the old outputs says."""
        if olds.get("on_destroy") == "prevent":
            raise RefusedError(
                f'{self._owner(olds)} ({id_}) has on_destroy="prevent"; to destroy it, set on_destroy to another value '
                "and run `pulumi up` first; to keep the object and only forget it, run `pulumi state delete`"
            )
        self.kind.delete_remote(self._call(olds), id_, olds)

    def _declare(self, call: Call, olds: Mapping[str, Any], args: JsonObject, problems: Problems) -> None:
        identity = self.kind.identity(args)
        if identity is None:
            return
        claims = call.session.claims
        if holder := claims.claim(("declared", self.kind.name, identity), call.owner):
            problems.failures.append(
                Failure(
                    "",
                    f"{holder} of this program declares the same object; {self.kind.apart}",
                )
            )
        if not _visible(olds):
            claims.claim(("new", self.kind.name, identity), call.owner)
        elif taker := claims.holder(("new", self.kind.name, self.kind.given_up(olds, args))):
            problems.failures.append(
                Failure(
                    "",
                    f"{taker}, which is new, takes the name that {call.owner} gives up in the same run, and would take "
                    f"its object over: declare {taker} after it in the program, or add it in a later run",
                )
            )

    def _owner(self, props: Mapping[str, Any]) -> str:
        name = props.get(NAME_KEY)
        return f"{self.kind.name} {name!r}" if name else self.kind.name

    def _call(self, props: Mapping[str, Any]) -> Call:
        return Call(session.session(), self._owner(props), known=(props,))


def _visible(props: Mapping[str, Any]) -> JsonObject:
    return {k: v for k, v in props.items() if not k.startswith("__")}


def _named(values: JsonObject, props: Mapping[str, Any]) -> JsonObject:
    """Add what every resource carries along: its name, and which of its arguments are secret."""
    return {**values, **{key: props[key] for key in (NAME_KEY, SECRETS_KEY) if props.get(key)}}


def _concealed(failures: Iterable[Failure], *known: Mapping[str, Any]) -> list[Failure]:
    """Take secrets out of refusals: the engine prints the value of a property that is named to it."""
    secret = frozenset().union(*map(names, known))
    return [Failure("" if f.property in secret else f.property, conceal(f.reason, *known)) for f in failures]
