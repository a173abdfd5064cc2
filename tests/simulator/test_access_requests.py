"""One access request: its plans, and the states that it goes through."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.local import LocalTenant, entity


@pytest.fixture
def request_id(local: LocalTenant) -> str:
    content = {"entities_to_create_relationships_to": [entity()]}
    profile = local.create_profile(local.create_type(), **content)["id"]
    return str(local.put_members(profile, "ADD", "ana")["access_requests"][0]["id"])


def read(local: LocalTenant, request_id: str) -> dict[str, Any]:
    return local.ok("GET", f"access_requests/{request_id}")


def states(local: LocalTenant, request_id: str, reads: int) -> list[str]:
    return [read(local, request_id)["value"]["state"] for _ in range(reads)]


def test_a_request_has_a_plan_with_a_job_for_each_entitlement(local: LocalTenant, request_id: str) -> None:
    answer = read(local, request_id)
    assert answer["value"] == {"id": request_id, "state": "INITIAL"}
    [plan] = answer["plans"]
    assert (plan["state"], plan["request_type"], plan["error_message"]) == ("INITIAL", "GRANT", "")
    [job] = plan["plan_jobs"]
    assert (job["identity_id"], job["action_type"]) == ("ana", "MANAGE_RELATIONSHIPS")
    profile = local.profile("Profile")["id"]
    [removal] = local.put_members(profile, "REMOVE", "ana")["access_requests"]
    assert read(local, removal["id"])["plans"][0]["request_type"] == "REVOKE"


def test_a_request_has_a_job_for_what_the_profile_inherits_too(local: LocalTenant) -> None:
    kind = local.create_type(allow_inherit_entities=True)
    base = local.create_profile(kind, "Base", entities_to_create_relationships_to=[entity()])["id"]
    heir = local.create_profile(kind, "Heir", inherit_entities_from_access_profiles=[base])["id"]
    [opened] = local.put_members(heir, "ADD", "ana")["access_requests"]
    [job] = read(local, opened["id"])["plans"][0]["plan_jobs"]
    assert (job["identity_id"], job["data_source"]) == ("ana", {"id": "sf"})


def test_it_moves_on_by_being_read(local: LocalTenant) -> None:
    local.quirks(access_request_states=["INITIAL", "WAITING_FOR_APPROVAL", "DONE"], access_request_reads=2)
    profile = local.create_profile(local.create_type())["id"]
    [opened] = local.put_members(profile, "ADD", "ana")["access_requests"]
    seen = states(local, opened["id"], 6)
    assert seen == ["INITIAL", "INITIAL", "WAITING_FOR_APPROVAL", "WAITING_FOR_APPROVAL", "DONE", "DONE"]
    assert read(local, opened["id"])["plans"][0]["state"] == "DONE"


def test_a_control_call_moves_it_to_any_state(local: LocalTenant, request_id: str) -> None:
    path = f"access_requests/{request_id}"
    local.control("PATCH", path, {"state": "NEEDS_MORE_INFORMATION"})
    assert states(local, request_id, 2) == ["NEEDS_MORE_INFORMATION"] * 2
    local.control("PATCH", path, {"state": "A_STATE_OF_A_LATER_RELEASE", "plan_state": "FAILED", "error_message": "no"})
    answer = read(local, request_id)
    assert answer["value"]["state"] == "A_STATE_OF_A_LATER_RELEASE"
    assert [(each["state"], each["error_message"]) for each in answer["plans"]] == [("FAILED", "no")]


def test_a_request_that_was_never_opened_or_was_forgotten_is_404(local: LocalTenant, request_id: str) -> None:
    local.control("DELETE", f"access_requests/{request_id}")
    assert request_id in local.refused(404, "GET", f"access_requests/{request_id}")
    local.refused(404, "GET", "access_requests/nothing")


def test_enumerations_may_be_integers(local: LocalTenant, request_id: str) -> None:
    local.quirks(integer_enumerations=True)
    answer = read(local, request_id)
    [plan] = answer["plans"]
    assert answer["value"]["state"] == plan["state"] == 0
    assert plan["plan_jobs"][0]["action_type"] == 2
    assert isinstance(plan["request_type"], int)
