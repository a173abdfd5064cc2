"""The approval that a profile needs before it runs."""

from __future__ import annotations

import pytest

from tests.simulator.local import LocalTenant


def state(local: LocalTenant) -> str:
    return str(local.profile("Profile")["state"])


def test_without_the_switch_nothing_waits(local: LocalTenant) -> None:
    key = local.create_profile(local.create_type())["id"]
    body = {"require_approval_to_start": True, "state": "PAUSED"}
    assert local.ok("PATCH", f"access_profiles/{key}", body)["value"]["state"] == "PAUSED"
    assert local.ok("PATCH", f"access_profiles/{key}", {"state": "RUNNING"})["value"]["state"] == "RUNNING"


def test_a_profile_that_comes_to_need_approval_waits_until_it_is_approved(local: LocalTenant) -> None:
    local.quirks(approval_to_start=True)
    key = local.create_profile(local.create_type())["id"]
    waiting = local.ok("PATCH", f"access_profiles/{key}", {"require_approval_to_start": True})["value"]
    assert (waiting["state"], waiting["started_at"], waiting["started_by"]) == ("PENDING", None, "")
    assert local.ok("PATCH", f"access_profiles/{key}", {"state": "RUNNING"})["value"]["state"] == "PENDING"
    local.approve("Profile")
    started = local.profile("Profile")
    assert started["state"] == "RUNNING"
    assert started["started_at"]
    assert started["started_by"]
    for body in ({"state": "RUNNING"}, {"require_approval_to_start": True}, {"labels": ["x"]}):
        assert local.ok("PATCH", f"access_profiles/{key}", body)["value"]["state"] == "RUNNING"


def test_a_paused_profile_waits_again(local: LocalTenant) -> None:
    local.quirks(approval_to_start=True)
    key = local.create_profile(local.create_type())["id"]
    local.ok("PATCH", f"access_profiles/{key}", {"state": "PAUSED", "require_approval_to_start": True})
    assert state(local) == "PAUSED"
    local.ok("PATCH", f"access_profiles/{key}", {"state": "RUNNING"})
    assert state(local) == "PENDING"
    local.ok("PATCH", f"access_profiles/{key}", {"state": "RUNNING", "require_approval_to_start": False})
    assert state(local) == "RUNNING"


def test_a_profile_can_wait_from_its_creation_on(local: LocalTenant) -> None:
    local.quirks(approval_to_start_at_creation=True)
    key = local.create_profile(local.create_type())["id"]
    assert state(local) == "PENDING"
    assert local.put_members(key, "ADD", "ana")["access_requests"] == []
    local.ok("PATCH", f"access_profiles/{key}", {"state": "RUNNING"})
    assert state(local) == "PENDING"
    local.approve("Profile")
    assert state(local) == "RUNNING"


def test_only_what_waits_can_be_approved(local: LocalTenant) -> None:
    local.create_profile(local.create_type())
    with pytest.raises(RuntimeError, match="only what is PENDING can be approved"):
        local.approve("Profile")
