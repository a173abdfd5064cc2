"""The example requests of the API's documents are accepted as they stand, and answered as they show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.local import LocalTenant

PROFILE_TYPE = "a730b9cd-d600-4fb7-a803-8ab5b697c0b9"
BUSINESS_ROLE = "business-role-type-id"
PROFILE = "3a2371b6-95ec-4d9e-b95c-d75d51daa39b"

SALESFORCE = [
    {
        "entity_type": "SalesforceGroup",
        "datasource_id": "sf-dev-org-12345",
        "entity_id": "veza-dev-ed:00GDp0000019laeMAA",
    },
    {
        "entity_type": "SalesforcePermissionSet",
        "datasource_id": "sf-dev-org-12345",
        "entity_id": "veza4-dev-ed:0PSDn000000ED4MOAW",
    },
    {
        "entity_type": "SalesforceRole",
        "datasource_id": "sf-dev-org-12345",
        "entity_id": "veza4-dev-ed:00E5g00000ACyDEEA1",
    },
]

TYPES: list[dict[str, Any]] = [
    {
        "name": "Profile",
        "description": "Basic Access Profile",
        "allow_inherit_entities": False,
        "allow_create_relationships": True,
        "require_single_datasource": False,
    },
    {
        "name": "Business Role",
        "description": "Access profile type for business roles that can inherit from other profiles",
        "allow_inherit_entities": True,
        "allow_create_relationships": False,
        "require_single_datasource": False,
        "max_entitlements": 50,
        "instructions": "This business role allows users to inherit permissions from multiple technical profiles.",
    },
    {
        "name": "Application-Specific Access",
        "description": "Profile type for application-specific access with sync capabilities",
        "allow_inherit_entities": False,
        "allow_create_relationships": True,
        "require_single_datasource": True,
        "require_single_integration": True,
        "create_entitlement_based_on_profile": True,
        "time_before_sync_check_in_seconds": 3600,
        "max_entitlements": 25,
        "instructions": "Use this type for application-specific profiles.",
    },
]

PROFILES: list[dict[str, Any]] = [
    {
        "name": "Salesforce Developer",
        "state": "RUNNING",
        "profile_type": PROFILE_TYPE,
        "entities_to_create_relationships_to": SALESFORCE,
    },
    {
        "name": "Developer",
        "state": "RUNNING",
        "profile_type": BUSINESS_ROLE,
        "inherit_entities_from_access_profiles": ["software-developers-profile-id"],
    },
    {
        "name": "Advanced Salesforce Profile",
        "state": "RUNNING",
        "profile_type": PROFILE_TYPE,
        "entities_to_create_relationships_to": [
            {
                "entity_type": "SalesforceGroup",
                "datasource_id": "sf-org-datasource-id",
                "entity_id": "veza-dev-ed:00GDp0000019laeMAA",
                "sync_identity_action": {"policy_id": "policy-12345", "name": "salesforce_sync_action"},
            }
        ],
        "labels": ["requestable", "salesforce"],
    },
]

REFERENCE_ENTITY = {
    "entity_type": "text",
    "datasource_id": "text",
    "entity_id": "text",
    "assigned_to_entity_type": "text",
    "assigned_to_entity_id": "text",
    "grant_by": 1,
    "created_by_access_profile": True,
    "custom_properties": {"ANY_ADDITIONAL_PROPERTY": "text"},
    "sync_identity_action": {"policy_id": "text", "name": "text"},
    "condition": {"type": 1, "condition_string": "text"},
}
REFERENCE_TRANSFORMER = {
    "destination_attribute": "text",
    "destination_value_formatter": "text",
    "continuous_sync": True,
    "additional_value_formatter": ["text"],
    "pipeline_functions": "text",
    "unique_identifier": True,
}


@pytest.fixture
def documented(local: LocalTenant) -> LocalTenant:
    local.seed(
        types=[
            {"id": PROFILE_TYPE, "name": "Profile", "allow_create_relationships": True},
            {"id": BUSINESS_ROLE, "name": "Business Role", "allow_inherit_entities": True},
            {"id": "both", "name": "Both", "allow_inherit_entities": True, "allow_create_relationships": True},
        ],
        profiles=[
            {"id": PROFILE, "name": "Salesforce Developer", "profile_type": PROFILE_TYPE},
            *(
                {"id": name, "name": name, "profile_type": "both"}
                for name in (
                    "software-developers-profile-id",
                    "base-developer-profile-id",
                    "salesforce-access-profile-id",
                    "base-permissions-profile-id",
                    "business-role-id",
                    "combined-profile-id",
                    "text",
                )
            ),
        ],
    )
    return local


@pytest.mark.parametrize("body", TYPES, ids=lambda body: body["name"])
def test_the_example_types_are_created_with_every_field_answered(documented: LocalTenant, body: dict[str, Any]) -> None:
    value = documented.ok("POST", "access_profiles_types", body)["value"]
    assert value.items() >= body.items()
    example_defaults: dict[str, Any] = {
        "allow_inherited_from_types": [],
        "integrations": [],
        "profiles_count": 0,
        "create_entitlements": [],
        "no_entitlements": False,
        "on_create_behavior": "INITIAL",
        "access_request_policy_id": None,
        "allow_overwrite_of_access_request_policy": True,
        "name_transformer": None,
        "remove_entitlement_on_member_upon_update": False,
    }
    assert value.items() >= example_defaults.items()


@pytest.mark.parametrize("body", PROFILES, ids=lambda body: body["name"])
def test_the_example_profiles_are_created(documented: LocalTenant, body: dict[str, Any]) -> None:
    value = documented.ok("POST", "access_profiles", body)["value"]
    assert (value["name"], value["state"], value["labels"]) == (body["name"], "RUNNING", body.get("labels", []))
    assert (value["current_version_number"], value["draft_version_number"]) == (1, 0)
    assert (value["current_version"]["state"], value["current_version"]["version_number"]) == ("PUBLISHED", 1)


def test_a_created_profile_derives_what_the_example_answer_shows(documented: LocalTenant) -> None:
    value = documented.ok("POST", "access_profiles", PROFILES[0])["value"]
    assert value["integrations"] == ["SALESFORCE"]
    assert value["provider_ids"] == ["sf-dev-org-12345"]
    assert value["used_by_workflow"] is value["inherits_from_other_profiles"] is False


def test_the_example_label_update_is_accepted(documented: LocalTenant) -> None:
    body = {"labels": ["requestable", "salesforce", "development"]}
    assert documented.ok("PATCH", f"access_profiles/{PROFILE}", body)["value"]["labels"] == body["labels"]


@pytest.mark.parametrize(
    ("profile", "version", "body"),
    [
        (
            PROFILE,
            1,
            {"entities_to_create_relationships_to": SALESFORCE, "inherit_entities_from_access_profiles": []},
        ),
        (
            "business-role-id",
            2,
            {
                "entities_to_create_relationships_to": [],
                "inherit_entities_from_access_profiles": ["base-developer-profile-id", "salesforce-access-profile-id"],
            },
        ),
        (
            "combined-profile-id",
            1,
            {
                "entities_to_create_relationships_to": [
                    {
                        "entity_type": "ActiveDirectoryGroup",
                        "datasource_id": "ad-datasource-id",
                        "entity_id": "ad-dev-group-123",
                    }
                ],
                "inherit_entities_from_access_profiles": ["base-permissions-profile-id"],
            },
        ),
    ],
)
def test_the_example_version_updates_are_accepted(
    documented: LocalTenant, profile: str, version: int, body: dict[str, Any]
) -> None:
    if version == 2:
        documented.publish_version(profile)
    value = documented.ok("PATCH", f"access_profiles/{profile}/versions/{version}", body)["value"]
    assert value["inherit_entities_from_access_profiles"] == body["inherit_entities_from_access_profiles"]
    sent = body["entities_to_create_relationships_to"]
    answered = value["entities_to_create_relationships_to"]
    assert [{**each, **given} for each, given in zip(answered, sent, strict=True)] == answered


@pytest.mark.parametrize(
    "query",
    [
        "entity_extra_info=true",
        "filter=integrations+co+%22SALESFORCE%22",
        "filter=integrations+eq+%22SALESFORCE%22",
        "filter=provider_ids+co+%223cedc292-4014-45e9-b7d9-8cb1695e1454%22",
        "filter=labels+co+%22requestable%22",
        "filter=profile_type+eq+%2213ddf132-0868-4330-a0a3-41b088f6a4dc%22",
        "filter=%28integrations+co+%22SALESFORCE%22+or+integrations+co+%22AWS%22%29+and+profile_type+eq+"
        "%22a730b9cd-d600-4fb7-a803-8ab5b697c0b9%22",
    ],
)
def test_the_example_list_requests_are_accepted(documented: LocalTenant, query: str) -> None:
    answer = documented.api("GET", f"access_profiles?{query}")
    assert answer.status_code == 200, answer.text


def test_the_reference_request_bodies_are_accepted_with_a_number_for_the_64_bit_placeholder(
    documented: LocalTenant,
) -> None:
    documented.seed(
        types=[
            {
                "id": "text",
                "name": "text",
                "allow_inherit_entities": True,
                "allow_create_relationships": True,
                "allow_inherited_from_types": ["both"],
            }
        ],
    )
    type_body = {
        "name": "text",
        "description": "text",
        "allow_inherit_entities": True,
        "allow_inherited_from_types": ["text"],
        "allow_create_relationships": True,
        "require_single_datasource": True,
        "require_single_integration": True,
        "add_integration_prefix_to_access_profile_names": True,
        "max_entitlements": 1,
        "create_entitlement_based_on_profile": True,
        "create_entitlements": [
            {
                "datasource_id": "text",
                "entity_type": "text",
                "attribute_transformers": {"values": [REFERENCE_TRANSFORMER]},
                "add_member_condition": {"type": 1, "condition_string": "text"},
            }
        ],
        "no_entitlements": True,
        "on_create_behavior": 1,
        "instructions": "text",
        "time_before_sync_check_in_seconds": "3600",
        "access_request_policy_id": "text",
        "allow_overwrite_of_access_request_policy": True,
        "name_transformer": REFERENCE_TRANSFORMER,
        "remove_entitlement_on_member_upon_update": True,
    }
    created = documented.ok("POST", "access_profiles_types", type_body)["value"]
    assert created["name_transformer"] == REFERENCE_TRANSFORMER
    content = {
        "entities_to_create_relationships_to": [REFERENCE_ENTITY],
        "inherit_entities_from_access_profiles": ["text"],
        "access_request_policy_id": "text",
        "application_sync_identity_action": {"policy_id": "text", "name": "text"},
    }
    profile_body = {
        "name": "text",
        "description": "text",
        "state": 1,
        "profile_type": "text",
        "labels": ["text"],
        "custom_properties": {"ANY_ADDITIONAL_PROPERTY": "text"},
        **content,
    }
    profile = documented.ok("POST", "access_profiles", profile_body)["value"]
    assert profile["state"] == "RUNNING"
    assert profile["current_version"]["entities_to_create_relationships_to"][0].items() >= REFERENCE_ENTITY.items()
    assert profile["access_request_policy_id"] == "text"
    patch = {
        "name": "text",
        "description": "text",
        "state": 1,
        "profile_type": "text",
        "labels": ["text"],
        "datasource_ids": ["text"],
        "require_approval_to_start": True,
        "catalog_item_info": {
            "name": "text",
            "description": "text",
            "markdown_description": "text",
            "icon": "text",
            "recommended": True,
        },
        "profile_type_rbac_id": "text",
        "custom_properties": {"ANY_ADDITIONAL_PROPERTY": "text"},
    }
    patched = documented.ok("PATCH", f"access_profiles/{profile['id']}", patch)["value"]
    assert patched.items() >= {**patch, "state": "RUNNING"}.items()
    version = documented.ok("PATCH", f"access_profiles/{profile['id']}/versions/1", {"state": 1, **content})["value"]
    assert version["state"] == "PUBLISHED"
