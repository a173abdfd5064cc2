"""Which stack manages what: the one rule, which the program, the runs on one machine and the workflow all go by."""

from organisation import Team, teams

TYPES = "types"
"""The stack of the profile types, which all others read. No domain may have its name."""


def stack_of(team: Team) -> str:
    """Return the stack that manages a team's profile, its content and every membership set of it: its domain's.

    A profile and all of its sets are in one stack, as stacks do not see each other's sets. And the answer depends on
    the team alone, never on how many teams or stacks there are: one more team must move no other to another stack.
    """
    return team.domain.lower().replace(" ", "-")


def shards() -> list[str]:
    """Return the stacks of the domains."""
    return sorted({stack_of(team) for team in teams()})
