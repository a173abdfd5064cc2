"""A rule on inheritance: no circles, limited depth, and only between allowed types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Annotated

from pydantic import Field

from pulumi_veza.access.organisation import Organisation, Profile, Ref
from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.rule import Options
from pulumi_veza.policies.stack import Resource, Stack, pending


class InheritanceOptions(Options):
    """Options of `inheritance`."""

    max_depth: Annotated[
        int, Field(ge=0, description="How many profiles may follow each other by inheritance, the first not counted.")
    ] = 3
    allowed: Annotated[
        dict[str, list[str]],
        Field(
            default_factory=dict,
            description="By the name of a type, the names of the types that its profiles may inherit from.",
        ),
    ]


def inheritance(stack: Stack, options: InheritanceOptions) -> Iterator[Finding]:
    """Check that inheritance has no circles, is not deeper than people can follow, and stays between allowed types."""
    organisation = stack.organisation
    chains = Chains(organisation)
    for circle in chains.circles:
        declared = (stack.declared(ref) for ref in circle)
        if resource := next((each for each in declared if each), None):
            names = " -> ".join(organisation.name(each) for each in circle)
            yield resource.violation(f"inherits from itself ({names}); take out one of these inheritances")
    for profile in organisation.profiles.values():
        resource = stack.by_urn.get(profile.urn or "")
        if resource is None:
            continue
        if (steps := chains.steps(profile.ref)) > options.max_depth:
            names = " -> ".join(organisation.name(each) for each in chains.longest(profile.ref))
            yield resource.violation(
                f"inherits over {steps} steps ({names}), and {options.max_depth} is the most; inherit directly from "
                "what is needed"
            )
        yield from _types(stack, resource, profile, options)
        if reason := pending(profile, "inherits_from"):
            yield resource.undecided(reason)


def _types(stack: Stack, resource: Resource, profile: Profile, options: InheritanceOptions) -> Iterator[Finding]:
    of_type = stack.type_of(profile)
    if of_type is None or of_type.name not in options.allowed:
        return
    allowed = options.allowed[of_type.name]
    for ref in sorted(profile.inherits):
        parent = stack.type_of(stack.organisation.profiles.get(ref))
        if parent and parent.name not in allowed:
            yield resource.violation(
                f"is a {of_type.name!r} and inherits from {stack.organisation.name(ref)!r}, a {parent.name!r}; allowed "
                f"are {', '.join(allowed) or 'none'}"
            )


class Chains:
    """The circles of inheritance, and the longest chain from each profile once the circles are cut."""

    def __init__(self, organisation: Organisation) -> None:
        parents = {ref: {*profile.inherits} for ref, profile in organisation.profiles.items()}
        self.circles: list[tuple[Ref, ...]] = []
        """Each from heir to parent, ending with its first profile."""
        while circle := _circle(parents):
            self.circles.append(circle)
            parents[circle[0]].discard(circle[1])
        self._next: dict[Ref, Ref | None] = {}
        self._steps: dict[Ref, int] = {}
        for ref in TopologicalSorter(parents).static_order():
            above = max(sorted(parents.get(ref, ())), key=self.steps, default=None)
            self._next[ref] = above
            self._steps[ref] = 0 if above is None else self.steps(above) + 1

    def steps(self, ref: Ref) -> int:
        """Return the number of inheritances in the longest chain from a profile."""
        return self._steps[ref]

    def longest(self, ref: Ref) -> list[Ref]:
        """Return the longest chain from a profile, beginning with the profile itself."""
        chain = [ref]
        while above := self._next[chain[-1]]:
            chain.append(above)
        return chain


def _circle(parents: Mapping[Ref, Iterable[Ref]]) -> tuple[Ref, ...] | None:
    """Return one circle, from heir to parent, or None where there is none."""
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        # The sorter lists the circle from parent to heir.
        return tuple(reversed(error.args[1]))
    return None
