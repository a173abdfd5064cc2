"""What the engine is going to do to an organisation: the one before, the one after, and what happens in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_veza.access.organisation import Organisation, Ref
from pulumi_veza.plan import state
from pulumi_veza.plan.content import destroy_content, write_content
from pulumi_veza.plan.draft import Draft, Request, SetChange
from pulumi_veza.plan.entries import target_before
from pulumi_veza.plan.members import change_members, destroy_members
from pulumi_veza.plan.records import PROFILE, TYPE, Record
from pulumi_veza.plan.references import References
from pulumi_veza.rules.adoption import AdoptionDecision

STAGES: Final = (write_content, change_members, destroy_members, destroy_content)
"""The engine deletes last, and what depends on something before that: members before the content they depend on."""


@dataclass(frozen=True)
class Plan:
    """What the engine is going to do to an organisation."""

    before: Organisation
    after: Organisation
    requests: Sequence[Request]
    """The access requests that Veza opens, ordered by profile, person and operation."""
    sets: Sequence[SetChange]
    """The membership sets that add or remove somebody, or may."""
    refs: Mapping[str, Ref]
    """By URN, the type or the profile that a resource is; of a version and of a set, the version they are about."""
    refusals: Mapping[str, AdoptionDecision]
    """By URN, the creates that the provider is going to refuse."""


def organisations(records: Iterable[Record]) -> tuple[Organisation, Organisation]:
    """Return the organisation before and after. Of an exported state, where nothing changes, both are the same."""
    planned = plan(records)
    return planned.before, planned.after


def plan(records: Iterable[Record], live: Organisation | None = None) -> Plan:
    """Work out what the engine is going to do, by the decisions of the provider; what is unknown stays a reason.

    ``live`` is what the tenant holds, where it was asked: it is right where it differs from the state.
    """
    everything = sorted((each for each in records if each.kind), key=lambda record: (record.urn, record.op))
    before = state.known(everything, live)
    references = References(everything, before)
    everything = [references.without_needless_replacement(each) for each in everything]
    draft = Draft(everything, references, before, before.copy())
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
