"""The series: which loads are measured, with which variants, through which operations, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.programs import OPERATIONS, OURS, VARIANTS, Load, Operation, Variant


@dataclass(frozen=True)
class Step:
    """One measurement to take."""

    round: int
    load: Load
    operation: Operation
    variant: Variant


@dataclass(frozen=True)
class Series:
    """Measurements that answer one question."""

    name: str
    question: str
    loads: Sequence[Load]
    operations: Sequence[Operation] = OPERATIONS
    variants: Sequence[Variant] = VARIANTS

    def steps(self, rounds: int) -> list[Step]:
        """List the measurements in their order: round by round, operation by operation, the variants in turn."""
        return [
            Step(number, load, operation, variant)
            for number in range(1, rounds + 1)
            for load in self.loads
            for operation in self.operations
            for variant in self.variants
        ]

    def sized(self, profiles: int) -> Series:
        """Return the series with another number of profiles in every load."""
        return replace(self, loads=list(dict.fromkeys(replace(load, profiles=profiles) for load in self.loads)))


def _operations(*titles: str) -> tuple[Operation, ...]:
    return tuple(each for each in OPERATIONS if each.title in titles)


_REQUESTING = _operations("first up", "unchanged preview", "refresh", "one change", "destroy")

FOUR_THREADS = 4
"""What the SDK gives a dynamic plugin."""
MANY_THREADS = 16
MEMBERS_OF_A_TEAM = 5

SERIES = (
    Series("profiles", "What does a profile cost beside a provider that does nothing?", [Load(1000)]),
    Series("sets", "And a profile with a membership set?", [Load(1000, members=MEMBERS_OF_A_TEAM)]),
    Series("growth", "How does it grow with the number of profiles?", [Load(100), Load(1000), Load(4000)]),
    Series(
        "growth-sets",
        "How does it grow with the number of profiles that have a set?",
        [Load(profiles, members=MEMBERS_OF_A_TEAM) for profiles in (100, 1000, 4000)],
    ),
    Series(
        "delay",
        "What do operations at a time spare where the tenant is far away?",
        [
            Load(150, members=MEMBERS_OF_A_TEAM, delay=delay, parallelism=threads)
            for delay in (0, 100, 300)
            for threads in (FOUR_THREADS, MANY_THREADS)
        ],
        _REQUESTING,
        [OURS],
    ),
    Series(
        "checkpoints",
        "What does fast mode spare?",
        [Load(profiles, checkpoints=checkpoints) for profiles in (100, 1000) for checkpoints in (True, False)],
        _operations("first up", "unchanged up", "one change", "destroy"),
        [OURS],
    ),
    Series(
        "members",
        "How does one set grow with its members?",
        [Load(1, members=members) for members in (10, 100, 1000, 10_000, 100_000)],
        _REQUESTING,
        [OURS],
    ),
)


def series(name: str) -> Series:
    """Return the series of a name."""
    return next(each for each in SERIES if each.name == name)
