"""Profiles and their versions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from tests.simulator.local import LocalTenant, entity

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")


@pytest.fixture
def profile_type(local: LocalTenant) -> str:
    return local.create_type(allow_inherit_entities=True)


def test_a_profile_starts_with_a_published_version_1(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type)
    version = profile["current_version"]
    assert (profile["current_version_number"], profile["draft_version_number"]) == (1, 0)
    assert (version["version_number"], version["state"]) == (1, "PUBLISHED")
    assert version["access_profile_id"] == profile["id"]
    times = (profile["created_at"], profile["updated_at"], version["created_at"], version["published_at"])
    assert all(TIMESTAMP.fullmatch(each) for each in times)
    assert profile["requestable"] is False


def test_a_listed_profile_is_what_its_post_answered(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type, labels=["x"], custom_properties={"cost": "12"})
    assert local.ok("GET", "access_profiles") == {"values": [profile], "has_more": False, "next_page_token": ""}


def test_started_at_is_set_once_a_profile_runs(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type, state="INITIAL")
    assert profile["started_at"] is None
    path = f"access_profiles/{profile['id']}"
    started = local.ok("PATCH", path, {"state": "RUNNING"})["value"]["started_at"]
    assert TIMESTAMP.fullmatch(started)
    local.ok("PATCH", path, {"state": "PAUSED"})
    assert local.ok("PATCH", path, {"state": 1})["value"]["started_at"] == started


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"description": "d"},
        {"state": "DRY_RUN"},
        {"labels": ["b", "a"]},
        {"labels": []},
        {"datasource_ids": ["sf"]},
        {"require_approval_to_start": True},
        {"profile_type_rbac_id": "r"},
        {"custom_properties": {"k": {"nested": [1]}}},
        {"custom_properties": {}},
    ],
)
def test_a_patch_replaces_exactly_the_fields_in_the_body(
    local: LocalTenant, profile_type: str, change: dict[str, Any]
) -> None:
    before = local.create_profile(profile_type, labels=["a"], custom_properties={"k": "v"})
    after = local.ok("PATCH", f"access_profiles/{before['id']}", change)["value"]
    ignored = {"updated_at": None}
    assert after | ignored == before | change | ignored
    assert after["updated_at"] > before["updated_at"]


def test_a_name_cannot_be_emptied(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type)
    for empty in ("", None):
        assert "name" in local.refused(400, "PATCH", f"access_profiles/{profile['id']}", {"name": empty})


def test_an_update_mask_decides_what_is_replaced(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type, description="old", labels=["a"])
    path = f"access_profiles/{profile['id']}"
    body = {"description": "new", "labels": ["b"]}
    after = local.ok("PATCH", path, body, update_mask="labels")["value"]
    assert (after["description"], after["labels"]) == ("old", ["b"])
    after = local.ok("PATCH", path, {"description": "new"}, update_mask="description,labels")["value"]
    assert (after["description"], after["labels"]) == ("new", [])
    assert "integrations" in local.refused(400, "PATCH", path, body, update_mask="labels,integrations")


def test_a_version_patch_replaces_its_lists_and_keeps_what_it_does_not_name(
    local: LocalTenant, profile_type: str
) -> None:
    parent = local.create_profile(profile_type, "Parent")
    profile = local.create_profile(
        profile_type,
        entities_to_create_relationships_to=[entity(name="a"), entity(name="b")],
        inherit_entities_from_access_profiles=[parent["id"]],
    )
    path = f"access_profiles/{profile['id']}/versions/1"
    body = {"entities_to_create_relationships_to": [entity(name="b"), entity(name="c")]}
    version = local.ok("PATCH", path, body)["value"]
    assert [each["entity_id"] for each in version["entities_to_create_relationships_to"]] == ["b", "c"]
    assert version["inherit_entities_from_access_profiles"] == [parent["id"]]
    kept = profile["current_version"]["entities_to_create_relationships_to"][1]["created_at"]
    assert version["entities_to_create_relationships_to"][0]["created_at"] == kept
    assert local.ok("PATCH", path, {"inherit_entities_from_access_profiles": []})["value"]["members"] == []
    assert local.profile("Profile")["inherits_from_other_profiles"] is False


def test_what_belongs_to_the_version_is_derived_on_the_profile(local: LocalTenant, profile_type: str) -> None:
    local.seed(
        datasources=[
            {"id": "sf", "integration": "SALESFORCE", "provider_id": "sf-provider", "external_id": "sf-external"},
            {"id": "ad", "integration": "ACTIVE_DIRECTORY"},
        ]
    )
    profile = local.create_profile(profile_type, entities_to_create_relationships_to=[entity("sf")])
    assert profile["integrations"] == ["SALESFORCE"]
    assert (profile["provider_ids"], profile["provider_external_ids"]) == (["sf-provider"], ["sf-external"])
    content = {"entities_to_create_relationships_to": [entity("ad"), entity("sf")], "access_request_policy_id": "p"}
    local.ok("PATCH", f"access_profiles/{profile['id']}/versions/1", content)
    after = local.profile("Profile")
    assert after["integrations"] == ["ACTIVE_DIRECTORY", "SALESFORCE"]
    assert after["provider_ids"] == ["ad-provider", "sf-provider"]
    assert after["access_request_policy_id"] == "p"


def test_inheritance_is_shown_on_both_sides(local: LocalTenant, profile_type: str) -> None:
    parent = local.create_profile(profile_type, "Parent")
    heir = local.create_profile(profile_type, "Heir", inherit_entities_from_access_profiles=[parent["id"]])
    assert heir["access_profiles_inherited"] == [parent["id"]]
    assert (heir["inherits_from_other_profiles"], heir["inherited_by_other_profiles"]) == (True, False)
    parent = local.profile("Parent")
    assert parent["access_profiles_inherited_by"] == [heir["id"]]
    assert (parent["inherits_from_other_profiles"], parent["inherited_by_other_profiles"]) == (False, True)


def test_inheritance_that_leads_back_is_refused(local: LocalTenant, profile_type: str) -> None:
    first = local.create_profile(profile_type, "1")["id"]
    second = local.create_profile(profile_type, "2", inherit_entities_from_access_profiles=[first])["id"]
    third = local.create_profile(profile_type, "3", inherit_entities_from_access_profiles=[second])["id"]
    for parent in (first, second, third):
        body = {"inherit_entities_from_access_profiles": [parent]}
        assert "inherit from itself" in local.refused(400, "PATCH", f"access_profiles/{first}/versions/1", body)


def test_unknown_datasources_are_refused_once_any_are_known(local: LocalTenant, profile_type: str) -> None:
    unknown = {"entities_to_create_relationships_to": [entity("nowhere")]}
    profile = local.create_profile(profile_type, **unknown)
    local.seed(datasources=[{"id": "sf", "integration": "SALESFORCE"}])
    body = {"name": "P", "state": "RUNNING", "profile_type": profile_type, **unknown}
    assert "'nowhere'" in local.refused(400, "POST", "access_profiles", body)
    path = f"access_profiles/{profile['id']}"
    assert "'nowhere'" in local.refused(400, "PATCH", f"{path}/versions/1", unknown)
    assert "'nowhere'" in local.refused(400, "PATCH", path, {"datasource_ids": ["nowhere"]})
    local.quirks(strict_datasources=False)
    local.ok("PATCH", f"{path}/versions/1", unknown)


def test_what_does_not_exist_is_404(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type)["id"]
    assert "'nobody'" in local.refused(404, "PATCH", "access_profiles/nobody", {})
    assert "'nobody'" in local.refused(404, "PATCH", "access_profiles/nobody/versions/1", {})
    assert "no version 2" in local.refused(404, "PATCH", f"access_profiles/{profile}/versions/2", {})
    assert "'current'" in local.refused(404, "PATCH", f"access_profiles/{profile}/versions/current", {})
    assert "no version 0" in local.refused(404, "GET", f"access_profiles/{profile}/versions/0/members")
    assert "'nobody'" in local.refused(404, "GET", "access_profiles/nobody/versions/1/members")


def test_publishing_a_draft_retires_the_version_before_and_takes_its_members_over(
    local: LocalTenant, profile_type: str
) -> None:
    profile = local.create_profile(profile_type, entities_to_create_relationships_to=[entity(name="old")])
    local.put_members(profile["id"], "ADD", "ana", "ben")
    assert local.create_draft("Profile", entities_to_create_relationships_to=[entity(name="new")]) == 2
    drafted = local.profile("Profile")
    assert (drafted["current_version_number"], drafted["draft_version_number"]) == (1, 2)
    assert drafted["current_version"]["entities_to_create_relationships_to"][0]["entity_id"] == "old"
    local.put_members(profile["id"], "ADD", "eva", version=2)
    path = f"access_profiles/{profile['id']}/versions"
    published = local.ok("PATCH", f"{path}/2", {"state": "PUBLISHED"})["value"]
    assert (published["state"], published["members"]) == ("PUBLISHED", ["eva", "ana", "ben"])
    after = local.profile("Profile")
    assert (after["current_version_number"], after["draft_version_number"]) == (2, 0)
    assert [each["state"] for each in after["versions"]] == ["RETIRED", "PUBLISHED"]
    assert after["current_version"]["entities_to_create_relationships_to"][0]["entity_id"] == "new"


def test_members_stay_behind_where_switched_on(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type)
    local.put_members(profile["id"], "ADD", "ana")
    local.quirks(members_stay_behind=True)
    assert local.publish_version("Profile") == 2
    assert local.members("Profile") == {}
    assert set(local.members("Profile", 1)) == {"ana"}


def test_a_patch_can_change_a_draft_and_publish_it_at_once(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type)
    local.create_draft("Profile")
    body = {"state": 1, "entities_to_create_relationships_to": [entity()]}
    local.ok("PATCH", f"access_profiles/{profile['id']}/versions/2", body)
    assert local.profile("Profile")["integrations"] == ["SALESFORCE"]


@pytest.mark.parametrize("state", ["DRAFT", "RETIRED"])
def test_a_published_version_takes_no_other_state(local: LocalTenant, profile_type: str, state: str) -> None:
    profile = local.create_profile(profile_type)
    path = f"access_profiles/{profile['id']}/versions/1"
    assert state in local.refused(400, "PATCH", path, {"state": state})
    local.ok("PATCH", path, {"state": "PUBLISHED"})


def test_a_retired_version_is_read_only_until_switched_off(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type)
    local.publish_version("Profile")
    path = f"access_profiles/{profile['id']}/versions/1"
    body = {"entities_to_create_relationships_to": [entity()]}
    assert "retired" in local.refused(400, "PATCH", path, body)
    local.quirks(retired_versions_read_only=False)
    local.ok("PATCH", path, body)
    assert local.profile("Profile")["integrations"] == []


def test_the_version_parameter_shows_that_version_where_a_profile_has_it(local: LocalTenant, profile_type: str) -> None:
    local.create_profile(profile_type, "One")
    two = local.create_profile(profile_type, "Two")
    local.create_draft("Two", entities_to_create_relationships_to=[entity(name="drafted")])
    local.put_members(two["id"], "ADD", "eva", version=2)
    shown = local.ok("GET", "access_profiles", version="2")["values"]
    assert [each["current_version"]["version_number"] for each in shown] == [1, 2]
    assert shown[1]["current_version_number"] == 1
    assert shown[1]["current_version"]["state"] == "DRAFT"
    assert shown[1]["current_version"]["members"] == ["eva"]
    assert [each["current_version"]["version_number"] for each in local.ok("GET", "access_profiles")["values"]] == [
        1,
        1,
    ]
    local.quirks(version_parameter_ignored=True)
    shown = local.ok("GET", "access_profiles", version="2")["values"]
    assert [each["current_version"]["version_number"] for each in shown] == [1, 1]
    local.refused(400, "GET", "access_profiles", version="draft")


def test_extra_info_adds_names_and_providers(local: LocalTenant, profile_type: str) -> None:
    local.seed(datasources=[{"id": "sf", "integration": "SALESFORCE", "provider_id": "p", "external_id": "x"}])
    for name in ("One", "Two"):
        local.create_profile(profile_type, name, entities_to_create_relationships_to=[entity(name="org:00G")])
    plain = local.ok("GET", "access_profiles", entity_extra_info="false")
    assert "entities_to_create_relationships_to" not in plain
    assert plain["values"][0]["current_version"]["entities_to_create_relationships_to"][0]["provider_id"] == ""
    detailed = local.ok("GET", "access_profiles", entity_extra_info="true", include_requestable="true")
    [found] = detailed["entities_to_create_relationships_to"]
    assert found == detailed["values"][1]["current_version"]["entities_to_create_relationships_to"][0] | {
        "created_at": found["created_at"]
    }
    assert (found["provider_id"], found["provider_external_id"], found["entity_name"]) == ("p", "x", "00G")
    assert found["extraction_datasource_id"] == "sf-extraction"
    local.refused(400, "GET", "access_profiles", entity_extra_info="yes")


def test_an_answer_that_breaks_its_model_never_leaves(local: LocalTenant, profile_type: str) -> None:
    profile = local.create_profile(profile_type)
    stored = local.simulator.tenant.store.profile(profile["id"])
    assert stored is not None
    for broken in ({"description": 1}, {"state": None}, {"created_at": "yesterday"}, {"colour": "red"}):
        local.simulator.tenant.store.put_profile({**stored, **broken})
        with pytest.raises(ValidationError, match=next(iter(broken))):
            local.api("GET", "access_profiles")
