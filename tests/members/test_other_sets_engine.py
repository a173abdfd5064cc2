"""Several sets of one profile: what one knows of the others, before the engine has shown them to the provider."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.programs import Code
from tests.support.stack import Result
from tests.support.team import IDENTITIES, TEAM, Team

COMPONENTS = """
import pulumi
import pulumi_veza as veza


class Team(pulumi.ComponentResource):
    def __init__(self, name, ids, mode="additive"):
        super().__init__("demo:index:Team", name)
        veza.MembershipSet("members", profile_id="p-team", identity_ids=ids, mode=mode,
                           opts=pulumi.ResourceOptions(parent=self))


class Project(pulumi.ComponentResource):
    def __init__(self, name, ids, mode="additive"):
        super().__init__("demo:index:Project", name)
        veza.MembershipSet("members", profile_id="p-team", identity_ids=ids, mode=mode,
                           opts=pulumi.ResourceOptions(parent=self))


"""


def people_lines(result: Result) -> list[str]:
    return sorted(line for line in result.diagnostics if "join" in line or "leave" in line)


@pytest.mark.slow
def test_components_of_one_name_are_told_apart_and_a_member_who_moves_between_them_stays(team: Team) -> None:
    team.stack.write(COMPONENTS + 'Team("sales", ["ana", "bob"])\nProject("sales", ["carl"])\n')
    team.stack.up()
    assert team.members == {"ana", "bob", "carl"}
    team.sent()
    for ids in (["ana"], ["bob", "carl"]), (["ana", "bob"], ["carl"]):
        team.stack.write(COMPONENTS + f'Team("sales", {ids[0]})\nProject("sales", {ids[1]})\n')
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}
    assert team.sent() == []

    # One authoritative and one additive: nobody whom the other lists is removed, and a refresh changes nothing.
    team.stack.write(COMPONENTS + 'Team("sales", ["ana", "bob"], mode="authoritative")\nProject("sales", ["carl"])\n')
    shared = team.stack.up()
    assert sum("shares the members" in line for line in shared.diagnostics) >= 1
    assert "demo:index:Team" in shared
    assert "demo:index:Project" in shared
    for _ in range(2):
        team.stack.up("--refresh", skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}
    assert team.sent() == []


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="any order"),
        pytest.param({"opts": {"depends_on": [Code("other")]}}, id="depends_on", marks=pytest.mark.slow),
    ],
)
def test_members_given_to_another_set_are_no_removal_in_any_order(team: Team, options: dict[str, Any]) -> None:
    team.declares(other={"identity_ids": ["gil"]}, team={"identity_ids": IDENTITIES[:4], **options})
    team.stack.up(skip_preview=True)
    team.sent()
    team.declares(other={"identity_ids": ["ana", "bob", "gil"]}, team={"identity_ids": IDENTITIES[2:4], **options})
    for _ in range(2):
        seen = team.stack.preview()
        assert people_lines(seen) == []
    team.stack.up(skip_preview=True)
    assert team.members == {*IDENTITIES[:4], "gil"}
    assert team.sent() == []


def test_a_set_that_is_not_targeted_keeps_whom_it_lists(team: Team) -> None:
    team.declares(other={"identity_ids": ["gil"]}, team={"identity_ids": IDENTITIES[:4]})
    team.stack.up(skip_preview=True)
    team.sent()
    team.declares(other={"identity_ids": ["ana", "gil"]}, team={"identity_ids": IDENTITIES[1:4]})
    team.stack.up("--target", "**MembershipSet::team", skip_preview=True)
    assert team.sent() == []
    team.stack.up(skip_preview=True)
    assert team.members == {*IDENTITIES[:4], "gil"}
    assert team.sent() == []


def test_a_set_that_vanishes_from_the_program_is_held_against_its_guard(team: Team) -> None:
    team.declares(team={"identity_ids": IDENTITIES[:4]}, other={"identity_ids": ["gil"]})
    team.stack.up(skip_preview=True)
    team.declares(other={"identity_ids": ["gil"]})
    team.sent()
    refused = team.stack.up(check=False)
    assert "which the program no longer declares, would remove 4 of 4 members" in refused
    assert team.sent() == []
    value = str(refused).partition("VEZA_ALLOW_REMOVALS=")[2].split(";")[0]
    team.stack.environment["VEZA_ALLOW_REMOVALS"] = value
    team.stack.up()
    assert team.members == {"gil"}
    # Taken over by a set of another name: nobody leaves.
    team.declares(renamed={"identity_ids": ["gil"]})
    team.stack.up()
    assert team.members == {"gil"}


@pytest.mark.slow
def test_a_refresh_that_runs_the_program_is_not_stopped(team: Team) -> None:
    team.lists("ana", mode="authoritative")
    team.stack.up(skip_preview=True)
    team.tenant.change_members(TEAM, add=["bob", "carl", "dora", "eve"])
    seen = team.stack.refresh("--run-program")
    assert "would remove" not in seen
    refused = team.stack.preview(check=False)
    assert "would remove 4 of 5 members" in refused
