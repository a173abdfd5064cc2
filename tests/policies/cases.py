"""For every rule, on the real engine: what it finds nothing in, what breaks it, and what it cannot decide yet.

The cases of all rules make up one program for each outcome, so that an outcome costs one run of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.programs import Code, entitlement, program, resource

TYPES: Final = [
    resource("AccessProfileType", "app", name="App", description="An application", allow_create_relationships=True),
    resource("AccessProfileType", "role", name="Role", description="A role to have", allow_inherit_entities=True),
]

UNKNOWN: Final = Code("app.id")
"""A text that nobody knows before the deployment."""


def later(value: str) -> Code:
    """Return a value that nobody knows before the deployment."""
    return Code(f"app.id.apply(lambda _: {value})")


def profile(variable: str, kind: str = "app", /, **more: Any) -> str:
    """Declare a profile that breaks no rule, but for what ``more`` says."""
    given = {
        "name": variable.title(),
        "profile_type": Code(f"{kind}.id"),
        "description": "Something to have",
        "labels": ["owner:it"],
    }
    return resource("AccessProfile", variable, **{**given, **more})


def members(name: str, of: str, *ids: Any, **more: Any) -> str:
    """Declare a set of members of a profile."""
    return resource("MembershipSet", name, profile_id=Code(f"{of}.id"), identity_ids=list(ids), **more)


PAIR: Final = [
    profile("create", entitlements=[entitlement("create")]),
    profile("approve", entitlements=[entitlement("approve")]),
]
"""Two profiles that nobody may have both of."""

PEOPLE: Final = ["ana", "bo", "cy", "di", "ed"]


@dataclass(frozen=True)
class Case:
    """One rule on the real engine; every field has to be given, so no outcome can be left out."""

    broken: Sequence[str]
    """What breaks it, beside what is fine."""
    says: str
    """What it says of that."""
    unknown: Sequence[str]
    """What it cannot decide, beside the two profiles."""
    undecided: str
    """What it says of that."""
    config: Mapping[str, Any] = field(kw_only=True)
    deployed: Mapping[str, Mapping[str, Any]] = field(kw_only=True, default_factory=dict)
    """The inputs of types that the state has already, by their names in the program."""


CASES: Final[Mapping[str, Case]] = {
    "naming": Case(
        [profile("naming", name="lower")],
        "AccessProfile 'naming' is named 'lower'",
        [profile("nameless", name=UNKNOWN)],
        "AccessProfile 'nameless'",
        config={"pattern": "[A-Z].*", "patterns": {"Role": "Role .*"}},
    ),
    "labels": Case(
        [profile("labels", labels=["other"])],
        "AccessProfile 'labels' has the labels other",
        [profile("labelled", labels=[UNKNOWN])],
        "AccessProfile 'labelled'",
        config={"required": ["owner:*"]},
    ),
    "description": Case(
        [profile("description", description="")],
        "AccessProfile 'description' has a description of 0 characters",
        [profile("described", description=UNKNOWN)],
        "AccessProfile 'described'",
        config={"min_length": 5},
    ),
    "entitlement-count": Case(
        [profile("count", entitlements=[entitlement(each) for each in "abc"])],
        "AccessProfile 'count' holds 3 entitlements, and 2 is the most",
        [profile("counted", entitlements=later("[]"))],
        "AccessProfile 'counted'",
        config={"max": 2},
    ),
    "forbidden-entitlements": Case(
        [profile("forbidden", entitlements=[entitlement("00G-Admins")])],
        "AccessProfile 'forbidden' gives SalesforceGroup sf-prod/00G-Admins",
        [profile("giving", entitlements=[entitlement(UNKNOWN)])],
        "AccessProfile 'giving'",
        config={"patterns": ["*admin*"]},
    ),
    "dangerous-options": Case(
        [profile("dangerous", adopt="always")],
        "AccessProfile 'dangerous' has adopt='always'",
        [profile("adopting", adopt=later("'identical'"))],
        "AccessProfile 'adopting'",
        config={},
    ),
    "approval": Case(
        [profile("approval", labels=["owner:it", "privileged"])],
        "AccessProfile 'approval' needs an approval because of its label 'privileged'",
        [profile("approved", labels=["owner:it", UNKNOWN])],
        "AccessProfile 'approved'",
        config={"labels": ["privileged"]},
    ),
    "inheritance": Case(
        [profile("deep", "role", name="Role Deep", inherits_from=[Code("clerk.id")])],
        "AccessProfile 'deep' inherits over 2 steps (Role Deep -> Role Clerk -> Create)",
        [profile("heir", "role", name="Role Heir", inherits_from=later("[]"))],
        "AccessProfile 'heir'",
        config={"max_depth": 1},
    ),
    "type-constraints": Case(
        [profile("constrained", inherits_from=[Code("approve.id")])],
        "AccessProfile 'constrained' inherits from 'Approve', and its type 'App' allows no inheritance",
        [profile("bound", inherits_from=later("[]"))],
        "AccessProfile 'bound'",
        config={},
    ),
    "type-replacement": Case(
        [resource("AccessProfileType", "changed", name="Changed", description="Changes", max_entitlements=2)],
        "AccessProfileType 'changed' is replaced, as the API cannot change max_entitlements of a type",
        [
            resource(
                "AccessProfileType",
                "unsure",
                name="Unsure",
                description="Changes",
                allow_inherit_entities=later("True"),
            )
        ],
        "AccessProfileType 'unsure'",
        config={},
        deployed={
            "changed": {"name": "Changed", "description": "Changes", "max_entitlements": 1},
            "unsure": {"name": "Unsure", "description": "Changes", "allow_inherit_entities": True},
        },
    ),
    "membership": Case(
        [members("many", "approve", "cy", "di", "ed")],
        "MembershipSet 'many' brings 'Approve' to 3 members",
        [members("guarded", "create", "ana", max_removal_percent=later("20"))],
        "MembershipSet 'guarded'",
        config={"max_members": 2},
    ),
    "ownership": Case(
        [profile("namesake", name="Create")],
        "AccessProfile 'namesake' is named 'Create' and of the same type",
        [profile("called", name=UNKNOWN)],
        "AccessProfile 'called'",
        config={},
    ),
    "separation-of-duties": Case(
        [members("conflict", "create", "cy")],
        "MembershipSet 'conflict' gives SalesforceGroup sf-prod/create (by Create) and SalesforceGroup sf-prod/approve",
        [members("somebody", "create", UNKNOWN), members("known", "approve", "bo")],
        "MembershipSet 'somebody' lists is not wholly known before `pulumi up` (1 unknown), and paying depends on it",
        config={"conflicts": [{"name": "paying", "a": ["*/create"], "b": ["*/approve"]}]},
    ),
}

FINE: Final = [
    *TYPES,
    *PAIR,
    profile("clerk", "role", name="Role Clerk", inherits_from=[Code("create.id")]),
    members("clerks", "clerk", "ana", "bo"),
]
"""What breaks no rule, though there is something of everything that they look at."""


def fine() -> str:
    """Write the program that every rule passes."""
    return program(*FINE)


def broken() -> str:
    """Write the program that breaks every rule."""
    return program(*FINE, *(each for case in CASES.values() for each in case.broken))


def undecided() -> str:
    """Write the program that no rule can decide yet."""
    return program(*TYPES, *PAIR, *(each for case in CASES.values() for each in case.unknown))
