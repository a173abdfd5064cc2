"""What authoritative and audit do differently from additive, and what a change of the mode or of an option does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.members.test_members_engine import BIRTHRIGHT, shows
from tests.support.programs import Code, program, resource
from tests.support.team import TEAM, Team

AUTHORITATIVE = {"mode": "authoritative", "max_removal_percent": 100}


class TestAuthoritative:
    @pytest.mark.slow
    def test_drift_by_hand_is_shown_and_undone_and_other_sources_are_left_alone(self, team: Team) -> None:
        team.lists("ana", "bob", **AUTHORITATIVE)
        team.stack.up(skip_preview=True)
        team.tenant.change_members(TEAM, add=["eve"], remove=["bob"])
        team.tenant.change_members(TEAM, add=["dora"], created_from=BIRTHRIGHT)
        team.tenant.change_members(TEAM, add=["gil"], created_from="A_SOURCE_OF_NEXT_YEAR")
        team.sent()

        refresh = team.stack.refresh("--diff", skip_preview=True)
        assert shows(refresh, "-", "bob")
        assert shows(refresh, "+", "eve")
        assert team.held()["unmanaged_identity_ids"] == {"dora": "dora", "gil": "gil"}
        preview = team.stack.preview("--diff")
        assert shows(preview, "-", "eve")
        assert shows(preview, "+", "bob")
        assert not shows(preview, "-", "dora")
        assert not shows(preview, "-", "gil")
        assert team.sent() == []

        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "dora", "gil"}
        assert team.sent() == [("ADD", ["bob"]), ("REMOVE", ["eve"])]
        team.stack.refresh("--expect-no-changes", skip_preview=True)

    def test_what_a_create_removes_is_said(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["ana", "dora"])
        team.lists("ana", "bob", **AUTHORITATIVE)
        up = team.stack.up(skip_preview=True)
        assert "info: MembershipSet 'team': removing 1 member that somebody added and that it does not list: dora" in up
        assert team.members == {"ana", "bob"}

    def test_a_member_that_an_additive_set_of_the_run_lists_is_not_removed(self, team: Team) -> None:
        both: dict[str, dict[str, Any]] = {
            "guests": {"identity_ids": ["carl"]},
            "team": {"identity_ids": ["ana"], "opts": {"depends_on": Code("[guests]")}, **AUTHORITATIVE},
        }
        team.declares(**both)
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "carl"}

    def test_two_authoritative_sets_of_one_version_are_refused_at_preview(self, team: Team) -> None:
        team.declares(
            one={"identity_ids": ["ana"], "mode": "authoritative"},
            two={"identity_ids": ["bob"], "mode": "authoritative"},
        )
        preview = team.stack.preview(check=False)
        assert preview.returncode != 0
        assert "of this program is authoritative for the same version; a version has one authoritative set" in preview

    def test_of_two_of_a_profile_that_the_same_run_makes_none_is_done(self, team: Team) -> None:
        sets = {
            name: {"profile_id": Code("new.id"), "identity_ids": [who], "mode": "authoritative"}
            for name, who in (("one", "ana"), ("two", "bob"))
        }
        team.stack.write(
            program(
                resource("AccessProfile", "new", name="New", profile_type=team.tenant.profile(TEAM)["profile_type"]),
                *(resource("MembershipSet", name, **each) for name, each in sets.items()),
            )
        )
        for _ in range(2):
            refused = team.stack.up(check=False, skip_preview=True)
            assert refused.returncode != 0
            assert "a version has one authoritative set" in refused
            assert not {"one", "two"} & team.stack.resources().keys()
        assert team.tenant.members("New") == {}


class TestAudit:
    @pytest.mark.slow
    def test_it_reports_at_every_look_and_never_sends_or_plans_anything(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["ana", "dora"])
        team.lists("ana", "bob", mode="audit")
        up = team.stack.up(skip_preview=True)
        report = "audit of access profile 'Team': listed here and not members: bob; members and not listed here: dora"
        assert f"info: MembershipSet 'team': {report}" in up
        assert team.held()["unmanaged_identity_ids"] == {"dora": "dora"}
        assert team.held()["failures"] == {}
        team.stack.preview("--expect-no-changes")

        team.tenant.change_members(TEAM, add=["eve"], remove=["ana"])
        refresh = team.stack.refresh("--diff", skip_preview=True)
        assert "listed here and not members: ana, bob; members and not listed here: dora, eve" in refresh
        assert not shows(refresh, "-", "ana")
        team.stack.preview("--expect-no-changes")

        team.lists("bob", mode="audit")
        team.stack.up(skip_preview=True)
        team.stack.destroy(skip_preview=True)
        assert team.sent() == []
        assert team.members == {"dora", "eve"}

    @pytest.mark.slow
    def test_leaving_it_adds_and_removes_nobody_before_a_preview_has_shown_it(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["ana", "dora"])
        team.lists("ana", "bob", mode="audit")
        team.stack.up(skip_preview=True)
        team.lists("ana", "bob", **AUTHORITATIVE)
        up = team.stack.up(skip_preview=True)
        assert "1 member that it does not list will be removed by the `pulumi up` after a `pulumi refresh`" in up
        assert "1 member that it lists will be added by the `pulumi up` after a `pulumi refresh`" in up
        assert team.sent() == []

        team.stack.refresh(skip_preview=True)
        preview = team.stack.preview("--diff")
        assert shows(preview, "-", "dora")
        assert shows(preview, "+", "bob")
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob"}

    def test_whom_it_listed_is_not_removed_when_it_is_left(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["ana", "dora"])
        team.lists("ana", "dora", mode="audit")
        team.stack.up(skip_preview=True)
        team.lists("ana")
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "dora"}


class TestOptions:
    @pytest.mark.slow
    def test_options_alone_are_an_update_that_sends_nothing_and_are_kept_for_a_destroy(self, team: Team) -> None:
        team.lists("ana", "bob")
        team.stack.up(skip_preview=True)
        team.tenant.change_members(TEAM, add=["dora"], remove=["bob"])
        team.sent()
        for options in (
            {"max_removals": 3, "allow_emptying": True, "allow_removals": "1-0123456789", "on_member_failure": "error"},
            {"mode": "audit"},
            {"mode": "additive", "on_destroy": "retain"},
        ):
            team.lists("ana", "bob", **options)
            up = team.stack.up(skip_preview=True)
            assert "1 updated" in up
            assert team.sent() == []
        assert team.held()["on_destroy"] == "retain"
        team.stack.destroy(skip_preview=True)
        assert team.members == {"ana", "dora"}

    @pytest.mark.slow
    def test_becoming_authoritative_warns_and_removes_only_what_a_refresh_has_shown(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=["dora"])
        team.lists("ana", "bob")
        team.stack.up(skip_preview=True)
        team.sent()
        team.lists("ana", "bob", "carl", **AUTHORITATIVE)
        up = team.stack.up(skip_preview=True)
        assert (
            "warning: MembershipSet 'team': is authoritative now; 1 member that it does not list will be removed by "
            "the `pulumi up` after a `pulumi refresh` that shows them: dora"
        ) in up
        assert team.sent() == [("ADD", ["carl"])]
        team.stack.refresh(skip_preview=True)
        assert shows(team.stack.preview("--diff"), "-", "dora")
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "bob", "carl"}
