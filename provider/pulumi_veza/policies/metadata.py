"""Rules on names, labels and descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Annotated, Any

from pydantic import Field

from pulumi_veza.fields import secrets
from pulumi_veza.plan.records import PROFILE, TYPE, Elements, elements, has_unknown
from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.rule import Expression, Options, Pattern, matches
from pulumi_veza.policies.stack import Resource, Stack
from pulumi_veza.reports.words import counted


class NamingOptions(Options):
    """Options of `naming`."""

    pattern: Annotated[
        Expression, Field(description="A regular expression that the whole name of every profile matches.")
    ] = r"\S(.*\S)?"
    patterns: Annotated[
        dict[str, Expression],
        Field(
            default_factory=dict,
            description="By the name of a profile type, the expression that names of its profiles match as well.",
        ),
    ]
    type_pattern: Annotated[
        Expression, Field(description="A regular expression that the whole name of every profile type matches.")
    ] = r"\S(.*\S)?"


def naming(stack: Stack, options: NamingOptions) -> Iterator[Finding]:
    """Check that names of profiles and types follow a pattern; profiles of a type follow that type's as well."""
    for resource in stack.resources(TYPE):
        yield from _named(resource, options.type_pattern, "type_pattern")
    for resource in stack.resources(PROFILE):
        yield from _named(resource, options.pattern, "pattern")
        if not options.patterns:
            continue
        of_type = stack.type_of(stack.profile(resource))
        if of_type is None and (reason := resource.unknown("profile_type")):
            yield resource.undecided(reason)
        elif of_type and of_type.name in options.patterns:
            yield from _named(resource, options.patterns[of_type.name], f"the pattern of {of_type.name!r}")


def _named(resource: Resource, pattern: str, what: str) -> Iterator[Finding]:
    if reason := resource.unknown("name"):
        yield resource.undecided(reason)
    elif not re.fullmatch(pattern, name := resource.text("name")):
        advice = f"and {what} is {pattern!r}; choose a name that matches it"
        yield resource.violation(f"is named {name!r}, {advice}", alike=advice)


class LabelsOptions(Options):
    """Options of `labels`."""

    required: Annotated[tuple[Pattern, ...], Field(description="Patterns that at least one label each matches.")] = ()
    allowed: Annotated[
        tuple[Pattern, ...], Field(description="Patterns of the labels that exist; empty means any.")
    ] = ()
    exclusive: Annotated[
        tuple[tuple[Pattern, ...], ...],
        Field(description="Groups of patterns; a profile has at most one label of each group."),
    ] = ()
    add: Annotated[
        tuple[str, ...],
        Field(description="Labels that remediation adds where a required one is missing that they match."),
    ] = ()


def labels(stack: Stack, options: LabelsOptions) -> Iterator[Finding]:
    """Check that profiles have the required labels, only allowed ones, and at most one of each exclusive group."""
    for resource in stack.resources(PROFILE):
        listed = resource.elements("labels")
        held = sorted(str(each) for each in listed.known.values())
        yield from _required(resource, listed, held, options)
        for label in held:
            if options.allowed and not matches(label, options.allowed):
                yield resource.violation(
                    f"has the label {label!r}, and allowed are {', '.join(options.allowed)}; take it out, or allow it"
                )
        for group in options.exclusive:
            of_group = [label for label in held if matches(label, group)]
            if len(of_group) > 1:
                yield resource.violation(
                    f"has the labels {', '.join(of_group)}, of which only one may be there; take out all but one"
                )
        reason = listed.reason("labels")
        if reason and (options.allowed or options.exclusive):
            yield resource.undecided(reason)


def _required(resource: Resource, listed: Elements, held: list[str], options: LabelsOptions) -> Iterator[Finding]:
    for pattern in options.required:
        if any(matches(label, [pattern]) for label in held):
            continue
        if reason := listed.reason("labels"):
            yield resource.undecided(reason)
        else:
            has = f"has the labels {', '.join(held)}" if held else "has no labels"
            advice = f"and one that matches {pattern!r} is required; add it to labels"
            yield resource.violation(f"{has}, {advice}", alike=advice)


def add_labels(kind: str, inputs: MutableMapping[str, Any], options: LabelsOptions) -> bool:
    """Add the labels in ``add`` that match a required pattern without a label; return whether any were added."""
    if kind != PROFILE:
        return False
    held = inputs.get("labels")
    listed = elements(dict(held) if isinstance(held, Mapping) else held)
    if not listed.complete:
        return False
    unmet = [each for each in options.required if not any(matches(str(k), [each]) for k in listed.known.values())]
    missing = [label for label in options.add if any(matches(label, [pattern]) for pattern in unmet)]
    if not missing:
        return False
    # Changed in place, as the engine keeps track of secret values only within its own object.
    if held is None:
        inputs["labels"] = {label: label for label in missing}
    else:
        for label in missing:
            held[label] = label
    return True


class DescriptionOptions(Options):
    """Options of `description`."""

    min_length: Annotated[int, Field(ge=1, description="How many characters a description has at least.")] = 10
    default: Annotated[
        str, Field(description="What remediation writes where there is none; {name} is the object's name.")
    ] = ""


def description(stack: Stack, options: DescriptionOptions) -> Iterator[Finding]:
    """Check that profiles and types say what they are for."""
    for resource in stack.resources(TYPE, PROFILE):
        if reason := resource.unknown("description"):
            yield resource.undecided(reason)
        elif (length := len(resource.text("description").strip())) < options.min_length:
            advice = f"and {options.min_length} are the least; say in description what it is for and who may have it"
            yield resource.violation(f"has a description of {counted(length, 'character')}, {advice}", alike=advice)


def add_description(kind: str, inputs: MutableMapping[str, Any], options: DescriptionOptions) -> bool:
    """Set the default description of a profile without one; return whether it was set.

    A name that is secret or unknown is never written into a description.
    """
    written = inputs.get("description")
    if kind != PROFILE or not options.default or (written is not None and str(written).strip()):
        return False
    if "{name}" in options.default and ("name" in secrets.names(inputs) or has_unknown(inputs["name"])):
        return False
    inputs["description"] = options.default.replace("{name}", str(inputs["name"]))
    return True
