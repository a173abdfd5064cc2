"""The catalogue of the rules, with their default levels."""

from __future__ import annotations

from typing import Final

from pulumi_veza.policies import (
    constraints,
    content,
    danger,
    duties,
    inheritance,
    membership,
    metadata,
    ownership,
    replacement,
)
from pulumi_veza.policies.rule import Level, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "naming",
        "Names of profiles and types follow a pattern.",
        metadata.naming,
        metadata.NamingOptions,
        Level.ADVISORY,
    ),
    Rule(
        "labels",
        "Profiles have the labels that are required, and none that are not allowed.",
        metadata.labels,
        metadata.LabelsOptions,
        Level.ADVISORY,
        alone=True,
        remedy=metadata.add_labels,
    ),
    Rule(
        "description",
        "Profiles and types say what they are for.",
        metadata.description,
        metadata.DescriptionOptions,
        # Nearly every program that was not written for it has profiles without one.
        Level.DISABLED,
        alone=True,
        remedy=metadata.add_description,
    ),
    Rule(
        "entitlement-count",
        "A profile holds no more entitlements than somebody can review.",
        content.entitlement_count,
        content.EntitlementCountOptions,
        Level.ADVISORY,
        alone=True,
    ),
    Rule(
        "forbidden-entitlements",
        "No profile gives an entitlement that is forbidden.",
        content.forbidden_entitlements,
        content.ForbiddenEntitlementsOptions,
        Level.MANDATORY,
        alone=True,
    ),
    Rule(
        "dangerous-options",
        "No resource overwrites what exists, or empties what it leaves.",
        danger.dangerous_options,
        danger.DangerousOptions,
        Level.ADVISORY,
        alone=True,
    ),
    Rule(
        "approval",
        "Privileged profiles need an approval.",
        content.approval,
        content.ApprovalOptions,
        Level.MANDATORY,
    ),
    Rule(
        "inheritance",
        "Inheritance is shallow, between allowed types, and never in circles.",
        inheritance.inheritance,
        inheritance.InheritanceOptions,
        Level.MANDATORY,
    ),
    Rule(
        "type-constraints",
        "Profiles hold and inherit what their type allows.",
        constraints.type_constraints,
        constraints.TypeConstraintsOptions,
        Level.MANDATORY,
    ),
    Rule(
        "type-replacement",
        "No change makes a second type of one name, which stays for ever.",
        replacement.type_replacement,
        replacement.TypeReplacementOptions,
        Level.MANDATORY,
    ),
    Rule(
        "membership",
        "No profile loses many members at once, and every set keeps its guard on.",
        membership.membership,
        membership.MembershipOptions,
        Level.MANDATORY,
    ),
    Rule(
        "ownership",
        "Nothing has two owners.",
        ownership.ownership,
        ownership.OwnershipOptions,
        Level.MANDATORY,
    ),
    Rule(
        "separation-of-duties",
        "Nobody has, by whatever path, what is to be kept apart.",
        duties.separation_of_duties,
        duties.SeparationOfDutiesOptions,
        Level.MANDATORY,
    ),
)
