"""Fast mode: a run whose state is in nothing but memory is killed again and again; the next one finds all it made."""

from __future__ import annotations

import random

import pytest

from tests.support.comparison import assert_quiet, findings, repeated_access_requests, undocumented
from tests.support.programs import Code, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

TEAMS = 12
KILLS = 3
FIRST = 4
"""After so many requests the first profile was made: the type and the lists came before."""


def organisation(first: int, description: str) -> str:
    """Return a program with a profile and a set of four for each team; a set's members begin with that number."""
    statements = [resource("AccessProfileType", "role", name="Role", allow_create_relationships=True)]
    for team in range(TEAMS):
        people = [f"m{team:02}-{number}" for number in range(first, first + 4)]
        profile = {"name": f"Team {team}", "profile_type": Code("role.id"), "description": description}
        members = {"profile_id": Code(f"t{team}.id"), "identity_ids": people, "max_removal_percent": 100}
        statements += [
            resource("AccessProfile", f"t{team}", **profile),
            resource("MembershipSet", f"s{team}", **members),
        ]
    return program(*statements)


def killed_at_random_points(stack: Stack, tenant: Tenant, chance: random.Random, *command: str) -> list[int]:
    """Start a run and kill it at a request, several times; return after how many requests each.

    Even a run that has nothing left to change reads more than that, so that each one is killed. What it sends at the
    same time goes on until then.
    """
    points = []
    for _ in range(KILLS):
        point, when = chance.randint(FIRST, TEAMS), chance.choice(["before_commit", "after_commit"])
        held = tenant.fault(skip=point, hold=when)
        held.kill(stack.start(*command, "--yes", "--skip-preview"))
        points.append(point)
        stack.cancel()
    return points


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.catalogue(17)
@pytest.mark.catalogue(18)
def test_runs_that_are_killed_at_random_points_one_after_another_lose_and_double_nothing(
    veza_stack: Stack, tenant: Tenant
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)  # noqa: S311 - chooses where to kill
    print(f"the points follow from the seed {seed}")
    stack = veza_stack
    stack.environment["PULUMI_SKIP_CHECKPOINTS"] = "true"
    tenant.seed(identities=[f"m{team:02}-{number}" for team in range(TEAMS) for number in range(8)])

    def converges(*command: str) -> None:
        stack.run(*command, "--yes", "--skip-preview")
        assert undocumented(tenant.requests()) == []
        assert repeated_access_requests(tenant) == []

    before = stack.export()["deployment"].get("resources") or []
    stack.write(organisation(0, "Sells"))
    print("create:", killed_at_random_points(stack, tenant, chance, "up"))
    assert (stack.export()["deployment"].get("resources") or []) == before, "a killed run has written its state"
    assert tenant.profiles(), "no run had made anything"
    converges("up")
    assert findings(stack, tenant).in_words() == []
    assert_quiet(stack, tenant)

    stack.write(organisation(2, "Sells more"))
    print("update:", killed_at_random_points(stack, tenant, chance, "up"))
    converges("up")
    assert findings(stack, tenant).in_words() == []
    assert_quiet(stack, tenant)

    print("destroy:", killed_at_random_points(stack, tenant, chance, "destroy"))
    converges("destroy")
    assert stack.resources() == {}
    assert {each["state"] for each in tenant.profiles()} == {"PAUSED"}
    assert [who for each in tenant.profiles() for who in tenant.members(each["id"])] == []
    assert len(tenant.profiles()) == TEAMS
    assert [each["name"] for each in tenant.state()["types"]] == ["Role"]
