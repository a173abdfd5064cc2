"""Stacks as plain records: what the tests of the rules look at.

::

    sales = profile("sales", labels=["privileged"])
    assert texts(approval, sales) == ["AccessProfile 'sales' needs an approval ..."]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pulumi_veza.plan.records import MEMBERS, OURS, PROFILE, TYPE, UNKNOWN, VERSION, Record
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rule import Options
from pulumi_veza.policies.stack import Stack
from pulumi_veza.rules.identity import entitlement_identity

SETS = frozenset({"labels", "identity_ids", "inherits_from", "entitlements", "allow_inherited_from_types"})
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    TYPE: {"adopt": "identical", "on_destroy": "retain"},
    PROFILE: {"adopt": "identical", "on_destroy": "pause", "state": "RUNNING", "profile_type": "t-elsewhere"},
    VERSION: {"adopt": "identical", "on_destroy": "retain", "version": "current"},
    MEMBERS: {
        "mode": "additive",
        "version": "current",
        "max_removal_percent": 20,
        "allow_emptying": False,
        "on_member_failure": "warn",
        "on_destroy": "remove",
    },
}


def type_(resource_name: str, /, **inputs: Any) -> Record:
    """Declare a new type, called as the resource unless it says otherwise."""
    return declared(TYPE, resource_name, **{"name": resource_name, **inputs})


def profile(resource_name: str, /, **inputs: Any) -> Record:
    """Declare a new profile, called as the resource unless it says otherwise."""
    return declared(PROFILE, resource_name, **{"name": resource_name, **inputs})


def version(resource_name: str, of: Record, /, **inputs: Any) -> Record:
    """Declare the content of a profile of this stack."""
    return declared(VERSION, resource_name, **{"profile_id": of, **inputs})


def members(resource_name: str, of: Record | str, /, *identity_ids: str, **inputs: Any) -> Record:
    """Declare a set of members of a profile of this stack, or of one that is named by its id."""
    return declared(MEMBERS, resource_name, **{"profile_id": of, "identity_ids": list(identity_ids), **inputs})


def declared(kind: str, resource_name: str, /, **inputs: Any) -> Record:
    """Declare a new resource; a value that is another record is its id, which is not known yet."""
    values: dict[str, Any] = dict(DEFAULTS[kind])
    dependencies: dict[str, Sequence[str]] = {}
    for argument, value in inputs.items():
        values[argument], dependencies[argument] = _written(argument, value)
    return Record(
        urn(kind, resource_name), OURS + kind, op="create", new_inputs=values, property_dependencies=dependencies
    )


def urn(kind: str, name: str) -> str:
    """Return the URN of a resource of the tests' stack."""
    return f"urn:pulumi:dev::test::{OURS}{kind}::{name}"


def _written(argument: str, value: Any) -> tuple[Any, Sequence[str]]:
    """Return a value as the engine shows it, and what it depends on."""
    if isinstance(value, Record):
        return value.id or UNKNOWN, [value.urn]
    if argument not in SETS or not isinstance(value, list):
        return value, ()
    held: dict[str, Any] = {}
    sources = [each.urn for each in value if isinstance(each, Record)]
    for place, each in enumerate(value, 1):
        plain = (each.id or UNKNOWN) if isinstance(each, Record) else each
        key = entitlement_identity(plain) if isinstance(plain, Mapping) else plain
        held[f"(unknown {place})" if plain == UNKNOWN else str(key)] = plain
    return held, sources


def gives(entity_id: str, datasource_id: str = "sf-prod", **more: Any) -> dict[str, Any]:
    """Return an entitlement."""
    return {"entity_type": "SalesforceGroup", "datasource_id": datasource_id, "entity_id": entity_id, **more}


def deployed(each: Record, **now: Any) -> Record:
    """Return a resource as it is after an `up`, and with ``now``, what the program wants of it since."""
    id_ = f"id-of-{each.name}"
    known = dict(each.new)
    outputs = dict(known)
    if each.kind == MEMBERS:
        id_ = f"{known['profile_id']}/versions/{known['version']}/members"
        ids = known["identity_ids"]
        outputs["members"] = {
            who: {"id": who, "name": who.title(), "source": "ACCESS_PROFILE_MEMBERSHIP", "managed": True} for who in ids
        }
    if each.kind == PROFILE:
        outputs |= {"current_version_number": 1, "draft_version_number": 0, "adopted": False}
    new = {**known, **{name: _written(name, value)[0] for name, value in now.items()}}
    dependencies = {**each.property_dependencies, **{name: _written(name, value)[1] for name, value in now.items()}}
    return Record(
        each.urn,
        each.type,
        id_,
        "update" if now else "same",
        known,
        outputs,
        new,
        dependencies,
    )


def found(
    rule: Callable[[Stack, Any], Iterable[Finding]], options: Options, *records: Record, **stack: Any
) -> list[Finding]:
    """Run a rule, as a plain function, over a stack."""
    return list(rule(Stack(records, **stack), options))


def outcomes(findings: Iterable[Finding]) -> list[tuple[Outcome, str]]:
    """Return what was found of which resource."""
    return [(each.outcome, each.resource) for each in findings]
