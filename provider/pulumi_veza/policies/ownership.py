"""A rule against two owners of one object, which would undo each other's changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from pulumi_veza.access.organisation import Ref
from pulumi_veza.plan.records import MEMBERS, PROFILE, TYPE, VERSION
from pulumi_veza.policies.findings import Finding
from pulumi_veza.policies.rule import Options
from pulumi_veza.policies.stack import Resource, Stack
from pulumi_veza.rules.identity import excludes_others, manages_members, writes_content


class OwnershipOptions(Options):
    """Options of `ownership`."""

    several_sets: Annotated[
        bool,
        Field(
            description="Whether several additive sets may share a profile, as long as nobody is listed twice; an "
            "authoritative one never shares."
        ),
    ] = True


def ownership(stack: Stack, options: OwnershipOptions) -> Iterator[Finding]:
    """Check that nothing has two owners: no content two writers, no members sets that conflict, no name two objects."""
    yield from _contents(stack)
    yield from _sets(stack, options)
    yield from _namesakes(stack)


def _contents(stack: Stack) -> Iterator[Finding]:
    writers: defaultdict[Ref, list[Resource]] = defaultdict(list)
    for resource in stack.resources(PROFILE, VERSION):
        writes = resource.kind == VERSION or writes_content(resource.values)
        ref = stack.plan.refs.get(resource.urn)
        if writes and ref:
            writers[ref].append(resource)
    for several in writers.values():
        if len(several) > 1:
            yield several[-1].violation(
                f"writes the content that {_others(several)} writes as well; keep it in one of them"
            )


def _sets(stack: Stack, options: OwnershipOptions) -> Iterator[Finding]:
    sets: defaultdict[Ref, list[Resource]] = defaultdict(list)
    for resource in stack.resources(MEMBERS):
        ref = stack.plan.refs.get(resource.urn)
        if ref and manages_members(resource.values):
            sets[ref].append(resource)
        elif ref is None:
            yield resource.undecided("profile_id is not known before `pulumi up`")
    for several in sets.values():
        if len(several) < 2:  # noqa: PLR2004 - two owners are meant
            continue
        if not options.several_sets or any(excludes_others(each.values) for each in several):
            yield several[-1].violation(
                f"manages the members that {_others(several)} manages as well; list everybody in one of them"
            )
        else:
            yield from _listed_twice(several)


def _listed_twice(several: Sequence[Resource]) -> Iterator[Finding]:
    listed: dict[str, Resource] = {}
    twice: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    by_urn = {each.urn: each for each in several}
    for resource in several:
        for who in sorted(map(str, resource.elements("identity_ids").known.values())):
            if who in listed:
                twice[resource.urn, str(listed[who])].append(who)
            listed.setdefault(who, resource)
    for (urn, first), people in twice.items():
        yield by_urn[urn].violation(f"lists people whom {first} lists as well; take them out of one of them", people)


def _others(several: Sequence[Resource]) -> str:
    return ", ".join(str(each) for each in several[:-1])


def _namesakes(stack: Stack) -> Iterator[Finding]:
    named: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in stack.resources(TYPE, PROFILE):
        if resource.unknown("name"):
            yield resource.undecided(f"{resource.unknown('name')}, so whether another one is called the same is not")
            continue
        profile = stack.profile(resource) if resource.kind == PROFILE else None
        if resource.kind == PROFILE and (profile is None or profile.profile_type is None):
            continue
        of_type = str(profile.profile_type) if profile else ""
        named[resource.text("name"), of_type].append(resource)
    for (name, type_), several in named.items():
        if len(several) > 1:
            of_type = " and of the same type" if type_ else ""
            yield several[-1].violation(
                f"is named {name!r}{of_type} as {_others(several)} is; the next run would take one for the other: "
                "rename it"
            )
