"""The document of a change that could not be checked, so that a stale one is never taken for its answer."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_veza.impact.document import Document, StackImpact, Stopped, Summary


def stopped(
    reason: str,
    stacks: Iterable[str],
    valid_at: str | None = None,
    *,
    refused: bool = False,
    tenants: Iterable[str] = (),
) -> Document:
    """Return a document that says only why nothing could be checked.

    Args:
        reason: Why, in one line.
        stacks: The stacks that it is about, by which a comment that is there is found.
        valid_at: A mark that sorts documents by age.
        refused: Whether the removal guard refused.
        tenants: The addresses of the tenants, as far as they are known.

    """
    return Document(
        valid_at=valid_at,
        tenants=sorted(set(tenants)),
        stopped=Stopped(reason=reason, refused=refused),
        stacks=[StackImpact(name=name, resources=0, changing=0) for name in sorted(set(stacks))],
        summary=Summary(
            people=0,
            people_known=0,
            losing=0,
            gaining=0,
            potentially_losing=0,
            potentially_gaining=0,
            ungoverned=0,
            no_effect=0,
            rows={},
            entitlements=0,
            provisions=0,
            deprovisions=0,
            requests_in_doubt=0,
            removals_over=0,
            conflicts=0,
            unknowns=0,
        ),
        people=[],
        entitlements=[],
        profiles=[],
        requests=[],
        removals=[],
        conflicts=[],
        unknowns=[],
        causes=[],
    )
