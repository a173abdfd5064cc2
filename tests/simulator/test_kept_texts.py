"""What the tenant keeps of the texts that it is sent, and when it shows that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.local import LocalTenant, entity

SWITCHES: list[tuple[str, str, str]] = [
    ("trims_texts", " Sales  Team\t", "Sales  Team"),
    ("escapes_texts", 'R&D <"x">', "R&amp;D &lt;&quot;x&quot;&gt;"),
    ("lowercases_texts", "Sales Team Ö", "sales team ö"),
    ("composes_texts", "Cafe\u0301", "Caf\u00e9"),
]


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(("switch", "sent", "kept"), SWITCHES)
def test_texts_are_kept_otherwise_and_shown_at_once_or_later(
    local: LocalTenant, switch: str, sent: str, kept: str, later: bool
) -> None:
    local.quirks(**{switch: True}, kept_texts_show_later=later)
    answered = sent if later else kept
    kind = local.ok("POST", "access_profiles_types", {"name": sent, "description": sent})["value"]
    assert (kind["name"], kind["description"]) == (answered, answered)
    assert local.ok("GET", "access_profiles_types")["values"][0]["name"] == kept
    created = local.create_profile(kind["id"], sent, description=sent, labels=[sent, "x"])
    assert (created["name"], created["description"], created["labels"]) == (answered, answered, [answered, "x"])
    patched = local.ok("PATCH", f"access_profiles/{created['id']}", {"labels": [sent, sent + "y"]})["value"]
    assert patched["labels"][0] == answered
    assert patched["name"] == kept
    listed = local.ok("GET", "access_profiles")["values"][0]
    assert (listed["name"], listed["description"], listed["labels"][0]) == (kept, kept, kept)


def test_labels_that_become_one_are_kept_once(local: LocalTenant) -> None:
    local.quirks(trims_texts=True)
    assert local.create_profile(local.create_type(), labels=["crm ", "crm"])["labels"] == ["crm"]


@pytest.mark.parametrize("later", [False, True])
def test_custom_properties_are_kept_as_texts(local: LocalTenant, later: bool) -> None:
    local.quirks(custom_properties_as_texts=True, kept_texts_show_later=later)
    sent: dict[str, Any] = {"team": "x", "on": True, "n": 3, "none": None, "more": {"a": [1]}}
    kept = {"team": "x", "on": "true", "n": "3", "none": "null", "more": '{"a": [1]}'}
    content = "entities_to_create_relationships_to"
    created = local.create_profile(
        local.create_type(), custom_properties=sent, **{content: [{**entity(), "custom_properties": sent}]}
    )
    [entitlement] = created["current_version"][content]
    assert created["custom_properties"] == entitlement["custom_properties"] == (sent if later else kept)
    path = f"access_profiles/{created['id']}/versions/1"
    patched = local.ok("PATCH", path, {content: [{**entity(), "custom_properties": {"n": 4}}]})["value"]
    assert patched[content][0]["custom_properties"] == ({"n": 4} if later else {"n": "4"})
    listed = local.ok("GET", "access_profiles")["values"][0]
    assert listed["custom_properties"] == kept
    assert listed["current_version"][content][0]["custom_properties"] == {"n": "4"}


def test_names_are_unique_without_case_where_switched_on(local: LocalTenant) -> None:
    local.quirks(unique_names_without_case=True)
    kind = local.create_type("Role")
    local.refused(409, "POST", "access_profiles_types", {"name": "ROLE"})
    body = {"name": "Sales team Ö", "state": "RUNNING", "profile_type": kind}
    first = local.ok("POST", "access_profiles", body)["value"]
    assert "SALES TEAM Ö" in local.refused(409, "POST", "access_profiles", {**body, "name": "SALES TEAM Ö"})
    second = local.ok("POST", "access_profiles", {**body, "name": "Other"})["value"]
    local.refused(409, "PATCH", f"access_profiles/{second['id']}", {"name": "sales Team ö"})
    local.ok("PATCH", f"access_profiles/{first['id']}", {"name": "sales Team ö"})


def test_a_name_that_is_trimmed_to_one_that_exists_is_refused_where_names_are_unique(local: LocalTenant) -> None:
    local.quirks(unique_names=True, trims_texts=True)
    kind = local.create_type("Role ")
    local.refused(409, "POST", "access_profiles_types", {"name": " Role"})
    local.create_profile(kind, "P")
    local.refused(409, "POST", "access_profiles", {"name": "P ", "state": "RUNNING", "profile_type": kind})
