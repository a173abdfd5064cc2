"""A prediction, held against what the tenant shows before and after.

What is said to be certain has to happen, and what happens has to have been said: for certain, as potential, or as
unknown in the very profile that it happened by. `Seen` counts all of it, so that a search can tell what it met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.document import Document, Row
from tests.support.tenant import Tenant

Had = tuple[str, str]
"""Who has which entitlement."""

Access = Mapping[Had, frozenset[str]]
"""By what somebody has, the names of the profiles on the paths to it."""

Requests = Counter[tuple[str, str, str]]
"""How many access requests there are of an operation, for somebody, in a profile."""

LOSSES = ("lost", "kept, no longer governed", "potentially lost", "potentially kept, no longer governed")
GAINS = ("gained", "potentially gained")


def access_of(tenant: Tenant, but_by: str | None = None) -> Access:
    """Return who effectively has what, as the tenant says; without what members of one profile have by it."""
    found: dict[Had, frozenset[str]] = {}
    for who, entitlements in tenant.access().items():
        for each in entitlements:
            if each["path"][0] == but_by:
                continue
            key = (who, f"{each['entity_type']} {each['datasource_id']}/{each['entity_id']}")
            found[key] = found.get(key, frozenset()) | set(each["path"])
    return found


def opened_since(tenant: Tenant, count: int) -> Requests:
    """Count the access requests that were opened after the first ``count``."""
    return Counter(
        (each["type"], each["identity_id"], each["access_profile_name"]) for each in tenant.access_requests()[count:]
    )


@dataclass
class Seen:
    """What a search met: in how many changes something was, and how often it was foretold."""

    changes: Counter[str] = field(default_factory=Counter)
    """By what was predicted or happened, in how many changes."""
    happened: Counter[str] = field(default_factory=Counter)
    """By how it was predicted, how many gains, losses and requests happened."""

    @property
    def certain(self) -> float:
        """The share of what happened that was predicted for certain."""
        return self.happened["certain"] / max(1, self.happened.total())

    def __str__(self) -> str:
        said = [f"{name} {count}" for name, count in sorted(self.changes.items())]
        told = [f"{name} {count}" for name, count in sorted(self.happened.items())]
        return f"changes with {', '.join(said)}; what happened was {', '.join(told)}"


def as_done(row: Row) -> Row | None:
    """Return what is predicted to be done of a row: nothing of what is left undone, and perhaps what may be."""
    if row.undone is None:
        return row
    potentially = {
        "lost": "potentially lost",
        "gained": "potentially gained",
        "kept, no longer governed": "potentially kept, no longer governed",
    }
    effect = potentially.get(row.effect.value, row.effect.value)
    update = {"effect": Effect(effect), "reason": row.reason or "it may be left undone"}
    return None if row.undone == "certain" else row.model_copy(update=update)


class Prediction:
    """What a document says, to be held against what happened."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.rows = [(person.id, done) for person in document.people for row in person.rows if (done := as_done(row))]
        self._names = {profile.ref: profile.name for profile in document.profiles}

    def of(self, *effects: str) -> set[Had]:
        return {(who, row.entitlement) for who, row in self.rows if row.effect in effects and row.entitlement}

    def admits_unknown(self, who: str, profiles: Iterable[str]) -> bool:
        """Whether it says that what this person has by one of these profiles could not be known."""
        unknown = [each for each in self.document.unknowns if each.people == 0]
        doubted = {each.what for each in unknown}
        doubted |= {self._names.get(ref, ref) for each in unknown for ref in each.profiles}
        for person, row in self.rows:
            if person == who and row.effect == "unknown":
                doubted |= {self._names.get(ref, ref) for ref in row.path}
        return not doubted.isdisjoint(profiles)

    def assert_true(self, before: Access, after: Access, seen: Seen | None = None) -> None:
        seen = Seen() if seen is None else seen
        lost, gained = before.keys() - after.keys(), after.keys() - before.keys()
        assert self.of("lost") <= lost
        assert self.of("gained") <= gained
        assert self.of("kept, no longer governed") <= lost
        for happened, of, paths in ((lost, LOSSES, before), (gained, GAINS, after)):
            for each in happened:
                self._count(each, of, paths[each], seen)
        for _, row in self.rows:
            assert row.effect in {"lost", "gained"} or row.reason, row
        for effect in {row.effect for _, row in self.rows} | ({"unknown"} if self.document.unknowns else set()):
            seen.changes[effect] += 1

    def _count(self, each: Had, effects: tuple[str, ...], paths: frozenset[str], seen: Seen) -> None:
        told = "potential" if each in self.of(*(one for one in effects if one.startswith("potentially"))) else "certain"
        if each not in self.of(*effects):
            assert self.admits_unknown(each[0], paths), f"{each} by {sorted(paths)} was not foretold ({effects[0]})"
            told = "unknown"
        seen.happened[told] += 1

    def assert_requests(self, opened: Requests, seen: Seen | None = None) -> None:
        seen = Seen() if seen is None else seen
        certain, doubtful = Requests(), set()
        for each in self.document.requests:
            key = (each.operation, each.identity_id, self._names.get(each.profile, each.profile))
            if each.undone == "certain":
                continue
            if each.reason or each.undone:
                doubtful.add(key)
            else:
                certain[key] += 1
        assert certain - opened == Counter()
        for key, count in (opened - certain).items():
            told = "potential" if key in doubtful else "unknown"
            assert told == "potential" or self.admits_unknown(key[1], {key[2]}), f"{key} was not foretold"
            seen.happened[told] += count
        seen.happened["certain"] += certain.total()
        seen.changes["requests"] += bool(certain)
        seen.changes["doubtful requests"] += bool(doubtful)
