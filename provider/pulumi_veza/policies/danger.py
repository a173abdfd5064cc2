"""A rule on options that make a change harder to revert."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import Field

from pulumi_veza.plan.records import PROFILE
from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.rule import Options
from pulumi_veza.policies.stack import Resource, Stack

WAYS_OUT = {
    "adopt": "write the same here as what exists, and leave adopt out",
    "on_destroy": "leave on_destroy out",
    "state": "write another state, and let somebody start it",
}


class DangerousOptions(Options):
    """Options of `dangerous_options`."""

    adopt: Annotated[
        tuple[str, ...],
        Field(description="Values of adopt that are refused; `always` overwrites what somebody else wrote."),
    ] = ("always",)
    on_destroy: Annotated[
        tuple[str, ...],
        Field(description="Values of on_destroy that are refused; `clear` takes entitlements from everybody."),
    ] = ("clear",)
    states: Annotated[
        tuple[str, ...],
        Field(description="States that no profile is declared in, as `RUNNING` where somebody has to start profiles."),
    ] = ()


def dangerous_options(stack: Stack, options: DangerousOptions) -> Iterator[Finding]:
    """Check that no resource overwrites what exists, empties what it leaves, or starts by itself unless allowed."""
    for resource in stack.resources():
        yield from _refused(resource, "adopt", options.adopt)
        yield from _refused(resource, "on_destroy", options.on_destroy)
        if resource.kind == PROFILE:
            yield from _refused(resource, "state", options.states)


def _refused(resource: Resource, name: str, values: Collection[str]) -> Iterator[Finding]:
    if not values:
        return
    if reason := resource.unknown(name):
        yield resource.undecided(reason)
    elif resource.text(name) in values:
        yield resource.violation(
            f"has {name}={resource.text(name)!r}, and refused are {', '.join(values)}; {WAYS_OUT[name]}"
        )
