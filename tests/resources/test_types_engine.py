"""Access profile types on the real engine: created once, never changed, replaced under their own name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.programs import Code, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

CREATED = {"datasource_id": "sf-prod", "entity_type": "SalesforceGroup"}
TRANSFORMER = {"destination_attribute": "displayName", "destination_value_formatter": "{name}"}

EVERY_FIELD: dict[str, Any] = {
    "description": "What sellers need",
    "allow_inherit_entities": True,
    "allow_inherited_from_types": ["type-b", "type-a"],
    "allow_create_relationships": True,
    "require_single_datasource": True,
    "require_single_integration": True,
    "add_integration_prefix_to_access_profile_names": True,
    "max_entitlements": 25,
    "create_entitlement_based_on_profile": True,
    "create_entitlements": [
        {**CREATED, "attribute_transformers": {"values": [TRANSFORMER]}},
        {**CREATED, "datasource_id": "ad-corp", "add_member_condition": {"condition_string": "team eq 'sales'"}},
    ],
    "no_entitlements": True,
    "on_create_behavior": "INITIAL",
    "instructions": "# Read this\n\nbefore you create one.",
    "time_before_sync_check_in_seconds": 3600,
    "access_request_policy_id": "policy-1",
    "allow_overwrite_of_access_request_policy": True,
    "name_transformer": {**TRANSFORMER, "continuous_sync": True, "additional_value_formatter": ["{a}", "{b}"]},
    "remove_entitlement_on_member_upon_update": True,
}
"""Every field of the API but the name, with a value that is not its default."""

OTHERWISE: dict[str, Any] = {
    "description": "What buyers need",
    "allow_inherited_from_types": ["type-a"],
    "max_entitlements": 26,
    "create_entitlements": [{**CREATED, "entity_type": "SalesforceProfile"}],
    "instructions": "# Read that",
    "time_before_sync_check_in_seconds": 60,
    "access_request_policy_id": "policy-2",
    "name_transformer": {**TRANSFORMER, "additional_value_formatter": ["{b}", "{a}"]},
}
"""Another value for those that have more than two."""

NEEDS: dict[str, dict[str, Any]] = {
    "create_entitlement_based_on_profile": {"require_single_integration": True},
    "time_before_sync_check_in_seconds": {
        "create_entitlement_based_on_profile": True,
        "require_single_integration": True,
    },
}
"""What a field can only be used with."""

EMPTY: dict[type, Any] = {str: "", bool: False, int: 0, list: [], dict: {}}

SALES: dict[str, Any] = {"name": "Sales", "description": "One", "allow_create_relationships": True}


def a_type(variable: str = "sales", options: dict[str, Any] | None = None, /, **arguments: Any) -> str:
    return resource("AccessProfileType", variable, options, **arguments)


def is_sorted_or_not(values: Any) -> Any:
    """Return a value in which the order of a set does not count."""
    return sorted(values, key=repr) if isinstance(values, list) else values


@pytest.mark.catalogue(3)
@pytest.mark.catalogue(6)
@pytest.mark.slow
def test_a_type_with_every_field_is_sent_as_written_and_then_left_alone(veza_stack: Stack, tenant: Tenant) -> None:
    veza_stack.write(program(a_type(name="Sales", **EVERY_FIELD), exports={"id": Code("sales.id")}))
    veza_stack.up()
    [sent] = tenant.requests(mutating=True)
    assert (sent["method"], sent["path"].rpartition("/")[2]) == ("POST", "access_profiles_types")
    expected = {"name": "Sales", **EVERY_FIELD}
    assert {k: is_sorted_or_not(v) for k, v in sent["body"].items()} == {
        k: is_sorted_or_not(v) for k, v in expected.items()
    }
    assert veza_stack.outputs() == {"id": tenant.type("Sales")["id"]}

    backwards = {
        name: list(reversed(value)) if isinstance(value, list) else value
        for name, value in reversed(EVERY_FIELD.items())
    }
    veza_stack.write(
        program(a_type(**backwards, name="Sales", on_destroy="retain"), exports={"id": Code("sales.id")}),
    )
    tenant.clear_requests()
    veza_stack.up("--expect-no-changes")
    assert tenant.requests(mutating=True) == []


@pytest.mark.catalogue(2)
@pytest.mark.catalogue(6)
@pytest.mark.slow
def test_every_field_replaces_when_it_is_added_changed_or_removed_and_not_when_it_is_emptied_from_nothing(
    veza_stack: Stack, tenant: Tenant
) -> None:
    before, after = [], []
    expected: dict[str, str] = {}
    for field, value in EVERY_FIELD.items():
        needs = {k: v for k, v in NEEDS.get(field, {}).items() if k != field}
        changes = {
            "added": ({}, {field: value}),
            "changed": ({field: value}, {field: OTHERWISE.get(field, EMPTY[type(value)])}),
            "removed": ({field: value}, {}),
            "emptied": ({}, {field: EMPTY[type(value)]}),
        }
        for change, (old, new) in changes.items():
            variable = f"{field}_{change}"
            before.append(a_type(variable, name=variable, **needs, **old))
            after.append(a_type(variable, name=variable, **needs, **new))
            if change != "emptied":
                expected[variable] = "replace"
    veza_stack.write(program(*before))
    veza_stack.up(skip_preview=True)
    veza_stack.write(program(*after))
    tenant.clear_requests()
    steps = veza_stack.preview_json()["steps"]
    operations = {step["urn"].rpartition("::")[2]: step["op"] for step in steps if "AccessProfileType" in step["urn"]}
    assert operations == expected
    assert tenant.requests(mutating=True) == []


@pytest.mark.catalogue(7)
def test_a_changed_type_is_a_new_one_that_its_profiles_follow_and_the_old_one_stays(
    veza_stack: Stack, tenant: Tenant
) -> None:
    crm = resource("AccessProfile", "crm", name="CRM", profile_type=Code("sales.id"))
    veza_stack.write(program(a_type(**SALES), crm))
    veza_stack.up(skip_preview=True)
    old = tenant.type("Sales")["id"]
    profile = tenant.profile("CRM")["id"]

    veza_stack.write(program(a_type(**{**SALES, "description": "Two"}), crm))
    tenant.clear_requests()
    told = veza_stack.up()
    warning = (
        f"warning: AccessProfileType 'sales': the API cannot change a type, so a new one is created; the old one "
        f"({old}) stays behind in Veza with the name 'Sales'"
    )
    preview, _, update = told.stdout.partition("Updating (dev)")
    assert warning in preview
    assert warning in update
    [new] = [each["id"] for each in tenant.state()["types"] if each["id"] != old]
    assert [(each["method"], each["body"]) for each in tenant.requests(mutating=True)] == [
        ("POST", {**SALES, "description": "Two"}),
        ("PATCH", {"profile_type": new}),
    ]
    assert tenant.profile("CRM")["id"] == profile

    # Back again: the one that stayed behind is taken over, so nothing but the profile changes.
    veza_stack.write(program(a_type(**SALES), crm))
    tenant.clear_requests()
    told = veza_stack.up(skip_preview=True)
    assert f"took over the existing access profile type 'Sales' ({old})" in told
    assert [(each["method"], each["body"]) for each in tenant.requests(mutating=True)] == [
        ("PATCH", {"profile_type": old})
    ]
    veza_stack.preview("--expect-no-changes")


@pytest.mark.catalogue(11)
@pytest.mark.slow
def test_a_type_that_disappeared_is_created_anew_with_its_profiles_following(veza_stack: Stack, tenant: Tenant) -> None:
    crm = resource("AccessProfile", "crm", name="CRM", profile_type=Code("sales.id"))
    veza_stack.write(program(a_type(**SALES), crm, exports={"sales": Code("sales.id")}))
    veza_stack.up(skip_preview=True)
    profile = tenant.profile("CRM")["id"]
    tenant.delete_type("Sales")
    # While a profile has the type, the key may only not see it.
    refused = veza_stack.refresh(check=False, skip_preview=True)
    assert f"but access profile 'CRM' ({profile}) has this type: the API key may not see it any more" in refused
    assert set(veza_stack.resources()) == {"sales", "crm"}
    tenant.seed(types=[{"id": "t-other", "name": "Other", "allow_create_relationships": True}])
    tenant.edit_profile("CRM", profile_type="t-other")
    veza_stack.refresh(skip_preview=True)
    assert set(veza_stack.resources()) == {"crm"}
    veza_stack.up(skip_preview=True)
    new = tenant.type("Sales")["id"]
    assert veza_stack.outputs() == {"sales": new}
    assert [(each["id"], each["profile_type"]) for each in tenant.profiles()] == [(profile, new)]


@pytest.mark.slow
def test_destroying_keeps_the_type_and_up_takes_it_over_again(veza_stack: Stack, tenant: Tenant) -> None:
    text = program(a_type(**SALES, on_destroy="prevent"), exports={"id": Code("sales.id")})
    veza_stack.write(text)
    veza_stack.up(skip_preview=True)
    kept = tenant.type("Sales")["id"]
    tenant.clear_requests()
    refused = veza_stack.destroy(check=False, skip_preview=True)
    assert refused.returncode != 0
    assert (
        f"error: Veza: AccessProfileType 'sales' ({kept}) has on_destroy=\"prevent\"; to destroy it, set on_destroy to "
        "another value and run `pulumi up` first; to keep the object and only forget it, run `pulumi state delete`"
    ) in refused
    assert "Traceback" not in refused

    veza_stack.write(text.replace("prevent", "retain"))
    veza_stack.up(skip_preview=True)
    told = veza_stack.destroy(skip_preview=True)
    assert f"the API cannot delete a type, so 'Sales' ({kept}) stays in Veza" in told
    veza_stack.up(skip_preview=True)
    assert tenant.requests(mutating=True) == []
    assert veza_stack.outputs() == {"id": kept}
