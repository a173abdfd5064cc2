"""Membership sets on the real engine: who is added, who is removed, what a preview shows, and what a failure leaves."""

from __future__ import annotations

import contextlib
import re

import pytest

from tests.support.programs import Code, program, resource
from tests.support.stack import Result
from tests.support.team import TEAM, Team

BIRTHRIGHT = "BIRTHRIGHT_POLICY"


def shows(result: Result, sign: str, who: str) -> bool:
    """Whether the engine's diff has a line such as ``- ana: "ana"``."""
    return re.search(rf'^ *{re.escape(sign)} {who} *: "{who}"$', str(result), re.MULTILINE) is not None


class TestTheSet:
    @pytest.mark.catalogue(6)
    def test_a_preview_names_who_joins_and_leaves_and_an_update_sends_just_that(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["dora"])
        team.lists("bob", "ana")
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "dora"}
        assert team.sent() == [("ADD", ["ana", "bob"])]
        held = team.held()
        assert held["unmanaged_identity_ids"] == {"dora": "dora"}
        # The names of whom a run has added follow with the next refresh.
        assert held["members"] == {"ana": {}, "bob": {}, "dora": {"name": "dora"}}
        assert len(held["access_request_ids"]) == 2

        team.lists("ana", "bob", "bob")
        team.stack.preview("--expect-no-changes")

        team.lists("carl", "ana", max_removal_percent=50)
        preview = team.stack.preview("--diff")
        assert shows(preview, "-", "bob")
        assert shows(preview, "+", "carl")
        assert not shows(preview, "-", "ana")
        assert not shows(preview, "+", "ana")
        assert team.sent() == []

        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "carl", "dora"}
        assert team.sent() == [("ADD", ["carl"]), ("REMOVE", ["bob"])]

    @pytest.mark.slow
    @pytest.mark.catalogue(9)
    def test_drift_is_shown_by_a_refresh_and_only_what_is_listed_is_brought_back(self, team: Team) -> None:
        team.lists("ana", "bob")
        team.stack.up(skip_preview=True)
        team.tenant.change_members(TEAM, remove=["ana"], add=["eve"])
        team.sent()

        refresh = team.stack.refresh("--diff", skip_preview=True)
        assert shows(refresh, "-", "ana")
        assert shows(refresh, "+", "eve")
        assert team.held()["unmanaged_identity_ids"] == {"eve": "eve"}
        preview = team.stack.preview("--diff")
        assert shows(preview, "+", "ana")
        assert not shows(preview, "-", "eve")

        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "eve"}
        assert team.sent() == [("ADD", ["ana"])]

    @pytest.mark.catalogue(20)
    def test_a_member_that_is_present_or_whose_answer_was_lost_is_not_added_twice(self, team: Team) -> None:
        team.tenant.quirks(duplicate_member_fails=True)
        team.tenant.change_members(TEAM, add=["ana"])
        team.tenant.change_members(TEAM, add=["dora"], created_from=BIRTHRIGHT)
        team.tenant.fault(method="PUT", reset="after_commit")
        team.lists("ana", "bob", "dora")
        up = team.stack.up(skip_preview=True)
        assert "warning" not in up
        assert team.sent() == [("ADD", ["bob"]), ("ADD", ["bob"])]
        assert team.members == {"ana", "bob", "dora"}
        assert team.held()["failures"] == {}

    def test_a_member_of_another_source_is_never_removed(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["dora"], created_from=BIRTHRIGHT)
        team.lists("ana", "dora")
        team.stack.up(skip_preview=True)
        team.lists("ana", max_removal_percent=50)
        up = team.stack.up(skip_preview=True)
        assert "warning" not in up
        assert team.held()["unmanaged_identity_ids"] == {"dora": "dora"}
        team.stack.destroy(skip_preview=True)
        assert team.members == {"dora"}
        assert team.sent() == [("ADD", ["ana"]), ("REMOVE", ["ana"])]

    @pytest.mark.catalogue(27)
    @pytest.mark.slow
    def test_a_big_set_goes_in_batches_and_a_run_that_broke_off_goes_on_where_it_was(self, team: Team) -> None:
        everybody = [f"id-{number:03}" for number in range(250)]
        team.tenant.seed(identities=everybody)
        team.stack.environment["VEZA_MAX_RETRIES"] = "0"
        fault = team.tenant.fault(method="PUT", skip=1, count=None, status=500)
        team.lists(*everybody)
        broken = team.stack.up(skip_preview=True, check=False)
        assert broken.returncode != 0
        assert "adding 100 members to version 1" in broken
        assert "Traceback" not in broken
        assert team.members == set(everybody[:100])

        fault.remove()
        team.sent()
        team.stack.up(skip_preview=True)
        assert [(what, len(ids)) for what, ids in team.sent()] == [("ADD", 100), ("ADD", 50)]
        assert team.members == set(everybody)

        team.lists(*everybody[:30], max_removal_percent=90)
        team.stack.up(skip_preview=True)
        assert [(what, len(ids)) for what, ids in team.sent()] == [("REMOVE", 100), ("REMOVE", 100), ("REMOVE", 20)]
        assert team.members == set(everybody[:30])


class TestFailures:
    @pytest.mark.catalogue(27)
    def test_an_unknown_identity_does_not_stop_the_others_and_is_tried_until_it_exists(self, team: Team) -> None:
        team.lists("ana", "bob", "zoe")
        up = team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob"}
        assert "warning: MembershipSet 'team': 1 member of access profile 'Team' failed: adding zoe (" in up
        assert "the next `pulumi up` tries again" in up
        held = team.held()
        assert list(held["failures"]) == ["zoe"]
        assert "zoe is not an identity" in held["failures"]["zoe"]

        # What makes a pipeline red, as the run itself did not stop for one of many.
        preview = team.stack.preview("--expect-no-changes", check=False)
        assert preview.returncode != 0
        assert "1 to update" in preview
        assert "1 member failed at the last change, and `pulumi up` tries again: zoe" in preview
        team.sent()
        refresh = team.stack.refresh("--diff", skip_preview=True)
        assert not shows(refresh, "-", "zoe")

        team.tenant.seed(identities=["zoe"])
        team.stack.up(skip_preview=True)
        assert team.sent() == [("ADD", ["zoe"])]
        assert team.members == {"ana", "bob", "zoe"}
        assert team.held()["failures"] == {}
        team.stack.preview("--expect-no-changes")

    def test_an_answer_that_names_no_identity_is_resolved_by_the_list(self, team: Team) -> None:
        team.tenant.quirks(single_access_request=True)
        team.lists("ana", "bob", "zoe")
        up = team.stack.up(skip_preview=True)
        assert "1 member of access profile 'Team' failed: adding zoe (zoe is not an identity" in up
        assert team.members == {"ana", "bob"}
        assert list(team.held()["failures"]) == ["zoe"]

    @pytest.mark.slow
    def test_one_who_failed_and_is_not_listed_any_more_is_forgotten(self, team: Team) -> None:
        team.lists("ana", "zoe")
        team.stack.up(skip_preview=True)
        team.lists("ana", max_removal_percent=50)
        up = team.stack.up(skip_preview=True)
        assert "tries again" not in up
        assert team.held()["failures"] == {}
        assert team.sent() == [("ADD", ["ana", "zoe"])]

    def test_a_batch_that_is_refused_as_a_whole_loses_only_the_one_it_is_refused_for(self, team: Team) -> None:
        team.tenant.fault(method="PUT", body='"finn"', count=None, status=400, answer={"message": "no such identity"})
        team.lists("ana", "bob", "carl", "dora", "eve", "finn", "gil")
        up = team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl", "dora", "eve", "gil"}
        assert list(team.held()["failures"]) == ["finn"]
        assert "1 member of access profile 'Team' failed: adding finn (" in up
        assert "no such identity" in up

    @pytest.mark.slow
    def test_with_error_the_run_fails_the_others_are_members_and_a_corrected_list_goes_on(self, team: Team) -> None:
        team.lists("ana")
        team.stack.up(skip_preview=True)
        team.lists("ana", "bob", "zoe", on_member_failure="error")
        failed = team.stack.up(skip_preview=True, check=False)
        assert failed.returncode != 0
        assert "1 member of access profile 'Team' failed: adding zoe (zoe is not an identity" in failed
        assert "Traceback" not in failed
        assert team.members == {"ana", "bob"}
        team.sent()

        team.lists("ana", "bob", on_member_failure="error")
        team.stack.up(skip_preview=True)
        assert team.sent() == []

    @pytest.mark.slow
    def test_a_removal_that_failed_is_tried_again_after_a_refresh_too(self, team: Team) -> None:
        team.lists("ana", "bob", "carl")
        team.stack.up(skip_preview=True)
        fault = team.tenant.fault(method="PUT", count=None, fail_members={"carl": "carl is locked"})
        team.lists("ana", "bob", max_removal_percent=34)
        up = team.stack.up(skip_preview=True)
        assert "1 member of access profile 'Team' failed: removing carl (carl is locked)" in up
        assert team.held()["failures"] == {"carl": "carl is locked"}

        fault.remove()
        team.stack.refresh(skip_preview=True)
        team.lists("ana", "bob")
        assert "`pulumi up` tries again: carl" in team.stack.preview()
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob"}
        assert team.held()["failures"] == {}


class TestDestroy:
    def test_only_those_who_are_managed_are_removed_and_the_next_update_brings_them_back(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["dora"])
        team.lists("ana", "bob", "zoe")
        team.stack.up(skip_preview=True)
        fault = team.tenant.fault(method="PUT", count=None, fail_members={"bob": "bob is locked"})
        refused = team.stack.destroy(skip_preview=True, check=False)
        assert refused.returncode != 0
        assert "1 member of access profile 'Team' failed: removing bob (bob is locked)" in refused
        assert team.members == {"bob", "dora"}

        fault.remove()
        team.stack.destroy(skip_preview=True)
        assert team.members == {"dora"}
        team.sent()
        team.lists("ana", "bob")
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "dora"}

    @pytest.mark.slow
    def test_prevent_refuses_with_a_way_out_and_retain_leaves_everybody(self, team: Team) -> None:
        team.lists("ana", on_destroy="prevent")
        team.stack.up(skip_preview=True)
        refused = team.stack.destroy(skip_preview=True, check=False)
        assert refused.returncode != 0
        assert 'has on_destroy="prevent"; to destroy it, set on_destroy to another value and run `pulumi up`' in refused
        assert "Traceback" not in refused

        team.lists("ana", on_destroy="retain")
        team.stack.up(skip_preview=True)
        destroyed = team.stack.destroy(skip_preview=True)
        assert f"the members of access profile {TEAM} stay as they are" in destroyed
        assert team.members == {"ana"}
        assert team.sent() == [("ADD", ["ana"])]

    @pytest.mark.slow
    @pytest.mark.catalogue(11)
    def test_a_set_whose_profile_is_gone_is_refreshed_away_and_can_be_destroyed(self, team: Team) -> None:
        team.lists("ana")
        team.stack.up(skip_preview=True)
        team.tenant.delete_profile(TEAM)
        team.lists("ana", "bob")
        update = team.stack.up(skip_preview=True, check=False)
        assert f"there is no access profile '{TEAM}' in this tenant" in update
        assert "Traceback" not in update
        refresh = team.stack.refresh(skip_preview=True)
        assert "1 deleted" in refresh
        assert "1 to create" in team.stack.preview()
        team.stack.destroy(skip_preview=True)


class TestVersions:
    @pytest.mark.slow
    def test_a_set_that_moves_from_current_to_the_number_keeps_everybody_and_sends_nothing(self, team: Team) -> None:
        team.lists("ana", "bob")
        team.stack.up(skip_preview=True)
        team.sent()
        team.lists("ana", "bob", version=1)
        team.stack.up(skip_preview=True)
        assert team.sent() == []
        assert team.members == {"ana", "bob"}
        assert team.stack.resources()["team"]["id"] == f"{TEAM}/versions/1/members"
        team.stack.preview("--expect-no-changes")

    @pytest.mark.slow
    def test_a_version_published_by_hand_that_took_nobody_over_gets_the_members_again(self, team: Team) -> None:
        team.tenant.quirks(members_stay_behind=True)
        team.lists("ana", "bob")
        team.stack.up(skip_preview=True)
        team.tenant.publish_version(TEAM)
        assert team.members == set()
        refresh = team.stack.refresh("--diff", skip_preview=True)
        assert shows(refresh, "-", "ana")
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob"}
        assert team.held()["version_number"] == 2

    @pytest.mark.slow
    def test_a_version_published_by_hand_that_took_everybody_over_is_followed_without_a_change(
        self, team: Team
    ) -> None:
        team.lists("ana", "bob")
        team.stack.up(skip_preview=True)
        team.sent()
        team.tenant.publish_version(TEAM)
        team.stack.refresh(skip_preview=True)
        assert team.held()["version_number"] == 2
        team.stack.preview("--expect-no-changes")
        team.lists("ana", "bob", "carl")
        team.stack.up(skip_preview=True)
        assert team.sent() == [("ADD", ["carl"])]
        assert set(team.tenant.members(TEAM, 2)) == {"ana", "bob", "carl"}
        assert set(team.tenant.members(TEAM, 1)) == {"ana", "bob"}

    def test_a_draft_or_a_number_that_does_not_exist_is_one_clear_line(self, team: Team) -> None:
        team.declares(
            draft={"identity_ids": ["ana"], "version": "draft"}, seventh={"identity_ids": ["ana"], "version": 7}
        )
        up = team.stack.up(skip_preview=True, check=False)
        assert up.returncode != 0
        assert f"access profile 'Team' ({TEAM}) has no draft version" in up
        assert f"access profile 'Team' ({TEAM}) has no version 7; correct version (the current one is 1)" in up
        assert "Traceback" not in up


A_GATE = """
import asyncio, pathlib

async def when_the_gate_is_open(value):
    while not pathlib.Path("gate").exists():
        await asyncio.sleep(0.02)
    return value
"""


def sets(**listed: list[str]) -> dict[str, dict[str, object]]:
    return {name: {"identity_ids": ids, "max_removal_percent": 100} for name, ids in listed.items()}


class TestSeveralSets:
    @pytest.mark.slow
    def test_a_member_that_another_set_lists_stays_whichever_is_declared_first(self, team: Team) -> None:
        team.declares(**sets(one=["ana", "bob"], two=["bob", "carl"]))
        team.stack.up(skip_preview=True)
        team.sent()
        team.declares(**sets(one=["ana"], two=["bob", "carl"]))
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}
        team.declares(**sets(one=["ana", "carl"], two=["bob", "carl"]))
        team.stack.up(skip_preview=True)
        team.declares(**sets(one=["ana", "carl"], two=["bob"]))
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}

    @pytest.mark.slow
    def test_a_member_moves_from_one_set_to_the_other_and_stays_when_one_set_goes(self, team: Team) -> None:
        team.declares(**sets(one=["ana", "bob"], two=["carl"]))
        team.stack.up(skip_preview=True)
        team.declares(**sets(one=["ana"], two=["bob", "carl"]))
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}
        team.declares(**sets(one=["ana", "carl"], two=["bob"]))
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}
        team.declares(**sets(two=["bob", "carl"]))
        team.stack.up(skip_preview=True)
        assert team.members == {"bob", "carl"}

    def test_a_set_renamed_without_an_alias_keeps_everybody(self, team: Team) -> None:
        team.lists("ana", "bob", mode="authoritative")
        team.stack.up(skip_preview=True)
        team.sent()
        team.declares(crew={"identity_ids": ["ana", "bob"], "mode": "authoritative"})
        up = team.stack.up(skip_preview=True)
        assert "1 created" in up
        assert "1 deleted" in up
        assert team.sent() == []
        assert team.members == {"ana", "bob"}

    def test_a_set_that_follows_a_version_published_meanwhile_protects_its_members_there(self, team: Team) -> None:
        team.declares(**sets(one=["ana", "bob"], two=["bob", "carl"]))
        team.stack.up(skip_preview=True)
        team.tenant.publish_version(TEAM)
        team.declares(**{**sets(two=["bob", "carl"]), **sets(one=["ana"])})
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}

    @pytest.mark.slow
    def test_two_sets_of_one_profile_change_it_one_after_the_other(self, team: Team) -> None:
        """The second set comes while the removal of its member by the first one is on its way."""
        team.declares(**sets(one=["ana", "bob"], two=["carl"]))
        team.stack.up(skip_preview=True)
        one = resource("MembershipSet", "one", profile_id=TEAM, identity_ids=["ana"], max_removal_percent=100)
        late = Code(f"pulumi.Output.from_input({TEAM!r}).apply(when_the_gate_is_open)")
        two = resource("MembershipSet", "two", profile_id=late, identity_ids=["bob", "carl"])
        team.stack.write(program(A_GATE, one, two))
        fault = team.tenant.fault(method="PUT", body='"REMOVE"', hold="before_commit")
        running = team.stack.start("up", "--yes", "--skip-preview")
        fault.wait_until_holding()
        (team.stack.project / "gate").touch()
        running.wait_for("MembershipSet two updating")
        with contextlib.suppress(AssertionError):
            running.wait_for("MembershipSet two updated", timeout=1.5)
        fault.release()
        running.result().checked()
        assert team.members == {"ana", "bob", "carl"}
