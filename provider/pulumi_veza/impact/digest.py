"""What of a document is approved, in a form that is the same whenever the same happens to the same people.

Where the program declares something, when it was looked at, by which version, and what people are called is no part of
it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pulumi_veza.access.comparison import Effect
from pulumi_veza.rules.removal_guard import GuardLevel

if TYPE_CHECKING:
    from pulumi_veza.impact.document import Document, ProfileImpact, RemovalImpact

Texts = tuple[str, ...]


@dataclass(frozen=True)
class AccessFact:
    """The effect on one entitlement of one person."""

    person: str
    entitlement: str | None
    path: Texts
    effect: Effect


@dataclass(frozen=True)
class MemberFact:
    """Somebody who joins or leaves a profile."""

    person: str
    profile: str
    joins: bool
    certain: bool


@dataclass(frozen=True)
class ProfileFact:
    """A profile that gives something else, or is created, replaced, taken over or left."""

    profile: str
    action: str
    states: tuple[str | None, str | None] | None
    """Before and after, where they differ."""
    added: Texts
    removed: Texts
    inherits: Texts
    inherits_no_longer: Texts


@dataclass(frozen=True)
class TypeFact:
    """A profile type that is replaced."""

    urn: str
    old_id: str | None
    profiles: Texts


@dataclass(frozen=True)
class RequestFact:
    """An access request that Veza will open."""

    person: str
    profile: str
    operation: str
    certain: bool


@dataclass(frozen=True)
class RemovalFact:
    """The removals of a membership set."""

    urn: str
    profile: str
    level: GuardLevel
    count: int
    people: Texts
    confirmation: str | None
    vanished: bool


@dataclass(frozen=True)
class ConflictFact:
    """Resources that conflict, or one that will be refused."""

    what: str
    urns: Texts


@dataclass(frozen=True)
class UnknownFact:
    """Something that could not be determined."""

    what: str
    reason: str
    people: int


@dataclass(frozen=True)
class Facts:
    """All that is approved of a change."""

    tenants: frozenset[str]
    stacks: frozenset[str]
    access: frozenset[AccessFact]
    members: frozenset[MemberFact]
    profiles: frozenset[ProfileFact]
    types: frozenset[TypeFact]
    requests: frozenset[RequestFact]
    removals: frozenset[RemovalFact]
    conflicts: frozenset[ConflictFact]
    unknowns: frozenset[UnknownFact]

    @classmethod
    def of(cls, document: Document) -> Facts:
        """Return what of a document is approved."""
        return cls(
            tenants=frozenset(document.tenants),
            stacks=frozenset(each.name for each in document.stacks),
            access=frozenset(
                AccessFact(person.id, row.entitlement, tuple(row.path), row.effect)
                for person in document.people
                for row in person.rows
            ),
            members=frozenset(
                MemberFact(member.id, profile.ref, joins, member.reason is None)
                for profile in document.profiles
                for joins, members in ((True, profile.joining), (False, profile.leaving))
                for member in members
            ),
            profiles=frozenset(
                _profile(each) for each in document.profiles if each.action != "same" or each.gives_otherwise
            ),
            types=frozenset(TypeFact(each.urn, each.old_id, _sorted(each.profiles)) for each in document.types),
            requests=frozenset(
                RequestFact(each.identity_id, each.profile, each.operation, each.reason is None)
                for each in document.requests
            ),
            removals=frozenset(map(_removal, document.removals)),
            conflicts=frozenset(ConflictFact(each.what, _sorted(each.urns)) for each in document.conflicts),
            unknowns=frozenset(UnknownFact(each.what, each.reason, each.people) for each in document.unknowns),
        )


def digest(document: Document) -> str:
    """Return the digest of what is approved of a document."""
    found = {
        subject: sorted(json.dumps(each if isinstance(each, str) else asdict(each), sort_keys=True) for each in all_)
        for subject, all_ in vars(Facts.of(document)).items()
    }
    return f"sha256:{hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()}"


def _profile(profile: ProfileImpact) -> ProfileFact:
    before, after = profile.state_before, profile.state_after
    had, has = set(profile.inherited_before), set(profile.inherits)
    return ProfileFact(
        profile.ref,
        profile.action,
        (before, after) if before != after else None,
        _sorted(profile.entitlements_added),
        _sorted(profile.entitlements_removed),
        _sorted(has - had),
        _sorted(had - has),
    )


def _removal(removal: RemovalImpact) -> RemovalFact:
    # Who joins or leaves beside the set may bring it near its guard, and that changes nothing for anybody.
    level = GuardLevel.WITHIN if removal.level is GuardLevel.NEAR else removal.level
    return RemovalFact(
        removal.urn,
        removal.profile,
        level,
        removal.removed,
        _sorted(removal.people),
        removal.confirmation,
        removal.vanished,
    )


def _sorted(found: list[str] | set[str]) -> Texts:
    return tuple(sorted(found))
