"""Sets of one profile in two stacks: what docs/scale.md says that sharding gives up, and one stack prevents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.members.test_several_sets import Owner, Program, changes, preview, refreshed, up
from tests.support.runs import Runs

ONE, OTHER = ("one", ""), ("other", "")


def declared(owner: Owner, *people: str, **options: Any) -> Program:
    return {
        owner: {
            "profile_id": "team",
            "version": "current",
            "identity_ids": list(people),
            "mode": "additive",
            "max_removal_percent": 20,
            "allow_emptying": False,
            **options,
        }
    }


@pytest.fixture
def team(runs: Runs) -> Runs:
    """Seed a profile without members."""
    runs.tenant.seed(
        types=[{"id": "role", "name": "Role"}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "role"}],
        identities=["ana", "bob", "cai", "dan"],
    )
    return runs


def test_who_leaves_the_set_of_one_stack_loses_what_another_stack_gives_until_that_one_looks_again(team: Runs) -> None:
    listed, kept = declared(ONE, "ana", "bob"), declared(OTHER, "ana", "cai")
    state, others = up(team, listed, {}, [ONE]), up(team, kept, {}, [OTHER])
    assert state
    assert others
    without = declared(ONE, "bob")
    assert preview(team, without, state, [ONE]).leaves == {"ana"}
    team.tenant.clear_requests()
    up(team, without, state, [ONE])
    assert changes(team) == {"ADD": [], "REMOVE": ["ana"]}
    # The other stack says nothing of it before it looks again.
    assert preview(team, kept, others, [OTHER]).joins == set()
    team.tenant.clear_requests()
    up(team, kept, refreshed(team, others), [OTHER])
    assert changes(team) == {"ADD": ["ana"], "REMOVE": []}


def test_in_one_stack_they_stay(team: Runs) -> None:
    both = {**declared(ONE, "ana", "bob"), **declared(OTHER, "ana", "cai")}
    state = up(team, both, {}, [ONE, OTHER])
    assert state
    without = {**both, **declared(ONE, "bob")}
    assert preview(team, without, state, [ONE, OTHER]).leaves == set()
    team.tenant.clear_requests()
    up(team, without, state, [ONE, OTHER])
    assert changes(team) == {"ADD": [], "REMOVE": []}


def test_an_authoritative_set_removes_whom_another_stack_lists_and_each_puts_back_what_it_says(team: Runs) -> None:
    others = up(team, declared(OTHER, "cai"), {}, [OTHER])
    assert others
    alone = declared(ONE, "ana", "bob", mode="authoritative", max_removal_percent=100)
    state = up(team, alone, {}, [ONE])
    assert state
    up(team, alone, refreshed(team, state), [ONE])
    assert set(team.tenant.members("Team")) == {"ana", "bob"}
    up(team, declared(OTHER, "cai"), refreshed(team, others), [OTHER])
    assert set(team.tenant.members("Team")) == {"ana", "bob", "cai"}
