"""What a profile type allows, and what holds for every profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from veza_simulator.problems import invalid
from veza_simulator.store import Document

ENTITLEMENTS = "entities_to_create_relationships_to"
INHERITS = "inherit_entities_from_access_profiles"


def check_type(kind: Document) -> None:
    """Refuse a type whose fields contradict each other."""
    if kind["create_entitlement_based_on_profile"] and not kind["require_single_integration"]:
        raise invalid("create_entitlement_based_on_profile is only available with require_single_integration")
    if kind["time_before_sync_check_in_seconds"] and not kind["create_entitlement_based_on_profile"]:
        raise invalid("time_before_sync_check_in_seconds is only allowed with create_entitlement_based_on_profile")


def allows_entitlements(kind: Document) -> bool:
    """Return whether profiles of the type may hold entitlements."""
    return bool(kind["allow_create_relationships"]) and not kind["no_entitlements"]


def check_entitlements(kind: Document, entitlements: Sequence[Document], integrations: Sequence[str]) -> None:
    """Refuse entitlements that the type does not allow; ``integrations`` are those of their datasources."""
    name = kind["name"]
    if not entitlements:
        return
    if not allows_entitlements(kind):
        raise invalid(f"profiles of the type {name!r} cannot have {ENTITLEMENTS}")
    datasources = {each["datasource_id"] for each in entitlements}
    if kind["require_single_datasource"] and len(datasources) > 1:
        raise invalid(
            f"profiles of the type {name!r} can have entitlements of one datasource only,"
            f" not of {', '.join(sorted(datasources))}"
        )
    if kind["require_single_integration"] and len(integrations) > 1:
        raise invalid(
            f"profiles of the type {name!r} can have entitlements of one integration only,"
            f" not of {', '.join(integrations)}"
        )
    limit = kind["max_entitlements"]
    if limit is not None and len(entitlements) > limit:
        raise invalid(f"profiles of the type {name!r} can have {limit} entitlements, not {len(entitlements)}")


def check_inheritance(kind: Document, parents: Mapping[str, Document | None]) -> None:
    """Refuse inheritance that the type does not allow, or from profiles that do not exist."""
    if not parents:
        return
    if not kind["allow_inherit_entities"]:
        raise invalid(f"profiles of the type {kind['name']!r} cannot have {INHERITS}")
    allowed = kind["allow_inherited_from_types"]
    for profile_id, parent in parents.items():
        if parent is None:
            raise invalid(f"{INHERITS}: there is no access profile {profile_id!r}")
        if allowed and parent["profile_type"] not in allowed:
            raise invalid(
                f"profiles of the type {kind['name']!r} cannot inherit from {parent['name']!r}:"
                f" its type {parent['profile_type']!r} is not in allow_inherited_from_types"
            )


def check_application(kind: Document, application_datasource_id: str) -> None:
    """Refuse an application datasource where the type allows entitlements or inheritance."""
    if application_datasource_id and (allows_entitlements(kind) or kind["allow_inherit_entities"]):
        raise invalid(
            "application_datasource_id is only available where the profile type allows neither entitlements nor"
            f" inheritance, and {kind['name']!r} does"
        )


def check_access_request_policy(kind: Document, policy_id: str) -> None:
    """Refuse another access request policy than the type's where the type holds it fixed."""
    if kind["allow_overwrite_of_access_request_policy"] or policy_id in {"", kind["access_request_policy_id"]}:
        return
    raise invalid(f"the type {kind['name']!r} does not allow another access_request_policy_id than its own")


def check_no_cycle(profile_id: str, parents: Iterable[str], parents_of: Callable[[str], Iterable[str]]) -> None:
    """Refuse inheritance that leads back to the profile itself."""
    seen: set[str] = set()
    waiting = list(parents)
    while waiting:
        each = waiting.pop()
        if each == profile_id:
            raise invalid(f"{INHERITS}: the access profile {profile_id!r} would inherit from itself")
        if each not in seen:
            seen.add(each)
            waiting.extend(parents_of(each))
