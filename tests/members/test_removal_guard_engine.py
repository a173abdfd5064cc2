"""The guard on removals: when it stops a change, and what the value that it prints confirms.

What it decides from the inputs alone, the limits to the member, is in ``tests/members/test_removal_guard.py``.
"""

from __future__ import annotations

import re

import pytest

from tests.members.test_members_engine import BIRTHRIGHT
from tests.support.stack import Result
from tests.support.team import IDENTITIES, TEAM, Team

TEN = [f"id-{number}" for number in range(10)]


def confirmation(refused: Result) -> str:
    """Return the value that a refusal prints."""
    assert refused.returncode != 0
    assert "Traceback" not in refused
    printed = re.findall(r'allow_removals="([^"]+)"', str(refused))
    assert len(set(printed)) == 1, printed
    return str(printed[0])


class TestAtPreview:
    def test_it_stops_before_anything_is_sent_and_the_exact_value_lets_the_change_pass(self, team: Team) -> None:
        team.tenant.seed(identities=TEN)
        team.lists(*TEN)
        team.stack.up(skip_preview=True)
        team.sent()

        team.lists(*TEN[3:])
        refused = team.stack.up(check=False)
        value = confirmation(refused)
        assert value.startswith("3-")
        assert (
            "would remove 3 of 10 members of access profile p-team: id-0, id-1, id-2; up to 20 % may be removed "
            "without a confirmation, so the guard refuses it; if all of them are to lose access, confirm this one "
            f'change with allow_removals="{value}" in the set, or with VEZA_ALLOW_REMOVALS={value} in the environment '
            "of one run; if not, list them in the set again"
        ) in refused
        assert "MembershipSet 'team': 3 people would leave: id-0, id-1, id-2" in refused

        team.lists(*TEN[4:], allow_removals=value)
        assert confirmation(team.stack.preview(check=False)) != value
        assert team.sent() == []

        team.lists(*TEN[3:], allow_removals=value)
        team.stack.up()
        assert team.sent() == [("REMOVE", TEN[:3])]

    @pytest.mark.slow
    def test_nobody_is_left_only_where_that_is_allowed(self, team: Team) -> None:
        options = {"mode": "authoritative", "max_removal_percent": 100}
        team.lists("ana", **options)
        team.stack.up(skip_preview=True)
        team.lists(**options)
        refused = team.stack.preview(check=False)
        confirmation(refused)
        removal = "would remove 1 of 1 member of access profile p-team: ana"
        assert f"{removal}; nobody would be left, so the guard refuses it" in refused
        team.lists(**options, allow_emptying=True)
        team.stack.up(skip_preview=True)
        assert team.members == set()
        team.lists("ana", **options)
        team.stack.up(skip_preview=True)
        assert team.members == {"ana"}

    @pytest.mark.slow
    def test_a_destroy_is_not_stopped_nor_is_a_set_that_is_taken_out_of_the_program(self, team: Team) -> None:
        team.lists("ana", "bob", max_removals=0)
        team.stack.up(skip_preview=True)
        team.declares()
        team.stack.up(skip_preview=True)
        assert team.members == set()
        team.lists("ana", max_removals=0)
        team.stack.up(skip_preview=True)
        team.stack.destroy(skip_preview=True)
        assert team.members == set()


class TestAtApply:
    @pytest.mark.slow
    def test_members_added_by_hand_since_are_counted_and_the_value_passes_preview_and_update(self, team: Team) -> None:
        team.tenant.seed(identities=TEN)
        team.lists(*TEN, mode="authoritative")
        team.stack.up(skip_preview=True)
        team.tenant.change_members(TEAM, add=["dora", "eve", "finn"])
        team.sent()

        team.lists(*TEN[2:], mode="authoritative")
        team.stack.preview()
        refused = team.stack.up(check=False)
        value = confirmation(refused)
        assert "would remove 5 of 13 members of access profile 'Team' (p-team): dora, eve, finn, id-0, id-1" in refused
        assert "nothing was changed" in refused
        assert team.sent() == []

        team.lists(*TEN[2:], mode="authoritative", allow_removals=value)
        team.stack.up()
        assert team.members == set(TEN[2:])

    @pytest.mark.slow
    def test_one_value_serves_where_preview_and_update_see_different_removals(self, team: Team) -> None:
        team.tenant.seed(identities=TEN)
        team.lists(*TEN, mode="authoritative")
        team.stack.up(skip_preview=True)
        team.tenant.change_members(TEAM, add=["dora", "eve", "finn"])
        team.lists(*TEN[5:], mode="authoritative")
        first = confirmation(team.stack.preview(check=False))
        team.lists(*TEN[5:], mode="authoritative", allow_removals=first)
        both = confirmation(team.stack.up(check=False))
        assert both != first
        team.lists(*TEN[5:], mode="authoritative", allow_removals=both)
        team.stack.up()
        assert team.members == set(TEN[5:])

    def test_a_create_that_would_throw_out_many_or_everybody_is_refused(self, team: Team) -> None:
        team.tenant.change_members(TEAM, add=IDENTITIES)
        team.tenant.change_members(TEAM, add=["hal"], created_from=BIRTHRIGHT)
        team.lists("ana", mode="authoritative")
        refused = team.stack.up(skip_preview=True, check=False)
        value = confirmation(refused)
        assert (
            "would remove 6 of 8 members of access profile 'Team' (p-team): bob, carl, dora, eve, finn, gil" in refused
        )
        assert team.sent() == []
        team.lists("ana", mode="authoritative", allow_removals=value)
        team.stack.up(skip_preview=True)
        assert team.members == {"ana", "hal"}

    @pytest.mark.slow
    def test_removing_the_last_one_of_an_additive_set_empties_the_profile_only_if_nobody_else_is_in_it(
        self, team: Team
    ) -> None:
        team.lists("ana", max_removal_percent=100)
        team.stack.up(skip_preview=True)
        team.lists(max_removal_percent=100)
        assert "nobody would be left" in team.stack.up(skip_preview=True, check=False)
        team.tenant.change_members(TEAM, add=["dora"])
        team.stack.up("--refresh", skip_preview=True)
        assert team.members == {"dora"}
