"""`pulumi_veza.provider.live_members`, against the simulated tenant: who is sent, in how many requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_veza.errors import PermissionDeniedError, ServerError
from pulumi_veza.provider.live_members import BATCH, LiveMembers, MemberChangeResult
from pulumi_veza.rules.identity import BY_MEMBERSHIP
from pulumi_veza.rules.members import LiveMember
from tests.support.runs import Runs
from tests.support.tenant import Tenant

MEMBERS = "/members$"


@pytest.fixture
def tenant_with_team(tenant: Tenant) -> Tenant:
    members = ["ana", "bob", {"identity_id": "eve", "created_from": "BIRTHRIGHT_POLICY"}]
    tenant.seed(
        types=[{"id": "role", "name": "Role"}],
        profiles=[{"id": "team", "name": "Team", "profile_type": "role", "members": members}],
        identities=[*(f"id-{number:03}" for number in range(250)), "ana", "bob", "eve", "dan"],
    )
    tenant.clear_requests()
    return tenant


@pytest.fixture
def roster(runs: Runs, tenant_with_team: Tenant) -> LiveMembers:
    assert runs.tenant is tenant_with_team
    return LiveMembers(runs.new(max_retries=0).snapshot.member_lists, "team", 1)


def sent(tenant: Tenant) -> list[tuple[str, int]]:
    """Return what was sent: the operation and for how many."""
    bodies = [request["body"] for request in tenant.requests(mutating=True, path=MEMBERS)]
    return [(body["type"], len(body["identity_ids"])) for body in bodies]


def test_members_are_listed_with_their_sources(roster: LiveMembers, tenant: Tenant) -> None:
    assert roster.members == {
        "ana": LiveMember("ana", "ana", (BY_MEMBERSHIP,)),
        "bob": LiveMember("bob", "bob", (BY_MEMBERSHIP,)),
        "eve": LiveMember("eve", "eve", ("BIRTHRIGHT_POLICY",)),
    }
    assert len(tenant.requests()) == 1


@pytest.mark.parametrize(
    ("sources", "removable", "by_hand"),
    [
        ((None,), True, False),
        (("3",), True, False),
        ((BY_MEMBERSHIP,), True, True),
        (("OTHER",), False, False),
        ((BY_MEMBERSHIP, "BIRTHRIGHT"), False, False),
        (("BIRTHRIGHT", BY_MEMBERSHIP), False, False),
    ],
)
def test_a_member_is_removable_while_no_source_but_by_hand_holds_it(
    sources: tuple[str | None, ...], removable: bool, by_hand: bool
) -> None:
    member = LiveMember("ana", sources=sources)
    assert (member.removable, member.by_hand) == (removable, by_hand)
    assert removable or member.source not in (None, BY_MEMBERSHIP)


def test_nothing_to_change_sends_nothing(roster: LiveMembers, tenant: Tenant) -> None:
    outcome = roster.change(add=set(), remove=set())
    assert outcome == MemberChangeResult(sent=False)
    assert len(tenant.requests()) == 1
    assert outcome.as_outputs({"access_request_ids": ["before"]}) == {"access_request_ids": ["before"], "failures": {}}


def test_a_change_adds_before_it_removes_and_the_next_read_shows_the_names(
    roster: LiveMembers, runs: Runs, tenant: Tenant
) -> None:
    outcome = roster.change(add={"dan"}, remove={"bob"})
    assert sent(tenant) == [("ADD", 1), ("REMOVE", 1)]
    assert set(roster.members) == set(tenant.members("Team")) == {"ana", "dan", "eve"}
    assert (roster.members["ana"].name, roster.members["dan"].name) == ("ana", None)
    assert LiveMembers(runs.new().snapshot.member_lists, "team", 1, reading=True).members["dan"].name == "dan"
    assert outcome.failures == {}
    assert outcome.access_request_ids == [each["id"] for each in tenant.access_requests()]
    assert len(outcome.access_request_ids) == 2


@pytest.mark.parametrize(
    ("count", "batches"), [(1, [1]), (BATCH, [BATCH]), (BATCH + 1, [BATCH, 1]), (250, [BATCH, BATCH, 50])]
)
def test_members_are_sent_in_batches(count: int, batches: list[int], roster: LiveMembers, tenant: Tenant) -> None:
    roster.change(add={f"id-{number:03}" for number in range(count)}, remove=set())
    assert sent(tenant) == [("ADD", size) for size in batches]
    assert len(roster.members) == 3 + count
    # The list before: none after it, as every response confirms what was asked for.
    assert len(tenant.requests(mutating=False)) == 1


@pytest.mark.parametrize(
    ("operation", "answered"),
    [
        ("ADD", {"version_number": 1, "members": ["ana", "bob", "eve"]}),
        ("REMOVE", {"version_number": 1, "members": ["ana", "bob", "eve"]}),
    ],
)
def test_a_response_that_names_other_members_than_asked_for_is_looked_into(
    operation: str, answered: dict[str, Any], roster: LiveMembers, tenant: Tenant
) -> None:
    tenant.fault(method="PUT", path=MEMBERS, status=200, status_when="after_commit", answer={"value": answered})
    roster.change(add={"dan"} if operation == "ADD" else set(), remove={"bob"} if operation == "REMOVE" else set())
    assert len(tenant.requests(mutating=False)) == 2
    assert roster.members.keys() == tenant.members("Team").keys()


@pytest.mark.parametrize("spelled", [str.upper, str.lower])
def test_a_response_that_names_the_members_in_another_case_confirms_them(
    spelled: Callable[[str], str], roster: LiveMembers, tenant: Tenant
) -> None:
    value = {"version_number": 1, "members": [spelled(each) for each in ("ana", "bob", "eve", "Dan")]}
    tenant.fault(method="PUT", path=MEMBERS, status=200, status_when="after_commit", answer={"value": value})
    roster.change(add={"dan"}, remove=set())
    assert len(tenant.requests(mutating=False)) == 1


def test_of_a_profile_that_this_run_has_made_nobody_is_listed_until_its_members_were_changed(
    runs: Runs, tenant_with_team: Tenant
) -> None:
    snapshot = runs.new().snapshot
    made = snapshot.create_profile({"name": "New", "profile_type": "role", "state": "RUNNING"})["id"]
    tenant_with_team.clear_requests()
    first = LiveMembers(snapshot.member_lists, made, 1)
    assert first.members == {}
    assert first.change(add={"ana", "bob"}, remove=set()).failures == {}
    assert sent(tenant_with_team) == [("ADD", 2)]
    assert tenant_with_team.requests(mutating=False) == []
    second = LiveMembers(snapshot.member_lists, made, 1)
    assert second.members.keys() == {"ana", "bob"}
    assert len(tenant_with_team.requests(mutating=False)) == 1


def test_a_change_that_fails_as_a_whole_leaves_nothing_known_of_a_profile_that_was_made(
    runs: Runs, tenant_with_team: Tenant
) -> None:
    snapshot = runs.new(max_retries=0).snapshot
    made = snapshot.create_profile({"name": "New", "profile_type": "role", "state": "RUNNING"})["id"]
    tenant_with_team.fault(method="PUT", path=MEMBERS, status=500, status_when="after_commit")
    with pytest.raises(ServerError):
        LiveMembers(snapshot.member_lists, made, 1).change(add={"ana"}, remove=set())
    assert LiveMembers(snapshot.member_lists, made, 1).members.keys() == {"ana"}


def test_a_profile_that_was_there_before_is_listed_whatever_a_create_is_answered(
    runs: Runs, tenant_with_team: Tenant
) -> None:
    snapshot = runs.new().snapshot
    known = snapshot.profiles()
    tenant_with_team.fault(method="POST", path="access_profiles$", status=200, answer={"value": known[0]})
    assert snapshot.create_profile({"name": "Team", "profile_type": "role", "state": "RUNNING"})["id"] == "team"
    assert LiveMembers(snapshot.member_lists, "team", 1).members.keys() == {"ana", "bob", "eve"}


def test_resources_that_are_read_at_the_same_time_share_a_list_and_a_change_has_its_own(
    runs: Runs, tenant_with_team: Tenant
) -> None:
    lists = runs.new().snapshot.member_lists
    held = tenant_with_team.fault(method="GET", path=MEMBERS, hold="before_commit")
    with ThreadPoolExecutor(4) as pool:
        reads = [pool.submit(LiveMembers, lists, "team", 1, reading=True) for _ in range(3)]
        held.wait_until_holding()
        changing = LiveMembers(lists, "team", 1)
        held.release()
        assert all(each.result(30).members == changing.members for each in reads)
    assert len(tenant_with_team.requests(path=MEMBERS)) == 2
    LiveMembers(lists, "team", 1, reading=True)
    assert len(tenant_with_team.requests(path=MEMBERS)) == 3


def test_a_shared_list_that_fails_fails_for_all_and_is_asked_for_again_after_that(
    runs: Runs, tenant_with_team: Tenant
) -> None:
    lists = runs.new(max_retries=0).snapshot.member_lists
    held = tenant_with_team.fault(method="GET", path=MEMBERS, hold="before_commit", status=403)
    with ThreadPoolExecutor(2) as pool:
        reads = [pool.submit(lists.to_read, "team", 1) for _ in range(2)]
        held.wait_until_holding()
        time.sleep(0.1)
        held.release()
        for each in reads:
            assert isinstance(each.exception(30), PermissionDeniedError)
    assert lists.to_read("team", 1).members.keys() == {"ana", "bob", "eve"}


@pytest.mark.parametrize("single", [False, True], ids=["a result per member", "one result"])
def test_a_members_failure_does_not_hide_the_others_success(single: bool, roster: LiveMembers, tenant: Tenant) -> None:
    tenant.quirks(single_access_request=single)
    outcome = roster.change(add={"dan", "stranger", "id-001"}, remove=set())
    assert set(outcome.failures) == {"stranger"}
    assert "stranger is not an identity" in outcome.failures["stranger"]
    assert {"dan", "id-001"} <= tenant.members("Team").keys()
    assert {"dan", "id-001"} <= roster.members.keys()
    assert "stranger" not in roster.members


def test_a_member_that_cannot_be_removed_is_a_failure_and_stays(roster: LiveMembers, tenant: Tenant) -> None:
    outcome = roster.change(add=set(), remove={"ana", "eve"})
    assert set(outcome.failures) == {"eve"}
    assert set(roster.members) == {"bob", "eve"} == set(tenant.members("Team"))


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_batch_that_is_refused_for_one_is_halved_until_that_one_is_alone(
    status: int, roster: LiveMembers, tenant: Tenant
) -> None:
    tenant.fault(method="PUT", path=MEMBERS, body="id-003", status=status, count=None)
    outcome = roster.change(add={f"id-{number:03}" for number in range(8)}, remove=set())
    assert set(outcome.failures) == {"id-003"}
    assert {f"id-{number:03}" for number in range(8) if number != 3} <= tenant.members("Team").keys()
    assert sent(tenant)[0] == ("ADD", 8)
    assert len(sent(tenant)) == 7


@pytest.mark.parametrize(("status", "error"), [(403, PermissionDeniedError), (500, ServerError)])
def test_what_is_not_about_a_member_fails_as_it_is(
    status: int, error: type[Exception], roster: LiveMembers, tenant: Tenant
) -> None:
    tenant.fault(method="PUT", path=MEMBERS, status=status, count=None)
    with pytest.raises(error, match="adding 2 members to version 1 of access profile"):
        roster.change(add={"dan", "id-001"}, remove=set())
    assert len(sent(tenant)) == 1


def test_a_member_that_is_there_already_is_no_failure(runs: Runs, tenant_with_team: Tenant) -> None:
    tenant_with_team.quirks(duplicate_member_fails=True)
    roster = LiveMembers(runs.new().snapshot.member_lists, "team", 1)
    tenant_with_team.change_members("Team", add=["dan"])
    outcome = roster.change(add={"dan", "id-001"}, remove=set())
    assert outcome.failures == {}
    assert {"dan", "id-001"} <= roster.members.keys()


def test_a_list_that_lags_behind_does_not_undo_what_was_confirmed(roster: LiveMembers, tenant: Tenant) -> None:
    tenant.fault(method="GET", path=MEMBERS, stale=2, count=1)
    outcome = roster.change(add={"dan"}, remove={"bob"})
    assert outcome.failures == {}
    assert set(roster.members) == {"ana", "dan", "eve"}


@pytest.mark.parametrize(
    "quirks",
    [{"bare_member_list": True}, {"random_order": True}, {"unknown_fields": True}, {"nulls_for_empty": True}],
    ids=lambda each: next(iter(each)),
)
def test_any_shape_of_the_list_is_the_same_members(
    quirks: dict[str, Any], runs: Runs, tenant_with_team: Tenant
) -> None:
    tenant_with_team.quirks(**quirks)
    assert set(LiveMembers(runs.new().snapshot.member_lists, "team", 1).members) == {"ana", "bob", "eve"}


def test_a_failure_says_what_the_tenant_knows_of_the_identity(roster: LiveMembers, tenant: Tenant) -> None:
    tenant.seed(identities=[{"id": "dan", "name": "Dan Ito", "active": False}, {"id": "fay", "name": "Fay Lee"}])
    tenant.fault(method="PUT", path=MEMBERS, fail_members={"dan": "no", "fay": "no", "id-001": "no", "x y/z": "no"})
    outcome = roster.change(add={"dan", "fay", "id-001", "id-002", "x y/z"}, remove=set())
    assert outcome.failures == {
        "dan": "no; Dan Ito, inactive",
        "fay": "no; Fay Lee",
        "id-001": "no",
        "x y/z": "no; no such identity",
    }
    assert len(tenant.requests(path="/identities/")) == 4


def test_of_many_failures_the_first_identities_are_read_and_none_where_nothing_failed(
    roster: LiveMembers, tenant: Tenant
) -> None:
    roster.change(add={"id-001"}, remove=set())
    assert tenant.requests(path="/identities/") == []
    outcome = roster.change(add={f"nobody-{number:03}" for number in range(30)}, remove=set())
    assert sum(why.endswith("; no such identity") for why in outcome.failures.values()) == len(
        tenant.requests(path="/identities/")
    )
    assert len(tenant.requests(path="/identities/")) == 20


def test_identities_that_cannot_be_read_leave_the_failures_as_they_are(roster: LiveMembers, tenant: Tenant) -> None:
    tenant.fault(path="/identities/", status=403, count=None)
    outcome = roster.change(add={f"nobody-{number:03}" for number in range(30)}, remove=set())
    assert len(outcome.failures) == 30
    assert not any("identity;" in why or "inactive" in why for why in outcome.failures.values())
    assert len(tenant.requests(path="/identities/")) < 20
