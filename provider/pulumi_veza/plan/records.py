"""A resource of Pulumi's and what happens to it, as plain data: from a preview, a state, or a policy pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pulumi_veza.reports.findings import Source

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that only the deployment itself can tell."""

HIDDEN: Final = "[secret]"
"""How the engine writes a value that is secret."""

OURS: Final = "pulumi-python:dynamic/veza:"
"""What the type of every resource of this provider begins with."""

TYPE, PROFILE, VERSION, MEMBERS = "AccessProfileType", "AccessProfile", "AccessProfileVersion", "MembershipSet"


def name_in(urn: str) -> str:
    """Give the resource's name in the program."""
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
    reason: str | None = None
    """Why it is not known at all."""

    @property
    def complete(self) -> bool:
        """Whether every element is known."""
        return self.unknown == 0 and self.reason is None


def elements(value: Any) -> Elements:
    """Read a set; nothing is an empty one."""
    if value is None:
        return Elements({})
    if value == UNKNOWN:
        return Elements({}, reason="is not known before `pulumi up`")
    if isinstance(value, (list, tuple)):
        value = {str(place): each for place, each in enumerate(value)}
    if not isinstance(value, Mapping):
        return Elements({}, reason="is secret" if value == HIDDEN else "cannot be read")
    known = {key: each for key, each in value.items() if not has_unknown(each)}
    return Elements(known, len(value) - len(known))


def has_unknown(value: Any) -> bool:
    """Whether something in a value is unknown or hidden."""
    if isinstance(value, Mapping):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(each) for each in value)
    return isinstance(value, str) and value in {UNKNOWN, HIDDEN}
