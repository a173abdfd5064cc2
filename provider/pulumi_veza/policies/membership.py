"""A rule on members: their number, changes of many at once, and guards that are switched off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Final

from pydantic import Field

from pulumi_veza.access.organisation import Ref
from pulumi_veza.plan.draft import SetChange
from pulumi_veza.plan.records import MEMBERS, name_in
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rule import Options
from pulumi_veza.policies.stack import Resource, Stack
from pulumi_veza.reports.findings import Source
from pulumi_veza.reports.words import counted, listed
from pulumi_veza.rules.identity import manages_members
from pulumi_veza.rules.members import Departure
from pulumi_veza.rules.removal_guard import OFF
from pulumi_veza.rules.wording import allowance, sentence


class MembershipOptions(Options):
    """Options of `membership`."""

    max_members: Annotated[int | None, Field(ge=0, description="How many members a profile may have; null: any.")] = (
        None
    )
    max_added: Annotated[int | None, Field(ge=0, description="How many one change may add to a profile.")] = None
    max_removed: Annotated[int | None, Field(ge=0, description="How many one change may remove from a profile.")] = None
    max_removed_percent: Annotated[
        int, Field(ge=0, le=100, description="How many of a profile's members one change may remove, in percent.")
    ] = 50
    allow_emptying: Annotated[bool, Field(description="Whether a change may leave a profile without members.")] = False
    allow_guard_off: Annotated[
        bool,
        Field(description="Whether a set may switch its guard off, by allow_emptying=True or max_removal_percent=100."),
    ] = False


def membership(stack: Stack, options: MembershipOptions) -> Iterator[Finding]:
    """Check that profiles have no more members than allowed, lose no more than guards let pass, and guards stay on."""
    sets: defaultdict[Ref, list[Resource]] = defaultdict(list)
    for resource in stack.resources(MEMBERS):
        if not options.allow_guard_off:
            yield from _guarded(resource)
        if ref := stack.plan.refs.get(resource.urn):
            sets[ref].append(resource)
    if options.max_members is not None:
        for ref, resources in sets.items():
            yield from _size(stack, ref, resources[0], options.max_members)
    if stack.before_known:
        yield from _changes(stack, options)


def _guarded(resource: Resource) -> Iterator[Finding]:
    if not manages_members(resource.values):
        return
    for name, off in ((each.value, value) for each, value in OFF.items()):
        if reason := resource.unknown(name):
            yield resource.undecided(reason)
        elif resource.values.get(name) == off:
            yield resource.violation(
                f"switches its guard off by {name}={off!r}; take it out, and confirm a big change with the value of "
                "allow_removals that its refusal prints"
            )


def _size(stack: Stack, ref: Ref, resource: Resource, most: int) -> Iterator[Finding]:
    count = len(stack.organisation.members[ref])
    if count > most:
        yield resource.violation(
            f"brings {stack.organisation.name(ref)!r} to {counted(count, 'member')}, and {most} is the most; make "
            "several profiles"
        )
        return
    for reason in stack.organisation.unknown_members.get(ref, ()):
        if reason.decided_during_up:
            yield resource.undecided(reason)


def _changes(stack: Stack, options: MembershipOptions) -> Iterator[Finding]:
    by_profile: defaultdict[Ref, list[SetChange]] = defaultdict(list)
    refused: defaultdict[tuple[bool, str], list[SetChange]] = defaultdict(list)
    for change in stack.plan.sets:
        by_profile[change.profile].append(change)
        guard, vanished = change.decision.guard, change.departure is Departure.VANISHED
        # Of a set with an unknown element nobody leaves for certain, and its guard judges only during `pulumi up`.
        if guard and guard.refused and (vanished or change.removed):
            refused[vanished, allowance(guard)].append(change)
    for changes in refused.values():
        yield _refused(stack, changes)
    judged = {change.profile for changes in refused.values() for change in changes}
    for ref, changes in sorted(by_profile.items()):
        yield from _of_profile(stack, ref, changes, options, judged=ref in judged)


def _refused(stack: Stack, changes: Sequence[SetChange]) -> Finding:
    """Return the finding about sets whose guards will refuse for one cause what they remove."""
    guards = [each.decision.guard for each in changes if each.decision.guard]
    vanished = changes[0].departure is Departure.VANISHED
    # Of one that vanishes, everybody whom its delete removes where it comes first.
    removed = [
        guard.removal.removed if vanished else change.removed for guard, change in zip(guards, changes, strict=True)
    ]
    count, total = sum(map(len, removed)), sum(each.total for each in changes)
    several = len(changes) > 1
    gone = f"{'are' if several else 'is'} not declared any more and " if vanished else ""
    profiles = listed({repr(stack.organisation.name(each.profile)) for each in changes}, most=_NAMED)
    message = (
        f"{listed((f'{MEMBERS} {name_in(each.urn)!r}' for each in changes), most=_NAMED)} {gone}"
        f"{'remove' if several else 'removes'} {count} of {counted(total, 'member')} of {profiles}; "
        f"{'in each of them ' if several else ''}{allowance(guards[0])}, so the guard refuses it; "
    )
    values = _joined(guard.confirmation for guard in guards)
    return Finding(
        Outcome.VIOLATION,
        message + _confirm(values, count),
        changes[0].urn,
        tuple(sorted(frozenset[str]().union(*removed))),
        source=_source(stack, changes[0].urn),
        others=tuple(each.urn for each in changes[1:]),
        confirmed_by=values,
        exceptable=False,
    )


_NAMED: Final = 5
"""How many sets and profiles a message names."""


def _joined(values: Iterable[str]) -> str:
    return ",".join(sorted(values))


def _confirm(values: str, count: int) -> str:
    """Return how removals that are wanted are let pass, by the guard of the set and by this rule alike."""
    those = "that person is" if count == 1 else "all of them are"
    return f"if {those} to lose access, confirm it with VEZA_ALLOW_REMOVALS={values}"


def _of_profile(
    stack: Stack, ref: Ref, changes: Sequence[SetChange], options: MembershipOptions, *, judged: bool
) -> Iterator[Finding]:
    """Yield a finding for each limit that all sets together exceed on one profile.

    With ``judged``, the guard of one of the sets refuses the removals already.
    """
    before = {*stack.plan.before.members.get(ref, {})}
    after = {*stack.organisation.members.get(ref, {})}
    added, removed, total = sorted(after - before), sorted(before - after), len(before)
    guards = [each.decision.guard for each in changes if each.removed]
    confirmed = all(guard is not None and guard.is_confirmed for guard in guards)
    urn = max(changes, key=lambda each: (len(each.removed) + len(each.added), each.urn)).urn
    resource = f"{MEMBERS} {name_in(urn)!r}"
    source = _source(stack, urn)

    def violation(what: str, why: str, people: Sequence[str], option: str) -> Finding:
        values = _joined(guard.confirmation for guard in guards if guard) if people == removed else ""
        if values:
            way = _confirm(values, len(people))
        elif len(people) > 1 and option != "allow_emptying":
            # One person cannot be changed in steps, and nobody is left after however many.
            way = "change them in several steps"
        else:
            way = f"write {'allow_emptying: true' if option == 'allow_emptying' else f'another {option}'} for this rule"
        message = f"{resource} {what} {stack.organisation.name(ref)!r}, and {why}; {way}"
        return Finding(Outcome.VIOLATION, message, urn, tuple(people), source=source, confirmed_by=values)

    if options.max_added is not None and len(added) > options.max_added:
        yield violation(f"adds {len(added)} to", f"{options.max_added} is the most for one change", added, "max_added")
    if judged or (confirmed and removed):
        return
    taken = f"removes {len(removed)} of {counted(total, 'member')} of"
    if total and not after and not options.allow_emptying:
        reasons = stack.organisation.unknown_members.get(ref, ())
        if pending := next((each for each in reasons if each.decided_during_up), None):
            yield Finding(Outcome.UNDECIDED, f"{resource}: {sentence(pending)}", urn, source=source)
        else:
            yield violation(taken, "nobody would be left", removed, "allow_emptying")
            return
    if options.max_removed is not None and len(removed) > options.max_removed:
        yield violation(taken, f"{options.max_removed} is the most for one change", removed, "max_removed")
    elif len(removed) * 100 > options.max_removed_percent * total:
        why = f"{options.max_removed_percent} % is the most for one change"
        yield violation(taken, why, removed, "max_removed_percent")


def _source(stack: Stack, urn: str) -> Source | None:
    """Return where the program declares a set, or declared it."""
    return next((each.source for each in stack.records if each.urn == urn), None)
