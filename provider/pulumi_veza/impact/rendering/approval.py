"""What differs between the change that was approved and the change that would be made now, in an approver's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.digest import (
    AccessFact,
    ConflictFact,
    Facts,
    MemberFact,
    ProfileFact,
    RemovalFact,
    RequestFact,
    Texts,
    TypeFact,
    UnknownFact,
)
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering.findings import verb
from pulumi_veza.impact.rendering.persons import PersonNames
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.plan.records import name_in
from pulumi_veza.reports.words import counted, listed, people, people_who
from pulumi_veza.rules.removal_guard import GuardLevel
from pulumi_veza.rules.wording import state_in_words

Fact = TypeVar("Fact")

_NOT_KNOWN: Final = "something that is not known"

_LISTED: Final = 5
"""How many people and entitlements a line lists."""


def differences(approved: Document, now: Document) -> list[str]:
    """Return what is not as it was approved, a line each; none exactly where both documents have the same digest."""
    before, after, names = Facts.of(approved), Facts.of(now), _Names(now, approved)
    return [
        *_elsewhere("tenant", before.tenants, after.tenants),
        *_elsewhere("stack", before.stacks, after.stacks),
        *_access(before.access, after.access, names),
        *(f"more: {line}" for line in names.others(before, after)),
        *(f"less: {line}" for line in names.others(after, before)),
    ]


def _elsewhere(what: str, approved: frozenset[str], now: frozenset[str]) -> Iterator[str]:
    if approved != now:
        yield f"another {what}: approved for {_all(approved)}, and this is about {_all(now)}"


def _all(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _access(approved: frozenset[AccessFact], now: frozenset[AccessFact], names: _Names) -> Iterator[str]:
    """Yield whose access changes otherwise; people with the same difference are in one line."""
    differing: defaultdict[tuple[str, Texts, str], list[tuple[Effect | None, Effect | None]]] = defaultdict(list)
    for fact in _ordered(approved - now):
        differing[fact.person, fact.path, fact.entitlement or _NOT_KNOWN].append((fact.effect, None))
    for fact in _ordered(now - approved):
        found = differing[fact.person, fact.path, fact.entitlement or _NOT_KNOWN]
        # Of the same access another effect is one difference.
        found.append((found.pop()[0] if found and found[-1][1] is None else None, fact.effect))
    of_person: defaultdict[tuple[str, Texts, Effect | None, Effect | None], list[str]] = defaultdict(list)
    for (who, path, entitlement), effects in sorted(differing.items()):
        for before, after in effects:
            of_person[who, path, before, after].append(entitlement)
    alike: defaultdict[tuple[Texts, Effect | None, Effect | None, Texts], list[str]] = defaultdict(list)
    for (who, path, before, after), entitlements in of_person.items():
        alike[path, before, after, tuple(entitlements)].append(who)
    # By name: ids differ from tenant to tenant.
    lines = (
        (f"{listed(keys, most=_LISTED)} by {names.path(path)}: {names.people(whom)}", len(whom), before, after)
        for (path, before, after, keys), whom in alike.items()
    )
    for what, count, before, after in sorted(lines, key=lambda line: line[0]):
        if after is None and before is not None:
            yield f"less: {_people_who(count, before)} {what}"
        elif after is not None:
            instead = f" (approved was: {verb(before, count).rstrip(',')})" if before else ""
            yield f"{'other' if before else 'more'}: {_people_who(count, after)} {what}{instead}"


def _people_who(count: int, effect: Effect) -> str:
    return f"{people(count)} {verb(effect, count)}"


class _Names:
    """The names of people and profiles in either of two documents, and what differs between them in words."""

    def __init__(self, *documents: Document) -> None:
        self._people = [PersonNames(each) for each in documents]
        self._profiles = [ProfileNames(each) for each in documents]

    def people(self, ids: Iterable[str]) -> str:
        """Return people by name."""
        return listed((next((each[who] for each in self._people if each.get(who)), who) for who in ids), most=_LISTED)

    def path(self, refs: Iterable[str]) -> str:
        """Return the profiles along a path by name."""
        return " > ".join(map(self.profile, refs))

    def profile(self, ref: str) -> str:
        """Return a profile by name."""
        return next((each[ref] for each in self._profiles if each[ref] != ref), ref)

    def others(self, here: Facts, there: Facts) -> Iterator[str]:
        """Yield what one has and the other lacks, apart from access."""
        members = there.members - here.members
        told = {(each.person, each.profile) for each in members}
        # Who joins or leaves is told already, and that Veza asks for it follows.
        requests = (each for each in there.requests - here.requests if (each.person, each.profile) not in told)
        for lines in (
            self._members(members),
            map(self._profile, there.profiles - here.profiles),
            map(self._type, there.types - here.types),
            map(self._request, requests),
            map(self._removal, there.removals - here.removals),
            map(_conflict, there.conflicts - here.conflicts),
            map(_unknown, there.unknowns - here.unknowns),
        ):
            yield from sorted(lines)

    def _members(self, facts: Iterable[MemberFact]) -> Iterator[str]:
        alike: defaultdict[tuple[str, bool, bool], list[str]] = defaultdict(list)
        for each in _ordered(facts):
            alike[each.profile, each.joins, each.certain].append(each.person)
        for (profile, joins, certain), who in alike.items():
            verb_ = "join" if joins else "leave"
            moved = people_who(len(who), verb_) if certain else f"{people(len(who))} may {verb_}"
            yield f"{moved} {self.profile(profile)}: {self.people(who)}"

    def _profile(self, fact: ProfileFact) -> str:
        parts = [_ACTIONS[fact.action]] if fact.action in _ACTIONS else []
        if fact.states:
            before, after = (state_in_words(each) if each else "in no state" for each in fact.states)
            parts.append(f"is {after} (was {before})")
        parts += (
            f"{what} {listed(found, most=_LISTED)}"
            for what, found in (
                ("gives", fact.added),
                ("no longer gives", fact.removed),
                ("inherits", tuple(map(self.profile, fact.inherits))),
                ("no longer inherits", tuple(map(self.profile, fact.inherits_no_longer))),
            )
            if found
        )
        return f"profile {self.profile(fact.profile)} {'; '.join(parts)}"

    def _type(self, fact: TypeFact) -> str:
        return (
            f"type {name_in(fact.urn)!r} ({fact.old_id or 'without an id'}) is replaced, which "
            f"{counted(len(fact.profiles), 'profile')} get: {listed(map(self.profile, fact.profiles), most=_LISTED)}"
        )

    def _request(self, fact: RequestFact) -> str:
        opens = "opens" if fact.certain else "may open"
        return (
            f"Veza {opens} a request to {fact.operation.lower()} {self.people([fact.person])} in "
            f"{self.profile(fact.profile)}"
        )

    def _removal(self, fact: RemovalFact) -> str:
        parts = [f"the set {name_in(fact.urn)!r} removes {fact.count:,} of {self.profile(fact.profile)}"]
        parts += [f"which its guard {_GUARD[fact.level]}"] if fact.level in _GUARD else []
        parts += [f"to be confirmed with {fact.confirmation}"] if fact.confirmation else []
        parts += ["as the program no longer declares it"] if fact.vanished else []
        return f"{', '.join(parts)}: {self.people(fact.people)}"


_ACTIONS: Final = {
    "create": "is new",
    "update": "changes",
    "replace": "is replaced",
    "delete": "leaves the stack",
    "adopt": "is taken over",
}

_GUARD: Final = {
    GuardLevel.OVER: "refuses",
    GuardLevel.CONFIRMED: "lets pass by a confirmation",
    GuardLevel.DESTROYED: "does not stop",
}


def _conflict(fact: ConflictFact) -> str:
    return (
        f"conflict: {fact.what} ({listed(map(name_in, fact.urns), most=_LISTED) or 'of resources that are not named'})"
    )


def _unknown(fact: UnknownFact) -> str:
    concerned = f" ({people(fact.people)})" if fact.people else ""
    return f"not known: {fact.what}: {fact.reason}{concerned}"


def _ordered(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=repr)
