"""What a profile type allows its profiles to hold, and how a profile goes beyond it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pulumi_veza.reports.words import counted


def allows_entitlements(fields: Mapping[str, Any]) -> bool:
    """Return whether profiles of a type may hold entitlements, by the type's fields under the API's names."""
    return bool(fields.get("allow_create_relationships")) and not fields.get("no_entitlements")


def beyond_type(
    fields: Mapping[str, Any], type_name: str, datasources: Collection[str], *, count: int, inherits: bool
) -> Iterator[str]:
    """Yield what profiles of a type may not have and one has, each as the rest of a sentence about that profile.

    Args:
        fields: The type's fields under the API's names, all of which are known.
        type_name: The type's name.
        datasources: The ids of the datasources of the entitlements.
        count: The number of entitlements.
        inherits: Whether the profile inherits from another one.

    """
    if count and not allows_entitlements(fields):
        yield (
            f"holds entitlements, and its type {type_name!r} allows none; move them to a profile of a type with "
            "allow_create_relationships=True and inherit from it"
        )
    elif fields.get("require_single_datasource") and len(set(datasources)) > 1:
        yield (
            f"holds entitlements of {', '.join(sorted(set(datasources)))}, and its type {type_name!r} allows one "
            "datasource; make one profile for each"
        )
    limit = fields.get("max_entitlements")
    if isinstance(limit, (int, float)) and limit and count > limit and allows_entitlements(fields):
        held = counted(count, "entitlement")
        yield f"holds {held}, and its type {type_name!r} allows {limit:g}; make several profiles"
    if inherits and not fields.get("allow_inherit_entities"):
        yield (
            f"inherits from another profile, and its type {type_name!r} allows no inheritance; use a type with "
            "allow_inherit_entities=True"
        )
