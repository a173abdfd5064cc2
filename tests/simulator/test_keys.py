"""Keys that see less than everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator.local import READ_ONLY, LocalTenant


@pytest.fixture
def company(local: LocalTenant) -> LocalTenant:
    local.seed(
        types=[{"id": "role", "name": "Role"}, {"id": "team", "name": "Team"}],
        profiles=[
            {"id": "seller", "name": "Seller", "profile_type": "role", "labels": ["x"], "members": ["ana"]},
            {"id": "buyer", "name": "Buyer", "profile_type": "role", "labels": ["x"]},
            {"id": "writer", "name": "Writer", "profile_type": "team", "labels": ["x"]},
        ],
    )
    return local


def names(local: LocalTenant, path: str = "access_profiles", **params: str) -> list[str]:
    return [each["name"] for each in local.ok("GET", path, **params)["values"]]


@pytest.mark.parametrize("hidden", ["seller", "Seller"])
def test_lists_lack_a_hidden_profile_without_a_word(company: LocalTenant, hidden: str) -> None:
    company.key(hidden_profiles=[hidden])
    assert names(company) == ["Buyer", "Writer"]
    assert names(company, filter='labels co "x"') == ["Buyer", "Writer"]
    assert names(company, filter='labels co "x" or profile_type eq "role"') == ["Buyer", "Writer"]
    page = company.ok("GET", "access_profiles", page_size="1")
    assert (len(page["values"]), page["has_more"]) == (1, True)


def test_the_list_of_types_lacks_a_hidden_type_whose_profiles_stay(company: LocalTenant) -> None:
    company.key(hidden_types=["Role"])
    assert names(company, "access_profiles_types") == ["Team"]
    assert names(company) == ["Seller", "Buyer", "Writer"]


@pytest.mark.parametrize(("member_list", "change"), [(200, 200), (403, 404), (404, 403)])
def test_what_a_hidden_profile_is_answered_is_a_choice(company: LocalTenant, member_list: int, change: int) -> None:
    company.key(hidden_profiles=["seller"], member_list=member_list, change=change)
    members = {"access_profile_id": "seller", "version_number": 1, "type": "ADD", "identity_ids": ["ben"]}
    for method, path, body, status in (
        ("GET", "access_profiles/seller/versions/1/members", None, member_list),
        ("PATCH", "access_profiles/seller", {"labels": []}, change),
        ("PATCH", "access_profiles/seller/versions/1", {"access_request_policy_id": "p"}, change),
        ("PUT", "access_profiles/seller/versions/1/members", members, change),
        ("GET", "access_profiles/buyer/versions/1/members", None, 200),
    ):
        assert company.api(method, path, json=body).status_code == status


def test_a_second_key_sees_less_beside_one_that_sees_all(company: LocalTenant) -> None:
    token = company.key("less", hidden_profiles=["seller", "writer"], read_only=True)
    headers = {"authorization": f"Bearer {token}"}
    listed = company.api("GET", "access_profiles", headers=headers).json()["values"]
    assert [each["name"] for each in listed] == ["Buyer"]
    assert company.api("PATCH", "access_profiles/buyer", json={"labels": []}, headers=headers).status_code == 403
    assert names(company) == ["Seller", "Buyer", "Writer"]
    company.clear_keys()
    assert company.api("GET", "access_profiles", headers=headers).status_code == 401
    assert company.api("GET", "access_profiles", headers={"authorization": f"Bearer {READ_ONLY}"}).status_code == 200


def test_keys_are_kept_with_the_tenant_until_a_reset(tmp_path: Path) -> None:
    first = LocalTenant(tmp_path / "tenant.db")
    first.key("other", hidden_types=["t"])
    first.close()
    second = LocalTenant(tmp_path / "tenant.db")
    assert [each["token"] for each in second.control("GET", "keys")["values"]] == ["other"]
    second.reset()
    assert second.control("GET", "keys") == {"values": []}
    second.close()


@pytest.mark.parametrize("wrong", [{}, {"token": ""}, {"token": "x", "change": 500}, {"token": "x", "colour": "red"}])
def test_a_key_that_is_not_understood_is_refused(local: LocalTenant, wrong: dict[str, object]) -> None:
    assert local._http.put(f"{local.url}/_simulator/keys", json=wrong).status_code == 400
