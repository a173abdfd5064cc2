"""Who has what: members of profiles, with what those profiles inherit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_veza.access.organisation import HeldEntitlement, Organisation, Ref
from pulumi_veza.rules.reasons import Reason, Why

Path = tuple[Ref, ...]
"""From the profile that somebody is a member of to the one that holds the entitlement."""

CONDITION = Reason(Why.CONDITION)
"""Why it is uncertain that a member gets an entitlement with a condition: who fulfils it is known to Veza alone."""


@dataclass(frozen=True)
class EffectiveContent:
    """Everything that a profile gives, its own and inherited."""

    entitlements: Mapping[str, tuple[HeldEntitlement, Path, Reason | None]]
    """By key: the entitlement, the shortest path, and why it is uncertain; a certain path comes first."""
    unknown: tuple[Reason, ...]
    """Why part of it is unknown."""
    cycles: tuple[Path, ...] = ()
    """Profiles that inherit from themselves; each path ends where it began."""


@dataclass(frozen=True)
class Grant:
    """Why somebody has an entitlement, by one membership."""

    entitlement: HeldEntitlement
    path: Path
    inactive_reason: Reason | None = None
    """Why it has no effect now."""
    uncertainty: Reason | None = None
    """Why it is uncertain that this member gets it: it has a condition, or something is unknown."""

    @property
    def certain(self) -> bool:
        """Whether the member has it now and for certain: nothing on the path is inactive, conditional or uncertain."""
        return self.inactive_reason is None and self.uncertainty is None


class Access:
    """The effective access in one organisation, computed as it is asked for; every profile once."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._contents: dict[Ref, EffectiveContent] = {}

    def content(self, ref: Ref) -> EffectiveContent:
        """Return everything that a profile gives. Its state matters for its own members, not for its heirs."""
        if ref not in self._contents:
            self._contents[ref] = self._collect(ref)
        return self._contents[ref]

    def _collect(self, ref: Ref) -> EffectiveContent:
        found: dict[str, tuple[HeldEntitlement, Path, Reason | None]] = {}
        unknown: list[Reason] = []
        cycles: list[Path] = []
        seen = {ref}
        level: list[Path] = [(ref,)]
        # Breadth first, so that the path that is kept is a shortest one, whatever order sets come in.
        while level:
            following: list[Path] = []
            for path in level:
                profile = self.organisation.profiles.get(path[-1])
                if profile is None:
                    unknown.append(Reason(Why.PROFILE_UNKNOWN, path[-1]))
                    continue
                unknown.extend(profile.unknown)
                through = self._uncertainty(path)
                for key, entitlement in profile.entitlements.items():
                    uncertainty = through or (CONDITION if entitlement.conditional else None)
                    held = found.get(key)
                    if held is None or (held[2] and not uncertainty):
                        found[key] = (entitlement, path, uncertainty)
                for parent in sorted(profile.inherits):
                    if parent in path:
                        cycles.append((*path[path.index(parent) :], parent))
                    if parent not in seen:
                        seen.add(parent)
                        following.append((*path, parent))
            level = following
        return EffectiveContent(found, tuple(dict.fromkeys(unknown)), tuple(cycles))

    def _uncertainty(self, path: Path) -> Reason | None:
        found = (self.organisation.profiles[ref].uncertainty for ref in path)
        return next((each for each in found if each), None)

    def memberships(self) -> dict[str, list[Ref]]:
        """Return, by identity, the profiles that somebody is a member of."""
        found: dict[str, list[Ref]] = {}
        for ref in sorted(self.organisation.members):
            for identity in self.organisation.members[ref]:
                found.setdefault(identity, []).append(ref)
        return found

    def grants(self, refs: list[Ref], identity: str | None = None) -> dict[str, list[Grant]]:
        """Return, by entitlement, the grants that these profiles give to a member, who is ``identity``."""
        found: dict[str, list[Grant]] = {}
        for ref in refs:
            profile = self.organisation.profiles.get(ref)
            inactive = profile.inactive_reason if profile else Reason(Why.PROFILE_UNKNOWN, ref)
            membership = self.organisation.members[ref].get(identity) if identity is not None else None
            as_member = membership.uncertainty if membership else None
            for key, (entitlement, path, uncertainty) in self.content(ref).entitlements.items():
                found.setdefault(key, []).append(Grant(entitlement, path, inactive, as_member or uncertainty))
        return found

    def holders(self) -> Iterator[tuple[str, str, Grant]]:
        """Yield every certain grant in the organisation, as identity, entitlement and grant."""
        for identity, refs in self.memberships().items():
            for key, grants in self.grants(refs, identity).items():
                if held := best(grants):
                    yield identity, key, held


def best(grants: list[Grant]) -> Grant | None:
    """Return the certain grant with the shortest path, or None."""
    certain = [grant for grant in grants if grant.certain]
    return min(certain, key=lambda grant: (len(grant.path), grant.path), default=None)
