"""The plan of a preview: the organisation before, the organisation after, and the changes in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.client.settings import allowed_removals
from pulumi_veza.plan import state
from pulumi_veza.plan.content import destroy_content, write_content
from pulumi_veza.plan.draft import Draft, RefusedCreate, Request, SetChange
from pulumi_veza.plan.entries import target_before
from pulumi_veza.plan.members import change_members, destroy_members
from pulumi_veza.plan.records import PROFILE, TYPE, Record
from pulumi_veza.plan.references import References
from pulumi_veza.rules.removal_guard import confirmations_in

STAGES: Final = (write_content, change_members, destroy_members, destroy_content)
"""In the engine's order: deletes come last, and members, which depend on content, are deleted before it."""


@dataclass(frozen=True)
class Plan:
    """The plan of a preview."""

    before: Organisation
    after: Organisation
    requests: Sequence[Request]
    """The access requests that Veza will open, ordered by profile, person and operation."""
    sets: Sequence[SetChange]
    """The membership sets that add or remove members, or may."""
    refs: Mapping[str, Ref]
    """By URN, the type or the profile that a resource is; for a version or a set, the version that it manages."""
    refusals: Mapping[str, RefusedCreate]
    """By URN, the creates that the provider will refuse."""


def confirmations(config: Mapping[str, str] | None = None) -> frozenset[str]:
    """Return the values that confirm removals, from the environment or from a stack's configuration."""
    return confirmations_in(allowed_removals(config or {}))


def organisations(records: Iterable[Record]) -> tuple[Organisation, Organisation]:
    """Return the organisation before and after; for an exported state both are the same."""
    planned = plan(records)
    return planned.before, planned.after


def plan(
    records: Iterable[Record],
    live: Organisation | None = None,
    confirmations: frozenset[str] = frozenset(),
    *,
    undeleted: frozenset[str] = frozenset(),
) -> Plan:
    """Return the plan of a preview, by the decisions that the provider will make.

    Values that are unknown before `pulumi up` lead to reasons in the organisation after the plan.

    Args:
        records: The resources of a preview, a state or a policy pack; those of other providers are ignored.
        live: The organisation in the tenant, where it was read; it takes precedence over the state.
        confirmations: Values that confirm removals, beside those in the program.
        undeleted: The URNs of resources that are not deleted although they leave the program.

    """
    everything = sorted((each for each in records if each.kind), key=lambda record: (record.urn, record.op))
    before = state.known(everything, live)
    references = References(everything, before, read=live is not None)
    everything = [references.without_needless_replacement(each) for each in everything]
    draft = Draft(everything, references, before, before.copy(), confirmations, undeleted=undeleted)
    for stage in STAGES:
        stage(draft)
    refs = {each.urn: _ref(draft, each) for each in everything}
    return Plan(
        before,
        draft.after,
        sorted(set(draft.requests), key=lambda each: (each.profile, each.identity_id, each.operation, each.urn)),
        draft.changes,
        {urn: ref for urn, ref in refs.items() if ref},
        draft.refusals,
    )


def _ref(draft: Draft, record: Record) -> Ref | None:
    if record.kind in {TYPE, PROFILE}:
        return draft.references.reference_of(record) if record.stays else Ref(record.id or record.urn)
    return draft.target(record) if record.stays else target_before(draft.before, record.old)
