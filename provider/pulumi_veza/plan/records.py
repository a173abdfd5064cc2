"""A resource of Pulumi's and what happens to it, as plain data: from a preview, a state, or a policy pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pulumi_veza.fields.field_types import UNKNOWN as UNKNOWN_VALUE
from pulumi_veza.fields.field_types import Problems, contains_unknown
from pulumi_veza.fields.schema import Schema, SentIn
from pulumi_veza.reports.findings import Source
from pulumi_veza.resources import SCHEMAS
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from pulumi_veza.resources.version import VersionKind
from pulumi_veza.rules.reasons import Reason, Why

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that only the deployment itself can tell."""

HIDDEN: Final = "[secret]"
"""How the engine writes a value that is secret."""

OURS: Final = "pulumi-python:dynamic/veza:"
"""What the type of every resource of this provider begins with."""

TYPE, PROFILE, VERSION, MEMBERS = TypeKind.name, ProfileKind.name, VersionKind.name, MembershipKind.name

PROFILE_SCHEMA: Final = ProfileKind.schema


def name_in(urn: str) -> str:
    """Return the resource's name in the program."""
    return urn.rpartition("::")[2]


@dataclass(frozen=True)
class Record:
    """One resource: what the state knows of it, what the program wants of it, and what the engine is going to do.

    A value that is not known is the text ``UNKNOWN``, one that is secret is ``HIDDEN``. A replacement is one record.
    The sets are maps, as in the state.
    """

    urn: str
    type: str
    id: str | None = None
    """None while it is not known."""
    op: str = "same"
    """``same``, ``create``, ``update``, ``replace``, ``delete``; ``read`` for what is only looked up; ``retain`` for
    what leaves the state without a call of the provider."""
    old_inputs: Mapping[str, Any] | None = None
    old_outputs: Mapping[str, Any] | None = None
    new_inputs: Mapping[str, Any] | None = None
    """None where it is deleted."""
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By property of ``new_inputs``, the URNs of the resources that its value comes from."""
    source: Source | None = None
    modified: str | None = None
    """When the state was changed last, RFC 3339: of two views on one profile's members the later one is right."""

    @property
    def kind(self) -> str | None:
        """Which of this provider's kinds it is, None for a resource of another provider."""
        return self.type.removeprefix(OURS) if self.type.startswith(OURS) else None

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return name_in(self.urn)

    @property
    def stack(self) -> str:
        """The stack that it belongs to, as ``project/stack``."""
        parts = self.urn.removeprefix("urn:pulumi:").split("::")
        return f"{parts[1]}/{parts[0]}" if len(parts) > 1 else ""

    @cached_property
    def old(self) -> Mapping[str, Any]:
        """Everything that the state knows of it; empty for a resource that is new."""
        known = {**(self.old_inputs or {}), **(self.old_outputs or {})}
        return {name: value for name, value in known.items() if value is not None}

    @cached_property
    def new(self) -> Mapping[str, Any]:
        """What the program wants; empty for one that goes."""
        return {name: value for name, value in (self.new_inputs or {}).items() if value is not None}

    @property
    def schema(self) -> Schema:
        """The fields of its kind."""
        return SCHEMAS[str(self.kind)]

    @cached_property
    def args(self) -> Mapping[str, Any]:
        """What the program wants, with defaults, and with the lifecycle's own mark for what is unknown."""
        defaults = {f.name: f.input.default for f in self.schema if f.input.default is not None}
        return {**defaults, **_checked(self.schema, self.new)}

    @cached_property
    def managed(self) -> Mapping[str, Any]:
        """The outputs in the state as a membership set's decision reads them: unknown elements left out."""
        failures, listed = self.old.get("failures"), elements(self.old.get("identity_ids")).known
        return {
            **self.old,
            "identity_ids": {key: each for key, each in listed.items() if isinstance(each, str)},
            "failures": failures if isinstance(failures, Mapping) else {},
        }

    @property
    def is_new(self) -> bool:
        """Whether the provider is going to create it: a replacement creates first."""
        return self.op in {"create", "replace"}

    @property
    def existed(self) -> bool:
        """Whether the state knows it."""
        return bool(self.old_inputs or self.old_outputs)

    @property
    def stays(self) -> bool:
        """Whether the program declares it, new ones included; what is only looked up is not managed."""
        return self.op not in {"delete", "retain", "read"} and self.new_inputs is not None


@dataclass(frozen=True)
class Elements:
    """A set as the state holds it, told apart into what is known and what is not."""

    known: Mapping[str, Any]
    unknown: int = 0
    """How many elements are not known; each of them may stand for any element."""
    why: Why | None = None
    """Why it is unknown altogether."""

    @property
    def complete(self) -> bool:
        """Whether every element is known."""
        return self.unknown == 0 and self.why is None

    def reason(self, field: str, subject: str = "") -> Reason | None:
        """Return why the set ``field`` of ``subject`` is not known completely."""
        if self.why:
            return Reason(self.why, subject, field)
        return Reason(Why.UNKNOWN_ELEMENTS, subject, field, str(self.unknown)) if self.unknown else None


def elements(value: Any) -> Elements:
    """Read a set; None is an empty one."""
    if value is None:
        return Elements({})
    if value == UNKNOWN:
        return Elements({}, why=Why.UNKNOWN_VALUE)
    if isinstance(value, (list, tuple)):
        value = {str(place): each for place, each in enumerate(value)}
    if not isinstance(value, Mapping):
        return Elements({}, why=Why.SECRET if value == HIDDEN else Why.UNREADABLE)
    known = {key: each for key, each in value.items() if not has_unknown(each)}
    return Elements(known, len(value) - len(known))


def has_unknown(value: Any) -> bool:
    """Return whether something in a value is unknown or secret."""
    if isinstance(value, Mapping):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(each) for each in value)
    return isinstance(value, str) and value in {UNKNOWN, HIDDEN}


def has_hidden(value: Any) -> bool:
    """Return whether something in a value is secret."""
    if isinstance(value, Mapping):
        return any(has_hidden(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_hidden(each) for each in value)
    return bool(value == HIDDEN)


def marked(value: Any) -> Any:
    """Return a value with the lifecycle's own mark for whatever is unknown or hidden in it."""
    if isinstance(value, Mapping):
        return {name: marked(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [marked(each) for each in value]
    return UNKNOWN_VALUE if has_unknown(value) else value


def to_api(schema: Schema, values: Mapping[str, Any], sent: SentIn) -> dict[str, Any]:
    """Return the known fields of inputs or outputs under the API's names, as far as a request carries them."""
    known = {name: value for name, value in _checked(schema, values).items() if not contains_unknown(value)}
    return schema.to_api(known, sent)


def _checked(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a kind in state shape; a value that the kind does not accept is as good as unknown."""
    found: dict[str, Any] = {}
    for name in values.keys() & schema.fields.keys():
        value, problems = marked(values[name]), Problems()
        checked = value if value is UNKNOWN_VALUE else schema[name].type.check(value, name, problems)
        found[name] = UNKNOWN_VALUE if problems.failures else checked
    return found
