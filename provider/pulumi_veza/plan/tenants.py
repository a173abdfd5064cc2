"""The tenants that previews and states are about."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pulumi_veza.client.address import TenantMove
from pulumi_veza.errors import RefusedError
from pulumi_veza.plan.records import Record
from pulumi_veza.rules.tenant import TenantVerdict, judge_tenant, tenant_refusal


def recorded_tenants(everything: Iterable[Record]) -> set[str]:
    """Return the addresses of the tenants in the states of resources."""
    return {record.tenant for record in everything if record.tenant}


def refuse_other_tenants(
    everything: Iterable[Record], announced: Collection[str], present: str, move: TenantMove | None
) -> None:
    """Refuse to compare previews with a tenant that they are not about.

    Args:
        everything: The resources.
        announced: The addresses of the tenants that the previews were about; empty where they do not say.
        present: The address of the tenant that would be read.
        move: The move that the user has confirmed.

    Raises:
        RefusedError: a resource belongs to another tenant, or the previews were about another one.

    """
    # The engine writes resources in no certain order, and the message is to be the same each time.
    for record in sorted(everything, key=lambda each: each.urn):
        if judge_tenant(record.tenant, present, move) is TenantVerdict.OTHER:
            raise RefusedError(tenant_refusal(f"{record.kind} {record.name!r}", record.tenant, present))
    if announced and present not in announced:
        raise RefusedError(
            f"the preview is about the tenant {' and '.join(sorted(announced))}, and VEZA_URL names {present}: give "
            "VEZA_URL and VEZA_API_KEY of the tenant of the preview"
        )
