"""What generated programs may declare: people, groups, and which modes and selectors are among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support.generation.programs import Program
from tests.support.programs import entitlement

FOREIGN_PROFILE = "p-foreign"
"""A profile of somebody else, to inherit from and to add members to."""

PEOPLE = [f"ours-{number}" for number in range(12)]
"""The identities that sets list."""

GROUPS = ["00G1", "00G2", "00G3", "00G4"]
LABELS = ["blue", "green", "red"]

CONFIRMED = {"max_removal_percent": 100, "allow_emptying": True, "on_member_failure": "warn"}


@dataclass(frozen=True)
class Rules:
    """What a program may declare; what the API cannot bring together is not in one program."""

    authoritative: bool = True
    selectors: tuple[str | int, ...] = ()
    """How versions and sets select another version than the current one: the draft, or a version by its number."""
    letting_go: bool = True
    """Audits, and sets that leave their members when they are destroyed."""
    cautious: bool = False
    """Guards of removals, and nothing taken over that is not equal."""
    crowded: bool = False
    """Other sets beside an authoritative one, and an authoritative set of the foreign profile."""
    aliases: bool = True
    """Resources that are renamed with an alias."""
    swaps: bool = True
    """Profiles that swap their names."""
    conditions: bool = False
    """Entitlements that somebody has only where a condition holds."""
    foreign: float = 1.0
    """How often the foreign profile may be inherited from, or get a set."""
    people: tuple[str, ...] = tuple(PEOPLE)
    modes_of_new_sets: tuple[str, ...] = ("additive",)
    adopts: tuple[str, ...] = ("always",)
    """What profiles and versions are told to do with an object that exists, unless they are cautious."""

    @property
    def of_sets(self) -> dict[str, Any]:
        """The options that a new set is written with."""
        return {} if self.cautious else dict(CONFIRMED)

    def adoption(self, rng: Random) -> dict[str, Any]:
        """Choose how a new profile or version adopts what exists."""
        return {} if self.cautious else {"adopt": rng.choice(self.adopts)}

    def foreign_profiles(self, rng: Random) -> list[str]:
        """Return the foreign profile, or nothing, as often as it may be used."""
        return [FOREIGN_PROFILE] if rng.random() < self.foreign else []

    def some_people(self, rng: Random, most: int) -> list[str]:
        """Choose people for a set."""
        return rng.sample(self.people, rng.randint(0, min(most, len(self.people))))

    def some_entitlements(self, rng: Random) -> list[dict[str, Any]]:
        """Choose the entitlements of a content."""
        chosen = [entitlement(each) for each in rng.sample(GROUPS, rng.randint(0, 3))]
        for each in chosen if self.conditions else ():
            if rng.random() < 0.1:
                each["condition"] = {"type": "SCIM", "condition_string": "x"}
        return chosen


@dataclass
class Edited:
    """What an edit means for the laws."""

    words: str
    released: list[str] = field(default_factory=list)
    """The resource names of profiles that the program declares no more: they stay in the tenant, paused."""


Edit = Callable[[Program, Random, Rules], Edited | str | None]
"""An edit of a program, or None where there is nothing to edit in this way."""
