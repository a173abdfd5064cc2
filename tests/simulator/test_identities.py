"""One identity, as a policy of Lifecycle Management manages it."""

from __future__ import annotations

from tests.simulator.local import LocalTenant
from veza_simulator.identities import POLICY


def test_a_seeded_identity_has_every_documented_field(local: LocalTenant) -> None:
    ana = {
        "id": "ana",
        "name": "Ana Ruiz",
        "title": "Engineer",
        "department": "R&D",
        "email": "ana@example.com",
        "active": False,
        "policy_id": "a-policy",
        "entity_type": "WorkdayWorker",
        "entity_id": "w-1",
    }
    local.seed(
        identities=[ana],
        types=[{"name": "T"}],
        profiles=[
            {"id": "p", "name": "P", "profile_type": "T", "members": ["ana"]},
            {"id": "q", "name": "Q", "profile_type": "T", "members": ["ben"]},
        ],
    )
    local.change_members("P", add=["ana"], created_from="BIRTHRIGHT")
    value = local.ok("GET", "identities/ana")["value"]
    assert value.pop("last_checked_at")
    assert value == {
        "id": "ana",
        "policy_id": "a-policy",
        "entity_type": "WorkdayWorker",
        "entity_id": "w-1",
        "entity_name": "Ana Ruiz",
        "email": "ana@example.com",
        "title": "Engineer",
        "department": "R&D",
        "active": False,
        "access_profiles": ["p"],
        "access_profile_details": [
            {"access_profile_id": "p", "access_profile_name": "P", "created_from": "ACCESS_PROFILE_MEMBERSHIP"},
            {"access_profile_id": "p", "access_profile_name": "P", "created_from": "BIRTHRIGHT"},
        ],
        "workflows_triggered": [],
    }


def test_a_member_that_was_not_seeded_is_an_identity_without_a_name(local: LocalTenant) -> None:
    key = local.create_profile(local.create_type())["id"]
    local.put_members(key, "ADD", "somebody")
    value = local.ok("GET", "identities/somebody")["value"]
    assert (value["entity_name"], value["active"], value["policy_id"]) == ("", True, POLICY)
    assert value["access_profiles"] == [key]
    local.publish_version("Profile")
    local.change_members("Profile", remove=["somebody"])
    assert local.ok("GET", "identities/somebody")["value"]["access_profiles"] == []


def test_nobody_is_404(local: LocalTenant) -> None:
    assert "nobody" in local.refused(404, "GET", "identities/nobody")


def test_an_identity_is_found_without_case_where_switched_on(local: LocalTenant) -> None:
    local.seed(identities=["Ana"])
    local.refused(404, "GET", "identities/ANA")
    local.quirks(identity_ids_without_case=True)
    assert local.ok("GET", "identities/ANA")["value"]["id"] == "Ana"
