"""A resource of Pulumi and its change, as plain data: from a preview, a state, or a policy pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pulumi_veza.client.address import spelling
from pulumi_veza.fields.field_types import UNKNOWN as UNKNOWN_VALUE
from pulumi_veza.fields.field_types import contains_unknown
from pulumi_veza.fields.problems import Problems
from pulumi_veza.fields.schema import Schema, SentIn
from pulumi_veza.reports.findings import Source
from pulumi_veza.resources import SCHEMAS
from pulumi_veza.resources.membership import MembershipKind
from pulumi_veza.resources.profile import ProfileKind
from pulumi_veza.resources.profile_type import TypeKind
from pulumi_veza.resources.version import VersionKind
from pulumi_veza.rules import urns
from pulumi_veza.rules.reasons import Reason, Why
from pulumi_veza.rules.tenant import TENANT_KEY

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's text for a value that is computed during the deployment."""

HIDDEN: Final = "[secret]"
"""The engine's text for a secret value."""

OURS: Final = urns.OURS
"""The beginning of the type of every resource of this provider."""

TYPE, PROFILE, VERSION, MEMBERS = TypeKind.name, ProfileKind.name, VersionKind.name, MembershipKind.name

PROFILE_SCHEMA: Final = ProfileKind.schema
VERSION_SCHEMA: Final = VersionKind.schema


def name_in(urn: str) -> str:
    """Return the name in the program of the resource with this URN."""
    return urn.rpartition("::")[2]


def kind_in(urn: str) -> str:
    """Return the kind of the resource with this URN, such as ``AccessProfile``."""
    return urn.split("::")[-2].rpartition(":")[2] if urn.count("::") > 1 else ""


def stack_in(urn: str) -> str:
    """Return the stack of the resource with this URN, as ``project/stack``."""
    parts = urn.removeprefix("urn:pulumi:").split("::")
    return f"{parts[1]}/{parts[0]}" if len(parts) > 1 else ""


@dataclass(frozen=True)
class Record:
    """One resource: its values in the state, its inputs in the program, and the engine's operation.

    An unknown value is the text ``UNKNOWN``, a secret one ``HIDDEN``. A replacement is one record. Sets are maps, as in
    the state.
    """

    urn: str
    type: str
    id: str | None = None
    """The Pulumi id; None while it is unknown."""
    op: str = "same"
    """``same``, ``create``, ``update``, ``replace``, ``delete``; ``read`` for a resource that is only looked up;
    ``retain`` for one that leaves the state without a call of the provider."""
    old_inputs: Mapping[str, Any] | None = None
    old_outputs: Mapping[str, Any] | None = None
    new_inputs: Mapping[str, Any] | None = None
    """None for a resource that is deleted."""
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By property of ``new_inputs``, the URNs of the resources that its value comes from."""
    ignored: tuple[str, ...] = ()
    """The properties whose changes the program ignores (``ignore_changes``), as paths."""
    source: Source | None = None
    modified: str | None = None
    """The time of the last change of the state, RFC 3339. Where two sets show one profile's members, the later wins."""

    @property
    def kind(self) -> str | None:
        """The kind, such as ``AccessProfile``; None for a resource of another provider."""
        return self.type.removeprefix(OURS) if self.type.startswith(OURS) else None

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return name_in(self.urn)

    @property
    def stack(self) -> str:
        """The stack of the resource, as ``project/stack``."""
        return stack_in(self.urn)

    @cached_property
    def old(self) -> Mapping[str, Any]:
        """The inputs and outputs in the state, without empty ones; empty for a new resource."""
        known = {**(self.old_inputs or {}), **(self.old_outputs or {})}
        return {name: value for name, value in known.items() if value is not None}

    @cached_property
    def new(self) -> Mapping[str, Any]:
        """The inputs in the program, without empty ones; empty for a resource that is deleted."""
        return {name: value for name, value in (self.new_inputs or {}).items() if value is not None}

    @property
    def tenant(self) -> str | None:
        """The normalised address of the tenant in the state; None for a new resource and in states of 0.1.0."""
        recorded = (self.old_outputs or {}).get(TENANT_KEY)
        return spelling(recorded) if isinstance(recorded, str) and recorded else None

    @property
    def schema(self) -> Schema:
        """The fields of the kind."""
        return SCHEMAS[str(self.kind)]

    @cached_property
    def args(self) -> Mapping[str, Any]:
        """The inputs in the program in state shape, with defaults; unknown values are the lifecycle's ``UNKNOWN``."""
        defaults = {f.name: f.input.default for f in self.schema if f.input.default is not None}
        return {**defaults, **_checked(self.schema, self.new)}

    @cached_property
    def managed(self) -> Mapping[str, Any]:
        """The outputs in the state for the decision of a membership set, without unknown elements."""
        failures, listed = self.old.get("failures"), elements(self.old.get("identity_ids")).known
        found: dict[str, Any] = {
            **self.old,
            "identity_ids": {key: each for key, each in listed.items() if isinstance(each, str)},
            "failures": failures if isinstance(failures, Mapping) else {},
        }
        if "members" in self.old:
            found["members"] = elements(self.old["members"]).known
        return found

    @property
    def is_new(self) -> bool:
        """Whether the provider will create an object, as for a replacement as well."""
        return self.op in {"create", "replace"}

    @property
    def existed(self) -> bool:
        """Whether the state has the resource."""
        return bool(self.old_inputs or self.old_outputs)

    @property
    def stays(self) -> bool:
        """Whether the program declares the resource, be it new or not; a resource that is only looked up is none."""
        return self.op not in {"delete", "retain", "read"} and self.new_inputs is not None


@dataclass(frozen=True)
class Elements:
    """A set in state shape, split into known and unknown elements."""

    known: Mapping[str, Any]
    unknown: int = 0
    """The number of unknown elements, each of which may turn out to be any element."""
    why: Why | None = None
    """The reason why the whole set is unknown."""

    @property
    def complete(self) -> bool:
        """Whether all elements are known."""
        return self.unknown == 0 and self.why is None

    def reason(self, field: str, subject: str = "") -> Reason | None:
        """Return the reason why the set ``field`` of ``subject`` is not completely known, or None where it is."""
        if self.why:
            return Reason(self.why, subject, field)
        return Reason(Why.UNKNOWN_ELEMENTS, subject, field, str(self.unknown)) if self.unknown else None


def elements(value: Any) -> Elements:
    """Return the elements of a set in state or program shape; None is an empty set."""
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
    """Return whether any part of a value is unknown or secret."""
    if isinstance(value, Mapping):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(each) for each in value)
    return isinstance(value, str) and value in {UNKNOWN, HIDDEN}


def has_hidden(value: Any) -> bool:
    """Return whether any part of a value is secret."""
    if isinstance(value, Mapping):
        return any(has_hidden(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_hidden(each) for each in value)
    return bool(value == HIDDEN)


def marked(value: Any) -> Any:
    """Return a value with the lifecycle's own mark for whatever is unknown or hidden in it."""
    if isinstance(value, dict):
        return {name: marked(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [marked(each) for each in value]
    return UNKNOWN_VALUE if isinstance(value, str) and value in _MARKS else value


_MARKS: Final = frozenset({UNKNOWN, HIDDEN})


def to_api(schema: Schema, values: Mapping[str, Any], sent: SentIn) -> dict[str, Any]:
    """Return the known fields of inputs or outputs that a request sends, under the API's names."""
    known = {name: value for name, value in _checked(schema, values).items() if not contains_unknown(value)}
    return schema.to_api(known, sent)


def _checked(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a kind in state shape; an invalid value is replaced by the lifecycle's ``UNKNOWN``."""
    found: dict[str, Any] = {}
    for name in values.keys() & schema.fields.keys():
        value, problems = marked(values[name]), Problems()
        checked = value if value is UNKNOWN_VALUE else schema[name].type.check(value, name, problems)
        found[name] = UNKNOWN_VALUE if problems.failures else checked
    return found
