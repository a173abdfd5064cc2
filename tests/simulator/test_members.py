"""Members, and the access requests that their changes open."""

from __future__ import annotations

import pytest

from tests.simulator.local import LocalTenant, entity


@pytest.fixture
def profile(local: LocalTenant) -> str:
    content = {"entities_to_create_relationships_to": [entity()]}
    return str(local.create_profile(local.create_type(), **content)["id"])


def test_added_members_are_listed_with_their_details(local: LocalTenant, profile: str) -> None:
    local.seed(identities=[{"id": "ana", "name": "Ana Ruiz"}])
    answer = local.put_members(profile, "ADD", "ana")
    assert answer["value"]["members"] == ["ana"]
    details = {
        "access_profile_id": profile,
        "access_profile_name": "Profile",
        "identity_id": "ana",
        "identity_name": "Ana Ruiz",
        "created_from": "ACCESS_PROFILE_MEMBERSHIP",
        "workflow": "",
    }
    assert local.ok("GET", f"access_profiles/{profile}/versions/1/members") == {"values": [details]}
    assert local.ok("GET", "access_profiles")["values"][0]["member_details"] == [details]


def test_each_change_of_a_running_published_profile_opens_an_access_request(local: LocalTenant, profile: str) -> None:
    added = local.put_members(profile, "ADD", "ana", "ben")["access_requests"]
    removed = local.put_members(profile, "REMOVE", "ana")["access_requests"]
    assert all(each["id"] and not each["error_message"] for each in added + removed)
    opened = local.access_requests()
    assert [(each["type"], each["identity_id"]) for each in opened] == [
        ("PROVISION", "ana"),
        ("PROVISION", "ben"),
        ("DEPROVISION", "ana"),
    ]
    assert [each["id"] for each in opened] == [each["id"] for each in added + removed]
    assert opened[0]["entities_to_create_relationships_to"][0]["entity_id"] == "group"


@pytest.mark.parametrize("state", ["INITIAL", "PAUSED", "DRY_RUN", "PENDING"])
def test_a_profile_that_does_not_run_opens_none(local: LocalTenant, profile: str, state: str) -> None:
    local.ok("PATCH", f"access_profiles/{profile}", {"state": state})
    assert local.put_members(profile, "ADD", "ana")["access_requests"] == []
    assert (local.access_requests(), local.members_via_api(profile)) == ([], ["ana"])


def test_a_draft_opens_none(local: LocalTenant, profile: str) -> None:
    local.create_draft("Profile")
    assert local.put_members(profile, "ADD", "ana", version=2)["access_requests"] == []
    assert (local.access_requests(), local.members_via_api(profile, 2)) == ([], ["ana"])


def test_an_unknown_identity_fails_alone_once_identities_are_known(local: LocalTenant, profile: str) -> None:
    local.put_members(profile, "ADD", "anybody")
    local.seed(identities=["ana", "ben"])
    requests = local.put_members(profile, "ADD", "ana", "nobody", "ben")["access_requests"]
    assert [bool(each["error_message"]) for each in requests] == [False, True, False]
    assert "nobody" in requests[1]["error_message"]
    assert local.members_via_api(profile) == ["anybody", "ana", "ben"]
    local.quirks(strict_identities=False)
    assert local.put_members(profile, "ADD", "nobody")["access_requests"][0]["id"]


def test_a_failure_is_told_where_no_access_request_is_opened(local: LocalTenant, profile: str) -> None:
    local.seed(identities=["ana"])
    local.ok("PATCH", f"access_profiles/{profile}", {"state": "PAUSED"})
    [failure] = local.put_members(profile, "ADD", "ana", "nobody")["access_requests"]
    assert failure["id"] == ""
    assert "nobody" in failure["error_message"]


def test_adding_a_present_and_removing_an_absent_member_changes_nothing(local: LocalTenant, profile: str) -> None:
    local.put_members(profile, "ADD", "ana")
    assert local.put_members(profile, "ADD", "ana", "ana")["access_requests"] == []
    assert local.put_members(profile, "REMOVE", "ben")["access_requests"] == []
    assert len(local.access_requests()) == 1


def test_adding_a_present_member_fails_where_switched_on(local: LocalTenant, profile: str) -> None:
    local.put_members(profile, "ADD", "ana")
    local.quirks(duplicate_member_fails=True)
    requests = local.put_members(profile, "ADD", "ana", "ben")["access_requests"]
    assert "member already" in requests[0]["error_message"]
    assert local.members_via_api(profile) == ["ana", "ben"]


def test_a_member_of_another_source_is_not_removed(local: LocalTenant, profile: str) -> None:
    local.change_members("Profile", add=["born"], created_from="BIRTHRIGHT_POLICY")
    local.put_members(profile, "ADD", "ana")
    requests = local.put_members(profile, "REMOVE", "born", "ana")["access_requests"]
    assert "BIRTHRIGHT_POLICY" in requests[0]["error_message"]
    assert requests[1]["id"]
    assert local.members("Profile") == {"born": "BIRTHRIGHT_POLICY"}


def test_a_retired_versions_members_cannot_be_changed(local: LocalTenant, profile: str) -> None:
    local.publish_version("Profile")
    body = {"access_profile_id": profile, "version_number": 1, "type": "ADD", "identity_ids": ["ana"]}
    assert "retired" in local.refused(400, "PUT", f"access_profiles/{profile}/versions/1/members", body)


@pytest.mark.parametrize("change", [{"access_profile_id": "other"}, {"version_number": 2}])
def test_the_body_must_say_what_the_path_says(local: LocalTenant, profile: str, change: dict[str, object]) -> None:
    body = {"access_profile_id": profile, "version_number": 1, "type": 0, "identity_ids": ["ana"], **change}
    assert "path" in local.refused(400, "PUT", f"access_profiles/{profile}/versions/1/members", body)


def test_the_operation_may_be_an_integer(local: LocalTenant, profile: str) -> None:
    body = {"access_profile_id": profile, "version_number": 1, "type": 0, "identity_ids": ["ana"]}
    local.ok("PUT", f"access_profiles/{profile}/versions/1/members", body)
    local.ok("PUT", f"access_profiles/{profile}/versions/1/members", {**body, "type": 1})
    assert local.members_via_api(profile) == []


def test_a_member_with_two_sources_is_listed_twice_and_keeps_the_other(local: LocalTenant, profile: str) -> None:
    local.put_members(profile, "ADD", "ana", "ben")
    local.change_members("Profile", add=["ana"], created_from="BIRTHRIGHT")
    local.change_members("Profile", add=["ana"], created_from="BIRTHRIGHT")
    assert local.members_via_api(profile) == ["ana", "ben", "ana"]
    shown = local.ok("GET", "access_profiles")["values"][0]
    assert shown["current_version"]["members"] == ["ana", "ben"]
    assert [each["created_from"] for each in shown["member_details"]].count("BIRTHRIGHT") == 1
    assert len(local.access()["ana"]) == 1
    assert local.put_members(profile, "REMOVE", "ana")["access_requests"] == []
    assert local.members("Profile") == {"ben": "ACCESS_PROFILE_MEMBERSHIP", "ana": "BIRTHRIGHT"}
    assert "BIRTHRIGHT" in local.put_members(profile, "REMOVE", "ana")["access_requests"][0]["error_message"]
    assert [each["type"] for each in local.access_requests()] == ["PROVISION", "PROVISION"]


def test_a_seed_can_say_both_sources_of_a_member(local: LocalTenant) -> None:
    members = ["ana", {"identity_id": "ana", "created_from": "BIRTHRIGHT"}]
    local.seed(types=[{"name": "T"}], profiles=[{"id": "p", "name": "P", "profile_type": "T", "members": members}])
    local.publish_version("P")
    assert local.members_via_api("p", 2) == ["ana", "ana"]


def test_the_member_list_alternates_its_order_where_switched_on(local: LocalTenant, profile: str) -> None:
    local.put_members(profile, "ADD", "ana", "ben", "eva")
    local.quirks(alternating_member_list=True)
    seen = [local.members_via_api(profile) for _ in range(4)]
    assert seen[0] == seen[2] == seen[1][::-1] == seen[3][::-1]


def test_identity_ids_are_compared_without_case_where_switched_on(local: LocalTenant, profile: str) -> None:
    local.quirks(identity_ids_without_case=True)
    local.put_members(profile, "ADD", "ANA", "Ana")
    assert local.members_via_api(profile) == ["ana"]
    assert local.put_members(profile, "ADD", "aNA")["access_requests"] == []
    local.seed(identities=["Ben-1"])
    local.put_members(profile, "ADD", "BEN-1")
    assert local.members_via_api(profile) == ["ana", "Ben-1"]
    local.put_members(profile, "REMOVE", "ANA", "ben-1")
    assert local.members_via_api(profile) == []


def test_the_member_list_of_a_new_profile_answers_404_for_a_while(local: LocalTenant) -> None:
    kind = local.create_type()
    local.quirks(new_profile_unlisted_reads=2)
    path = f"access_profiles/{local.create_profile(kind)['id']}/versions/1/members"
    assert [local.api("GET", path).status_code for _ in range(4)] == [404, 404, 200, 200]
