"""What the stages of a plan share while it is worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.plan.entries import target
from pulumi_veza.plan.records import Record
from pulumi_veza.plan.references import References
from pulumi_veza.rules.adoption import AdoptionDecision
from pulumi_veza.rules.members import MembersDecision
from pulumi_veza.rules.reasons import Reason


@dataclass(frozen=True)
class Request:
    """An access request that Veza opens when a member is added or removed."""

    operation: str
    """``PROVISION`` or ``DEPROVISION``."""
    identity_id: str
    profile: Ref
    urn: str
    """The set that causes it."""
    uncertainty: Reason | None = None
    """Why it is uncertain that it is opened."""


@dataclass(frozen=True)
class SetChange:
    """What a membership set is going to change."""

    urn: str
    profile: Ref
    decision: MembersDecision
    """What the provider decides, as far as it is certain."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    maybe_removed: tuple[str, ...]
    """Who may be among those whom the program lists and nobody knows yet."""
    total: int
    """Of how many members it removes some."""
    destroyed: bool
    """Whether the set itself goes, which its guard does not stop."""


@dataclass
class Draft:
    """What the stages of a plan read and write, one after another."""

    records: Sequence[Record]
    references: References
    before: Organisation
    after: Organisation
    requests: list[Request] = field(default_factory=list)
    changes: list[SetChange] = field(default_factory=list)
    refusals: dict[str, AdoptionDecision] = field(default_factory=dict)
    """By URN, the creates that the provider is going to refuse."""
    published: dict[Ref, Reason] = field(default_factory=dict)
    """The profiles of which another version becomes the live one, with what that means for their members."""

    def staying(self, kind: str) -> list[Record]:
        """Return the resources of a kind that the program declares."""
        return [record for record in self.records if record.kind == kind and record.stays]

    def target(self, record: Record) -> Ref | None:
        """Return the version that a resource is about, after the plan; None where that is unknown."""
        profile = self.references.resolve(record, "profile_id")
        return target(self.after, profile, str(record.new.get("version", "current"))) if profile else None
