"""Rules on the content of profiles: the number of entitlements, forbidden ones, and approvals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from pulumi_veza.access.organisation import HeldEntitlement
from pulumi_veza.plan.records import PROFILE, TYPE, VERSION
from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.rule import Options, Pattern, matches
from pulumi_veza.policies.stack import Resource, Stack
from pulumi_veza.reports.words import counted


class EntitlementCountOptions(Options):
    """Options of `entitlement_count`."""

    max: Annotated[int, Field(ge=0, description="How many entitlements one profile may hold itself at most.")] = 50


def entitlement_count(stack: Stack, options: EntitlementCountOptions) -> Iterator[Finding]:
    """Check that a profile holds no more entitlements of its own than somebody can review."""
    for resource in stack.resources(PROFILE, VERSION):
        listed = resource.elements("entitlements")
        count = len(listed.known)
        if count > options.max or (listed.why is None and count + listed.unknown > options.max):
            total = count + listed.unknown
            advice = f"and {options.max} is the most; split it into several profiles and let one inherit from them"
            yield resource.violation(f"holds {counted(total, 'entitlement')}, {advice}", alike=advice)
        elif listed.why and (reason := listed.reason("entitlements")):
            yield resource.undecided(reason)


class ForbiddenEntitlementsOptions(Options):
    """Options of `forbidden_entitlements`."""

    entity_types: Annotated[
        tuple[Pattern, ...], Field(description="Patterns of entity types that no profile gives.")
    ] = ()
    datasources: Annotated[
        tuple[Pattern, ...], Field(description="Patterns of datasource ids that no profile reaches.")
    ] = ()
    patterns: Annotated[
        tuple[Pattern, ...],
        Field(description="Patterns of whole entitlements, written `TYPE DATASOURCE/ENTITY`, that no profile gives."),
    ] = ()


def forbidden_entitlements(stack: Stack, options: ForbiddenEntitlementsOptions) -> Iterator[Finding]:
    """Check that no profile gives an entitlement that is forbidden by its type, its datasource or its name."""
    if not (options.entity_types or options.datasources or options.patterns):
        return
    for resource in stack.resources(PROFILE, VERSION, TYPE):
        for name in ("entitlements", "create_entitlements"):
            listed = resource.elements(name)
            for key, fields in sorted(listed.known.items()):
                if isinstance(fields, Mapping) and (why := _forbidden(fields, options)):
                    yield resource.violation(f"gives {key}, and {why}; take it out")
            if reason := listed.reason(name):
                yield resource.undecided(reason)
        yield from _application(resource, options)


def _forbidden(fields: Mapping[str, Any], options: ForbiddenEntitlementsOptions) -> str | None:
    held = HeldEntitlement.of(fields)
    if found := matches(held.entity_type, options.entity_types):
        return f"the entity type {held.entity_type} is forbidden by {found!r}"
    if found := matches(held.datasource_id, options.datasources):
        return f"the datasource {held.datasource_id} is forbidden by {found!r}"
    found = matches(held.key, options.patterns)
    return f"it is forbidden by {found!r}" if found else None


def _application(resource: Resource, options: ForbiddenEntitlementsOptions) -> Iterator[Finding]:
    name = "application_datasource_id"
    if reason := resource.unknown(name):
        yield resource.undecided(reason)
    elif found := matches(held := resource.text(name), options.datasources):
        yield resource.violation(f"assigns the application {held}, which is forbidden by {found!r}; take it out")


class ApprovalOptions(Options):
    """Options of `approval`."""

    labels: Annotated[
        tuple[Pattern, ...], Field(description="Patterns of labels; a profile with one needs approval.")
    ] = ("privileged",)
    names: Annotated[
        tuple[Pattern, ...], Field(description="Patterns of names; a profile so named needs approval.")
    ] = ()
    policy: Annotated[bool, Field(description="Whether it needs access_request_policy_id, its own or its type's.")] = (
        True
    )
    approval_to_start: Annotated[bool, Field(description="Whether it needs require_approval_to_start=True.")] = False


def approval(stack: Stack, options: ApprovalOptions) -> Iterator[Finding]:
    """Check that nobody gets a profile that is labelled, or named, as one to be approved without an approval."""
    for resource in stack.resources(PROFILE):
        labelled, listed = resource.text("name"), resource.elements("labels")
        why = matches(labelled, options.names) and f"its name {labelled!r}"
        why = why or next(
            (
                f"its label {each!r}"
                for each in sorted(map(str, listed.known.values()))
                if matches(each, options.labels)
            ),
            None,
        )
        if why:
            yield from _approved(stack, resource, why, options)
        elif resource.unknown("name") and options.names:
            yield resource.undecided(f"{resource.unknown('name')}, so whether it needs approval is not either")
        elif not listed.complete and options.labels:
            yield resource.undecided("labels are not all known before `pulumi up`, so whether it needs approval is not")


def _approved(stack: Stack, resource: Resource, why: str, options: ApprovalOptions) -> Iterator[Finding]:
    if options.policy:
        found = [resource, *stack.about(VERSION, stack.plan.refs.get(resource.urn))]
        of_type = stack.type_of(stack.profile(resource))
        by_type = of_type.fields.get("access_request_policy_id") if of_type else None
        values = [each.values.get("access_request_policy_id") for each in found]
        if not any([*values, by_type]):
            if of_type is None and (reason := resource.unknown("profile_type")):
                yield resource.undecided(f"{reason}, and the type may bring the policy that {why} asks for")
            else:
                yield resource.violation(
                    f"needs an approval because of {why}, and has no access request policy; write "
                    "access_request_policy_id on it, on its version or on its type"
                )
    if options.approval_to_start:
        if reason := resource.unknown("require_approval_to_start"):
            yield resource.undecided(reason)
        elif not resource.values.get("require_approval_to_start"):
            yield resource.violation(
                f"needs an approval because of {why}, and starts without one; write require_approval_to_start=True"
            )
