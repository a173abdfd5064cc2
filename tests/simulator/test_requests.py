"""What is let in and what is refused before anything happens."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.simulator.local import READ_ONLY, LocalTenant, entity
from veza_simulator.routes import DATASOURCES, ENDPOINTS, PRIVATE

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def test_the_endpoints_are_the_documented_ones_and_no_others() -> None:
    assert {(method, path) for method, path, _, _ in ENDPOINTS} == {
        ("POST", f"{PRIVATE}/access_profiles_types"),
        ("GET", f"{PRIVATE}/access_profiles_types"),
        ("POST", f"{PRIVATE}/access_profiles"),
        ("GET", f"{PRIVATE}/access_profiles"),
        ("PATCH", f"{PRIVATE}/access_profiles/{{id}}"),
        ("PATCH", f"{PRIVATE}/access_profiles/{{id}}/versions/{{version}}"),
        ("GET", f"{PRIVATE}/access_profiles/{{id}}/versions/{{version}}/members"),
        ("PUT", f"{PRIVATE}/access_profiles/{{id}}/versions/{{version}}/members"),
        ("GET", f"{PRIVATE}/access_profiles:available_integrations"),
        ("GET", f"{PRIVATE}/identities/{{id}}"),
        ("GET", f"{PRIVATE}/access_requests/{{id}}"),
        ("GET", DATASOURCES),
        ("GET", f"{DATASOURCES}/{{id}}"),
        ("GET", f"{DATASOURCES}:by_action_type"),
    }


@pytest.mark.parametrize("path", sorted({path for _, path, _, _ in ENDPOINTS}))
def test_every_other_method_on_a_documented_path_is_405(local: LocalTenant, path: str) -> None:
    documented = {method for method, other, _, _ in ENDPOINTS if other == path}
    for method in set(METHODS) - documented:
        assert local.api(method, path.replace("{id}", "p").replace("{version}", "1")).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "access_profiles/",
        "access_profiles/p/versions",
        "access_profiles/p/members",
        "access_profiles_types/t",
        "access_profile",
        "/",
        "/api/v1/providers/datasources",
        f"{DATASOURCES}/sf/actions",
        "identities",
        "access_requests",
    ],
)
def test_every_other_path_is_404(local: LocalTenant, path: str) -> None:
    local.refused(404, "GET", path)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic test-key", "test-key"])
def test_a_call_without_the_right_bearer_token_is_401(local: LocalTenant, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = local._http.get(f"{local.url}{PRIVATE}/access_profiles", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "Unauthenticated"


def test_the_read_only_token_reads_and_is_refused_changes_with_403(local: LocalTenant) -> None:
    headers = {"authorization": f"Bearer {READ_ONLY}"}
    assert local.api("GET", "access_profiles", headers=headers).status_code == 200
    answer = local.api("POST", "access_profiles_types", json={"name": "T"}, headers=headers)
    assert answer.status_code == 403
    assert local.state()["types"] == []


@pytest.mark.parametrize(
    ("method", "path", "parameter"),
    [
        ("GET", "access_profiles", "name"),
        ("GET", "access_profiles_types", "entity_extra_info"),
        ("GET", DATASOURCES, "version"),
        ("GET", "access_profiles:available_integrations", "page_size"),
        ("POST", "access_profiles_types", "update_mask"),
    ],
)
def test_an_unknown_query_parameter_is_refused(local: LocalTenant, method: str, path: str, parameter: str) -> None:
    assert parameter in local.refused(400, method, path, None, **{parameter: "1"})


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(local: LocalTenant, content: bytes) -> None:
    answer = local.api("POST", "access_profiles_types", content=content)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["message"]


TYPE_BODY = {"name": "T"}
PROFILE_BODY = {"name": "P", "state": "RUNNING", "profile_type": "t"}


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "access_profiles_types", {**TYPE_BODY, "unknown": 1}, "unknown"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "id": "x"}, "id"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "profiles_count": 1}, "profiles_count"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "enabled": True}, "enabled"),
        ("POST", "access_profiles_types", {"description": "no name"}, "name"),
        ("POST", "access_profiles_types", {"name": ""}, "name"),
        ("POST", "access_profiles_types", {"name": None}, "name"),
        ("POST", "access_profiles_types", {"name": 1}, "name"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "max_entitlements": 2.0}, "max_entitlements"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "max_entitlements": True}, "max_entitlements"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "max_entitlements": -1}, "max_entitlements"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "no_entitlements": "true"}, "no_entitlements"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "allow_inherited_from_types": "t"}, "allow_inherited_from"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "on_create_behavior": "LATER"}, "on_create_behavior"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "name_transformer": {"x": 1}}, "name_transformer.x"),
        ("POST", "access_profiles_types", {**TYPE_BODY, "create_entitlements": [{"id": "x"}]}, "create_entitlements"),
        ("POST", "access_profiles", {**PROFILE_BODY, "current_version_number": 1}, "current_version_number"),
        ("POST", "access_profiles", {**PROFILE_BODY, "datasource_ids": []}, "datasource_ids"),
        ("POST", "access_profiles", {"name": "P", "profile_type": "t"}, "state"),
        ("POST", "access_profiles", {"name": "P", "state": "RUNNING"}, "profile_type"),
        ("POST", "access_profiles", {**PROFILE_BODY, "state": "STOPPED"}, "state"),
        ("POST", "access_profiles", {**PROFILE_BODY, "state": 5}, "state"),
        ("POST", "access_profiles", {**PROFILE_BODY, "state": True}, "state"),
        ("POST", "access_profiles", {**PROFILE_BODY, "labels": [1]}, "labels"),
        (
            "POST",
            "access_profiles",
            {**PROFILE_BODY, "entities_to_create_relationships_to": [{**entity(), "entity_name": "x"}]},
            "entity_name",
        ),
        (
            "POST",
            "access_profiles",
            {**PROFILE_BODY, "entities_to_create_relationships_to": [{"entity_type": "G", "datasource_id": "d"}]},
            "entity_id",
        ),
        (
            "POST",
            "access_profiles",
            {
                **PROFILE_BODY,
                "entities_to_create_relationships_to": [{**entity(), "sync_identity_action": {"name": "x"}}],
            },
            "policy_id",
        ),
        (
            "POST",
            "access_profiles",
            {**PROFILE_BODY, "entities_to_create_relationships_to": [{**entity(), "grant_by": "by hand"}]},
            "grant_by",
        ),
        ("PATCH", "access_profiles/p", {"access_request_policy_id": "x"}, "access_request_policy_id"),
        ("PATCH", "access_profiles/p", {"integrations": []}, "integrations"),
        ("PATCH", "access_profiles/p", {"requestable": True}, "requestable"),
        ("PATCH", "access_profiles/p", {"catalog_item_info": {"colour": "red"}}, "catalog_item_info.colour"),
        ("PATCH", "access_profiles/p/versions/1", {"members": []}, "members"),
        ("PATCH", "access_profiles/p/versions/1", {"labels": []}, "labels"),
        ("PATCH", "access_profiles/p/versions/1", {"state": "LIVE"}, "state"),
        ("PUT", "access_profiles/p/versions/1/members", {"type": "ADD", "identity_ids": []}, "access_profile_id"),
        (
            "PUT",
            "access_profiles/p/versions/1/members",
            {"access_profile_id": "p", "version_number": "1", "type": "ADD", "identity_ids": []},
            "version_number",
        ),
        (
            "PUT",
            "access_profiles/p/versions/1/members",
            {"access_profile_id": "p", "version_number": 1, "type": "SET", "identity_ids": []},
            "type",
        ),
        (
            "PUT",
            "access_profiles/p/versions/1/members",
            {"access_profile_id": "p", "version_number": 1, "type": "ADD", "identity_ids": [""]},
            "identity_ids",
        ),
    ],
)
def test_unknown_read_only_missing_and_mistyped_fields_are_refused_by_name(
    local: LocalTenant, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    local.seed(types=[{"id": "t", "name": "T"}], profiles=[{"id": "p", "name": "P", "profile_type": "t"}])
    before = local.state()
    assert field in local.refused(400, method, path, body)
    assert local.state() == before


def test_null_means_the_default(local: LocalTenant) -> None:
    value = local.ok("POST", "access_profiles_types", {"name": "T", "description": None, "max_entitlements": None})
    assert (value["value"]["description"], value["value"]["max_entitlements"]) == ("", None)


@pytest.mark.parametrize("seconds", [3600, "3600"])
def test_a_64_bit_integer_may_be_a_string(local: LocalTenant, seconds: object) -> None:
    body = {
        "name": "T",
        "require_single_integration": True,
        "create_entitlement_based_on_profile": True,
        "time_before_sync_check_in_seconds": seconds,
    }
    assert local.ok("POST", "access_profiles_types", body)["value"]["time_before_sync_check_in_seconds"] == 3600


@pytest.mark.parametrize("segment", ["a/b c", "ü%2F", "a;b=c", "x:y?z"])
def test_an_id_may_hold_characters_that_are_hostile_in_a_url(local: LocalTenant, segment: str) -> None:
    local.seed(types=[{"id": "t", "name": "T"}], profiles=[{"id": segment, "name": "P", "profile_type": "t"}])
    local.edit_profile(segment, description="seen")
    path = f"access_profiles/{quote(segment, safe='')}"
    assert local.ok("PATCH", path, {"labels": ["x"]})["value"]["id"] == segment
    assert local.ok("GET", f"{path}/versions/1/members") == {"values": []}
    assert local.profile(segment)["description"] == "seen"


def test_an_encoded_colon_is_a_colon(local: LocalTenant) -> None:
    assert "AWS" in local.ok("GET", "access_profiles%3Aavailable_integrations")["integrations"]
