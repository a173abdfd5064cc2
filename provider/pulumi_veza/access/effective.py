"""Who has what: members of profiles, with what those profiles inherit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_veza.access.organisation import HeldEntitlement, Organisation, Ref

Path = tuple[Ref, ...]
"""From the profile that somebody is a member of to the one that holds the entitlement."""

CONDITION = "it has a condition"


@dataclass(frozen=True)
class EffectiveContent:
    """Everything that a profile gives, its own and inherited."""

    entitlements: Mapping[str, tuple[HeldEntitlement, Path, str | None]]
    """By key: the entitlement, the shortest path, and why it is in doubt; a certain path comes before one in doubt."""
    unknown: tuple[str, ...]
    """Why part of it is not known."""
    cycles: tuple[Path, ...] = ()
    """Profiles that inherit from themselves; each path ends where it began."""


@dataclass(frozen=True)
class Grant:
    """Why somebody has an entitlement, by one membership."""

    entitlement: HeldEntitlement
    path: Path
    idle: str | None = None
    """Why it has no effect now, or None."""
    doubt: str | None = None
    """Why it is not certain that this member gets it, or None: it has a condition, or something is not known."""

    @property
    def certain(self) -> bool:
        """Whether the member really has it: nothing is idle, no condition is attached, and nothing is in doubt."""
        return self.idle is None and self.doubt is None


class Access:
    """The effective access in one organisation, computed as it is asked for; every profile once."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._contents: dict[Ref, EffectiveContent] = {}

    def content(self, ref: Ref) -> EffectiveContent:
        """Give everything that a profile gives. A profile's state matters for its own members, not for heirs."""
        if ref not in self._contents:
            self._contents[ref] = self._collect(ref)
        return self._contents[ref]

    def _collect(self, ref: Ref) -> EffectiveContent:
        found: dict[str, tuple[HeldEntitlement, Path, str | None]] = {}
        unknown: list[str] = []
        cycles: list[Path] = []
        seen = {ref}
        level: list[Path] = [(ref,)]
        # Breadth first, so that the path that is kept is a shortest one, whatever order sets come in.
        while level:
            following: list[Path] = []
            for path in level:
                profile = self.organisation.profiles.get(path[-1])
                if profile is None:
                    unknown.append(f"profile {path[-1]} is not known here")
                    continue
                unknown.extend(profile.unknown)
                through = self._doubt(path)
                for key, entitlement in profile.entitlements.items():
                    doubt = through or (CONDITION if entitlement.conditional else None)
                    held = found.get(key)
                    if held is None or (held[2] and not doubt):
                        found[key] = (entitlement, path, doubt)
                for parent in sorted(profile.inherits):
                    if parent in path:
                        cycles.append((*path[path.index(parent) :], parent))
                    if parent not in seen:
                        seen.add(parent)
                        following.append((*path, parent))
            level = following
        return EffectiveContent(found, tuple(dict.fromkeys(unknown)), tuple(cycles))

    def _doubt(self, path: Path) -> str | None:
        doubts = (self.organisation.profiles[ref].doubt for ref in path)
        return next((doubt for doubt in doubts if doubt), None)

    def memberships(self) -> dict[str, list[Ref]]:
        """Give, for everybody, the profiles that they are a member of."""
        found: dict[str, list[Ref]] = {}
        for ref in sorted(self.organisation.members):
            for identity in self.organisation.members[ref]:
                found.setdefault(identity, []).append(ref)
        return found

    def grants(self, refs: list[Ref], identity: str | None = None) -> dict[str, list[Grant]]:
        """Give, by entitlement, why a member of these profiles has it; ``identity`` says who, for what is in doubt."""
        found: dict[str, list[Grant]] = {}
        for ref in refs:
            profile = self.organisation.profiles.get(ref)
            idle = profile.idle if profile else f"profile {ref} is not known here"
            membership = self.organisation.members[ref].get(identity) if identity is not None else None
            as_member = membership.doubt if membership else None
            for key, (entitlement, path, doubt) in self.content(ref).entitlements.items():
                found.setdefault(key, []).append(Grant(entitlement, path, idle, as_member or doubt))
        return found

    def holders(self) -> Iterator[tuple[str, str, Grant]]:
        """Give every certain grant in the organisation, as identity, entitlement and the grant."""
        for identity, refs in self.memberships().items():
            for key, grants in self.grants(refs, identity).items():
                if held := best(grants):
                    yield identity, key, held


def best(grants: list[Grant]) -> Grant | None:
    """Choose the grant that shows best why somebody really has an entitlement: a certain one, by the shortest path."""
    certain = [grant for grant in grants if grant.certain]
    return min(certain, key=lambda grant: (len(grant.path), grant.path), default=None)
