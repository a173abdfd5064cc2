"""The draft of a plan, which its stages complete one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.plan.entries import selector_of, target
from pulumi_veza.plan.records import VERSION, Record
from pulumi_veza.plan.references import References
from pulumi_veza.rules.adoption import AdoptionDecision
from pulumi_veza.rules.members import Departure, MembersDecision
from pulumi_veza.rules.reasons import Reason


@dataclass(frozen=True)
class Request:
    """An access request that Veza will open because a member is added or removed."""

    operation: str
    """``PROVISION`` or ``DEPROVISION``."""
    identity_id: str
    profile: Ref
    urn: str
    """The URN of the set that causes it."""
    uncertainty: Reason | None = None
    """The reason why it may not be opened."""


@dataclass(frozen=True)
class SetChange:
    """The members that a set will add and remove."""

    urn: str
    profile: Ref
    decision: MembersDecision
    """The provider's decision, by what is known."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    maybe_removed: tuple[str, ...]
    """Identities that are removed unless an unknown element of the set or the order of the sets keeps them."""
    total: int
    """The number of members of which the guard limits the removals."""
    departure: Departure | None = None
    """The reason why the set leaves the version; None where it stays."""
    foreseen: bool = False
    """Whether the provider knows the members well enough to refuse the removals in the preview already."""


@dataclass(frozen=True)
class RefusedCreate:
    """A create that the provider will refuse, as an object exists that is not to be taken over, or none that is."""

    decision: AdoptionDecision
    args: Mapping[str, Any]
    """The inputs that it was decided by, with the ids of other resources as far as they are known."""


@dataclass
class Draft:
    """A plan in progress: each stage reads and changes it."""

    records: Sequence[Record]
    references: References
    before: Organisation
    after: Organisation
    confirmations: frozenset[str] = frozenset()
    """Values that confirm removals, from the configuration or the environment."""
    requests: list[Request] = field(default_factory=list)
    changes: list[SetChange] = field(default_factory=list)
    undeleted: frozenset[str] = frozenset()
    """The URNs of the resources that are not deleted although they leave the program."""
    refusals: dict[str, RefusedCreate] = field(default_factory=dict)
    """By URN, the creates that the provider will refuse."""
    published: dict[Ref, Reason] = field(default_factory=dict)
    """By profile whose live version changes, the reason why its members are uncertain."""

    @cached_property
    def writes_versions(self) -> bool:
        """Whether the program declares a version."""
        return bool(self.staying(VERSION))

    def staying(self, kind: str) -> list[Record]:
        """Return the resources of a kind that the program declares, in the order of the records."""
        return [record for record in self.records if record.kind == kind and record.stays]

    def target(self, record: Record) -> Ref | None:
        """Return the version that a resource manages after the plan; None where that is unknown."""
        profile = self.references.resolve(record, "profile_id")
        return target(self.after, profile, selector_of(record.new)) if profile else None
