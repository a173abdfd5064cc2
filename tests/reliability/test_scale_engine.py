"""A thousand profiles in a stack, ten thousand members in a set, a small stack in a big tenant: the requests sent."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from pulumi_veza.provider.live_members import BATCH
from tests.support.programs import program, resource
from tests.support.stack import Result, Stack
from tests.support.team import Team
from tests.support.tenant import Tenant

MANY = 1000

A_THOUSAND = f"""
import pulumi_veza as veza

role = veza.AccessProfileType("role", name="Role")
for number in range({MANY}):
    veza.AccessProfile(f"profile-{{number}}", name=f"Profile {{number}}", profile_type=role.id, labels=["all", "more"])
"""


def in_peace(stack: Stack, verb: str, *flags: str) -> Result:
    """Run an operation on a thousand resources, which takes its time, to its successful end."""
    return stack.run(verb, "--yes", "--skip-preview", *flags, timeout=900)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.catalogue(32)
def test_a_thousand_profiles_are_deployed_left_alone_and_read_with_a_handful_of_requests(
    veza_stack: Stack, tenant: Tenant
) -> None:
    veza_stack.environment["PULUMI_SKIP_CHECKPOINTS"] = "true"
    veza_stack.write(A_THOUSAND)
    up = in_peace(veza_stack, "up")
    assert f"{MANY + 2} created" in up
    assert "RecursionError" not in up
    assert len(tenant.profiles()) == MANY
    assert len(tenant.requests(mutating=True)) == MANY + 1
    assert len(tenant.requests(mutating=False)) <= 5

    tenant.clear_requests()
    in_peace(veza_stack, "up", "--expect-no-changes")
    assert tenant.requests() == []

    in_peace(veza_stack, "refresh", "--expect-no-changes")
    assert tenant.requests(mutating=True) == []
    assert len(tenant.requests()) <= MANY // 100 + 5

    tenant.clear_requests()
    in_peace(veza_stack, "destroy")
    assert len(tenant.requests(mutating=False)) <= 1
    assert {profile["state"] for profile in tenant.profiles()} == {"PAUSED"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.catalogue(27)
def test_ten_thousand_members_of_one_set_are_added_and_read_and_changed_by_one_and_removed(
    team: Team,
) -> None:
    everybody = [f"m{number:05}" for number in range(10_000)]
    team.tenant.seed(identities=[*everybody, "late"])
    team.lists(*everybody)
    team.tenant.clear_requests()
    team.stack.run("preview", timeout=900)
    assert team.tenant.requests() == []
    in_peace(team.stack, "up")
    assert team.members == set(everybody)
    assert len(team.sent()) == len(everybody) / BATCH

    in_peace(team.stack, "up", "--expect-no-changes")
    in_peace(team.stack, "refresh", "--expect-no-changes")
    assert team.sent() == []

    team.lists("late", *everybody[1:])
    shown = team.stack.run("preview", "--diff", timeout=900)
    changed = re.findall(r"^ *([-+]) (\S+) *: ", shown.stdout, re.MULTILINE)
    assert sorted(changed) == [("+", "late"), ("-", "m00000")]
    in_peace(team.stack, "up")
    assert team.members == {"late", *everybody[1:]}
    opened = Counter(each["identity_id"] for each in team.tenant.access_requests())
    assert opened == {**dict.fromkeys([*everybody, "late"], 1), "m00000": 2}
    in_peace(team.stack, "destroy")
    assert team.members == set()


@pytest.mark.slow
def test_three_profiles_in_a_tenant_of_five_thousand_others_cost_few_requests(
    veza_stack: Stack, tenant: Tenant
) -> None:
    tenant.seed(
        types=[{"name": "Role", "id": "t-role"}, {"name": "Other", "id": "t-other"}],
        identities=["ana"],
        profiles=[{"name": f"Other {number}", "profile_type": "t-other"} for number in range(5000)],
    )
    names = ["sales", "data", "people"]
    declared = [resource("AccessProfile", name, name=name, profile_type="t-role") for name in names]
    member = resource("MembershipSet", "team", profile_id="p-early", identity_ids=["ana"])
    tenant.seed(profiles=[{"name": "Early", "id": "p-early", "profile_type": "t-role"}])
    tenant.clear_requests()
    veza_stack.write(program(*declared, member))
    veza_stack.up(skip_preview=True)
    looked = tenant.requests(mutating=False)
    # A set knows nothing yet of its profile but the id, so the first `up` looks through the whole list once.
    assert len(looked) <= 5000 // 100 + 6
    assert len({(each["path"], str(each["query"])) for each in looked}) >= len(looked) - 1

    tenant.clear_requests()
    veza_stack.refresh("--expect-no-changes", skip_preview=True)
    assert len(tenant.requests()) <= 6

    tenant.clear_requests()
    fourth = resource("AccessProfile", "fourth", name="fourth", profile_type="t-role")
    veza_stack.write(program(*declared, member, fourth))
    veza_stack.up(skip_preview=True)
    assert len(tenant.requests(mutating=False)) <= 6

    tenant.clear_requests()
    veza_stack.write(
        program(
            *declared, member.replace("['ana']", "[]")[:-1] + ", max_removal_percent=100, allow_emptying=True)", fourth
        )
    )
    tenant.change_members("p-early", add=["bob"])
    veza_stack.up(skip_preview=True)
    assert set(tenant.members("p-early")) == {"bob"}
    assert len(tenant.requests()) <= 8
