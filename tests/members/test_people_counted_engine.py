"""Whom the guard counts: those who lose something, and nobody else. Each change is previewed and deployed."""

from __future__ import annotations

import json
import re

import pytest

from tests.members.test_other_sets_engine import people_lines
from tests.support.programs import Code, program, resource
from tests.support.team import IDENTITIES, TEAM, Team

OTHER = "p-other"


def refusal(team: Team, *, deployed: bool = False) -> str:
    """Return what a preview (and with ``deployed`` an update) says that the guard refuses; nothing is sent."""
    team.sent()
    refused = [team.stack.preview(check=False), *([team.stack.up(check=False, skip_preview=True)] if deployed else [])]
    said = {
        next(line for line in each.diagnostics if "would remove" in line and line.startswith("error"))
        for each in refused
    }
    assert team.sent() == []
    (line,) = said
    return line


@pytest.mark.slow
def test_who_could_never_be_added_or_has_left_already_is_no_removal(team: Team) -> None:
    team.lists("ana", "bob", "carl.misspelt", max_removals=0)
    team.stack.up(skip_preview=True)
    assert list(team.held()["failures"]) == ["carl.misspelt"]
    team.lists("ana", "bob", "carl", max_removals=0)
    assert team.stack.preview().returncode == 0
    team.stack.up(skip_preview=True)
    assert team.members == {"ana", "bob", "carl"}

    # Two have left, and Veza does not take them back; the program drops them after a refresh that keeps trying.
    team.tenant.change_members(TEAM, remove=["ana", "bob"])
    fault = team.tenant.fault(method="PUT", count=None, fail_members={"ana": "ana has left", "bob": "bob has left"})
    team.stack.refresh(skip_preview=True)
    team.stack.up(skip_preview=True)
    team.stack.refresh(skip_preview=True)
    fault.remove()
    team.lists("carl", max_removals=0)
    assert team.stack.preview().returncode == 0
    team.sent()
    team.stack.up(skip_preview=True)
    assert team.sent() == []
    assert team.members == {"carl"}


@pytest.mark.slow
def test_nobody_is_too_few_for_an_additive_set_too_and_zero_means_nobody(team: Team) -> None:
    team.lists("ana", "bob", max_removal_percent=100)
    team.stack.up(skip_preview=True)
    team.lists(max_removal_percent=100)
    assert "would remove 2 of 2 members" in refusal(team, deployed=True)
    team.lists("ana", max_removal_percent=0)
    assert "nobody may be removed without a confirmation" in refusal(team)
    team.lists("ana", max_removals=0)
    value = re.findall(r"VEZA_ALLOW_REMOVALS=(\S+) in the environment", refusal(team))[0]
    # One person may always leave where no zero is written.
    team.lists("ana")
    assert team.stack.preview().returncode == 0
    # A value of another removal confirms nothing; several may be given, in the environment or in the configuration.
    team.lists("ana", max_removals=0)
    team.stack.environment["VEZA_ALLOW_REMOVALS"] = "1-0123456789"
    refusal(team)
    team.stack.environment["VEZA_ALLOW_REMOVALS"] = None
    team.stack.config_set("veza:allowRemovals", f"1-0123456789, {value}")
    team.stack.up()
    assert team.members == {"ana"}


@pytest.mark.slow
def test_a_set_that_is_pointed_at_another_profile_is_judged_by_those_who_lose_the_one_that_it_leaves(
    team: Team,
) -> None:
    team.tenant.seed(profiles=[{"name": "Other", "id": OTHER, "profile_type": "t-role"}])
    team.lists(*IDENTITIES[:6])
    team.stack.up(skip_preview=True)
    team.lists(*IDENTITIES[:6], profile_id=OTHER)
    assert f"would remove 6 of 6 members of access profile {TEAM}" in refusal(team, deployed=True)
    assert f"6 people would leave access profile {TEAM}" in team.stack.preview(check=False)
    # Another set keeps them where they are: nobody leaves, in whatever order the engine comes to the two.
    team.declares(team={"identity_ids": IDENTITIES[:6], "profile_id": OTHER}, keeps={"identity_ids": IDENTITIES[:6]})
    for _ in range(2):
        team.stack.preview()
    team.stack.up(skip_preview=True)
    assert team.members == set(IDENTITIES[:6])
    assert set(team.tenant.members(OTHER)) == set(IDENTITIES[:6])
    # The same version by its number is no other one.
    team.declares(
        team={"identity_ids": IDENTITIES[:6], "profile_id": OTHER, "version": 1}, keeps={"identity_ids": IDENTITIES[:6]}
    )
    team.sent()
    assert people_lines(team.stack.up()) == []
    assert team.sent() == []
    # A profile that the run makes: one line says who leaves and who joins.
    made = resource("AccessProfile", "made", name="Made", profile_type="t-role")
    kept = resource("MembershipSet", "keeps", profile_id=TEAM, identity_ids=IDENTITIES[:6])
    pointed = resource("MembershipSet", "team", profile_id=Code("made.id"), identity_ids=IDENTITIES[:6])
    team.stack.write(program(made, kept, pointed))
    (line,) = people_lines(team.stack.preview())
    assert f"6 people leave access profile {OTHER}: ana, bob" in line
    assert " (unless they join the same one again); 6 people join an access profile not known before" in line
    assert line.endswith(" (unless they are members already)")


@pytest.mark.slow
def test_ids_that_differ_only_in_case_are_one_person_s(team: Team) -> None:
    team.tenant.quirks(identity_ids_without_case=True)
    team.lists("ANA", "Bob", mode="authoritative")
    for _ in range(2):
        team.stack.up(skip_preview=True)
        team.stack.up("--refresh", skip_preview=True)
        assert team.members == {"ana", "bob"}
    assert team.sent() == [("ADD", ["ANA", "Bob"])]
    team.lists("ana", "BOB", mode="authoritative")
    assert people_lines(team.stack.up()) == []
    team.stack.preview("--refresh", "--expect-no-changes")
    assert team.sent() == []


@pytest.mark.slow
def test_a_member_whom_two_sources_hold_in_changing_order_is_kept(team: Team) -> None:
    team.tenant.change_members(TEAM, add=["ana"], created_from="BIRTHRIGHT")
    team.tenant.quirks(alternating_member_list=True)
    team.lists("ana", "bob")
    team.stack.up(skip_preview=True)
    team.tenant.change_members(TEAM, add=["ana"])
    for _ in range(3):
        team.stack.refresh("--expect-no-changes", skip_preview=True)
    team.lists("bob")
    team.sent()
    team.stack.up()
    assert team.sent() == []
    assert "ana" in team.members


def test_a_thousand_wrong_ids_are_a_reason_each_and_stay_readable(team: Team) -> None:
    wrong = [f"nobody-{number:04}" for number in range(1000)]
    team.lists("ana", *wrong)
    done = team.stack.up(skip_preview=True)
    assert team.members == {"ana"}
    failures = team.held()["failures"]
    assert set(failures) == set(wrong)
    for who in (wrong[0], wrong[-1]):
        assert failures[who].count("nobody-") == 1
        assert who in failures[who]
    assert len(json.dumps(failures)) < 200 * len(wrong)
    assert max(map(len, done.diagnostics)) < 2500
    (line,) = [line for line in done.diagnostics if "failed" in line]
    assert "990 more" in line


@pytest.mark.parametrize("ids", [pytest.param(["ana", "bob"], marks=pytest.mark.slow), []])
@pytest.mark.slow
def test_emptying_by_several_sets_together_is_refused(team: Team, ids: list[str]) -> None:
    team.declares(
        one={"identity_ids": ["ana"], "max_removal_percent": 100},
        two={"identity_ids": ["bob"], "max_removal_percent": 100},
    )
    team.stack.up(skip_preview=True)
    team.stack.refresh(skip_preview=True)
    team.declares(
        one={"identity_ids": ids[:1], "max_removal_percent": 100},
        two={"identity_ids": ids[1:], "max_removal_percent": 100},
    )
    seen = [team.stack.preview(check=False) for _ in range(2)]
    assert [bool(each.returncode) for each in seen] == [not ids] * 2
    assert all("nobody would be left" in each for each in seen) is (not ids)
