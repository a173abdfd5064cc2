"""What a run does that holds something back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pulumi_veza.access.comparison import AccessChange, Effect, compare
from pulumi_veza.access.effective import Access
from pulumi_veza.access.organisation import Ref
from pulumi_veza.impact.profiles import state_of
from pulumi_veza.plan.planning import Plan
from pulumi_veza.plan.records import Record

Key: TypeAlias = tuple[str | None, str | None, Effect]
"""A person, an entitlement, and what becomes of it."""

KINDS: Final = (
    frozenset({Effect.LOST, Effect.MAYBE_LOST}),
    frozenset({Effect.UNGOVERNED, Effect.MAYBE_UNGOVERNED}),
    frozenset({Effect.GAINED, Effect.MAYBE_GAINED}),
)
"""The effects that tell the same of somebody, for certain or not."""

_CERTAIN: Final = frozenset({Effect.LOST, Effect.UNGOVERNED, Effect.GAINED, Effect.NO_EFFECT})


@dataclass(frozen=True)
class PartialRun:
    """What a run does that holds something back."""

    resources: Sequence[Record]
    plan: Plan
    rows: Mapping[Key, AccessChange]
    members: dict[Ref, frozenset[str]]
    states: dict[Ref, str | None]
    requests: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, resources: Sequence[Record], planned: Plan) -> PartialRun:
        """Return what a plan of these resources does."""
        return cls(
            resources,
            planned,
            {key_of(row): row for row in compare(Access(planned.before), Access(planned.after))},
            {ref: frozenset(members) for ref, members in planned.after.members.items()},
            {ref: state_of(profile) for ref, profile in planned.after.profiles.items()},
            frozenset((each.operation, each.identity_id, str(each.profile)) for each in planned.requests),
        )

    def has(self, who: str, entitlement: str | None, effect: Effect, *, exactly: bool) -> bool:
        """Return whether the same becomes of somebody's entitlement, certainly or not."""
        if exactly and effect in _CERTAIN:
            return (who, entitlement, effect) in self.rows
        alike = next((kind for kind in KINDS if effect in kind), {effect})
        return any((who, entitlement, each) in self.rows for each in alike)


def key_of(row: AccessChange) -> Key:
    """Return what a change of access is about."""
    return row.identity_id, row.entitlement.key if row.entitlement else None, row.effect
