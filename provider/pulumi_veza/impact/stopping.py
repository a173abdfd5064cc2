"""The document of a change that could not be checked, so that a stale one is never taken for its answer."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document, StackImpact, Stopped


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
    return building.build([]).model_copy(
        update={
            "valid_at": valid_at,
            "tenants": sorted(set(tenants)),
            "stopped": Stopped(reason=reason, refused=refused),
            "stacks": [StackImpact(name=name, resources=0, changing=0) for name in sorted(set(stacks))],
        }
    )
