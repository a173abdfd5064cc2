"""Each switch, on and off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.local import READ_ONLY, LocalTenant, entity
from veza_simulator.quirks import Quirks
from veza_simulator.routes import DATASOURCES
from veza_simulator.shaping import MINIMAL_TYPE, SIMPLIFIED_PROFILE, UNKNOWN_FIELD


@pytest.fixture
def profile(local: LocalTenant) -> str:
    profile_type = local.create_type(
        require_single_integration=True, create_entitlement_based_on_profile=True, time_before_sync_check_in_seconds=60
    )
    content: dict[str, Any] = {
        "labels": ["a", "b", "c", "d", "e"],
        "custom_properties": {"state": "RUNNING", "empty": ""},
        "entities_to_create_relationships_to": [
            {**entity(), "grant_by": "BY_HAND", "condition": {"type": "SCIM", "condition_string": "x"}}
        ],
    }
    return str(local.create_profile(profile_type, **content)["id"])


def listed(local: LocalTenant, **params: str) -> dict[str, Any]:
    value: dict[str, Any] = local.ok("GET", "access_profiles", **params)["values"][0]
    return value


def test_every_switch_is_listed_with_its_default_and_a_description(local: LocalTenant) -> None:
    described = local.control("GET", "quirks")
    assert set(described) == set(Quirks.model_fields)
    assert all(each["value"] == each["default"] and each["description"].endswith(".") for each in described.values())


def test_an_unknown_switch_or_a_wrong_value_is_refused_and_changes_nothing(local: LocalTenant) -> None:
    for body in ({"no_such_quirk": True}, {"random_order": 1}, {"minimal_types": True, "random_order": "yes"}):
        answer = local._http.put(f"{local.url}/_simulator/quirks", json=body)
        assert answer.status_code == 400
    assert local.state()["quirks"] == Quirks().model_dump()


def test_integer_enumerations(local: LocalTenant, profile: str) -> None:
    local.put_members(profile, "ADD", "ana")
    local.quirks(integer_enumerations=True)
    shown = listed(local)
    version = shown["current_version"]
    [granted] = version["entities_to_create_relationships_to"]
    assert (shown["state"], version["state"]) == (1, 1)
    assert (granted["grant_by"], granted["condition"]["type"], granted["entity_type"]) == (1, 1, "SalesforceGroup")
    assert shown["member_details"][0]["created_from"] == 1
    assert shown["custom_properties"]["state"] == "RUNNING"
    [kind] = local.ok("GET", "access_profiles_types")["values"]
    assert kind["on_create_behavior"] == 0


@pytest.mark.parametrize(
    ("name", "number"), [("INITIAL", 0), ("RUNNING", 1), ("PAUSED", 2), ("DRY_RUN", 3), ("PENDING", 4)]
)
def test_states_are_numbered_in_their_listed_order_both_ways(
    local: LocalTenant, profile: str, name: str, number: int
) -> None:
    path = f"access_profiles/{profile}"
    assert local.ok("PATCH", path, {"state": number})["value"]["state"] == name
    local.quirks(integer_enumerations=True)
    assert local.ok("PATCH", path, {"state": name})["value"]["state"] == number


def test_integer_current_version_is_for_patch_answers_only(local: LocalTenant, profile: str) -> None:
    local.quirks(integer_current_version=True)
    value = local.ok("PATCH", f"access_profiles/{profile}", {"labels": []})["value"]
    assert value["current_version"] == 1
    assert "current_version_number" not in value
    assert listed(local)["current_version"]["version_number"] == 1


def test_short_version_names(local: LocalTenant, profile: str) -> None:
    local.quirks(short_version_names=True)
    for value in (
        local.ok("PATCH", f"access_profiles/{profile}/versions/1", {})["value"],
        local.put_members(profile, "ADD", "ana")["value"],
    ):
        assert (value["id"], value["version"]) == (profile, 1)
        assert not {"access_profile_id", "version_number"} & set(value)


def test_single_access_request(local: LocalTenant, profile: str) -> None:
    local.seed(identities=["ana"])
    local.quirks(single_access_request=True)
    answer = local.put_members(profile, "ADD", "ana", "nobody")
    assert set(answer) == {"access_request_id", "access_request_error_message"}
    assert answer["access_request_id"] == local.access_requests()[0]["id"]
    assert "nobody" in answer["access_request_error_message"]


def test_integers_as_strings(local: LocalTenant, profile: str) -> None:
    local.quirks(integers_as_strings=True)
    [kind] = local.ok("GET", "access_profiles_types")["values"]
    assert (kind["time_before_sync_check_in_seconds"], kind["profiles_count"]) == ("60", "1")
    assert listed(local)["id"] == profile


def test_nulls_for_empty(local: LocalTenant, profile: str) -> None:
    local.quirks(nulls_for_empty=True)
    shown = listed(local)
    assert shown["id"] == profile
    assert shown["description"] is shown["datasource_ids"] is shown["current_version"]["members"] is None
    assert shown["custom_properties"] == {"state": "RUNNING", "empty": ""}
    local.reset()
    local.quirks(nulls_for_empty=True)
    assert local.ok("GET", "access_profiles")["values"] == []


def test_omit_empty_fields(local: LocalTenant, profile: str) -> None:
    local.quirks(omit_empty_fields=True)
    answer = local.ok("GET", "access_profiles")
    assert "has_more" not in answer
    [shown] = answer["values"]
    assert shown["id"] == profile
    assert not {"description", "draft_version_number", "requestable", "datasource_ids"} & set(shown)
    assert shown["custom_properties"] == {"state": "RUNNING", "empty": ""}
    assert {"name", "state", "current_version_number"} <= set(shown)


def test_minimal_types(local: LocalTenant, profile: str) -> None:
    assert profile
    local.quirks(minimal_types=True)
    assert set(local.ok("GET", "access_profiles_types")["values"][0]) == set(MINIMAL_TYPE)
    assert set(local.ok("POST", "access_profiles_types", {"name": "T"})["value"]) == set(MINIMAL_TYPE)


def test_minimal_profile_answers(local: LocalTenant, profile: str) -> None:
    local.quirks(minimal_profile_answers=True)
    body = {"name": "P", "state": "PAUSED", "profile_type": listed(local)["profile_type"]}
    assert set(local.ok("POST", "access_profiles", body)["value"]) == set(SIMPLIFIED_PROFILE)
    assert set(local.ok("PATCH", f"access_profiles/{profile}", {})["value"]) == set(SIMPLIFIED_PROFILE)
    local.quirks(integer_current_version=True)
    value = local.ok("PATCH", f"access_profiles/{profile}", {})["value"]
    assert set(value) == {*SIMPLIFIED_PROFILE, "current_version"} - {"current_version_number"}


def test_create_answer_has_version(local: LocalTenant, profile: str) -> None:
    local.quirks(create_answer_has_version=True)
    body = {"name": "P", "state": "PAUSED", "profile_type": listed(local)["profile_type"]}
    answer = local.ok("POST", "access_profiles", body)
    assert answer["version"] == answer["value"]["current_version"]
    assert set(local.ok("PATCH", f"access_profiles/{profile}", {})) == {"value"}


def test_largest_page(local: LocalTenant, profile: str) -> None:
    for _ in range(3):
        local.create_type()
    local.quirks(largest_page=3)
    first = local.ok("GET", "access_profiles_types", page_size="100")
    assert (len(first["values"]), first["has_more"]) == (3, True)
    rest = local.ok("GET", "access_profiles_types", page_size="100", page_token=first["next_page_token"])
    assert (len(rest["values"]), rest["has_more"]) == (1, False)
    assert len(local.ok("GET", "access_profiles_types", page_size="2")["values"]) == 2
    assert listed(local)["id"] == profile


def test_bare_member_list(local: LocalTenant, profile: str) -> None:
    local.put_members(profile, "ADD", "ana")
    local.quirks(bare_member_list=True)
    answer = local.api("GET", f"access_profiles/{profile}/versions/1/members").json()
    assert [each["identity_id"] for each in answer] == ["ana"]


def test_entities_without_entity_id(local: LocalTenant, profile: str) -> None:
    local.quirks(entities_without_entity_id=True)
    assert "entity_id" in listed(local)["current_version"]["entities_to_create_relationships_to"][0]
    answer = local.ok("GET", "access_profiles", entity_extra_info="true")
    assert answer["values"][0]["id"] == profile
    assert "entity_id" not in answer["values"][0]["current_version"]["entities_to_create_relationships_to"][0]
    assert "entity_id" not in answer["entities_to_create_relationships_to"][0]


def test_reference_datasources(local: LocalTenant) -> None:
    local.seed(datasources=[{"id": "sf", "integration": "SALESFORCE"}])
    local.quirks(reference_datasources=True)
    [found] = local.ok("GET", DATASOURCES)["values"]
    assert set(found) == {"id", "enabled", "datasource", "definition"}


def test_quick_start_datasources(local: LocalTenant) -> None:
    local.seed(datasources=[{"id": "sf", "integration": "SALESFORCE", "name": "Sales"}])
    local.quirks(quick_start_datasources=True)
    [found] = local.ok("GET", DATASOURCES)["values"]
    assert set(found) == {"id", "datasource", "definition"}
    assert (found["datasource"]["name"], found["definition"]["provider_type"]) == ("Sales", "SALESFORCE")


def test_unknown_fields(local: LocalTenant, profile: str) -> None:
    local.quirks(unknown_fields=True)
    answer = local.ok("GET", "access_profiles")
    [shown] = answer["values"]
    assert shown["id"] == profile
    assert UNKNOWN_FIELD in answer
    assert UNKNOWN_FIELD in shown
    assert UNKNOWN_FIELD in shown["current_version"]["entities_to_create_relationships_to"][0]
    assert UNKNOWN_FIELD not in shown["custom_properties"]


def test_random_order(local: LocalTenant, profile: str) -> None:
    local.quirks(random_order=True)
    seen = {tuple(listed(local)["labels"]) for _ in range(20)}
    assert len(seen) > 1
    assert {tuple(sorted(labels)) for labels in seen} == {("a", "b", "c", "d", "e")}
    assert listed(local)["id"] == profile


def test_token_after_last_page(local: LocalTenant, profile: str) -> None:
    assert profile
    local.quirks(token_after_last_page=True)
    page = local.ok("GET", "access_profiles")
    assert page["has_more"] is False
    assert local.ok("GET", "access_profiles", page_token=page["next_page_token"])["values"] == []


def test_rpc_errors(local: LocalTenant, profile: str) -> None:
    local.quirks(rpc_errors=True)
    types = "type.googleapis.com/google.rpc."
    missing = local.api("GET", "access_profiles/nobody/versions/1/members")
    assert missing.json() == {"code": 5, "message": "there is no access profile 'nobody'", "details": []}
    assert missing.headers["x-request-id"]
    [violation] = local.api("PATCH", f"access_profiles/{profile}", json={"colour": "red"}).json()["details"]
    assert violation == {
        "@type": f"{types}BadRequest",
        "fieldViolations": [{"field": "colour", "description": "it is not a writable field"}],
    }
    headers = {"authorization": f"Bearer {READ_ONLY}"}
    refused = local.api("PATCH", f"access_profiles/{profile}", json={}, headers=headers).json()
    assert (refused["code"], refused["details"][0]["reason"]) == (7, "NEEDS_ADMIN")
    for token, message in (("unknown", "Invalid API key"), ("un known", "Malformed API key")):
        answer = local.api("GET", "access_profiles", headers={"authorization": f"Bearer {token}"}).json()
        assert (answer["code"], answer["message"]) == (16, message)
    local.fault(status=429)
    assert local.api("GET", "access_profiles").json()["code"] == 8
    assert local.api("GET", "nothing").json()["code"] == 5
