"""Who has what: members of profiles, with what those profiles inherit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_veza.access.organisation import Entitlement, Organisation, Ref

Path = tuple[Ref, ...]
"""From the profile that somebody is a member of to the one that holds the entitlement."""


@dataclass(frozen=True)
class Content:
    """Everything that a profile gives, its own and inherited."""

    entitlements: Mapping[str, tuple[Entitlement, Path]]
    """By key, with the shortest path; a path without a condition comes before one with."""
    unknown: tuple[str, ...]
    """Why part of it is not known."""
    cycles: tuple[Path, ...] = ()
    """Profiles that inherit from themselves; each path ends where it began."""


@dataclass(frozen=True)
class Grant:
    """Why somebody has an entitlement, by one membership."""

    entitlement: Entitlement
    path: Path
    idle: str | None
    """Why it has no effect now, or None."""

    @property
    def certain(self) -> bool:
        """Whether the member really has it: nothing is idle and no condition is attached."""
        return self.idle is None and not self.entitlement.conditional


class Access:
    """The effective access in one organisation, computed as it is asked for; every profile once."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._contents: dict[Ref, Content] = {}

    def content(self, ref: Ref) -> Content:
        """Give everything that a profile gives. A profile's state matters for its own members, not for heirs."""
        if ref not in self._contents:
            self._contents[ref] = self._collect(ref)
        return self._contents[ref]

    def _collect(self, ref: Ref) -> Content:
        found: dict[str, tuple[Entitlement, Path]] = {}
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
                for key, entitlement in profile.entitlements.items():
                    held = found.get(key)
                    if held is None or (held[0].conditional and not entitlement.conditional):
                        found[key] = (entitlement, path)
                for parent in sorted(profile.inherits):
                    if parent in path:
                        cycles.append((*path[path.index(parent) :], parent))
                    if parent not in seen:
                        seen.add(parent)
                        following.append((*path, parent))
            level = following
        return Content(found, tuple(dict.fromkeys(unknown)), tuple(cycles))

    def memberships(self) -> dict[str, list[Ref]]:
        """Give, for everybody, the profiles that they are a member of."""
        found: dict[str, list[Ref]] = {}
        for ref in sorted(self.organisation.members):
            for identity in self.organisation.members[ref]:
                found.setdefault(identity, []).append(ref)
        return found

    def grants(self, refs: list[Ref]) -> dict[str, list[Grant]]:
        """Give, by entitlement, why a member of these profiles has it."""
        found: dict[str, list[Grant]] = {}
        for ref in refs:
            profile = self.organisation.profiles.get(ref)
            idle = profile.idle if profile else f"profile {ref} is not known here"
            for key, (entitlement, path) in self.content(ref).entitlements.items():
                found.setdefault(key, []).append(Grant(entitlement, path, idle))
        return found

    def holders(self) -> Iterator[tuple[str, str, Grant]]:
        """Give every certain grant in the organisation, as identity, entitlement and the grant."""
        for identity, refs in self.memberships().items():
            for key, grants in self.grants(refs).items():
                if held := best(grants):
                    yield identity, key, held


def best(grants: list[Grant]) -> Grant | None:
    """Choose the grant that shows best why somebody really has an entitlement: a certain one, by the shortest path."""
    certain = [grant for grant in grants if grant.certain]
    return min(certain, key=lambda grant: (len(grant.path), grant.path), default=None)
