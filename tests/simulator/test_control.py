"""The control API: seeding, looking, and changing things behind everybody's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.local import LocalTenant, entity

MODEL_COMPANY: dict[str, Any] = {
    "integrations": ["SALESFORCE", "OKTA"],
    "identities": ["ben", {"id": "ana", "name": "Ana Ruiz", "department": "Sales"}],
    "datasources": [{"id": "sf", "integration": "SALESFORCE"}],
    "types": [
        {"id": "role", "name": "Role", "allow_inherit_entities": True},
        {"name": "Profile", "allow_create_relationships": True},
    ],
    "profiles": [
        {"id": "base", "name": "Base", "profile_type": "Profile", "entities_to_create_relationships_to": [entity()]},
        {
            "name": "Seller",
            "profile_type": "role",
            "inherit_entities_from_access_profiles": ["base"],
            "requestable": True,
            "members": ["ben", {"identity_id": "ana", "created_from": "BIRTHRIGHT_POLICY"}],
        },
    ],
}


@pytest.fixture
def company(local: LocalTenant) -> LocalTenant:
    local.seed(**MODEL_COMPANY)
    return local


def test_a_seed_adds_everything_it_names(company: LocalTenant) -> None:
    state = company.state()
    assert [each["name"] for each in state["identities"]] == ["ben", "Ana Ruiz"]
    assert [each["name"] for each in state["types"]] == ["Role", "Profile"]
    seller = company.profile("Seller")
    assert (seller["state"], seller["requestable"]) == ("RUNNING", True)
    assert company.members("Seller") == {"ben": "ACCESS_PROFILE_MEMBERSHIP", "ana": "BIRTHRIGHT_POLICY"}
    assert company.profile("Base")["profile_type"] == company.type("Profile")["id"]
    assert company.access_requests() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": []},
        {"types": [{"name": "T", "colour": "red"}]},
        {"types": [{"name": "Fine"}, {"id": "role", "name": "Again"}]},
        {"types": [{"name": "Fine"}], "profiles": [{"name": "P", "profile_type": "nobody"}]},
        {"types": [{"name": "Fine"}], "profiles": [{"id": "base", "name": "P", "profile_type": "role"}]},
        {"types": [{"name": "Fine"}], "profiles": [{"name": "P", "profile_type": "role", "state": "LIVE"}]},
    ],
)
def test_a_seed_adds_all_or_nothing(company: LocalTenant, wrong: dict[str, Any]) -> None:
    before = company.state()
    assert company._http.post(f"{company.url}/_simulator/seed", json=wrong).status_code == 400
    assert company.state() == before


def test_datasources_seeded_later_are_derived_on_older_profiles(local: LocalTenant) -> None:
    local.seed(
        types=[{"id": "t", "name": "T", "allow_create_relationships": True}],
        profiles=[
            {"name": "P", "profile_type": "t", "entities_to_create_relationships_to": [entity("x", "g", "Group")]}
        ],
    )
    assert local.profile("P")["integrations"] == []
    local.seed(datasources=[{"id": "x", "integration": "OKTA"}])
    assert local.profile("P")["integrations"] == ["OKTA"]


def test_a_reset_leaves_nothing(company: LocalTenant) -> None:
    company.quirks(random_order=True)
    company.fault(status=500)
    company.reset()
    assert company.faults() == company.requests() == []
    state = company.state()
    assert state["profiles"] == state["types"] == state["identities"] == state["datasources"] == []
    assert state["quirks"]["random_order"] is False
    assert "AWS" in state["integrations"]


def test_the_log_tells_each_call_and_never_the_token(local: LocalTenant) -> None:
    local.create_type("T")
    local.api("GET", "access_profiles", params={"filter": "nonsense"})
    local.api("PATCH", "access_profiles/x%20y", content=b"not json")
    created, listed, patched = local.requests()
    assert (created["method"], created["status"], created["body"]["name"]) == ("POST", 200, "T")
    assert (listed["status"], listed["query"]) == (400, {"filter": "nonsense"})
    assert patched["path"].endswith("/access_profiles/x y")
    assert (patched["status"], patched["body"]) == (400, "not json")
    assert [each["sequence"] for each in local.requests()] == [1, 2, 3]
    assert all(each["duration"] >= 0 and each["request_id"] for each in local.requests())
    assert {each["headers"]["authorization"] for each in local.requests()} == {"REDACTED"}
    assert local.token not in str(local.requests())
    assert local.requests(mutating=False) == [listed]
    assert local.requests(mutating=True, path="types$") == [created]
    local.clear_requests()
    assert local.requests() == []
    local.create_type("U")
    assert local.requests()[0]["sequence"] == 4


def test_control_calls_are_not_logged(local: LocalTenant) -> None:
    local.state()
    assert local.requests() == []


def test_an_edit_goes_past_the_rules_and_shows_in_the_lists(company: LocalTenant) -> None:
    company.edit_profile(
        "Seller",
        name="Renamed",
        labels=["by hand"],
        state="PAUSED",
        requestable=False,
        entities_to_create_relationships_to=[entity("elsewhere")],
    )
    shown = company.ok("GET", "access_profiles", filter='labels co "by hand"')["values"][0]
    assert (shown["name"], shown["state"], shown["requestable"]) == ("Renamed", "PAUSED", False)
    assert shown["provider_ids"] == ["elsewhere"]
    assert shown["member_details"][0]["access_profile_name"] == "Renamed"


@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"id": "x"}, {"state": None}, {"labels": "x"}])
def test_an_edit_that_could_not_be_answered_is_refused(company: LocalTenant, wrong: dict[str, Any]) -> None:
    before = company.profile("Base")
    answer = company._http.patch(f"{company.url}/_simulator/profiles/base", json=wrong)
    assert answer.status_code == 400
    assert company.profile("Base") == before


def test_an_edit_can_name_a_version(company: LocalTenant) -> None:
    number = company.create_draft("Base")
    company.edit_profile("Base", version=number, entities_to_create_relationships_to=[])
    assert company.version("Base", number)["entities_to_create_relationships_to"] == []
    assert len(company.version("Base", 1)["entities_to_create_relationships_to"]) == 1


def test_a_profile_and_a_type_can_disappear(company: LocalTenant) -> None:
    company.delete_profile("Base")
    company.delete_type("Profile")
    assert [each["name"] for each in company.ok("GET", "access_profiles")["values"]] == ["Seller"]
    assert [each["name"] for each in company.ok("GET", "access_profiles_types")["values"]] == ["Role"]
    assert company.access() == {"ben": [], "ana": []}


def test_a_second_draft_is_refused_and_a_draft_can_be_published(company: LocalTenant) -> None:
    number = company.create_draft("Base")
    with pytest.raises(RuntimeError, match="draft already"):
        company.create_draft("Base")
    company.publish_draft("Base", number)
    assert company.profile("Base")["current_version_number"] == number


def test_effective_access_shows_the_path_to_each_entitlement(company: LocalTenant) -> None:
    expected = {**entity(), "path": ["Seller", "Base"]}
    assert company.access() == {"ben": [expected], "ana": [expected]}
    company.edit_profile("Seller", state="PAUSED")
    assert company.access() == {}


def test_effective_access_survives_a_circle(company: LocalTenant) -> None:
    company.edit_profile("Base", inherit_entities_from_access_profiles=[company.profile("Seller")["id"]])
    assert company.access()["ben"] == [{**entity(), "path": ["Seller", "Base"]}]


@pytest.mark.parametrize("host", ["10.0.0.7", "example.com", "::2"])
def test_the_control_api_is_for_this_machine_only(host: str) -> None:
    remote = LocalTenant(host=host)
    answer = remote._http.get(f"{remote.url}/_simulator/state")
    assert answer.status_code == 403
    assert remote.api("GET", "access_profiles").status_code == 200
    remote.close()


@pytest.mark.parametrize("path", ["", "nothing", "state/more", "profiles/nobody/members/x"])
def test_an_unknown_control_path_is_404(local: LocalTenant, path: str) -> None:
    assert local._http.get(f"{local.url}/_simulator/{path}".rstrip("/")).status_code == 404


def test_controlling_what_does_not_exist_is_404(local: LocalTenant) -> None:
    for method, path in (
        ("DELETE", "profiles/nobody"),
        ("DELETE", "types/nobody"),
        ("POST", "profiles/nobody/members"),
        ("GET", "faults/1"),
        ("GET", "faults/x"),
    ):
        assert local._http.request(method, f"{local.url}/_simulator/{path}", json={}).status_code == 404


def test_health(local: LocalTenant) -> None:
    assert local.control("GET", "health") == {"status": "ok"}


def test_a_database_file_keeps_everything(tmp_path: Path) -> None:
    database = tmp_path / "tenant.db"
    first = LocalTenant(database)
    first.seed(**MODEL_COMPANY)
    first.quirks(unique_names=True)
    first.put_members("base", "ADD", "ana")
    token = first.ok("GET", "access_profiles", page_size="1")["next_page_token"]
    before = first.state()
    first.close()
    second = LocalTenant(database)
    assert second.state() == before
    assert second.ok("GET", "access_profiles", page_token=token)["values"][0]["name"] == "Seller"
    second.close()


def test_a_file_that_keeps_one_source_of_a_member_is_taken_over(tmp_path: Path) -> None:
    database = tmp_path / "tenant.db"
    first = LocalTenant(database)
    first.seed(**MODEL_COMPANY)
    before = first.state()
    first.close()
    with closing(sqlite3.connect(database)) as file:
        file.executescript(
            "ALTER TABLE members RENAME TO kept;"
            "CREATE TABLE members (seq INTEGER PRIMARY KEY, profile_id TEXT NOT NULL, version INTEGER NOT NULL,"
            " identity_id TEXT NOT NULL, created_from TEXT NOT NULL, workflow TEXT NOT NULL,"
            " UNIQUE (profile_id, version, identity_id));"
            "INSERT INTO members SELECT * FROM kept; DROP TABLE kept; PRAGMA user_version = 0;"
        )
    second = LocalTenant(database)
    assert second.state() == before
    second.change_members("Seller", add=["ben"], created_from="BIRTHRIGHT")
    assert len(second.version("Seller")["member_details"]) == 3
    second.close()
