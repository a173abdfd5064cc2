"""Access profiles on the real engine: metadata and inline content, drift, disappearance, destroy."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Json, Tenant

ENTITLEMENTS = "entities_to_create_relationships_to"
INHERITS = "inherit_entities_from_access_profiles"
EMPTY_LISTS: Json = {ENTITLEMENTS: [], INHERITS: []}

A_TYPE = resource(
    "AccessProfileType", "sales", name="Sales", allow_create_relationships=True, allow_inherit_entities=True
)
AN_APPLICATION_TYPE = resource("AccessProfileType", "application", name="Application")

METADATA: dict[str, tuple[Any, Any, Any]] = {
    "description": ("One", "Two", ""),
    "labels": (["b", "a"], ["c", "a"], []),
    "custom_properties": ({"owner": "kay", "cost": {"centre": 7}}, {"owner": "lee"}, {}),
    "datasource_ids": (["sf-prod", "ad-corp"], ["ad-corp"], []),
    "require_approval_to_start": (True, False, False),
    "catalog_item_info": ({"name": "CRM", "recommended": True}, {"name": "CRM"}, None),
    "profile_type_rbac_id": ("rbac-1", "rbac-2", ""),
}
"""Fields of the profile's PATCH: a value, another, and the one that is sent where the program drops the field."""

CONTENT: dict[str, tuple[Any, Any, Any]] = {
    "entitlements": ([entitlement("00G2"), entitlement("00G1")], [entitlement("00G1", grant_by="DIRECT")], []),
    "inherits_from": ([Code("parent.id")], [], []),
    "access_request_policy_id": ("policy-1", "policy-2", ""),
    "application_sync_identity_action": ({"policy_id": "p", "name": "n"}, {"policy_id": "p", "name": "m"}, None),
    "application_datasource_id": ("sf-prod", "ad-corp", ""),
}
"""The same for the fields of the version's PATCH."""

WIRE = {"entitlements": ENTITLEMENTS, "inherits_from": INHERITS}


def profile(variable: str, options: dict[str, Any] | None = None, /, **arguments: Any) -> str:
    return resource("AccessProfile", variable, options, **{"profile_type": Code("sales.id"), **arguments})


def unordered(value: Any) -> Any:
    """Return a value in which the order of a list does not count: every list of a profile is a set."""
    return sorted(value, key=repr) if isinstance(value, list) else value


def patches(tenant: Tenant) -> dict[str, list[Json]]:
    """Return what was sent since the log was cleared: the bodies by the profile's name, ``+vN`` for a version's."""
    names = {each["id"]: each["name"] for each in tenant.profiles()}
    found: dict[str, list[Json]] = {}
    for request in tenant.requests(mutating=True):
        assert request["method"] == "PATCH", request
        assert request["status"] == 200, request
        _, _, path = request["path"].partition("/access_profiles/")
        id_, _, number = path.partition("/versions/")
        body = {field: unordered(value) for field, value in request["body"].items()}
        found.setdefault(names[id_] + (f"+v{number}" if number else ""), []).append(body)
    return found


def plain_lines(shown: str) -> list[str]:
    """Return the lines that the CLI has shown, without their indentation and without columns."""
    return [re.sub(r"\s+", " ", re.sub(r"\s*: ", ": ", line)).strip() for line in shown.splitlines()]


@pytest.mark.slow
@pytest.mark.catalogue(2)
def test_of_a_changed_profile_only_what_changed_is_sent_and_what_was_never_given_is_never_touched(
    veza_stack: Stack, tenant: Tenant
) -> None:
    before, after = [profile("parent", name="parent")], [profile("parent", name="parent")]
    expected: dict[str, list[Json]] = {}
    for field, (value, other, empty) in {**METADATA, **CONTENT}.items():
        of_type = {"profile_type": Code("application.id")} if field.startswith("application_") else {}
        changes = {
            "added": ({}, {field: value}, value),
            "changed": ({field: value}, {field: other}, other),
            "removed": ({field: value}, {}, empty),
            "emptied": ({field: value}, {field: [] if isinstance(value, list) else empty}, empty),
        }
        for change, (old, new, sent) in changes.items():
            name = f"{field}_{change}"
            before.append(profile(name, name=name, **of_type, **old))
            after.append(profile(name, name=name, **of_type, **new))
            body = {WIRE.get(field, field): unordered(sent)}
            expected[name + ("+v1" if field in CONTENT else "")] = [
                {**EMPTY_LISTS, **body} if field in CONTENT else body
            ]
    before += [profile("renamed", name="old name"), profile("paused", name="paused", state="PAUSED")]
    after += [profile("renamed", name="new name"), profile("paused", name="paused")]
    expected |= {"new name": [{"name": "new name"}], "paused": [{"state": "RUNNING"}]}
    veza_stack.write(program(A_TYPE, AN_APPLICATION_TYPE, *before))
    veza_stack.up(skip_preview=True)
    tenant.edit_profile("labels_added", description="by hand", custom_properties={"by": "hand"})
    tenant.clear_requests()
    veza_stack.write(program(A_TYPE, AN_APPLICATION_TYPE, *after))
    veza_stack.up(skip_preview=True)
    parent = tenant.profile("parent")["id"]
    expected["inherits_from_added+v1"] = [{ENTITLEMENTS: [], INHERITS: [parent]}]
    assert patches(tenant) == expected
    assert tenant.profile("labels_added")["description"] == "by hand"

    tenant.clear_requests()
    veza_stack.refresh(skip_preview=True)
    veza_stack.preview("--expect-no-changes")
    assert tenant.requests(mutating=True) == []


CRM: dict[str, Any] = {
    "name": "CRM",
    "description": "Work with accounts",
    "labels": ["sales", "requestable"],
    "custom_properties": {"owner": "kay", "cost": {"centre": 7, "shared": True}},
    "entitlements": [entitlement("00G2"), entitlement("00G1", custom_properties={"x": 1})],
}


@pytest.mark.catalogue(3)
@pytest.mark.catalogue(6)
def test_a_profile_is_created_by_one_request_and_another_order_or_a_default_written_out_is_no_change(
    veza_stack: Stack, tenant: Tenant
) -> None:
    exports = {"entitlements": Code("crm.entitlements"), "labels": Code("crm.labels"), "number": Code("n")}
    number = "n = crm.current_version_number"
    veza_stack.write(program(A_TYPE, profile("crm", **CRM), number, exports=exports))
    preview = veza_stack.preview("--diff")
    assert "+ SalesforceGroup sf-prod/00G2" in preview or "SalesforceGroup sf-prod/00G2: {" in preview
    assert tenant.requests() == []
    veza_stack.up(skip_preview=True)
    [_, sent] = tenant.requests(mutating=True)
    assert (sent["method"], sent["path"].rpartition("/")[2]) == ("POST", "access_profiles")
    assert {k: unordered(v) for k, v in sent["body"].items()} == {
        "name": "CRM",
        "state": "RUNNING",
        "profile_type": tenant.type("Sales")["id"],
        "description": "Work with accounts",
        "labels": ["requestable", "sales"],
        "custom_properties": {"owner": "kay", "cost": {"centre": 7, "shared": True}},
        ENTITLEMENTS: unordered(CRM["entitlements"]),
    }
    assert veza_stack.outputs() == {
        "entitlements": [entitlement("00G1", custom_properties={"x": 1}), entitlement("00G2")],
        "labels": ["requestable", "sales"],
        "number": 1,
    }

    backwards = {
        **{name: list(reversed(value)) if isinstance(value, list) else value for name, value in CRM.items()},
        "custom_properties": {"cost": {"shared": True, "centre": 7.0}, "owner": "kay"},
        "state": "running",
        "on_destroy": "pause",
    }
    veza_stack.write(program(A_TYPE, profile("crm", **backwards), number, exports=exports))
    tenant.clear_requests()
    veza_stack.up("--expect-no-changes")
    assert tenant.requests(mutating=True) == []


@pytest.mark.slow
@pytest.mark.catalogue(9)
@pytest.mark.catalogue(10)
def test_a_refresh_shows_drift_by_element_and_the_next_up_takes_back_only_that(
    veza_stack: Stack, tenant: Tenant
) -> None:
    lenient = profile("other", {"ignore_changes": ["labels", "state", "entitlements"]}, **{**CRM, "name": "Other"})
    veza_stack.write(program(A_TYPE, profile("crm", **CRM), lenient))
    veza_stack.up(skip_preview=True)
    drift: Json = {"state": "PAUSED", "labels": ["sales", "by-hand"], ENTITLEMENTS: [entitlement("00G2")]}
    for name in ("CRM", "Other"):
        tenant.edit_profile(name, **drift)
    tenant.clear_requests()
    shown = veza_stack.run("refresh", "--diff", "--preview-only").stdout
    lines = plain_lines(shown)
    for line in ("- SalesforceGroup sf-prod/00G1: {", '- requestable: "requestable"', '+ by-hand: "by-hand"'):
        assert lines.count(line) == 2, line
    assert lines.count('~ state: "RUNNING" => "PAUSED"') == 2
    # What did not drift is not marked as changed.
    assert "SalesforceGroup sf-prod/00G2: {" in lines

    veza_stack.refresh(skip_preview=True)
    veza_stack.up(skip_preview=True)
    assert patches(tenant) == {
        "CRM": [{"state": "RUNNING", "labels": ["requestable", "sales"]}],
        "CRM+v1": [{ENTITLEMENTS: unordered(CRM["entitlements"]), INHERITS: []}],
    }
    survivor = tenant.profile("Other")
    assert (survivor["state"], survivor["labels"]) == ("PAUSED", ["sales", "by-hand"])

    # Without ignoreChanges the drift that survived is taken back as well, and then nothing is left to do.
    veza_stack.write(program(A_TYPE, profile("crm", **CRM), profile("other", **{**CRM, "name": "Other"})))
    tenant.clear_requests()
    veza_stack.up(skip_preview=True)
    assert set(patches(tenant)) == {"Other", "Other+v1"}
    veza_stack.preview("--refresh", "--expect-no-changes")


@pytest.mark.catalogue(11)
@pytest.mark.slow
def test_what_disappeared_is_an_error_to_update_nothing_to_delete_and_created_anew_after_a_refresh(
    veza_stack: Stack, tenant: Tenant
) -> None:
    content = resource(
        "AccessProfileVersion",
        "content",
        profile_id=Code("directory.id"),
        entitlements=[entitlement("00G9")],
        on_destroy="clear",
    )
    directory = profile("directory", name="Directory")
    text = program(A_TYPE, profile("crm", **CRM), directory, content)
    veza_stack.write(text)
    veza_stack.up(skip_preview=True)
    gone = tenant.profile("CRM")["id"]
    tenant.delete_profile("CRM")

    changes: list[dict[str, Any]] = [{"description": "Other"}, {"entitlements": []}]
    for changed in changes:
        veza_stack.write(program(A_TYPE, profile("crm", **{**CRM, **changed}), directory, content))
        refused = veza_stack.up(check=False, skip_preview=True)
        assert refused.returncode != 0
        assert (
            f"error: Veza: access profile 'CRM' ({gone}) is no longer in Veza; run `pulumi refresh`, and the next "
            "`pulumi up` creates it anew"
        ) in refused
        assert "Traceback" not in refused

    tenant.delete_profile("Directory")
    veza_stack.write(text)
    veza_stack.refresh(skip_preview=True)
    assert set(veza_stack.resources()) == {"sales"}
    veza_stack.up(skip_preview=True)
    assert {each["name"] for each in tenant.profiles()} == {"CRM", "Directory"}
    assert tenant.version("Directory")[ENTITLEMENTS][0]["entity_id"] == "00G9"

    for name in ("CRM", "Directory"):
        tenant.delete_profile(name)
    veza_stack.destroy(skip_preview=True)
    assert veza_stack.resources() == {}


@pytest.mark.slow
def test_a_destroy_does_what_on_destroy_says_and_up_again_converges_without_duplicates(
    veza_stack: Stack, tenant: Tenant
) -> None:
    def text(prevent: str) -> str:
        return program(
            A_TYPE,
            profile("crm", **CRM),
            profile("kept", name="Kept", on_destroy=prevent),
            resource(
                "AccessProfileVersion",
                "content",
                profile_id=Code("kept.id"),
                entitlements=[entitlement("00G9")],
                on_destroy="clear",
            ),
        )

    veza_stack.write(text("prevent"))
    veza_stack.up(skip_preview=True)
    ids = {each["name"]: each["id"] for each in tenant.profiles()}
    refused = veza_stack.destroy(check=False, skip_preview=True)
    assert refused.returncode != 0
    assert f"error: Veza: AccessProfile 'kept' ({ids['Kept']}) has on_destroy=\"prevent\"; to destroy it" in refused
    assert tenant.profile("Kept")["state"] == "RUNNING"

    veza_stack.write(text("retain"))
    veza_stack.up(skip_preview=True)
    tenant.clear_requests()
    told = veza_stack.destroy(skip_preview=True)
    assert patches(tenant) == {"CRM": [{"state": "PAUSED"}], "Kept+v1": [EMPTY_LISTS]}
    assert f"AccessProfile 'kept': access profile 'Kept' ({ids['Kept']}) stays in Veza as it is" in told

    tenant.clear_requests()
    veza_stack.up(skip_preview=True)
    assert {each["name"]: each["id"] for each in tenant.profiles()} == ids
    assert patches(tenant) == {
        "CRM": [{"state": "RUNNING"}],
        "Kept+v1": [{ENTITLEMENTS: [entitlement("00G9")], INHERITS: []}],
    }
    veza_stack.preview("--expect-no-changes")


def test_a_change_of_the_type_is_a_patch_that_keeps_the_profile(veza_stack: Stack, tenant: Tenant) -> None:
    business = resource("AccessProfileType", "business", name="Business", allow_create_relationships=True)
    veza_stack.write(program(A_TYPE, business, profile("crm", **CRM)))
    veza_stack.up(skip_preview=True)
    tenant.clear_requests()
    veza_stack.write(program(A_TYPE, business, profile("crm", **{**CRM, "profile_type": Code("business.id")})))
    veza_stack.up(skip_preview=True)
    assert patches(tenant) == {"CRM": [{"profile_type": tenant.type("Business")["id"]}]}
    # It is found again although the state before the change named another type.
    tenant.edit_profile("CRM", profile_type=tenant.type("Sales")["id"])
    veza_stack.refresh(skip_preview=True)
    tenant.clear_requests()
    veza_stack.up(skip_preview=True)
    assert patches(tenant) == {"CRM": [{"profile_type": tenant.type("Business")["id"]}]}
