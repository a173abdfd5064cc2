"""The effective access in one organisation: the entitlements of members, direct and inherited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_veza.access.organisation import HeldEntitlement, Organisation, Ref
from pulumi_veza.rules.reasons import Reason, Why

Path = tuple[Ref, ...]
"""The profiles from the one with the member to the one with the entitlement, both included."""

CONDITION = Reason(Why.CONDITION)
"""The uncertainty of an entitlement with a condition: only Veza knows who fulfils it."""


@dataclass(frozen=True)
class EffectiveContent:
    """The entitlements that a profile gives, its own and the inherited ones."""

    entitlements: Mapping[str, tuple[HeldEntitlement, Path, Reason | None]]
    """By key: the entitlement, the shortest certain path or else the shortest one, and the path's uncertainty."""
    unknown: tuple[Reason, ...]
    """The reasons why the content is not completely known."""
    cycles: tuple[Path, ...] = ()
    """Circles of inheritance; each path ends with its first profile."""


@dataclass(frozen=True)
class Grant:
    """An entitlement of a person by one membership."""

    entitlement: HeldEntitlement
    path: Path
    inactive_reason: Reason | None = None
    """The reason why the grant has no effect now; None where it has."""
    uncertainty: Reason | None = None
    """The reason why the member may not get the entitlement: a condition, or something unknown."""

    @property
    def certain(self) -> bool:
        """Whether the member certainly has the entitlement now: nothing is inactive, conditional or uncertain."""
        return self.inactive_reason is None and self.uncertainty is None


class Access:
    """The effective access in one organisation. The content of a profile is computed on demand and cached."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._contents: dict[Ref, EffectiveContent] = {}

    def content(self, ref: Ref) -> EffectiveContent:
        """Return the entitlements that a profile gives, whatever its state: heirs inherit from a paused profile too."""
        if ref not in self._contents:
            self._contents[ref] = self._collect(ref)
        return self._contents[ref]

    def _collect(self, ref: Ref) -> EffectiveContent:
        found: dict[str, tuple[HeldEntitlement, Path, Reason | None]] = {}
        unknown: list[Reason] = []
        cycles: list[Path] = []
        seen = {ref}
        level: list[Path] = [(ref,)]
        # Breadth first, so that the first path to a profile is a shortest one, whatever the order of the sets.
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
                    uncertainty = through or self._doubt(entitlement)
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

    def _doubt(self, entitlement: HeldEntitlement) -> Reason | None:
        if entitlement.datasource_id in self.organisation.absent_datasources:
            return Reason(Why.DATASOURCE_ABSENT, entitlement.datasource_id)
        return CONDITION if entitlement.conditional else None

    def givers(self, refs: Iterable[Ref]) -> Mapping[str, Sequence[Ref]]:
        """Return, by entitlement, which of these profiles give it now, or may."""
        found: defaultdict[str, list[Ref]] = defaultdict(list)
        for ref in refs:
            profile = self.organisation.profiles.get(ref)
            if profile is not None and profile.inactive_reason is None:
                for key in self.content(ref).entitlements:
                    found[key].append(ref)
        return found

    def _uncertainty(self, path: Path) -> Reason | None:
        found = (self.organisation.profiles[ref].uncertainty for ref in path)
        return next((each for each in found if each), None)

    def memberships(self) -> dict[str, list[Ref]]:
        """Return, by identity, the profiles of which it is a member, sorted."""
        found: dict[str, list[Ref]] = {}
        for ref in sorted(self.organisation.members):
            for identity in self.organisation.members[ref]:
                found.setdefault(identity, []).append(ref)
        return found

    def grants(self, refs: list[Ref], identity: str | None = None) -> dict[str, list[Grant]]:
        """Return, by entitlement, the grants of profiles to a member; an uncertain membership makes them uncertain."""
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
        """Yield the identity, the entitlement's key and the grant of all that people have, or may have.

        The grant is the shortest certain one, or one that is not certain where there is no other.
        """
        for identity, refs in self.memberships().items():
            for key, grants in self.grants(refs, identity).items():
                active = (grant for grant in grants if grant.inactive_reason is None)
                if held := best(grants) or next(active, None):
                    yield identity, key, held


def best(grants: list[Grant]) -> Grant | None:
    """Return the certain grant with the shortest path, or None."""
    certain = [grant for grant in grants if grant.certain]
    return min(certain, key=lambda grant: (len(grant.path), grant.path), default=None)
