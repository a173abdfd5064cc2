"""The decision whether a resource belongs to the tenant that a run is about."""

from __future__ import annotations

import enum
from typing import Final

from pulumi_veza.client.address import TenantMove, spelling

TENANT_KEY: Final = "__tenant"
"""The key of the tenant's normalised address in outputs, which the engine does not show.

A state of 0.1.0 lacks it until the next read or write.
"""

ANNOUNCEMENT: Final = "tenant: "
"""The beginning of the line with which each run says once which tenant it is about."""


class TenantVerdict(enum.Enum):
    """Whether the tenant in a resource's state is the one of this run."""

    SAME = "same"
    """It is, or the state does not say (it was written by 0.1.0)."""
    MOVED = "moved"
    """It has another address, and the user has confirmed that this tenant moved from there."""
    OTHER = "other"
    """It is another tenant: nothing may be read, changed or forgotten."""


def judge_tenant(recorded: object, present: str, move: TenantMove | None) -> TenantVerdict:
    """Return the verdict on a resource.

    Args:
        recorded: The address in the state, in any spelling; None or empty where it has none.
        present: The normalised address of this run.
        move: The move that the user has confirmed for this run.

    """
    if not recorded or (old := spelling(str(recorded))) == present:
        return TenantVerdict.SAME
    return TenantVerdict.MOVED if move == TenantMove(old, present) else TenantVerdict.OTHER


def tenant_refusal(subject: str, recorded: object, present: str) -> str:
    """Return the refusal of a resource that belongs to another tenant, with what to write."""
    old = spelling(str(recorded))
    return (
        f"{subject} belongs to the tenant {old}, as its state says, and this run is about {present}, which VEZA_URL or "
        f"veza:url names now; nothing was done. Correct the address; if that tenant has really moved, confirm it for "
        f"this run with VEZA_TENANT_MOVED='{old}={present}'"
    )
