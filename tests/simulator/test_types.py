"""Types and the rules that they put on their profiles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.local import LocalTenant, entity


def test_a_type_is_listed_as_it_was_created(local: LocalTenant) -> None:
    created = local.ok("POST", "access_profiles_types", {"name": "T", "description": "d"})["value"]
    assert local.ok("GET", "access_profiles_types")["values"] == [created]
    assert created["enabled"] is True


def test_profiles_count_follows_the_profiles(local: LocalTenant) -> None:
    first, second = local.create_type("A"), local.create_type("B")
    profile = local.create_profile(first)
    assert [each["profiles_count"] for each in local.ok("GET", "access_profiles_types")["values"]] == [1, 0]
    local.ok("PATCH", f"access_profiles/{profile['id']}", {"profile_type": second})
    assert [each["profiles_count"] for each in local.ok("GET", "access_profiles_types")["values"]] == [0, 1]


def test_names_need_not_be_unique_until_the_switch_says_so(local: LocalTenant) -> None:
    profile_type = local.create_type("T")
    local.create_type("T")
    local.create_profile(profile_type, "P")
    other = local.create_profile(profile_type, "P")
    local.quirks(unique_names=True)
    assert "'T'" in local.refused(409, "POST", "access_profiles_types", {"name": "T"})
    body = {"name": "P", "state": "RUNNING", "profile_type": profile_type}
    assert "'P'" in local.refused(409, "POST", "access_profiles", body)
    local.ok("PATCH", f"access_profiles/{other['id']}", {"name": "Q"})
    assert "'P'" in local.refused(409, "PATCH", f"access_profiles/{other['id']}", {"name": "P"})
    local.ok("PATCH", f"access_profiles/{other['id']}", {"name": "Q", "description": "its own name"})


@pytest.mark.parametrize(
    ("fields", "needs"),
    [
        ({"create_entitlement_based_on_profile": True}, "require_single_integration"),
        ({"time_before_sync_check_in_seconds": 60}, "create_entitlement_based_on_profile"),
        (
            {"time_before_sync_check_in_seconds": 60, "require_single_integration": True},
            "create_entitlement_based_on_profile",
        ),
    ],
)
def test_a_type_that_contradicts_itself_is_refused(local: LocalTenant, fields: dict[str, Any], needs: str) -> None:
    assert needs in local.refused(400, "POST", "access_profiles_types", {"name": "T", **fields})


TWO_SOURCES = [entity("sf"), entity("ad", "g", "ActiveDirectoryGroup")]

BROKEN_RULES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"allow_create_relationships": False}, {"entities_to_create_relationships_to": [entity()]}, "cannot have"),
    ({"no_entitlements": True}, {"entities_to_create_relationships_to": [entity()]}, "cannot have"),
    ({}, {"inherit_entities_from_access_profiles": ["base"]}, "cannot have"),
    ({"require_single_datasource": True}, {"entities_to_create_relationships_to": TWO_SOURCES}, "one datasource"),
    ({"require_single_integration": True}, {"entities_to_create_relationships_to": TWO_SOURCES}, "one integration"),
    ({"max_entitlements": 1}, {"entities_to_create_relationships_to": TWO_SOURCES}, "1 entitlements, not 2"),
    ({"max_entitlements": 0}, {"entities_to_create_relationships_to": [entity()]}, "0 entitlements, not 1"),
    ({}, {"application_datasource_id": "sf"}, "application_datasource_id"),
    (
        {"allow_create_relationships": False, "allow_inherit_entities": True},
        {"application_datasource_id": "sf"},
        "application_datasource_id",
    ),
    (
        {"allow_inherit_entities": True, "allow_inherited_from_types": ["other"]},
        {"inherit_entities_from_access_profiles": ["base"]},
        "allow_inherited_from_types",
    ),
    (
        {"allow_inherit_entities": True},
        {"inherit_entities_from_access_profiles": ["nobody"]},
        "there is no access profile 'nobody'",
    ),
    (
        {"allow_overwrite_of_access_request_policy": False, "access_request_policy_id": "fixed"},
        {"access_request_policy_id": "own"},
        "access_request_policy_id",
    ),
]


@pytest.mark.parametrize(("rule", "content", "reason"), BROKEN_RULES)
def test_a_rule_holds_when_a_profile_is_created(
    local: LocalTenant, rule: dict[str, Any], content: dict[str, Any], reason: str
) -> None:
    local.seed(types=[{"id": "b", "name": "Base"}], profiles=[{"id": "base", "name": "Base", "profile_type": "b"}])
    profile_type = local.create_type(**rule)
    body = {"name": "P", "state": "RUNNING", "profile_type": profile_type, **content}
    assert reason in local.refused(400, "POST", "access_profiles", body)


@pytest.mark.parametrize(("rule", "content", "reason"), BROKEN_RULES)
def test_a_rule_holds_when_a_version_is_changed(
    local: LocalTenant, rule: dict[str, Any], content: dict[str, Any], reason: str
) -> None:
    local.seed(types=[{"id": "b", "name": "Base"}], profiles=[{"id": "base", "name": "Base", "profile_type": "b"}])
    profile = local.create_profile(local.create_type(**rule))
    assert reason in local.refused(400, "PATCH", f"access_profiles/{profile['id']}/versions/1", content)
    assert local.profile("Profile") | {"versions": None} == profile | {"versions": None}


def test_a_rule_holds_when_a_profile_changes_its_type(local: LocalTenant) -> None:
    profile = local.create_profile(local.create_type(), entities_to_create_relationships_to=[entity()])
    narrow = local.create_type("Narrow", max_entitlements=0)
    path = f"access_profiles/{profile['id']}"
    assert "'Narrow'" in local.refused(400, "PATCH", path, {"profile_type": narrow})
    assert "no access profile type" in local.refused(400, "PATCH", path, {"profile_type": "nobody"})


def test_what_the_rules_allow_is_accepted(local: LocalTenant) -> None:
    inherits = local.create_type("Role", allow_inherit_entities=True, allow_create_relationships=False)
    base = local.create_profile(local.create_type("Base", max_entitlements=2), "Base")
    content = {"entities_to_create_relationships_to": TWO_SOURCES}
    local.ok("PATCH", f"access_profiles/{base['id']}/versions/1", content)
    local.create_profile(inherits, "Role", inherit_entities_from_access_profiles=[base["id"]])
    application = local.create_type("Application", allow_create_relationships=False)
    created = local.create_profile(application, "App", application_datasource_id="sf")
    assert created["current_version"]["application_datasource_id"] == "sf"


def test_a_profile_takes_the_types_access_request_policy_unless_it_has_its_own(local: LocalTenant) -> None:
    profile_type = local.create_type(access_request_policy_id="of-the-type")
    assert local.create_profile(profile_type)["access_request_policy_id"] == "of-the-type"
    assert local.create_profile(profile_type, access_request_policy_id="own")["access_request_policy_id"] == "own"


def test_the_integration_prefix_is_put_before_names_where_switched_on(local: LocalTenant) -> None:
    profile_type = local.create_type(
        require_single_integration=True, add_integration_prefix_to_access_profile_names=True
    )
    content = {"entities_to_create_relationships_to": [entity()]}
    assert local.create_profile(profile_type, "P", **content)["name"] == "P"
    local.quirks(integration_prefix_in_names=True)
    assert local.create_profile(profile_type, "P", **content)["name"] == "SALESFORCE P"
