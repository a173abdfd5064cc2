"""A rule that checks profiles by the constraints of their type, before Veza refuses them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_veza.access.organisation import Profile, ProfileType, Ref
from pulumi_veza.plan.records import PROFILE, VERSION, elements
from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.rule import Options
from pulumi_veza.policies.stack import Resource, Stack, pending
from pulumi_veza.rules.type_limits import allows_entitlements, beyond_type


class TypeConstraintsOptions(Options):
    """`type_constraints` has no options: the types say what they allow."""


def type_constraints(stack: Stack, options: TypeConstraintsOptions) -> Iterator[Finding]:  # noqa: ARG001 - as every rule
    """Check that what profiles hold and inherit is what their type allows, where the type is in the stack."""
    for profile in stack.organisation.profiles.values():
        of_type = stack.type_of(profile)
        declared = stack.declared(of_type.ref) if of_type else None
        resource = stack.by_urn.get(profile.urn or "")
        if of_type and declared and resource:
            writer = _writer(stack, resource)
            yield from _entitlements(writer, profile, of_type)
            yield from _inherited(stack, writer, profile, of_type, declared)
            yield from _policy(writer, of_type)


def _writer(stack: Stack, profile: Resource) -> Resource:
    """Return the resource that writes a profile's content: a version with ``current``, or else the profile."""
    return next(iter(stack.about(VERSION, stack.plan.refs.get(profile.urn))), profile)


def _entitlements(resource: Resource, profile: Profile, of_type: ProfileType) -> Iterator[Finding]:
    held, fields = profile.entitlements, of_type.fields
    datasources = [each.datasource_id for each in held.values()]
    beyond = list(beyond_type(fields, of_type.name, datasources, count=len(held), inherits=False))
    yield from map(resource.violation, beyond)
    if held and not allows_entitlements(fields):
        return
    limited = fields.get("max_entitlements") or fields.get("require_single_datasource")
    if (limited and not beyond) or not allows_entitlements(fields):
        yield from _pending(resource, profile, "entitlements")
    application = resource.text("application_datasource_id")
    if application and (allows_entitlements(fields) or fields.get("allow_inherit_entities")):
        yield resource.violation(
            f"assigns the application {application}, which is only for types that allow neither entitlements nor "
            f"inheritance, and {of_type.name!r} does; take it out, or use such a type"
        )


def _inherited(
    stack: Stack, resource: Resource, profile: Profile, of_type: ProfileType, declared: Resource
) -> Iterator[Finding]:
    if not of_type.fields.get("allow_inherit_entities"):
        if not profile.inherits:
            yield from _pending(resource, profile, "inherits_from")
            return
        yield resource.violation(
            f"inherits from {_names(stack, profile)}, and its type {of_type.name!r} allows no inheritance; use a type "
            "with allow_inherit_entities=True"
        )
        return
    allowed, complete = _allowed(stack, declared)
    if not allowed and complete:
        return
    for ref in sorted(profile.inherits):
        parent = stack.organisation.profiles.get(ref)
        if parent is None or parent.profile_type is None or parent.profile_type in allowed:
            continue
        if complete:
            name = stack.type_of(parent)
            yield resource.violation(
                f"inherits from {parent.name!r}, whose type {name.name if name else parent.profile_type!r} is not in "
                f"allow_inherited_from_types of {of_type.name!r}; inherit from another profile, or allow the type"
            )
        else:
            yield resource.undecided(f"allow_inherited_from_types of {of_type.name!r} is not known before `pulumi up`")
    yield from _pending(resource, profile, "inherits_from")


def _pending(resource: Resource, profile: Profile, name: str) -> Iterator[Finding]:
    if reason := pending(profile, name):
        yield resource.undecided(reason)


def _allowed(stack: Stack, declared: Resource) -> tuple[set[Ref], bool]:
    """Return the known types in ``allow_inherited_from_types``, and whether they are all."""
    name = "allow_inherited_from_types"
    listed = elements(declared.values.get(name))
    refs = {Ref(str(each)) for each in listed.known.values()}
    named = [
        stack.plan.refs[urn] for urn in declared.record.property_dependencies.get(name, ()) if urn in stack.plan.refs
    ]
    made = [ref for ref in named if ref not in refs]
    complete = listed.why is None and listed.unknown <= len(made)
    return refs | set(made if listed.unknown else ()), complete


def _names(stack: Stack, profile: Profile) -> str:
    return ", ".join(sorted(repr(stack.organisation.name(ref)) for ref in profile.inherits))


def _policy(resource: Resource, of_type: ProfileType) -> Iterator[Finding]:
    if resource.kind not in {PROFILE, VERSION} or of_type.fields.get("allow_overwrite_of_access_request_policy"):
        return
    own: Any = resource.text("access_request_policy_id")
    by_type = of_type.fields.get("access_request_policy_id")
    if own and by_type and own != by_type:
        yield resource.violation(
            f"names the access request policy {own}, and its type {of_type.name!r} holds {by_type} for all; take "
            "access_request_policy_id out, or write allow_overwrite_of_access_request_policy=True on the type"
        )
