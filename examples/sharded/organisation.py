"""The organisation: its teams, each in a domain, and who is in them.

Yours comes from a file or your personnel system; this one is made up, of the size that the environment says. It is the
same in every run and on every machine, as every stack reads it.

    ORGANISATION_PROFILES   how many teams there are in all, each with a profile (default 20)
    ORGANISATION_DOMAINS    how many domains they are in, 1 to 10 (default 4)
    ORGANISATION_MEMBERS    how many people are in each team; with 0 it has no membership set (default 3)
"""

import os
from dataclasses import dataclass

DOMAINS = (
    "Sales",
    "Engineering",
    "Finance",
    "Support",
    "Operations",
    "Marketing",
    "Research",
    "Legal",
    "Facilities",
    "Human Resources",
)


@dataclass(frozen=True)
class Team:
    """A team: one access profile, and who is a member of it."""

    domain: str
    number: int
    people: tuple[str, ...]
    """The ids of the identities."""

    @property
    def name(self) -> str:
        """The profile's name in Veza."""
        return f"{self.domain} team {self.number}"


def teams() -> list[Team]:
    """Return every team of the organisation.

    Raises:
        ValueError: the environment asks for a size that cannot be. The message is one line.

    """
    profiles = _size("ORGANISATION_PROFILES", 20, at_least=1)
    domains = _size("ORGANISATION_DOMAINS", 4, at_least=1, at_most=len(DOMAINS))
    members = _size("ORGANISATION_MEMBERS", 3, at_least=0)
    found = []
    for index in range(profiles):
        domain, number = DOMAINS[index % domains], index // domains + 1
        key = f"id-{domain.lower().replace(' ', '-')}-{number}"
        found.append(Team(domain, number, tuple(f"{key}-{person}" for person in range(1, members + 1))))
    return found


def _size(name: str, default: int, *, at_least: int, at_most: int = 1_000_000) -> int:
    given = os.environ.get(name, str(default))
    if not given.isdecimal() or not at_least <= int(given) <= at_most:
        raise ValueError(f"{name} is {given!r}: write a number from {at_least} to {at_most:,}")
    return int(given)
