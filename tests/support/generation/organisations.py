"""Random organisations as programs, each with a random change of it, and the tenant that they are created in."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from tests.support.generation.edits import edited
from tests.support.generation.member_edits import new_set
from tests.support.generation.profile_edits import new_profile, new_type, split_content
from tests.support.generation.programs import Declared, Program
from tests.support.generation.rules import FOREIGN_PROFILE, GROUPS, PEOPLE, Rules
from tests.support.programs import entitlement
from tests.support.tenant import Tenant

RULES = Rules(
    selectors=(1, "1"),
    crowded=True,
    aliases=False,
    conditions=True,
    foreign=0.2,
    people=tuple(PEOPLE[:5]),
    modes_of_new_sets=("additive", "additive", "authoritative", "audit"),
    adopts=("identical", "always"),
)

Resources = list[Declared]
Change = tuple[Resources, Resources]
"""An organisation, and what it becomes."""


def seed(tenant: Tenant) -> None:
    """Empty the tenant, and create a type and a profile of somebody else in it.

    One of its entitlements is one that the profiles of the stack have as well.
    """
    tenant.reset()
    tenant.seed(
        types=[
            {
                "id": "t-foreign",
                "name": "Foreign",
                "allow_create_relationships": True,
                "allow_inherit_entities": True,
            }
        ],
        profiles=[
            {
                "id": FOREIGN_PROFILE,
                # Its name is its id, as the state knows no other name of it.
                "name": FOREIGN_PROFILE,
                "profile_type": "t-foreign",
                "entities_to_create_relationships_to": [
                    entitlement(GROUPS[0]),
                    entitlement("00G9"),
                ],
                "members": PEOPLE[:2],
            }
        ],
    )


def change_of(number: int, rules: Rules = RULES) -> Change:
    """Write the organisation of a number, and what it becomes."""
    rng = random.Random(number)  # noqa: S311 - no secret
    program = Program()
    for _ in range(2):
        new_type(program, rng, rules)
    for _ in range(rng.randint(1, 4)):
        new_profile(program, rng, rules)
    for edit, most in ((split_content, 2), (new_set, 4)):
        for _ in range(rng.randint(0, most)):
            edit(program, rng, rules)
    first = program.resources()
    program.settle()
    for _ in range(rng.randint(3, 10)):
        edited(program, rng, rules)
    return first, program.resources()


changes = st.integers(0, 2**32).map(change_of)
"""Drawn from a generator of its own: drawn value by value, most organisations would be nearly empty."""
